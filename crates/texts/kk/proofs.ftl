# Растаулар: кілті – түрінің коды.
digital-signature = ҰКО электрондық цифрлық қолтаңбасы
biometric-identification = Бетіңіз мемлекеттік дерекқормен салыстырылды
password = Құпиясөз
sms-code = SMS коды
token = Токеннің бір реттік коды
