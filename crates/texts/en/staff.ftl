# The employee's pages.

sign-in-title = Staff sign-in
login = Login
overview-title = Applications and loans
applications = Newest applications
loans = Loans
client = Client
made = Made
amount = Amount
state = State
number = Agreement No.
debt = Debt
next-due = Next payment
overdue-since = Overdue since
none = None yet
evidence-title = Evidence
evidence-lead = One file with everything that proves how this agreement was concluded. It holds photos and the credit report of the client. That you take it is recorded.
evidence-take = Download the evidence (TAR)
