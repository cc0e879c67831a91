//! A loan's life: their terms and operations in our terms and events.

use crate::expectations;
use crate::theirs::Theirs;
use crate::{Outcome, Verdict};
use jiff::civil::Date;
use lending::law::rules::CreditKind;
use lending::loan::{
    AllocateBy, AllocationOrder, Component, Conduct, Deviation, EarlyMoney, Event, Happening, InterestOn,
    Loan, LoanTerms, Rescheduling, Rounded, WriteOff, fold, quote_payoff,
};
use lending::money::{Money, Rounding};
use lending::rate::{DailyRate, DayCount, Rate};
use lending::schedule::{DaysOff, Grace, InterestMethod, Method, Options, Period, RoundTo, Terms};
use serde_json::Value;
use uuid::Uuid;

/// Why a case goes no further.
enum Stop {
    Skip(String),
    Fail(String),
}

fn skip<T>(reason: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Skip(reason.into()))
}

pub(crate) fn judge(case: &Value) -> Verdict {
    let outcome = match walk(case) {
        Ok(()) => Outcome::Passed,
        Err(Stop::Skip(reason)) => Outcome::Skipped(reason),
        Err(Stop::Fail(difference)) => Outcome::Failed(difference),
    };
    Verdict { id: case.text("id").unwrap_or("a case without an id").to_owned(), outcome }
}

fn walk(case: &Value) -> Result<(), Stop> {
    let Some(timeline) = case["timeline"].as_array() else { return skip("it has no timeline") };
    timeline.iter().enumerate().try_for_each(|(at, step)| has_a_place_here(step, &timeline[..at]))?;
    let terms = terms(&case["terms"], timeline)?;
    let mut life = Life {
        reamortizes: future_rule(&case["terms"], timeline) == Some("REAMORTIZATION"),
        pays_down: case["terms"].flag("down_payment_auto"),
        today: terms.schedule.disbursed_on,
        known_on: terms.schedule.disbursed_on,
        terms,
        events: Vec::new(),
    };
    timeline.iter().enumerate().try_for_each(|(at, step)| {
        life.step(step).map_err(|stop| match stop {
            Stop::Fail(difference) => Stop::Fail(format!("step {}, {difference}", at + 1)),
            skip @ Stop::Skip(_) => skip,
        })
    })
}

/// Leaves aside what our users have no use for.
fn has_a_place_here(step: &Value, before: &[Value]) -> Result<(), Stop> {
    let moves_money =
        matches!(step.text("op"), Some("repay" | "payoff" | "undo_repayment" | "undo_transaction"));
    match step.text("op").unwrap_or("") {
        "add_charge" | "add_installment_charge" | "expect_charges" => {
            skip("fees, which the law forbids (art. 7 п. 3)")
        }
        "transaction" => skip(format!("{}: not a payment of the client", step["type"])),
        "repay" if !matches!(step.text("type"), None | Some("REPAYMENT")) => {
            skip(format!("{}: not a payment of the client", step["type"]))
        }
        "chargeback" => skip("a payment that is lent again"),
        "undo_disbursal" | "undo_last_disbursal" => skip("money given that was not"),
        _ if moves_money && before.iter().any(|step| step["op"] == "charge_off") => {
            skip("payments on a debt written off, which are recoveries here and leave its rows alone")
        }
        _ => Ok(()),
    }
}

