# The client's pages.

## Frame of a page

skip = Skip to content
about = About the organization
go-home = Go to the first page
go-on = Continue
change = Change
choose = Choose
in-all = In all

## When something is wrong

error-prefix = Error:
errors-title = Please check
error-reference = Reference number:
error-400-title = We could not read the request
error-400-text = Go back to the previous page and try again.
error-404-title = There is no such page
error-404-text = The address may be mistyped, or the page no longer exists.
error-405-title = This page cannot be opened that way
error-405-text = Follow a link, or start from your personal account.
error-413-title = The file is too large
error-413-text = You can send up to 10 MB. Choose a smaller photo.
error-429-title = Too many attempts
error-500-title = Something broke on our side
error-500-text = Your money and data are safe. Try again a little later. If that does not help, call us and tell us this number.
error-503-title = Not possible right now
error-503-text = The answer took too long. Wait a minute and try again.
error-refused-title = This cannot be done
error-form-title = The page is out of date
error-form-text = The form was open for too long, or not on our site. Go back, reload the page and send it again.

## Words about money

amount = Amount
amount-tenge = Amount in tenge
term = Term
payment = Payment
payment-falling = from { $first } to { $last }
principal = Principal
interest = Interest
penalty = Penalty
balance = Still owed
due = Due date
total = You pay back in all
overpayment = Cost of the credit
nominal-rate = Interest rate, a year
effective-rate = Effective annual rate
last-payment = Last payment
you-get = You receive
method = Method of repayment
annuity = Equal payments
annuity-hint = Annuity: the same sum every month.
differentiated = Falling payments
differentiated-hint = Differentiated: larger at first, then smaller, and the cost is lower.
bullet = Principal at the end
bullet-hint = Interest each period, the principal in one sum at the end; the cost is higher.
shares = By the organization's own plan
shares-hint = Principal is paid back in the shares the schedule shows.
method-figures = You pay { $payment }, the cost is { $overpayment }.
product = Microcredit
product-bounds = { $least } to { $most }, for up to { $longest }
schedule-title = Repayment schedule

## First page

quote-title = A microcredit with nothing hidden
quote-lead = Choose an amount and a term. You see the payment, the cost and the schedule at once, without signing up.
quote-amount = How much you need
quote-term = For how long
unit-months = months
unit-days = days
quote-moved = We do not have that amount or term, so we took the nearest ones.
quote-result = What it comes to
quote-monthly = Monthly payment
quote-once = You pay back at once
quote-apply = Apply
quote-note = A preliminary calculation for today. We decide after checking the application.
recalculate = Calculate again
compare-title = Two ways to repay
compare-lead = Compare them: the choice is yours, and you make it in the application.

## Signing in

sign-in-title = Sign in
sign-in-name = IIN or phone number
sign-in-name-hint = The one you gave when you registered.
password = Password
sign-in-button = Sign in
sign-in-by-code = Sign in with an SMS code
sign-in-by-password = Sign in with a password
sign-in-phone-hint = We will send a one-time code to it.
sign-in-code-sent = If this number is registered with us, an SMS with a code is on its way.
sign-in-to-go-on = Sign in or register to go on.
sign-in-new = New here?
sign-out = Sign out
hygiene-title = Keep your account safe
hygiene-text =
    Check the site's address in your browser. We never send links for signing in.
    The SMS code and the password are for you alone. Our staff never ask for them.
    Use a password that you use nowhere else.
    Do not sign in on somebody else's phone or over open Wi-Fi.
    If somebody calls “from the bank” or “from the police” and hurries you, hang up and call us yourself.
    Keep your phone up to date, and install no remote-access apps at a stranger's request.
code = Code from the SMS
code-hint = Six digits. The code works for 5 minutes.
code-send = Get a code
code-again = Send the code again
code-sent-to = We sent a code to { $phone }.

## Registration

