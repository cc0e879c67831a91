# Подтверждения: ключ — код вида.
digital-signature = Электронная цифровая подпись НУЦ
biometric-identification = Лицо сверено с государственной базой
password = Пароль
sms-code = Код из СМС
token = Одноразовый код токена
