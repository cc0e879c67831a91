# Слова, общие для всех страниц.

brand = Несие
language = Язык
days = { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[many] { $days } дней
}
months = { $months ->
    [one] { $months } месяц
    [few] { $months } месяца
   *[many] { $months } месяцев
}
