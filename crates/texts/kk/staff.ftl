# Қызметкердің беттері.

sign-in-title = Қызметкердің кіруі
login = Логин
overview-title = Өтінімдер мен шарттар
applications = Соңғы өтінімдер
loans = Шарттар
client = Клиент
made = Берілген уақыты
amount = Сомасы
state = Жағдайы
number = Шарт №
debt = Берешек
next-due = Келесі төлем
overdue-since = Мерзімі өткен күн
none = Әзірге жоқ