/// Their terms in ours.
fn terms(theirs: &Value, timeline: &[Value]) -> Result<LoanTerms, Stop> {
    let disbursements: Vec<&Value> = timeline.iter().filter(|step| step["op"] == "disburse").collect();
    let disbursed_on = disbursements
        .first()
        .and_then(|step| step.date("date"))
        .or(theirs.date("disbursed_on"))
        .or(theirs.date("submitted_on"));
    let Some(disbursed_on) = disbursed_on else { return skip("nothing says when the money is given") };
    let several = theirs.flag("multi_disburse") || disbursements.len() > 1;
    if disbursements.len() > 1 && !theirs["down_payment_percent"].is_null() {
        return skip("a down payment on each of several disbursements");
    }
    let whole_periods = theirs.text("interest_calculation_period") == Some("SAME_AS_REPAYMENT_PERIOD");
    if disbursements.len() > 1 && whole_periods && !theirs.flag("allow_partial_period_interest") {
        return skip("interest of a whole period on money given within it");
    }
    let given: Money = disbursements.iter().filter_map(|step| step.money("amount")).sum();
    let agreed = theirs.money("principal").unwrap_or(Money::ZERO);
    let principal = if several {
        agreed.max(given)
    } else if given.is_zero() {
        agreed
    } else {
        given
    };
    let period = period(theirs)?;
    let cumulative = theirs.text("schedule_type") == Some("cumulative");
    Ok(LoanTerms {
        schedule: Terms {
            principal,
            rate: rate(theirs)?,
            method: match theirs.text("amortization") {
                Some("EQUAL_INSTALLMENTS") => Method::Annuity,
                Some("EQUAL_PRINCIPAL_PAYMENTS") => Method::Differentiated,
                other => return skip(format!("amortization {other:?}")),
            },
            installments: theirs.count("installments").unwrap_or(0),
            period,
            disbursed_on,
            first_due: period.first_due_after(disbursed_on),
            day_count: day_count(theirs, period, disbursed_on, cumulative)?,
            options: options(theirs)?,
        },
        penalty: DailyRate::default(),
        allocation: allocation(theirs)?,
        rule_set: "2026-01-01".into(),
        days_off: DaysOff::Stay,
        kind: CreditKind::Business, // Interest does not stop in their law.
        conduct: Conduct {
            interest_on: interest_on(theirs)?,
            deviation: Deviation::LastInstallment,
            early_money: early_money(theirs, timeline)?,
            rounded: if cumulative { Rounded::Changes } else { Rounded::DueDates },
            allocate_by: AllocateBy::Installment,
            tranches: several,
        },
    })
}

fn period(theirs: &Value) -> Result<Period, Stop> {
    let every = theirs.count("repay_every").unwrap_or(0);
    match theirs.text("repay_unit") {
        Some("MONTHS") => Ok(Period::Months(every)),
        Some("WEEKS") => Ok(Period::Weeks(every)),
        Some("DAYS") => Ok(Period::Days(every)),
        other => skip(format!("installments every {other:?}")),
    }
}

fn rate(theirs: &Value) -> Result<Rate, Stop> {
    let percent = theirs.text("nominal_rate_percent").unwrap_or("0");
    let Ok(rate) = Rate::parse(percent) else { return skip(format!("a rate of {percent} %")) };
    match &theirs["rate_period"] {
        // 2 and 3 are their codes for months and years.
        period if period == "YEAR" || *period == 3 => Ok(rate),
        period if period == "MONTH" || *period == 2 => Ok(Rate::from_ppm(rate.ppm() * 12)),
        _ if rate.ppm() == 0 => Ok(rate),
        other => skip(format!("a rate for each {other}")),
    }
}

fn day_count(theirs: &Value, period: Period, on: Date, cumulative: bool) -> Result<DayCount, Stop> {
    let by_days = theirs.text("interest_calculation_period") != Some("SAME_AS_REPAYMENT_PERIOD");
    if by_days && theirs.text("interest_method") == Some("FLAT") {
        return skip("flat interest by days");
    }
    if !by_days {
        return match period {
            Period::Months(_) => Ok(DayCount::EqualMonths),
            _ => skip("interest by whole weeks or days of a year of weeks"),
        };
    }
    let strategy = theirs.text("days_in_year_custom_strategy");
    let leap = on.in_leap_year();
    match (theirs.text("days_in_month"), theirs.text("days_in_year"), strategy) {
        (Some("ACTUAL"), Some("ACTUAL"), Some("FEB_29_PERIOD_ONLY")) => Ok(DayCount::ActualActualFebruary),
        (_, _, Some(strategy)) if strategy != "FULL_LEAP_YEAR" => skip(format!("days in year: {strategy}")),
        // The old engine takes the length of the year in which the credit was given for all its life.
        (Some("ACTUAL"), Some("ACTUAL"), _) if cumulative && leap => skip("all days over 366"),
        (Some("ACTUAL"), Some("ACTUAL"), _) if cumulative => Ok(DayCount::Actual365),
        (Some("ACTUAL"), Some("ACTUAL"), _) => Ok(DayCount::ActualActual),
        (Some("ACTUAL"), Some("DAYS365"), _) => Ok(DayCount::Actual365),
        (Some("ACTUAL"), Some("DAYS360"), _) => Ok(DayCount::Actual360),
        (Some("DAYS30"), Some("DAYS360"), _) => Ok(DayCount::EqualMonths),
        (Some("DAYS30"), Some("DAYS365"), _) => Ok(DayCount::EqualMonths365),
        (month, year, _) => skip(format!("months of {month:?} days, years of {year:?}")),
    }
}

