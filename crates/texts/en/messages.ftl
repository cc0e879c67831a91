# SMS and letters to the client. Short: an SMS is paid for by the part. No links.
subject = Nesie: notice
code-registration = { $code } is your registration code. Tell it to nobody, not even to our staff.
code-sign-in = { $code } is your sign-in code. Tell it to nobody, not even to our staff.
code-sign-contract = { $code } SIGNS A MICROCREDIT AGREEMENT. If you are not signing one, tell this code to nobody.
code-amend-contract = { $code } is your code to AMEND THE AGREEMENT. If you are not amending it, tell it to nobody.
code-other = { $code } is your confirmation code. Tell it to nobody, not even to our staff.
registered = You are registered. If this was not you, contact us at once.
signed-in = Sign-in to your account: { $at }, { $device }. If this was not you, end the sessions in your account and contact us.
approved = Your application is approved. Read and sign the agreement in your account.
declined = A decision was made on your application. The reasons are in your account.
paid-out = { $amount } has been sent to your account under agreement { $number }.
payout-rejected = The bank refused the payment under agreement { $number }: no money was sent, the agreement is cancelled, you owe nothing.
repaid = We received { $amount } under agreement { $number }. Left to pay as of today: { $debt }.
closed = Agreement { $number } is fulfilled. The certificate is in your account. Thank you!
overdue = { $amount } is overdue under agreement { $number }. A penalty grows every day. If you cannot pay, ask for a change of terms within 30 days.
amendment-proposed = We propose other terms under agreement { $number }. Read them in your account, and agree or decline.
amendment-withdrawn = The proposal under agreement { $number } was taken back. The terms stay as they are.
amendment-concluded = The terms of agreement { $number } have changed. The amendment is in your account.
entity-received = Your request to act for { $name } is received. Our employee will read the document; we will write to you.
entity-person-added = One more person may now act for { $name } with us; your account says who. If this is wrong, contact us at once.
entity-person-ended = A person no longer acts for { $name } with us; your account says who.
entity-refused = Your request to act for { $name } is refused. The reason is in your account.
signed-in-new-device = Your account was entered from a NEW device: { $at }, { $device }. If it was not you, end the sessions in your account, change the password and contact us.
code-recover = { $code } is your code to RECOVER THE PASSWORD. If you did not ask for it, tell it to nobody.
phone-changed = The phone number of your account was changed to { $phone }. If it was not you, contact us at once.
account-changed = The bank account for your money was changed to { $account }. Money goes there from { $from }. If it was not you, contact us at once.
password-changed = The password of your account was changed and other sessions were ended. If it was not you, contact us at once.
password-recovered = The password of your account was recovered and all sessions were ended. If it was not you, contact us at once.
token-added = A token “{ $name }” was added to your account. If it was not you, contact us at once.
token-removed = A token was removed from your account. If it was not you, contact us at once.

# What is signed: one sentence, before what binds it
statement-registration = I confirm that this registration is mine and that I want to become a client.
statement-sign-contract = I sign the agreement. Its text stands before this statement.
statement-amend-contract = I confirm the amendment of the agreement.
statement-change = I confirm the change of my data.
statement-other = I confirm this operation.
