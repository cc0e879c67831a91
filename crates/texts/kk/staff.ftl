sign-in-title = Қызметкердің кіруі
