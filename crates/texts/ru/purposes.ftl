household = Дом и быт
health = Здоровье
education = Учёба
travel = Поездка
tools = Инструменты и оборудование
goods = Товар для продажи
other = Другое