register-title = Register
register-lead = You need your identity document and a phone registered in your name. It takes about three minutes.
step-of = Step { $number } of { $steps }
register-who = Who you are
register-who-hint = Write everything exactly as in the document.
surname = Surname
given-name = Given name
patronymic = Patronymic
patronymic-hint = Leave it empty if your document has none.
iin = IIN
iin-hint = 12 digits
document-number = Document number
document-number-hint = Identity card or residence permit: 9 digits. Passport: N and 8 digits.
document-valid-until = Document valid until
document-valid-until-hint = Day, month, year: 20.05.2031
register-contact = How to reach you
phone = Mobile phone
phone-hint = For example, +7 701 234 56 78. The number must be registered to your IIN.
email = E-mail (optional)
email-hint = We will send notices here instead of SMS.
register-password = Password
password-new = Choose a password
password-hint = At least 12 characters. A phrase of several words works well. Capitals and symbols are not required.
register-consents = Your consent
consent-personal-title = Consent to the collection and processing of personal data
consent-personal-label = I consent to the collection and processing of my personal data
consent-personal-text =
    I give { $organization } (the organization) my consent to collect and process my personal data: names, IIN, date of birth, identity document, phone number, e-mail address, photo of my face, and information on my income, account and transactions.
    Purposes: registration and identification, consideration of applications, conclusion and performance of microcredit agreements, customer due diligence under the law against money laundering and the financing of terrorism, and contact with me.
    The organization may request and receive information about me from state databases, from the identification data exchange centre (including by comparison of my photo) and from mobile operators as to who owns the number, and may give them the data that such a request needs.
    Biometric data are used only to establish my identity and to confirm my actions.
    The data are kept in the territory of the Republic of Kazakhstan while our relations last and for at least five years after they end. They are not sent across the border and not published.
    The consent holds until all obligations are fulfilled and may be withdrawn by letter where the laws of the Republic of Kazakhstan permit it.
consent-electronic-title = Consent to electronic interaction
consent-electronic-label = I agree to receive and sign documents electronically
consent-electronic-text =
    I agree to deal with { $organization } (the organization) electronically: to apply, to receive messages and documents, to conclude and amend agreements in the personal account.
    My actions are confirmed by the methods that legislation provides: biometric identification, a password, and a one-time code sent to my phone number. Documents confirmed in this way are equal to those signed by hand.
    I undertake to tell nobody my password and one-time codes, and to inform the organization at once if anybody else may have obtained them.
    The organization keeps electronic documents and the confirmations of my actions unchanged, and on my request confirms that they were sent and received.
register-wrong-number = Wrong number?
register-again = Start again
prove-title = Prove that it is you
proved = Proved
prove-otherwise = Another way
prove-button = Confirm
prove-face = Show your face
prove-face-lead = We compare the photo with the one in the state database. This protects you from loans taken in your name.
prove-code = Code from an SMS
prove-password-and-code = Password and a code from an SMS
prove-code-lead = We will send a code to { $phone }.
prove-password = Password
missing-methods = Two ways are needed.
missing-method = One more way is needed.
missing-biometric = Your face has to be shown.
missing-second-factor = One more proof is needed, of another kind.
missing-factor = One proof is enough.
register-finish = Finish registering
photo-advice =
    Face the light, in front of a plain light background.
    Look straight ahead, with a calm face and a closed mouth.
    No glasses, hat or mask. A religious headscarf is fine if your face is fully visible.
    Only you in the picture.
photo-open = Open the camera
photo-take = Take the photo
photo-again = Take another
photo-taken = Your photo
photo-no-camera = The camera did not open. Allow access to it in your browser, or choose a file below.
photo-file = Or choose a file
photo-file-hint = JPEG or PNG, up to 10 MB, taken today.
photo-send = Send the photo
face-begin = Open the camera and begin
face-lead = Once the camera is on, turn your head as you are asked: left, right, up, or closer. It takes less than a minute. The photo takes itself.
face-straight = Look straight at the camera and hold still
face-left = Turn your head to the left
face-right = Turn your head to the right
face-up = Raise your head
face-closer = Come closer to the camera
face-photo = Look straight: we take the photo
face-progress = Turns done
face-needs-script = This needs a camera and JavaScript. Use another device, or another way.
hosted-lead = Your face is checked for us by the service Biometric.kz, on its own page. It opens in a new tab; come back here when you are done.
hosted-open = Go to the check
hosted-go = Open the page of Biometric.kz
hosted-done = I have finished the check
hosted-again = Start again

