//! How living loans stand: the narrow table that the closing of a day reads, written only when something happens.

use jiff::civil::Date;
use lending::{
    loan::{Accrued, Exact, Loan as Folded, PENALTY_DENOMINATOR, Standing},
    money::Money,
    rate::{DailyRate, MeterStep, Rate, Units, days_after, days_from},
};
use uuid::Uuid;

use super::Loan;
use crate::{
    id::Id,
    op::Context,
    organization::ProductRecord,
    refusal::{Fault, Result},
};

/// Days are stored as PostgreSQL counts them.
const DAY_ZERO: Date = jiff::civil::date(2000, 1, 1);

pub(crate) fn day_number(day: Date) -> i32 {
    i32::try_from(days_from(DAY_ZERO, day)).unwrap_or(i32::MAX)
}

pub(crate) fn day_of(number: i32) -> Date {
    days_after(DAY_ZERO, number.into())
}

/// What the table holds of a loan.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    pub(crate) loan: Uuid,
    pub(crate) product: Uuid,
    pub(crate) place: Option<i32>,
    /// Its lines; of a loan that has closed, level ones.
    pub(crate) lines: Standing,
    pub(crate) lives: bool,
    /// What closings accrued of it up to the base of its lines, and posted in totals.
    pub(crate) in_totals: Accrued,
    /// All that it owes on the base of its lines.
    pub(crate) debt: Money,
    pub(crate) next_due_on: Option<Date>,
}

impl Held {
    /// Of a loan whose money has just been given; nothing while it has not.
    pub(crate) fn first(loan: Id<Loan>, product: Id<ProductRecord>, folded: &Folded) -> Option<Self> {
        Some(Self {
            loan: loan.uuid(),
            product: product.uuid(),
            place: None,
            lines: folded.standing?,
            lives: true,
            in_totals: Accrued::default(),
            debt: Money::ZERO,
            next_due_on: None,
        })
    }

    /// The last day that a closing which has reached `closed_to` has accrued of it, or its own base.
    pub(crate) fn accrued_to(&self, closed_to: Date) -> Date {
        let closed_to = if self.lives && self.place.is_some() { closed_to } else { self.lines.base };
        closed_to.clamp(self.lines.base, self.lines.last())
    }

    /// All that totals hold of it at the end of `on`.
    pub(crate) fn in_totals_on(&self, on: Date) -> Accrued {
        self.in_totals + self.lines.between(self.lines.base, on)
    }

    /// The same loan after it was folded anew, with `in_totals` accrued in totals up to then.
    pub(crate) fn folded(mut self, folded: &Folded, in_totals: Accrued) -> Self {
        self.lines = folded.standing.unwrap_or_else(|| level(folded));
        self.lives = folded.standing.is_some();
        self.in_totals = in_totals;
        self.debt = folded.debt.total();
        self.next_due_on = folded.next_due.map(|due| due.on);
        self
    }
}

/// The lines of a loan on which nothing accrues any more.
fn level(folded: &Folded) -> Standing {
    Standing {
        base: folded.as_of,
        changes_on: Date::MAX,
        step: MeterStep::days(365, Units::PerDay(1)),
        principal: Money::ZERO,
        rate: Rate::default(),
        interest_before: folded.turnover.interest_accrued,
        interest: Exact::NOTHING,
        penalty_before: folded.turnover.penalty_accrued,
        penalty: Exact { whole: Money::ZERO, rest: 0, denominator: PENALTY_DENOMINATOR },
        overdue: Money::ZERO,
        penalty_rate: DailyRate::default(),
        penalty_cap: Money::ZERO,
        overdue_since: None,
    }
}

/// A row as it is stored.
pub(crate) struct Record {
    pub(crate) loan_id: Uuid,
    pub(crate) product_id: Uuid,
    pub(crate) place: Option<i32>,
    pub(crate) lives: bool,
    pub(crate) base: i32,
    pub(crate) changes_on: i32,
    pub(crate) day_count: i16,
    pub(crate) units: i16,
    pub(crate) principal: i64,
    pub(crate) rate: i32,
    pub(crate) interest_before: i64,
    pub(crate) interest: i64,
    pub(crate) interest_rest: i64,
    pub(crate) interest_denominator: i64,
    pub(crate) penalty_before: i64,
    pub(crate) penalty: i64,
    pub(crate) penalty_rest: i32,
    pub(crate) overdue: i64,
    pub(crate) penalty_rate: i32,
    pub(crate) penalty_cap: i64,
    pub(crate) overdue_since: Option<i32>,
    pub(crate) next_due_on: Option<i32>,
    pub(crate) debt: i64,
    pub(crate) interest_in_totals: i64,
    pub(crate) penalty_in_totals: i64,
}

