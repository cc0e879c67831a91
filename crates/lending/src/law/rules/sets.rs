//! The rule sets: data, oldest first. Each is the one before it and what changed.

use super::{
    CapitalisationRules, CoolingOff, FraudTerms, Limit, Payout, PenaltyCaps, ReliefDue, RequestFrom,
    RequestWindow, RuleSet, ShortCredit,
};
use crate::calendar::{CalendarDays, WorkingDays};
use crate::effective_rate::EffectiveRate;
use crate::loan::AllocationOrder;
use crate::money::Money;
use crate::rate::DailyRate;
use jiff::civil::Date;

/// All sets, oldest first, without a gap.
///
/// To add one: write what changed as a constant that begins with the set before it, end that one the day
/// before, and append it. What it does not name stays as it was, source and date included.
///
/// The last set ends with the year whose index (MCI) is known. On a day after it nothing is lent and nothing amended until
/// the next set is entered; loans given before live on by the set their agreement names, which is all that their fold asks
/// for.
///
/// Known to be missing: the index of 2027 and later; what Law No. 259-VIII brings in July 2026 and January 2027, whose
/// text is not in the edition these sets were read from (05.04.2026); the thresholds of the regulator's acts on a
/// spouse's consent and on personal presence.
pub static RULE_SETS: [RuleSet; 4] = [YEAR_2025, PAUSE, YEAR_2026, LAW_259];

const fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

const fn limit<T>(value: T, source: &'static str, since: Date) -> Limit<T> {
    Limit { value, source, since }
}

/// The edition of the Law on microfinance activity after Law No. 97-VIII of 19.06.2024. What is older carries
/// its date.
const EDITION: Date = day(2024, 8, 20);

const fn law<T>(value: T, source: &'static str) -> Limit<T> {
    limit(value, source, EDITION)
}

const YEAR_2025: RuleSet = RuleSet {
    id: "2025-01-01",
    from: day(2025, 1, 1),
    until: day(2025, 9, 29),
    mci: limit(Money::from_tenge(3_932), "Law on the republican budget for 2025–2027", day(2025, 1, 1)),
    effective_rate_max: law(EffectiveRate::from_tenths(460), CAPS),
    short_credit: law(
        ShortCredit {
            term_max: CalendarDays(45),
            amount_max_mci: 45,
            daily_rate_below: DailyRate::from_ppm(3_000),
            effective_rate_max: EffectiveRate::from_tenths(1_790),
        },
        CAPS,
    ),
    credit_max_mci: law(20_000, "Law on microfinance activity, art. 3 п. 1-1 пп. 3"),
    penalty: law(
        PenaltyCaps {
            daily_max: DailyRate::from_ppm(5_000),
            first_days: CalendarDays(90),
            daily_max_later: DailyRate::from_ppm(300),
            yearly_max_ppm: 100_000,
        },
        "Law on microfinance activity, art. 6 п. 3",
    ),
    accrual_stops_after: law(CalendarDays(90), "Law on microfinance activity, art. 7 п. 3 пп. 4"),
    accrual_stops_after_mortgage: law(CalendarDays(180), "Law on microfinance activity, art. 7 п. 3 пп. 5"),
    cooling_off: None,
    capitalisation: law(
        CapitalisationRules { of_mortgages: false, spares_business: true },
        "Law on microfinance activity, art. 4 п. 6, 7",
    ),
    overdue_notice_within: law(CalendarDays(10), "Law on microfinance activity, art. 9-2 п. 1"),
    relief_request_within: law(
        RequestWindow { days: CalendarDays(30), from: RequestFrom::Delay },
        "Law on microfinance activity, art. 9-2 п. 2",
    ),
    relief_answer_within: law(CalendarDays(15), "Law on microfinance activity, art. 9-2 п. 3"),
    relief_agreement_within: law(CalendarDays(30), "Law on microfinance activity, art. 9-2 п. 3"),
    ombudsman_within: law(CalendarDays(15), "Law on microfinance activity, art. 9-2 п. 4"),
    relief_due: law(
        ReliefDue { months_min: 3, cut_min_ppm: 500_000, income_fall_above_ppm: 300_000 },
        "Law on microfinance activity, art. 9-2 п. 2 пп. 1-1, п. 3",
    ),
    conscript_deferral_after: law(CalendarDays(60), "Law on microfinance activity, art. 7 п. 2 пп. 11-2"),
    improvement_refusal_within: law(CalendarDays(14), "Law on microfinance activity, art. 3 п. 6"),
    rate_and_method: law((), "Law on microfinance activity, art. 7 п. 3 пп. 1"),
    lengthening: law((), "Law on microfinance activity, art. 7 п. 3 пп. 8"),
    alone: law((), "Law on microfinance activity, art. 3 п. 6"),
    fee_max: law(Money::ZERO, "Law on microfinance activity, art. 7 п. 3 пп. 1-2, 1-3"),
    early_repayment_fee_max_ppm: law(0, "Law on microfinance activity, art. 7 п. 3 пп. 2"),
    no_indexation: law((), "Law on microfinance activity, art. 3 п. 5"),
    draft_schedules: law((), "Law on microfinance activity, art. 7 п. 2 пп. 4"),
    allocation: law(AllocationOrder::LAW, "Law on microfinance activity, art. 6 п. 1-1"),
    debt_burden_max_ppm: law(500_000, "NBRK resolution No. 215 of 28.11.2019"),
    overdue_elsewhere_max: limit(
        CalendarDays(90),
        "Law on microfinance activity, art. 7 п. 3 пп. 1-1",
        day(2024, 7, 1),
    ),
    assignment_after: law(CalendarDays(90), "Law on microfinance activity, art. 9-2 п. 5 пп. 2-1"),
    assignment_after_mortgage: law(CalendarDays(180), "Law on microfinance activity, art. 9-2 п. 5 пп. 2-1"),
    fraud: law(
        FraudTerms {
            tell_within: WorkingDays(1),
            stop_within: WorkingDays(2),
            mend_within: WorkingDays(10),
            suspend_within: CalendarDays(3),
            write_off_within: WorkingDays(10),
        },
        "Law on microfinance activity, art. 3 п. 3-4",
    ),
    banned_credit_write_off_within: law(WorkingDays(3), "Law on microfinance activity, art. 3 п. 3-3, 3-6"),
};