## Personal account

account-title = My account
account-empty-title = You have no microcredit now
account-empty = Work out a microcredit and apply. The decision usually takes a minute.
account-closed = Closed
account-paid-to = Account for the payout
sessions-title = Where you are signed in
sessions-lead = If you do not recognise one of these, end it and call us.
sessions-this = this is you now
sessions-since = Signed in
sessions-seen = Last active
sessions-address = Network address
sessions-end-others = End all the others
sessions-only-this = You are signed in nowhere else.

## About the organization

organization-title = About us
organization-name = Full name
organization-bin = BIN
organization-licence = Licence
organization-licence-of = Licence No. { $number } of { $date }
organization-manager = First manager
organization-legal-address = Legal address
organization-actual-address = Actual address
organization-phones = Phones
organization-fax = Fax
organization-email = E-mail
rules-title = Lending rules
rules-text =
    1. A microcredit is given to a citizen over 18 who has registered and proved their identity. The money is paid in tenge, by transfer to the client's own account.
    2. Applications are made in the personal account: amount, term, method of repayment, purpose, income, account. Applying and being considered are free of charge.
    3. Before deciding we check the list of persons connected with terrorism and the credit report. Where the report holds a voluntary refusal to take microcredits, we may not lend. The debt burden must not exceed half of the income.
    4. The decision and its reasons are shown in the personal account. A refusal does not prevent a new application.
    5. Before signing we show draft schedules by two methods: equal and falling payments. The client chooses.
    6. The agreement, in Kazakh and Russian, can be read before signing and downloaded after it. It is signed by two methods: biometric identification, and a password together with a one-time code.
    7. The client pays nothing but the interest agreed and, when late, the penalty. There are no other fees. We cannot raise the rate unilaterally.
    8. Interest runs on the outstanding principal for each day of use. The effective annual rate does not exceed the limit set by legislation.
    9. A payment that does not suffice is taken in this order: overdue principal, overdue interest, penalty, principal of the current period, interest of the current period.
    10. Penalty: at most 0.5% of the overdue payment a day in the first 90 days of delay and at most 0.03% afterwards, and for each year of the agreement at most 10% of the amount given. After 90 days of delay in a row neither interest nor penalty runs any more.
    11. The microcredit can be repaid early, in whole or in part, on any day, free of charge.
    12. We tell the client of a delay within ten calendar days. Within 30 days of its beginning the client may ask for a change of terms; we answer within 15 days.
    13. What we know of a client is secret. Data on the agreement go to the credit bureau, as the law demands.
rights-title = Rights and duties
rights-text =
    You have the right:
    – before signing, to receive and study the agreement, the schedule and the full cost, to take time to think, and to decline without giving reasons;
    – to repay early, in whole or in part, free of charge;
    – to see in your personal account, on any day, your debt, what it is made of, and payments to come and made;
    – within 30 days of the beginning of a delay, to ask for a change of terms and receive an answer within 15 days, and if you disagree, to turn to the microfinance ombudsman;
    – to set, free of charge, a voluntary refusal to take microcredits at a credit bureau or on the eGov portal;
    – to complain to us, to the authorized body, or to a court.
    You have the duty:
    – to repay the microcredit and pay the interest by the dates of the schedule;
    – to give true information about yourself, and to tell us of changes in time;
    – to use the personal account yourself, and to give nobody your password and one-time codes.
    We have the duty:
    – to tell you the full cost before signing, and to take no payments other than interest and penalty;
    – to keep the secrecy of the microcredit;
    – to suspend accrual and collection where an investigation finds that you are a victim of fraud.

## Application

