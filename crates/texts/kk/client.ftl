sign-in-title = Кіру
