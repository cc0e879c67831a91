//! The binary: one program for the demonstration and for production.

mod audit;
mod demo;
mod evidence;
mod listener;
mod progress;
mod run;
mod secrets;
mod serve;
mod signature;
mod world;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Nesie: electronic microcredits under Resolution No. 217.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show everything on this machine, with the outside world simulated.
    Demo(demo::Demo),
    /// Serve, by a settings file.
    Serve(serve::From),
    /// Bring the database's schema up to date, and nothing else.
    Migrate(serve::From),
    /// Enter the organization and its products from a TOML file (docs/handbook/install.md).
    Found {
        #[command(flatten)]
        from: serve::From,
        /// The file.
        file: PathBuf,
    },
    /// Set limits, delays and ages by the `policy` of the organization's file (docs/handbook/accounts.md); counts within
    /// seconds, without a restart.
    Policy {
        #[command(flatten)]
        from: serve::From,
        /// The file.
        file: PathBuf,
    },
    /// Employees.
    #[command(subcommand)]
    Staff(Staff),
    /// The business day.
    #[command(subcommand)]
    Day(Day),
    /// The evidence of an agreement as one file: taken out, or checked off-line.
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Electronic digital signatures, checked off-line.
    #[command(subcommand)]
    Eds(signature::Eds),
    /// What a credit on given terms costs and whether it is lawful: JSON on standard input.
    #[command(after_help = audit::QUOTE_EXAMPLE)]
    Quote(audit::Form),
    /// How a loan stands on a date, from its terms and events: JSON on standard input.
    #[command(after_help = audit::REPLAY_EXAMPLE)]
    Replay(audit::Form),
    /// Every step that leads to a figure of a loan: JSON on standard input, or a loan in the database.
    #[command(after_help = audit::EXPLAIN_EXAMPLE)]
    Explain(audit::Explain),
    /// Print the OpenAPI description of the JSON API.
    Openapi,
    /// Write the JSON Schema of what quote, replay and explain read and write.
    Schema {
        /// The folder.
        folder: PathBuf,
    },
}

#[derive(Subcommand)]
enum Day {
    /// Close every day that has passed and is still open.
    Close(serve::From),
}

#[derive(Subcommand)]
enum Staff {
    /// Add one; prints the password drawn for them.
    Add {
        #[command(flatten)]
        from: serve::From,
        /// What they sign in with.
        login: String,
        /// Their name.
        name: String,
        /// loan-officer or auditor.
        role: String,
    },
    /// Let one whose login was locked by wrong passwords sign in on any device again.
    Unlock {
        #[command(flatten)]
        from: serve::From,
        /// What they sign in with.
        login: String,
    },
}

fn main() -> ExitCode {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,nesie=info,app=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done = match Cli::parse().command {
        Command::Demo(demo) => demo.run(),
        Command::Serve(from) => from.serve(),
        Command::Migrate(from) => from.migrate(),
        Command::Found { from, file } => from.found(&file),
        Command::Policy { from, file } => from.set_policy(&file),
        Command::Staff(Staff::Add { from, login, name, role }) => from.add_employee(&login, &name, &role),
        Command::Staff(Staff::Unlock { from, login }) => from.unlock_employee(&login),
        Command::Day(Day::Close(from)) => from.close_days(),
        Command::Evidence(command) => command.run(),
        Command::Eds(command) => command.run(),
        Command::Quote(form) => form.quote(),
        Command::Replay(form) => form.replay(),
        Command::Explain(explain) => explain.run(),
        Command::Schema { folder } => audit::schemas(&folder),
        Command::Openapi => web::openapi().map(|json| println!("{json}")).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("nesie: {trouble}");
            ExitCode::FAILURE
        }
    }
}