apply-title = Apply
apply-lead = Five minutes. The money goes to your account once the agreement is signed.
apply-credit = What you need
apply-about = A little about you
apply-payout = Where to send the money
apply-submit = Send the application
term-hint = Number of months; of days for a microcredit counted in days.
purpose = What for
income = Monthly income in tenge
income-hint = On average over the last six months, after taxes.
iban = Your account number (IBAN)
iban-hint = KZ and 18 more characters. Your bank's app shows it. Your own account only.
consent-report-title = Consent to the credit report
consent-report-label = I consent to my credit report being requested
consent-report-text =
    I give { $organization } my consent to receive a credit report about me from the credit bureaus licensed in the Republic of Kazakhstan for the consideration of this application, and to give the credit bureaus information about me and my obligations, including those that will arise.
    I know that I may see the report received about me and dispute its contents with the credit bureau.
    Where I act for a legal entity, I consent on its behalf: its credit report and its obligations are meant.
check-title = Check your answers
check-cost = What it costs
check-lead = By sending the application you confirm that the information is true. This is not an agreement yet: you will be able to read it and decline.
application-title = Application
application-of = Application for { $amount }
application-open = Open the application
application-sign = Read and sign the agreement
state-checking = being checked
state-approved = approved
state-declined = declined
state-signed = agreement signed
state-withdrawn = withdrawn
progress-received = Application received
progress-checking = Checking your data and credit report
progress-decision = Decision
progress-wait = Usually less than a minute. The page updates itself, and you can close it: we will send you the decision.
approved-lead = Good news: the application is approved. What remains is the agreement and your signature.
declined-lead = We are sorry: this time we cannot lend to you.
declined-why = Why
declined-next = This decision is about this application only. When things change, apply again and we will look at it afresh.
signed-lead = The agreement is signed.
withdrawn-lead = You withdrew this application.
withdraw = Withdraw the application

## Agreement

sign-title = Agreement
agreement-number = Agreement No. { $number }
agreement-read = Read the agreement
agreement-hash = Fingerprint of the document (SHA-256):
sign-step-read = Read and acknowledge
sign-step-prove = Prove in two ways that it is you
sign-step-sign = Sign
step-done = done
sign-read-title = Read before you sign
sign-read-lead = Open the agreement and these three texts. Take your time: you can sign until the end of the day, and tomorrow we will draw up a new schedule.
cost-title = Full cost and all payments
cost-text =
    Amount of the microcredit: { $amount }
    Interest rate: { $nominal } a year
    Effective annual rate: { $effective }
    Cost of the credit (all interest): { $overpayment }
    To pay back in all: { $total }
    Payout and servicing: free. Early repayment: free.
    Payments:
cost-row = { $on }: { $payment } (principal { $principal }, interest { $interest })
acknowledge-rules = I have read the lending rules
acknowledge-cost = I understand the full cost and all payments
acknowledge-rights = I understand my rights and duties
tick-missing = Tick “{ $label }”
sign-button-title = Sign
sign-ready = Everything is proved. The agreement is concluded when you press the button.
sign-binding = This code signs this agreement and nothing else. Tell it to nobody, not even us.
sign-button = Sign the agreement
signed-at = Agreement signed

## Loan

