# Страницы сотрудника.

sign-in-title = Вход для сотрудников
login = Логин
overview-title = Заявки и договоры
applications = Последние заявки
loans = Договоры
client = Клиент
made = Подана
amount = Сумма
state = Состояние
number = Договор №
debt = Долг
next-due = Следующий платёж
overdue-since = Просрочен с
none = Пока нет
evidence-title = Доказательства
evidence-lead = Один файл со всем, что доказывает заключение договора. В нём фото и кредитный отчёт клиента. Скачивание записывается.
evidence-take = Скачать доказательства (TAR)
