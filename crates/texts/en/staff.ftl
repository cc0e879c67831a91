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
