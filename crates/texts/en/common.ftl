# Words that every page shares.

brand = Nesie
language = Language
days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
months = { $months ->
    [one] { $months } month
   *[other] { $months } months
}
