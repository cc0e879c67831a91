# Proofs: the key is the code of the kind.
digital-signature = Digital signature of the National Certification Authority
biometric-identification = Face compared with the state database
password = Password
sms-code = Code from the SMS
token = One-time code of the token