fn options(theirs: &Value) -> Result<Options, Stop> {
    let whole = |key: &str| theirs.count(key).map(|units| Money::from_tenge(units.into()));
    let all =
        whole("money_in_multiples_of").or((theirs["currency_digits"] == 0).then(|| Money::from_tenge(1)));
    let installment = whole("installment_amount_in_multiples_of").or(all);
    let down_payment = theirs.text("down_payment_percent").map_or(Ok(Rate::default()), Rate::parse);
    let Ok(down_payment) = down_payment else { return skip("a down payment that is no percentage") };
    Ok(Options {
        grace: Grace {
            principal: theirs.count("grace_principal_installments").unwrap_or(0),
            interest: theirs.count("grace_interest_installments").unwrap_or(0),
            interest_free: theirs.count("interest_free_installments").unwrap_or(0),
        },
        round_to: RoundTo {
            interest: all.unwrap_or(Money::TIYN),
            installment: installment.unwrap_or(Money::TIYN),
        },
        interest: match theirs.text("interest_method") {
            Some("FLAT") => InterestMethod::Flat,
            Some("DECLINING_BALANCE") => InterestMethod::Declining,
            other => return skip(format!("interest {other:?}")),
        },
        down_payment_ppm: down_payment.ppm(),
        // The old engine computes the installment from the first period's length.
        periods_as_the_first: theirs.text("schedule_type") == Some("cumulative"),
        ..Options::default()
    })
}

fn interest_on(theirs: &Value) -> Result<InterestOn, Stop> {
    let recalculation = &theirs["interest_recalculation"];
    if recalculation.is_null() {
        return Ok(InterestOn::Plan);
    }
    let is = |key: &str, code: u64, name: &str| recalculation[key] == code || recalculation[key] == name;
    if !is("compounding", 0, "NONE") {
        return skip("interest on interest, which the law forbids");
    }
    if !is("rest_frequency", 2, "DAILY") {
        return skip("early payments that count only from the next due date, which the law forbids");
    }
    let spares = recalculation.flag("disallow_interest_on_past_due");
    Ok(if spares { InterestOn::BalanceNotOverdue } else { InterestOn::Balance })
}

/// Where money goes that comes early, by the rule that held when the loan was made.
fn future_rule<'a>(theirs: &'a Value, timeline: &'a [Value]) -> Option<&'a str> {
    let before = timeline.iter().take_while(|step| step["op"] != "disburse");
    let set = before.filter(|step| {
        step["op"] == "set_allocation"
            && step["transaction_type"] == "DEFAULT"
            && step["product"] == theirs["fineract_product"]
    });
    let agreed = theirs["future_installment_rules"].as_array().into_iter().flatten();
    let mut agreed = agreed.filter(|rule| rule["transactionType"] == "DEFAULT");
    set.last()
        .and_then(|step| step.text("future_installment_rule"))
        .or_else(|| agreed.next_back().and_then(|rule| rule.text("futureInstallmentAllocationRule")))
}

fn early_money(theirs: &Value, timeline: &[Value]) -> Result<EarlyMoney, Stop> {
    let adjustment = &theirs["interest_recalculation"]["prepayment_adjustment"];
    match future_rule(theirs, timeline) {
        // Where it would matter, the loan is left aside: see `Life::fold`.
        Some("NEXT_INSTALLMENT" | "REAMORTIZATION") => Ok(EarlyMoney::NextInstallment),
        Some("LAST_INSTALLMENT") => Ok(EarlyMoney::LastInstallment),
        Some(other) => skip(format!("early money goes to {other}")),
        None if adjustment == "REDUCE_EMI_AMOUNT" || *adjustment == 3 => Ok(EarlyMoney::LowerInstallment),
        None => Ok(EarlyMoney::NextInstallment),
    }
}

