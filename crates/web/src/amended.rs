//! What an amendment of an agreement changes, for both sides and every channel (Rules cl. [8.3](lending::law::CL_8_3)): as a
//! table on pages, and in the words that are acknowledged and kept.

use jiff::civil::Date;
use lending::{
    amendment::{Amended, Side},
    effective_rate::EffectiveRate,
    rate::Rate,
};
use maud::{Markup, html};
use texts::{Lang, client as t, format};

use crate::page::{bare, day, money};

/// A condition on both sides of the amendment.
struct Line {
    name: &'static str,
    before: String,
    after: String,
}

fn lines(lang: Lang, amended: &Amended) -> [Line; 8] {
    let line = |name, of: &dyn Fn(&Side) -> String| Line {
        name,
        before: of(&amended.before),
        after: of(&amended.after),
    };
    let on = |day: Option<Date>| day.map_or("–".to_owned(), format::date_short);
    let nominal = |rate: Rate| format::percent(lang, i64::from(rate.ppm()));
    let effective = |rate: EffectiveRate| format::percent(lang, i64::from(rate.tenths()) * 1000);
    [
        line(t::nominal_rate(lang), &|side| nominal(side.loan.rate)),
        line(t::effective_rate(lang), &|side| effective(side.effective_rate)),
        line(t::amended_payments(lang), &|side| side.coming().count().to_string()),
        line(t::amended_next_due(lang), &|side| on(side.coming().next().map(|row| row.due_on))),
        line(t::amended_last_due(lang), &|side| on(side.last_due())),
        line(t::amended_due(lang), &|side| money(lang, side.due())),
        line(t::penalty(lang), &|side| money(lang, side.loan.debt.penalty)),
        line(t::amended_to_pay(lang), &|side| money(lang, side.to_pay())),
    ]
}

/// What changes and what is to be paid from then on, in plain text: what is shown, acknowledged, and kept.
pub(crate) fn text(lang: Lang, amended: &Amended) -> String {
    let mut text = t::amended_text(lang, format::date(lang, amended.on));
    for line in lines(lang, amended) {
        text.push('\n');
        text.push_str(&t::amended_line(lang, line.after, line.before, line.name));
    }
    for row in amended.after.coming() {
        let (principal, interest) = (row.principal - row.principal_paid, row.interest - row.interest_paid);
        let on = format::date_short(row.due_on);
        text.push('\n');
        text.push_str(&t::cost_row(
            lang,
            money(lang, interest),
            on,
            money(lang, principal + interest),
            money(lang, principal),
        ));
    }
    text
}

/// Both sides, line by line; what changes stands out.
pub(crate) fn table(lang: Lang, amended: &Amended) -> Markup {
    html! {
        table.sides {
            caption { (t::amended_caption(lang)) }
            thead { tr {
                th scope="col" { (t::amended_condition(lang)) }
                th scope="col" { (t::amended_before(lang)) }
                th scope="col" { (t::amended_after(lang)) }
            } }
            tbody {
                @for line in lines(lang, amended) {
                    tr {
                        th scope="row" { (line.name) }
                        td.figures { (line.before) }
                        td.figures {
                            @if line.before == line.after { (line.after) } @else { strong { (line.after) } }
                        }
                    }
                }
            }
        }
    }
}

/// The payments to come.
pub(crate) fn schedule(lang: Lang, amended: &Amended) -> Markup {
    html! {
        table.stack {
            caption { (t::amended_schedule(lang)) ", ₸" }
            thead { tr {
                th scope="col" { (t::due(lang)) }
                th scope="col" { (t::payment(lang)) }
                th scope="col" { (t::principal(lang)) }
                th scope="col" { (t::interest(lang)) }
            } }
            tbody {
                @for row in amended.after.coming() {
                    tr {
                        td { (day(row.due_on)) }
                        td.figures { (bare(lang, row.unpaid())) }
                        td.figures data-of=(t::principal(lang)) { (bare(lang, row.principal - row.principal_paid)) }
                        td.figures data-of=(t::interest(lang)) { (bare(lang, row.interest - row.interest_paid)) }
                    }
                }
            }
        }
    }
}