/// How days are counted, as it is stored: a code, and what belongs to it.
fn stored(units: Units) -> (i32, i32) {
    match units {
        Units::PerDay(units) => (0, i32::try_from(units).unwrap_or(-1)),
        Units::PerDayOfYear => (1, 0),
        Units::Months30 { anchor_day } => (2, anchor_day.into()),
    }
}

/// The inverse of [`stored`].
fn units(code: i16, units: i16) -> Option<Units> {
    match code {
        0 => Some(Units::PerDay(units.into())),
        1 => Some(Units::PerDayOfYear),
        2 => i8::try_from(units).ok().map(|anchor_day| Units::Months30 { anchor_day }),
        _ => None,
    }
}

impl Record {
    /// What the row says.
    ///
    /// # Errors
    /// A fault if it cannot have been written by [`write`].
    pub(crate) fn held(self) -> Result<Held> {
        let wrong = || Fault::new(format_args!("the standing of {} is not one", self.loan_id));
        let units = units(self.day_count, self.units).ok_or_else(wrong)?;
        let money = Money::from_tiyn;
        let exact = |whole, rest, denominator| Exact { whole: money(whole), rest, denominator };
        let ppm = |rate: i32| u32::try_from(rate).map_err(|_| wrong());
        if self.interest_denominator <= 0 {
            return Err(wrong().into());
        }
        let lines = Standing {
            base: day_of(self.base),
            changes_on: day_of(self.changes_on),
            step: MeterStep::days(self.interest_denominator / 1_000_000, units),
            principal: money(self.principal),
            rate: Rate::from_ppm(ppm(self.rate)?),
            interest_before: money(self.interest_before),
            interest: exact(self.interest, self.interest_rest, self.interest_denominator),
            penalty_before: money(self.penalty_before),
            penalty: exact(self.penalty, self.penalty_rest.into(), PENALTY_DENOMINATOR),
            overdue: money(self.overdue),
            penalty_rate: DailyRate::from_ppm(ppm(self.penalty_rate)?),
            penalty_cap: money(self.penalty_cap),
            overdue_since: self.overdue_since.map(day_of),
        };
        let in_totals =
            Accrued { interest: money(self.interest_in_totals), penalty: money(self.penalty_in_totals) };
        Ok(Held {
            loan: self.loan_id,
            product: self.product_id,
            place: self.place,
            lines,
            lives: self.lives,
            in_totals,
            debt: money(self.debt),
            next_due_on: self.next_due_on.map(day_of),
        })
    }
}

/// How a loan stands; nothing before its money was given.
pub(crate) async fn read(op: &mut Context, loan: Id<Loan>) -> Result<Option<Held>> {
    let tenant = op.tenant;
    let record = sqlx::query_as!(
        Record,
        r#"select loan_id, product_id, place, lives, base - date '2000-01-01' as "base!",
                  changes_on - date '2000-01-01' as "changes_on!", day_count, units,
                  principal_tiyn as principal, rate_ppm as rate, interest_before_tiyn as interest_before,
                  interest_tiyn as interest, interest_rest, interest_denominator,
                  penalty_before_tiyn as penalty_before, penalty_tiyn as penalty, penalty_rest, overdue_tiyn as overdue,
                  penalty_ppm as penalty_rate, penalty_cap_tiyn as penalty_cap,
                  overdue_since - date '2000-01-01' as overdue_since, next_due_on - date '2000-01-01' as next_due_on,
                  debt_tiyn as debt, interest_in_totals_tiyn as interest_in_totals,
                  penalty_in_totals_tiyn as penalty_in_totals
           from standing where tenant_id = $1 and loan_id = $2"#,
        tenant,
        loan.uuid()
    )
    .fetch_optional(op.db())
    .await?;
    record.map(Record::held).transpose()
}