fn allocation(theirs: &Value) -> Result<AllocationOrder, Stop> {
    use Component::{CurrentInterest, CurrentPrincipal, OverdueInterest, OverduePrincipal, Penalty};
    let principal_first = [OverduePrincipal, OverdueInterest, Penalty, CurrentPrincipal, CurrentInterest];
    let interest_first = [Penalty, OverdueInterest, OverduePrincipal, CurrentInterest, CurrentPrincipal];
    let strategy = theirs.text("payment_allocation_strategy").unwrap_or("");
    // Their products by this name take interest first.
    let named = theirs.text("fineract_product").unwrap_or("").contains("PMT_ALLOC_1");
    let order = match strategy {
        "" | "ADVANCED_PAYMENT_ALLOCATION" if !named => principal_first,
        "ADVANCED_PAYMENT_ALLOCATION" | "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER" => interest_first,
        other => return skip(format!("payments taken by {other}")),
    };
    AllocationOrder::try_from(order).map_err(|error| Stop::Fail(error.to_string()))
}

/// A loan on its way through their timeline.
struct Life {
    terms: LoanTerms,
    events: Vec<Event>,
    today: Date,
    /// The last day on which they computed the loan anew.
    known_on: Date,
    reamortizes: bool,
    pays_down: bool,
}

impl Life {
    fn step(&mut self, step: &Value) -> Result<(), Stop> {
        let on = step.date("date").unwrap_or(self.today);
        let amount = step.money("amount").unwrap_or(Money::ZERO);
        match step.text("op").unwrap_or("") {
            "business_date" => self.today = on,
            "approve" | "set_allocation" | "other" | "expect_journal" => {}
            "run_cob" => self.known_on = self.today,
            "disburse" => self.disburse(on, amount),
            "repay" if matches!(step.text("type"), None | Some("REPAYMENT")) => self.pay(on, amount),
            "payoff" => self.pay_off(on)?,
            "credit_balance_refund" => self.happens(on, Happening::OverpaymentReturned { amount }),
            "undo_repayment" | "undo_transaction" => self.undo(step, on)?,
            "reschedule" => self.reschedule(step)?,
            "interest_pause" => self.pause(step)?,
            "charge_off" => self.write_off(on, true),
            "write_off" => self.write_off(on, false),
            "expect_schedule" => {
                self.expect(|loan, events| expectations::schedule(rows(step), loan, events, true))?;
            }
            "expect_schedule_partial" => {
                self.expect(|loan, events| expectations::schedule(rows(step), loan, events, false))?;
            }
            "expect_totals" => {
                self.expect(|loan, events| expectations::totals(&step["totals"], loan, events))?;
            }
            "expect_transactions" => {
                self.expect(|loan, events| expectations::transactions(rows(step), loan, events))?;
            }
            "expect_status" => {
                self.expect(|loan, _| expectations::status(step.text("status").unwrap_or(""), loan))?;
            }
            "expect_closed" => self.expect(|loan, _| expectations::status("CLOSED_OBLIGATIONS_MET", loan))?,
            "expect_outstanding" => self.expect(|loan, events| {
                differs("outstanding", amount, expectations::outstanding(loan, events))
            })?,
            "expect_overpaid" => self.expect(|loan, _| differs("overpaid", amount, loan.overpaid))?,
            other => return skip(format!("{other}: no such operation here")),
        }
        Ok(())
    }

    fn fold(&self) -> Result<Loan, Stop> {
        let loan = fold(&self.terms, &self.events, self.known_on)
            .map_err(|error| Stop::Fail(format!("refused: {error}")))?;
        if self.reamortizes && loan.rows.iter().any(|row| row.paid_early.is_positive()) {
            return skip("early money spread over all coming installments");
        }
        Ok(loan)
    }

    fn expect(&self, compare: impl FnOnce(&Loan, &[Event]) -> Option<String>) -> Result<(), Stop> {
        compare(&self.fold()?, &self.events).map_or(Ok(()), |difference| Err(Stop::Fail(difference)))
    }

