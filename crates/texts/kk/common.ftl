# Барлық беттерге ортақ сөздер.

brand = Несие
language = Тіл
days = { $days } күн
months = { $months } ай
