//! Texts that a person must have been shown, in the words that are kept as evidence (Rules cl.
//! [8.2](lending::law::CL_8_2), [8.3](lending::law::CL_8_3), [8.4](lending::law::CL_8_4),
//! [8.5](lending::law::CL_8_5), [11](lending::law::CL_11)).
//!
//! The caller says what it showed by the hash of the text; only the text of today, word for word, counts.

use app::{
    applications::Quote,
    vault::{hex, sha256},
};
use serde::{Deserialize, Serialize};
use texts::{
    Lang, client as t,
    format::{date_short, money, percent},
};
use utoipa::ToSchema;

/// A text to be shown whole before it is accepted.
#[derive(Serialize, ToSchema)]
pub(super) struct Text {
    /// What it is.
    #[schema(example = "personal-data")]
    pub(super) kind: &'static str,
    /// Its title.
    title: &'static str,
    /// The text; paragraphs stand on lines of their own.
    pub(super) text: String,
    /// What the person says by accepting; the words beside the box to tick.
    label: &'static str,
    /// SHA-256 of `text` in UTF-8, hexadecimal: what to send when it was accepted.
    sha256: String,
}

/// A text that was shown and accepted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Accepted {
    /// What it is.
    #[schema(example = "personal-data")]
    kind: String,
    /// The hash of the text as shown.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
}

impl Text {
    fn new(kind: &'static str, title: &'static str, label: &'static str, text: String) -> Self {
        let sha256 = hex(&sha256(text.as_bytes()));
        Self { kind, title, text, label, sha256 }
    }

    /// Whether this is the text that was shown.
    pub(super) fn is(&self, sha256: &str) -> bool {
        self.sha256.eq_ignore_ascii_case(sha256)
    }
}

/// Those of the texts that were accepted as they are.
pub(super) fn accepted(texts: impl IntoIterator<Item = Text>, given: &[Accepted]) -> Vec<Text> {
    let agreed = |text: &Text| given.iter().any(|one| one.kind == text.kind && text.is(&one.sha256));
    texts.into_iter().filter(agreed).collect()
}

/// What somebody who registers consents to.
pub(super) fn registration(lang: Lang, organization: &str) -> [Text; 2] {
    let [personal, electronic] = app::identity::CONSENTS;
    [
        Text::new(
            personal,
            t::consent_personal_title(lang),
            t::consent_personal_label(lang),
            t::consent_personal_text(lang, organization),
        ),
        Text::new(
            electronic,
            t::consent_electronic_title(lang),
            t::consent_electronic_label(lang),
            t::consent_electronic_text(lang, organization),
        ),
    ]
}

/// What somebody who applies consents to.
pub(super) fn credit_report(lang: Lang, organization: &str) -> Text {
    Text::new(
        "credit-report",
        t::consent_report_title(lang),
        t::consent_report_label(lang),
        t::consent_report_text(lang, organization),
    )
}

/// What somebody who signs acknowledges.
pub(super) fn signing(lang: Lang, quote: &Quote) -> [Text; 3] {
    let [rules, cost, rights] = app::applications::ACKNOWLEDGED;
    [
        Text::new(rules, t::rules_title(lang), t::acknowledge_rules(lang), t::rules_text(lang).to_owned()),
        Text::new(cost, t::cost_title(lang), t::acknowledge_cost(lang), full_cost(lang, quote)),
        Text::new(
            rights,
            t::rights_title(lang),
            t::acknowledge_rights(lang),
            t::rights_text(lang).to_owned(),
        ),
    ]
}

/// What somebody who concludes an amendment acknowledges.
pub(super) fn changed_terms(lang: Lang, text: String) -> Text {
    Text::new(app::amendments::ACKNOWLEDGED, t::amended_caption(lang), t::amended_acknowledge(lang), text)
}

/// All that getting and repaying the credit costs.
fn full_cost(lang: Lang, quote: &Quote) -> String {
    let totals = &quote.schedule.totals;
    let mut text = t::cost_text(
        lang,
        money(lang, quote.terms.principal.tiyn()),
        percent(lang, i64::from(quote.effective_rate.tenths()) * 1000),
        percent(lang, i64::from(quote.terms.rate.ppm())),
        money(lang, totals.interest.tiyn()),
        money(lang, totals.payment.tiyn()),
    );
    for row in &quote.schedule.rows {
        text.push('\n');
        text.push_str(&t::cost_row(
            lang,
            money(lang, row.interest.tiyn()),
            date_short(row.due_on),
            money(lang, row.payment.tiyn()),
            money(lang, row.principal.tiyn()),
        ));
    }
    text
}
