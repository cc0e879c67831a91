sign-in-title = Вход для сотрудников
