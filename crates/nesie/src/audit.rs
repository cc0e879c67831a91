//! `nesie quote`, `replay`, `explain`: what an auditor asks, with no database.

mod table;

use std::{
    io::{Read, Write},
    path::PathBuf,
};

use app::{loans, op::System};
use jiff::civil::Date;
use lending::report::{
    INPUT_BYTES_MAX,
    explain::{Explanation, Figure, explain_json},
    quote::quote,
    replay::replay,
};
use serde::Serialize;
use texts::Lang;

use crate::{
    run::{Trouble, told},
    serve,
};

/// Shown by `nesie quote --help`; a test runs it.
pub(crate) const QUOTE_EXAMPLE: &str = r#"Example, to be pasted as it stands:

nesie quote --table <<'END'
{
  "schedule": {
    "principal_tiyn": 100000000, "rate_ppm": 360000, "method": "annuity", "installments": 12,
    "period": { "months": 1 }, "disbursed_on": "2026-02-02", "first_due": "2026-03-02",
    "day_count": "actual365"
  },
  "penalty_ppm_per_day": 5000,
  "days_off": "forward"
}
END

The schedule alone is enough. Amounts are whole tiyn, rates parts per million. What may stand here:
docs/schema/quote-input.json; what comes out: docs/schema/quote-output.json."#;

/// Shown by `nesie replay --help`; a test runs it.
pub(crate) const REPLAY_EXAMPLE: &str = r#"Example, to be pasted as it stands:

nesie replay --table <<'END'
{
  "terms": {
    "schedule": {
      "principal_tiyn": 100000000, "rate_ppm": 360000, "method": "annuity", "installments": 12,
      "period": { "months": 1 }, "disbursed_on": "2026-02-02", "first_due": "2026-03-02",
      "day_count": "actual365"
    },
    "penalty_ppm_per_day": 5000
  },
  "events": [
    { "on": "2026-02-02", "sequence": 0, "what": "disbursed", "amount_tiyn": 100000000 },
    { "on": "2026-03-12", "sequence": 1, "what": "repaid", "amount_tiyn": 7300000,
      "id": "00000000-0000-0000-0000-000000000001" }
  ],
  "as_of": "2026-03-20"
}
END

The order of the events does not matter. What may stand here: docs/schema/replay-input.json; what comes
out: docs/schema/replay-output.json."#;

/// Shown by `nesie explain --help`; a test runs it.
pub(crate) const EXPLAIN_EXAMPLE: &str = r#"Example, to be pasted as it stands:

nesie explain payoff --table <<'END'
{
  "terms": {
    "schedule": {
      "principal_tiyn": 100000000, "rate_ppm": 360000, "method": "annuity", "installments": 12,
      "period": { "months": 1 }, "disbursed_on": "2026-02-02", "first_due": "2026-03-02",
      "day_count": "actual365"
    },
    "penalty_ppm_per_day": 5000
  },
  "events": [
    { "on": "2026-02-02", "sequence": 0, "what": "disbursed", "amount_tiyn": 100000000 },
    { "on": "2026-03-12", "sequence": 1, "what": "repaid", "amount_tiyn": 7300000,
      "id": "00000000-0000-0000-0000-000000000001" }
  ],
  "as_of": "2026-03-20"
}
END

It reads what `nesie replay` reads. Of a loan in the database:
nesie explain interest --agreement NUMBER --on 2026-03-20 --settings nesie.toml"#;

/// How a report is written.
#[derive(clap::Args)]
pub(crate) struct Form {
    /// Write a table to be read by people; else JSON.
    #[arg(long)]
    table: bool,
}

/// What `nesie explain` is told.
#[derive(clap::Args)]
pub(crate) struct Explain {
    /// principal, interest, penalty, overdue, payoff, next-installment, effective-rate, row-interest:NUMBER
    /// or balance:ACCOUNT.
    figure: Figure,
    #[command(flatten)]
    form: Form,
    /// Language of the table: kk, ru or en.
    #[arg(long, default_value = "en", value_parser = language)]
    lang: Lang,
    /// A loan in the database by the number of its agreement, instead of JSON on standard input.
    #[arg(long)]
    agreement: Option<String>,
    /// The date, with --agreement; today if not said.
    #[arg(long, requires = "agreement")]
    on: Option<Date>,
    #[command(flatten)]
    from: serve::From,
}

fn language(code: &str) -> Result<Lang, &'static str> {
    Lang::parse(code).ok_or("kk, ru or en")
}

impl Form {
    pub(crate) fn quote(&self) -> Result<(), Trouble> {
        let told = quote(&input()?)?;
        self.write(&told, || table::quote(&told))
    }

    pub(crate) fn replay(&self) -> Result<(), Trouble> {
        let told = replay(&input()?)?;
        self.write(&told, || table::replay(&told))
    }

    fn write(&self, told: &impl Serialize, table: impl FnOnce() -> String) -> Result<(), Trouble> {
        let text = if self.table { table() } else { serde_json::to_string_pretty(told)? + "\n" };
        // A reader that has seen enough, as `head`, is no trouble.
        match std::io::stdout().write_all(text.as_bytes()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl Explain {
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let write = |told: &Explanation| self.form.write(told, || table::explanation(self.lang, told));
        let Some(number) = &self.agreement else {
            return write(&explain_json(&input()?, self.figure)?);
        };
        self.from.read()?.with_app(async |app, _| {
            let mut op = app.begin(System).await.map_err(told)?;
            let loan = loans::known_by_number(&mut op, number).await.map_err(told)?;
            op.commit().await.map_err(told)?;
            let loan = loan.ok_or_else(|| format!("there is no agreement {number}"))?;
            write(&loan.explain(self.figure, self.on.unwrap_or(loan.today)).map_err(told)?)
        })
    }
}

/// Standard input, as far as any input may go.
fn input() -> Result<String, Trouble> {
    let mut text = String::new();
    let most = u64::try_from(INPUT_BYTES_MAX)? + 1;
    std::io::stdin().lock().take(most).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes the JSON Schema of everything that goes in and comes out, one file each.
pub(crate) fn schemas(folder: &PathBuf) -> Result<(), Trouble> {
    std::fs::create_dir_all(folder)?;
    let manifest = ("evidence-manifest", bundle::schema());
    for (name, schema) in lending::report::schemas().into_iter().chain([manifest]) {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        std::fs::write(folder.join(format!("{name}.json")), text)?;
    }
    Ok(())
}