loan-number = Agreement No. { $number }
loan-waiting = We are sending { $amount } to account { $account }. The money usually arrives the same day.
loan-cancelled = The bank could not send the money to this account. The agreement is cancelled and you owe nothing. Check the account and apply again.
loan-closed = Everything is paid. Thank you!
loan-written-off = The debt was written off.
loan-sold = The claim was assigned to another organization.
loan-overdue = { $amount } overdue
loan-overdue-since = { $days ->
    [one] Since { $date }, { $days } day. Pay it as soon as you can: the penalty grows every day. If you cannot, write or call: we will look for a way together.
   *[other] Since { $date }, { $days } days. Pay it as soon as you can: the penalty grows every day. If you cannot, write or call: we will look for a way together.
}
loan-debt-on = Debt on { $date }
loan-next = Next payment by
loan-advance = We hold { $amount } of yours for the next payments.
loan-overpaid = You paid { $amount } more than you owed. We will return it to your account.
loan-terms = Terms
pay-title = How to pay
pay-lead = In the app of any bank: a transfer to a legal entity.
pay-to = Payee
pay-bin = BIN
pay-iban = Account (IBAN)
pay-bank = Bank, BIC
pay-text = Payment details
pay-hint = Be sure to write the agreement number: we find your payment by it. We charge no fee.
early-title = Repay early
early-today = To close the agreement today, pay
early-free = No fee, no fine.
early-open = Repay all or a part
early-whole = Close it
early-on = On { $date }
early-whole-hint = Just transfer this sum today. Tomorrow it will be slightly different.
early-part = Repay a part
early-part-lead = Tell us what to recalculate, and transfer any sum beyond the scheduled payment. It goes to the principal.
early-mode = What to change in the schedule
early-keep-installment = Shorten the term
early-keep-installment-hint = The payment stays, you finish earlier. Costs you least.
early-keep-term = Make payments smaller
early-keep-term-hint = The term stays, each payment is lighter.
early-choose = Choose what to change in the schedule
early-request = Send
early-back = Back to the agreement
early-done-title = Done
early-done = Now transfer the money as shown on the agreement's page. When it arrives, we will recalculate the schedule.
print = Print
row-state = State
row-upcoming = to come
row-due = today
row-overdue = { $amount } missing
row-paid = paid
row-paid-on = paid { $date }
row-early = early
row-after = after the term
row-written-off = written off
payments-title = Your payments
paid-on = Date
payment-reversed = taken back by the bank
documents-title = Documents
documents-none = Being prepared. They will be here in a minute.
document-agreement = Agreement
document-evidence = How it was signed: sheet of evidence
document-closing = Closing notice
evidence-bundle = Everything that proves how it was concluded
evidence-bundle-hint = One file for a court or an auditor, checked without us. It holds your photo and your credit report: give it only to those you trust.
status-waiting = awaiting payout
status-active = active
status-overdue = overdue
status-closed = closed
status-sold = assigned
status-cancelled = cancelled

