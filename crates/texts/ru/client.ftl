sign-in-title = Вход
