//! `nesie evidence`: an agreement's evidence, taken out by an employee and checked by anybody.

use std::{
    fs::{self, OpenOptions},
    io::{self, BufRead, IsTerminal, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use app::{
    App, evidence, loans,
    op::{Channel, System},
    sessions::{self, Employee, Known, Origin, Visitor},
    staff,
};
use bundle::limits::FILE_BYTES_MAX;
use clap::{Args, Subcommand};

use crate::{
    run::{Trouble, told},
    serve, signature,
};

/// Most bytes of a password that is read.
const PASSWORD_BYTES_MAX: u64 = 1024;

/// The evidence of an agreement.
#[derive(Subcommand)]
pub(crate) enum Evidence {
    /// Write the evidence of an agreement into a file.
    Export(Export),
    /// Check such a file, without any server.
    Verify(Verify),
}

/// The password is read from standard input.
#[derive(Args)]
#[command(
    after_help = "Only an auditor may; that the file was given out is recorded with its SHA-256. It holds photos of a \
                        face and a credit report: docs/handbook/evidence.md says how to treat it."
)]
pub(crate) struct Export {
    /// The number of the agreement.
    number: String,
    /// Where to; a file that is there already is not touched.
    file: PathBuf,
    /// Who takes it: the login of an employee.
    #[arg(long, value_name = "LOGIN")]
    employee: String,
    #[command(flatten)]
    from: serve::From,
}

/// Ends with 0 if everything holds.
#[derive(Args)]
#[command(
    after_help = "Example:\n  nesie evidence verify evidence.tar --trust authorities --json\n\nThe handbook \
                        (docs/handbook/evidence.md) says what is checked, what is not shown by any bundle, and what the \
                        codes mean."
)]
pub(crate) struct Verify {
    /// The file.
    file: PathBuf,
    /// A folder with certificates of authorities (.cer, .crt, .pem, .der) and perhaps anchors.txt, as for `nesie eds
    /// verify`; the state's pinned roots without it.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Evidence {
    pub(crate) fn run(self) -> Result<(), Trouble> {
        match self {
            Self::Export(export) => export.run(),
            Self::Verify(verify) => verify.run(),
        }
    }
}

impl Export {
    fn run(self) -> Result<(), Trouble> {
        if self.file.exists() {
            return Err(format!("{}: is there already", self.file.display()).into());
        }
        let password = password()?;
        self.from.read()?.with_app(async |app, _| {
            let who = signed_in(&app, &self.employee, &password).await?;
            let given = taken(&app, &who, &self.number).await;
            let mut op = app.begin(who.clone()).await.map_err(told)?;
            sessions::end(&mut op, who.session).await.map_err(told)?;
            op.commit().await.map_err(told)?;
            let given = given?;
            write(&self.file, &given.file)?;
            println!("{}  {}", given.sha256, self.file.display());
            Ok(())
        })
    }
}

/// Signs in like at the staff's page, with the same limits and the same trace.
async fn signed_in(app: &App, login: &str, password: &str) -> Result<Employee, Trouble> {
    let device = "nesie evidence export".to_owned();
    let origin = Origin { device, address: "local".to_owned(), channel: Channel::System, device_key: None };
    let visitor = Visitor { origin: origin.clone() };
    let token = staff::sign_in(app, visitor, login, password).await.map_err(told)?;
    match sessions::recognise(app, &token, origin).await.map_err(told)? {
        Some(Known::Employee(who)) => Ok(who),
        _ => Err("an employee who just signed in is not recognised".into()),
    }
}

async fn taken(app: &App, who: &Employee, number: &str) -> Result<evidence::Exported, Trouble> {
    let mut op = app.begin(System).await.map_err(told)?;
    let loan = loans::known_by_number(&mut op, number).await.map_err(told)?;
    op.commit().await.map_err(told)?;
    let loan = loan.ok_or_else(|| format!("there is no agreement {number}"))?;
    evidence::export(app, who.clone(), loan.id).await.map_err(told)
}

/// Readable by its owner alone.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| format!("{}: {error}", path.display()).into())
}

/// One line of standard input; a terminal does not show what is typed.
fn password() -> Result<String, Trouble> {
    let typed = io::stdin().is_terminal();
    if typed {
        eprint!("Password: ");
        stty("-echo")?;
    }
    let mut line = String::new();
    let read = io::stdin().lock().take(PASSWORD_BYTES_MAX).read_line(&mut line);
    if typed {
        stty("echo")?;
        eprintln!();
    }
    read?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn stty(setting: &str) -> Result<(), Trouble> {
    let done = Command::new("stty").arg(setting).status()?;
    if done.success() { Ok(()) } else { Err("the terminal cannot be told to hide what is typed".into()) }
}

impl Verify {
    fn run(self) -> Result<(), Trouble> {
        let trouble = |error: io::Error| format!("{}: {error}", self.file.display());
        if fs::metadata(&self.file).map_err(trouble)?.len() > FILE_BYTES_MAX as u64 {
            return Err(format!("{}: {}", self.file.display(), bundle::Reason::TooLarge.explanation()).into());
        }
        let file = fs::read(&self.file).map_err(trouble)?;
        let trust = self.trust.as_deref().map(signature::folder).transpose()?;
        let report = bundle::verify(&file, trust.as_deref());
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{report}");
        }
        if report.valid { Ok(()) } else { Err("the evidence does not hold".into()) }
    }
}
