//! `cluster DIR COMMAND [ARGUMENT…]` runs a command beside a private PostgreSQL in DIR, whose address is in
//! DATABASE_URL; the server stops with the command. For `./x prepare`, and for a look: `cluster DIR sh`.

use std::process::{Command, ExitCode};

use cluster::{Cluster, Options};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(dir), Some(program)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: cluster DIR COMMAND [ARGUMENT…]");
        return ExitCode::from(2);
    };
    let ran = Cluster::start(&Options::new(dir)).map_err(|error| error.to_string()).and_then(|cluster| {
        let mut command = Command::new(&program);
        let status = command.args(arguments).env("DATABASE_URL", cluster.url("postgres")).status();
        status.map_err(|error| format!("cannot run {}: {error}", program.display()))
    });
    match ran {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