# Legal entities
entities-title = For whom I act
entities-lead = You act for yourself, or for a legal entity that has given you the power to.
entities-myself = Myself
entities-now = now
entities-act-myself = Act for myself
entities-act = Act for this entity
entities-role = Role
entities-power = Power
entities-people = Who acts for this entity
entities-register = Act for a legal entity
acting-for = You are acting for
acting-change = Change
product-for-entities = for legal entities
bin = BIN
bin-hint = 12 digits, as in the certificate of registration.
role-head = Head
role-head-hint = Appointed by an order. May do everything and end the power of others.
role-signer = Entitled to sign
role-signer-hint = By a power of attorney. Applies and signs agreements.
role-applicant = Prepares applications
role-applicant-hint = By a power of attorney. Applies, but signs nothing.
role-viewer = Only looks
role-viewer-hint = By a power of attorney. Sees applications, loans and papers.
basis-order = Order of appointment
basis-power-of-attorney = Power of attorney
power-revoked = ended
power-over = not in force
power-until = until { $until }
power-open = in force
entity-state-begun = to be proved
entity-state-confirmed = the document is being read
entity-state-accepted = accepted
entity-state-refused = refused
entity-register-lead = Give the entity's data and a scan of the order or power of attorney. Then prove in two ways that it is you. Our employee reads the document, usually within a working day.
entity-about = The entity
entity-name = Name
entity-name-hint = As in the state register, with its form.
entity-phone = Mobile number of the entity
entity-phone-hint = It is told about its loans there. Codes go to your own number.
entity-power = Your power
authority-number = Number of the order or power of attorney
authority-number-hint = As written on the document.
authority-date = Date of the document
authority-until = Last day of its validity
authority-until-hint = Leave empty if the document names none. A power of attorney is then good for one year.
authority-of = No. { $number } of { $date }
scan = Scanned document
scan-hint = The order of appointment or the power of attorney: PDF, JPEG or PNG, at most 10 MB.
entity-ready = Everything is proved. Send it: our employee will read the document.
entity-send = Send
people-title = Who acts for this entity
people-me = you
people-more = Anybody who has a power of attorney registers as an individual and asks to act for this entity.
people-end = End this power
security-title = Security
iin-fixed = The IIN cannot be changed in the account.
account-none = none yet
account-from = Money goes to the new account from { $at }.
change-phone-title = Change the phone number
change-phone-lead = The number has to be registered in your name. We check that, and tell the old number too.
phone-new = New phone number
change-entity-phone-title = Change the entity's phone number
change-entity-phone-lead = This is the number of { $name }, not your own. A code goes to the new number, and we tell the old number too. To change your own number, act for yourself.
change-entity-phone-hint = For example, +7 701 234 56 78.
change-account-title = Change the bank account for your money
change-account-lead = To protect you from fraud, money goes to a new account only after a while.
change-password-title = Change the password
change-password-lead = You will be signed out on other devices.
change-to = New value:
change-button = Change
change-done = Changed. We have told you about it.
tokens-title = Tokens
tokens-lead = A token is an application or a device that shows one-time codes. It works where no SMS arrives.
token-add = Add a token
token-kind = Kind of token
token-totp = Application on a phone
token-totp-hint = The code changes every 30 seconds.
token-hotp = Device with a button
token-hotp-hint = Every press gives a new code.
token-name = Name of the token
token-name-hint = For example: my phone.
token-seed = Secret key
token-seed-hint = Only if it came with the device. Otherwise leave it empty: we make the key.
token-scan = Scan the picture with the application
token-key = Or type the key:
token-once = This key is not shown again. Tell it to nobody.
token-first = First code
token-second = Next code
token-second-hint = Wait until the code changes, or press the button once more.
token-check = Check the token
token-give-up = Remove the token
token-resynchronise = If the device's codes are not accepted
token-resynchronise-lead = Press the button twice and write the two codes in a row.
token-code = Token's code
token-code-hint = Six digits. Each code works once.
prove-token = Token's code
prove-password-and-token = Password and the token's code
prove-code-lead-unknown = We will send a code to the registered number.
missing-possession = First prove what only you have: a code from an SMS, or a token.
sign-in-by-token = Sign in with a token's code
recover-title = Recover the password
recover-lead = We send a code to the registered number and compare your face with the state database.
recover-button = Save the new password
recover-done-title = The password was changed
recover-done = All sessions were ended. Sign in with the new password.
devices-title = Known devices
devices-lead = You have signed in from these devices. If you do not recognise one, end all other sessions and change the password.
devices-first = First sign-in

# Amendments
amendments-title = Amendments
amendment-title = Other terms for agreement { $number }
amendment-number = Amendment No. { $number }
amendment-open = Read and decide
amendment-until = You can decide until { $date }. If you do nothing, the agreement stays as it is.
amendment-read = Read the amendment
amendment-read-lead = Open the amendment and read what changes. After a payment, or on a new day, the paper is drawn up anew.
amendment-ready = Everything is proved. The new terms hold when you press the button.
amendment-button = Agree to the new terms
amendment-decline = Decline: keep the terms
amendment-back = Back to the agreement
amendment-proposed = We propose other terms
amendment-concluded = The terms have changed
amendment-declined = You declined: the terms stay
amendment-withdrawn = The proposal no longer stands: the terms stay
amended-caption = What changes
amended-condition = Condition
amended-before = Now
amended-after = Then
amended-payments = Payments to come
amended-next-due = Next payment
amended-last-due = Last payment
amended-due = Due or overdue
amended-to-pay = To pay in all
amended-schedule = Payments to come
amended-text = If you agree on { $date }, the agreement changes as follows:
amended-line = { $name }: now { $before }, then { $after }
amended-acknowledge = I understand what changes and what I will pay