/// Writes how loans stand now. Places are given by the closing of a day alone.
pub(crate) async fn write(op: &mut Context, held: &[Held]) -> Result<()> {
    if held.is_empty() {
        return Ok(());
    }
    let tenant = op.tenant;
    let ids: Vec<Uuid> = held.iter().map(|held| held.loan).collect();
    let products: Vec<Uuid> = held.iter().map(|held| held.product).collect();
    let lives: Vec<bool> = held.iter().map(|held| held.lives).collect();
    let big = |of: fn(&Held) -> i64| -> Vec<i64> { held.iter().map(of).collect() };
    let int = |of: fn(&Held) -> i32| -> Vec<i32> { held.iter().map(of).collect() };
    let date = |of: fn(&Held) -> Option<Date>| -> Vec<Option<i32>> {
        held.iter().map(|held| of(held).map(day_number)).collect()
    };
    let ppm = |rate: u32| i32::try_from(rate).unwrap_or(i32::MAX);
    sqlx::query!(
        "insert into standing (tenant_id, loan_id, product_id, lives, base, changes_on, day_count, units,
             principal_tiyn, rate_ppm, interest_before_tiyn, interest_tiyn, interest_rest, interest_denominator,
             penalty_before_tiyn, penalty_tiyn, penalty_rest, overdue_tiyn, penalty_ppm, penalty_cap_tiyn, overdue_since,
             next_due_on, debt_tiyn, interest_in_totals_tiyn, penalty_in_totals_tiyn)
         select $1, n.loan_id, n.product_id, n.lives, date '2000-01-01' + n.base, date '2000-01-01' + n.changes_on,
             n.day_count, n.units, n.principal, n.rate, n.interest_before, n.interest, n.interest_rest,
             n.interest_denominator, n.penalty_before, n.penalty, n.penalty_rest, n.overdue, n.penalty_rate, n.penalty_cap,
             date '2000-01-01' + n.overdue_since, date '2000-01-01' + n.next_due_on, n.debt, n.interest_in_totals,
             n.penalty_in_totals
         from unnest($2::uuid[], $3::uuid[], $4::bool[], $5::int[], $6::int[], $7::int[], $8::int[], $9::bigint[],
                     $10::int[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
                     $17::int[], $18::bigint[], $19::int[], $20::bigint[], $21::int[], $22::int[], $23::bigint[],
                     $24::bigint[], $25::bigint[])
              as n(loan_id, product_id, lives, base, changes_on, day_count, units, principal, rate, interest_before,
                   interest, interest_rest, interest_denominator, penalty_before, penalty, penalty_rest, overdue,
                   penalty_rate, penalty_cap, overdue_since, next_due_on, debt, interest_in_totals, penalty_in_totals)
         on conflict (tenant_id, loan_id) do update set
             lives = excluded.lives, base = excluded.base, changes_on = excluded.changes_on,
             day_count = excluded.day_count, units = excluded.units, principal_tiyn = excluded.principal_tiyn,
             rate_ppm = excluded.rate_ppm, interest_before_tiyn = excluded.interest_before_tiyn,
             interest_tiyn = excluded.interest_tiyn, interest_rest = excluded.interest_rest,
             interest_denominator = excluded.interest_denominator, penalty_before_tiyn = excluded.penalty_before_tiyn,
             penalty_tiyn = excluded.penalty_tiyn, penalty_rest = excluded.penalty_rest,
             overdue_tiyn = excluded.overdue_tiyn, penalty_ppm = excluded.penalty_ppm,
             penalty_cap_tiyn = excluded.penalty_cap_tiyn, overdue_since = excluded.overdue_since,
             next_due_on = excluded.next_due_on, debt_tiyn = excluded.debt_tiyn,
             interest_in_totals_tiyn = excluded.interest_in_totals_tiyn,
             penalty_in_totals_tiyn = excluded.penalty_in_totals_tiyn",
        tenant,
        &ids,
        &products,
        &lives,
        &int(|h| day_number(h.lines.base)),
        &int(|h| day_number(h.lines.changes_on)),
        &int(|h| stored(h.lines.step.units).0),
        &int(|h| stored(h.lines.step.units).1),
        &big(|h| h.lines.principal.tiyn()),
        &held.iter().map(|h| ppm(h.lines.rate.ppm())).collect::<Vec<_>>(),
        &big(|h| h.lines.interest_before.tiyn()),
        &big(|h| h.lines.interest.whole.tiyn()),
        &big(|h| h.lines.interest.rest),
        &big(|h| h.lines.interest.denominator),
        &big(|h| h.lines.penalty_before.tiyn()),
        &big(|h| h.lines.penalty.whole.tiyn()),
        &int(|h| i32::try_from(h.lines.penalty.rest).unwrap_or(-1)),
        &big(|h| h.lines.overdue.tiyn()),
        &held.iter().map(|h| ppm(h.lines.penalty_rate.ppm())).collect::<Vec<_>>(),
        &big(|h| h.lines.penalty_cap.tiyn()),
        &date(|h| h.lines.overdue_since) as &[Option<i32>],
        &date(|h| h.next_due_on) as &[Option<i32>],
        &big(|h| h.debt.tiyn()),
        &big(|h| h.in_totals.interest.tiyn()),
        &big(|h| h.in_totals.penalty.tiyn()),
    )
    .execute(op.db())
    .await?;
    Ok(())
}

/// What all living loans owe, as far as days have been closed of them, for comparison with the ledger.
pub(crate) async fn debt_of_all(op: &mut Context) -> Result<Money> {
    let tenant = op.tenant;
    let sum = sqlx::query_scalar!(
        r#"select coalesce(sum(s.debt_tiyn + a.interest + a.penalty), 0)::bigint as "sum!"
           from standing s
           left join day_chunk c on c.tenant_id = s.tenant_id and c.chunk = s.place / 16384
           cross join lateral accrued_after_base(s, coalesce(c.closed_to, s.base)) a
           where s.tenant_id = $1 and s.lives"#,
        tenant
    )
    .fetch_one(op.db())
    .await?;
    Ok(Money::from_tiyn(sum))
}
