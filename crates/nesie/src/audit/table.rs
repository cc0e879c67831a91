//! Reports as tables for a terminal: columns in line, tenge with two decimals.

use lending::{
    loan::{Allocation, RowKind},
    money::Money,
    report::{explain::Explanation, quote::Quote, replay::Replay},
};
use texts::{Lang, explain as t, format};

/// Cells in lines, the headings first; columns whose heading begins with a space stand right.
struct Table(Vec<Vec<String>>);

impl Table {
    fn of(headings: &[&str]) -> Self {
        Self(vec![headings.iter().map(|&heading| heading.to_owned()).collect()])
    }

    fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.push(cells.into_iter().collect());
    }

    fn written(&self) -> String {
        let headings = &self.0[0];
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.trim_start().chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..headings.len()).map(width).collect();
        let mut text = String::new();
        for line in &self.0 {
            let mut written = String::new();
            for ((cell, width), heading) in line.iter().zip(&widths).zip(headings) {
                let cell = cell.trim_start();
                written += &if heading.starts_with(' ') {
                    format!("{cell:>width$}  ")
                } else {
                    format!("{cell:<width$}  ")
                };
            }
            text += written.trim_end();
            text.push('\n');
        }
        text
    }
}

fn state(named: &[(&str, String)]) -> String {
    let width = named.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    named.iter().map(|(name, value)| format!("{name:<width$}  {value}\n")).collect()
}

/// A code as stored, of a value that has one.
fn code(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().replace('_', " ")
}

fn rate(tenths: Option<lending::effective_rate::EffectiveRate>) -> String {
    tenths.map_or_else(|| "none".to_owned(), |rate| format!("{rate} %"))
}

pub(super) fn quote(quote: &Quote) -> String {
    let mut rows = Table::of(&[" No.", "Due", " Days", " Principal", " Interest", " Payment", " Balance"]);
    for row in &quote.rows {
        rows.line([
            row.number.to_string(),
            row.due_on.to_string(),
            row.days.to_string(),
            row.principal.to_string(),
            row.interest.to_string(),
            row.payment.to_string(),
            row.balance_after.to_string(),
        ]);
    }
    let totals = quote.totals;
    let total = ["", "total", "", &totals.principal.to_string(), &totals.interest.to_string()];
    let mut total: Vec<String> = total.map(str::to_owned).into();
    total.push(totals.payment.to_string());
    rows.line(total);
    let verdict = &quote.verdict;
    let mut text = rows.written();
    text.push('\n');
    text += &state(&[
        ("Effective rate", rate(quote.effective_rate_tenths)),
        ("Rule set", verdict.rule_set.clone()),
        ("Lawful", if verdict.lawful { "yes".to_owned() } else { "no".to_owned() }),
    ]);
    for broken in &verdict.breaches {
        text += &format!("  {}: {}\n", broken.code, broken.reason);
    }
    text
}

pub(super) fn replay(replay: &Replay) -> String {
    let debt = &replay.debt;
    let money = |money: Money| money.to_string();
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let next = replay.next_installment;
    let mut text = state(&[
        ("As of", replay.as_of.to_string()),
        ("Status", code(&replay.status)),
        ("Closed on", day(replay.closed_on)),
        ("Principal not due", money(debt.principal_not_due)),
        ("Principal due", money(debt.principal_due)),
        ("Principal overdue", money(debt.principal_overdue)),
        ("Interest accrued", money(debt.interest_accrued)),
        ("Interest due", money(debt.interest_due)),
        ("Interest overdue", money(debt.interest_overdue)),
        ("Penalty", money(debt.penalty)),
        ("Debt", money(replay.debt_total_tiyn)),
        ("Money held", money(replay.advance_tiyn)),
        ("Paid too much", money(replay.overpaid_tiyn)),
        ("Overdue since", day(replay.overdue_since)),
        ("Overdue days", replay.overdue_days.to_string()),
        ("Next payment on", day(next.map(|next| next.on))),
        ("Next payment", money(next.map_or(Money::ZERO, |next| next.to_bring_tiyn))),
        ("To close the loan", money(replay.payoff.to_bring)),
        ("Effective rate", rate(replay.effective_rate_tenths)),
        ("Rule set", replay.rule_set.clone()),
    ]);
    let mut rows =
        Table::of(&[" No.", "Due", " Principal", " Interest", " Paid", " Unpaid", "Paid on", "State"]);
    for row in &replay.rows {
        let asked = row.principal_tiyn + row.interest_tiyn;
        let paid = row.principal_paid_tiyn + row.interest_paid_tiyn;
        rows.line([
            if row.kind == RowKind::Installment { row.number.to_string() } else { "-".to_owned() },
            row.due_on.to_string(),
            money(row.principal_tiyn),
            money(row.interest_tiyn),
            money(paid),
            money(asked - paid),
            day(row.paid_on),
            code(&row.state),
        ]);
    }
    let mut payments = Table::of(&["Paid on", " Amount", "Taken for"]);
    for payment in &replay.payments {
        let parts = if payment.reversed { "taken back".to_owned() } else { parts(&payment.allocation) };
        payments.line([payment.on.to_string(), money(payment.amount_tiyn), parts]);
    }
    let mut postings = Table::of(&["From", "On", "Posting", "Debit", "Credit", " Amount"]);
    for posting in &replay.postings {
        postings.line([
            posting.from.to_string(),
            posting.on.to_string(),
            posting.posting.replace('_', " "),
            posting.debit.to_owned(),
            posting.credit.to_owned(),
            money(posting.amount_tiyn),
        ]);
    }
    let mut balances = Table::of(&["Account", "Title", " Balance"]);
    for balance in replay.balances.iter().filter(|balance| !balance.balance_tiyn.is_zero()) {
        balances.line([balance.account.to_owned(), balance.title.to_owned(), money(balance.balance_tiyn)]);
    }
    for table in [rows, payments, postings, balances] {
        text.push('\n');
        text += &table.written();
    }
    text
}

fn parts(taken: &Allocation) -> String {
    let parts = web::allocated(Lang::En, taken);
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ").replace('\u{a0}', " ") }
}

pub(super) fn explanation(lang: Lang, told: &Explanation) -> String {
    let heading = |heading: &str| format!(" {heading}");
    let (change, total) = (heading(t::change(lang)), heading(t::total(lang)));
    let mut table = Table::of(&[t::day(lang), t::step(lang), &change, &total]);
    for line in &told.lines {
        table.line([
            line.on.to_string(),
            web::explained(lang, line).replace('\u{a0}', " "),
            line.amount_tiyn.to_string(),
            line.total_tiyn.to_string(),
        ]);
    }
    let figure = match (told.result_tiyn, told.result_tenths) {
        (Some(amount), _) => format!("{amount}"),
        (None, Some(rate)) => format::percent(lang, 1_000 * i64::from(rate.tenths())).replace('\u{a0}', " "),
        (None, None) => String::new(),
    };
    let name = told.figure.parse().map_or_else(|_| told.figure.clone(), |figure| web::figure(lang, figure));
    format!("{}\n{name}, {}: {figure}\n", table.written(), told.as_of)
}