/// The caps of the regulator and the National Bank. Their acts of 2025 left those of microcredits as they were.
const CAPS: &str = "Joint act of ARDFM No. 62 of 16.08.2024 and NBRK No. 45 of 19.08.2024, п. 1";

/// The pause between agreement and money (Law No. 205-VIII of 30.06.2025; the threshold is the regulator's).
const PAUSE: RuleSet = RuleSet {
    id: "2025-09-30",
    from: day(2025, 9, 30),
    until: day(2025, 12, 31),
    cooling_off: Some(limit(
        CoolingOff { hours: 24, above_mci: 75, exempt: &[Payout::Merchant, Payout::OwnDebt] },
        "Law on microfinance activity, art. 3 п. 3-3; NBRK resolution No. 232 of 29.11.2019",
        day(2025, 9, 30),
    )),
    ..YEAR_2025
};

const YEAR_2026: RuleSet = RuleSet {
    id: "2026-01-01",
    from: day(2026, 1, 1),
    until: day(2026, 3, 17),
    mci: limit(Money::from_tenge(4_325), "Law on the republican budget for 2026–2028", day(2026, 1, 1)),
    ..PAUSE
};

/// Law No. 259-VIII of 16.01.2026, in force sixty days after its publication. The day of publication is not
/// in the texts at hand: this is the earliest it can be, and what binds the organization more tightly may begin
/// some days early without breaking anything. Two things it allows anew, marked ◦; for them the earliest day
/// is not a safe one, and an agreement of March 2026 that needs them wants a look at the gazette.
///
/// * Penalty: the Kazakh text of art. 6 п. 3 names a cap for the first ninety days only; where none is named,
///   none is taken. It matters to those whose accrual does not stop after ninety days.
/// * Credit to somebody overdue elsewhere: 50 days instead of 90.
/// * Nothing overdue that is added to principal bears interest, business credits included.
/// * ◦ Adding it to principal is no longer forbidden where a dwelling is mortgaged.
/// * The time to ask for relief counts from the notice, not from the delay.
/// * ◦ The pause spares payments of taxes, fines and enforcement.
/// * Legal entities may be charged fees for granting and changing (art. 4 п. 16). We charge none to anybody.
const LAW_259: RuleSet = RuleSet {
    id: "2026-03-18",
    from: day(2026, 3, 18),
    until: day(2026, 12, 31),
    credit_max_mci: law(20_000, "Law on microfinance activity, art. 3 п. 1 пп. 1"),
    penalty: limit(
        PenaltyCaps { daily_max_later: DailyRate::from_ppm(0), ..YEAR_2026.penalty.value },
        "Law on microfinance activity, art. 6 п. 3",
        day(2026, 3, 18),
    ),
    cooling_off: Some(limit(
        CoolingOff {
            hours: 24,
            above_mci: 75,
            exempt: &[Payout::Merchant, Payout::OwnDebt, Payout::PublicDues],
        },
        "Law on microfinance activity, art. 4 п. 12, 13; NBRK resolution No. 232 of 29.11.2019",
        day(2026, 3, 18),
    )),
    capitalisation: limit(
        CapitalisationRules { of_mortgages: true, spares_business: false },
        "Law on microfinance activity, art. 4 п. 3 пп. 6",
        day(2026, 3, 18),
    ),
    relief_request_within: limit(
        RequestWindow { days: CalendarDays(30), from: RequestFrom::Notice },
        "Law on microfinance activity, art. 9-2 п. 2",
        day(2026, 3, 18),
    ),
    relief_agreement_within: law(CalendarDays(30), "Law on microfinance activity, art. 9-2 п. 3-3"),
    relief_due: law(YEAR_2026.relief_due.value, "Law on microfinance activity, art. 9-2 п. 2, 3-1, 3-2"),
    conscript_deferral_after: law(CalendarDays(60), "Law on microfinance activity, art. 3-3 п. 2"),
    improvement_refusal_within: law(CalendarDays(14), "Law on microfinance activity, art. 4 п. 6"),
    alone: law((), "Law on microfinance activity, art. 4 п. 4–6"),
    no_indexation: law((), "Law on microfinance activity, art. 4 п. 3 пп. 5"),
    overdue_elsewhere_max: limit(
        CalendarDays(50),
        "Law on microfinance activity, art. 7 п. 3 пп. 1-1",
        day(2026, 3, 18),
    ),
    fraud: law(YEAR_2026.fraud.value, "Law on microfinance activity, art. 3-2 п. 3, 4"),
    banned_credit_write_off_within: law(
        WorkingDays(3),
        "Law on microfinance activity, art. 3-3 п. 1; art. 4 п. 14",
    ),
    ..YEAR_2026
};