    fn happens(&mut self, on: Date, what: Happening) {
        let sequence = i64::try_from(self.events.len()).unwrap_or(i64::MAX);
        self.events.push(Event { on, sequence, what });
        self.known_on = self.today;
    }

    fn disburse(&mut self, on: Date, amount: Money) {
        self.happens(on, Happening::Disbursed { amount });
        let down_payment = i128::from(self.terms.schedule.options.down_payment_ppm);
        let down_payment = amount.mul_ratio(down_payment, 1_000_000, Rounding::HalfEven);
        if self.pays_down && down_payment.is_positive() {
            self.pay(on, down_payment);
        }
    }

    fn pay(&mut self, on: Date, amount: Money) {
        let id = Uuid::from_u128(self.events.len() as u128);
        self.happens(on, Happening::Repaid { id, amount });
    }

    fn pay_off(&mut self, on: Date) -> Result<(), Stop> {
        let quote = quote_payoff(&self.terms, &self.events, on)
            .map_err(|error| Stop::Fail(format!("refused: {error}")))?;
        if quote.to_bring.is_positive() {
            self.pay(on, quote.to_bring);
        }
        Ok(())
    }

    /// Takes back the nth payment of a day.
    fn undo(&mut self, step: &Value, on: Date) -> Result<(), Stop> {
        if !matches!(step.text("type"), None | Some("Repayment")) {
            return skip(format!("undoing {}", step["type"]));
        }
        let nth = usize::from(step.count("nth").unwrap_or(1)).saturating_sub(1);
        let payments = self.events.iter().filter(|event| event.on == on);
        let mut ids = payments.filter_map(|event| match event.what {
            Happening::Repaid { id, .. } => Some(id),
            _ => None,
        });
        let Some(id) = ids.nth(nth) else { return skip("undoing what is not there") };
        self.happens(self.today, Happening::RepaymentReversed { id });
        Ok(())
    }

    fn reschedule(&mut self, step: &Value) -> Result<(), Stop> {
        for change in step["data"].as_array().into_iter().flatten() {
            let Some(from) = change.date("rescheduleFromDate") else { return skip("a change from no date") };
            // Their day counts from its morning, ours from its evening.
            let on = from.yesterday().unwrap_or(from).max(self.terms.schedule.disbursed_on);
            if let Some(percent) = change.text("newInterestRate").filter(|text| !text.is_empty()) {
                let Ok(rate) = Rate::parse(percent) else { return skip(format!("a rate of {percent} %")) };
                self.happens(on, Happening::RateChanged { rate });
            }
            let next_due = change.date("adjustedDueDate");
            let more_installments = change.number("extraTerms").unwrap_or(0);
            let grace = ["graceOnPrincipal", "graceOnInterest"].map(|key| change.number(key).unwrap_or(0));
            if next_due.is_some() || more_installments > 0 || grace != [0, 0] {
                let keep_installment = more_installments == 0 && grace == [0, 0];
                self.happens(
                    on,
                    Happening::Rescheduled(Rescheduling {
                        due_on: Vec::new(),
                        from,
                        next_due,
                        more_installments,
                        grace_on_principal: grace[0],
                        grace_on_interest: grace[1],
                        keep_installment,
                    }),
                );
            }
        }
        Ok(())
    }

    fn pause(&mut self, step: &Value) -> Result<(), Stop> {
        let Some((start, until)) = step.date("start").zip(step.date("end")) else {
            return skip("a pause of no days");
        };
        let on = start.yesterday().unwrap_or(start).max(self.terms.schedule.disbursed_on);
        self.happens(on, Happening::AccrualSuspended { until: Some(until) });
        Ok(())
    }

    fn write_off(&mut self, on: Date, claim_kept: bool) {
        self.happens(on, Happening::WrittenOff { by: WriteOff::Uncollectible, claim_kept });
    }
}

fn rows(step: &Value) -> &[Value] {
    step["rows"].as_array().map_or(&[], Vec::as_slice)
}

fn differs(what: &str, theirs: Money, ours: Money) -> Option<String> {
    (theirs != ours).then(|| format!("{what}: theirs {theirs}, ours {ours}"))
}
