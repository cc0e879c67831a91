//! `nesie demo`: the whole thing on a bare machine, with the outside world simulated.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use app::{demonstration, op::System, organization, staff};
use jiff::civil::Date;
use outside::Outside;
use ports::{Chance, Clock};
use simulator::{Callback, MovableClock, Ncalayer};

use crate::{
    run::{self, Door, FaceSettings, Trouble, told},
    secrets::{Certificate, write_new},
    world::{DemoClock, MachineChance},
};

/// How to demonstrate.
#[derive(clap::Args)]
pub(crate) struct Demo {
    /// Forget everything and start over.
    #[arg(long)]
    fresh: bool,
    /// Where everything is kept.
    #[arg(long, default_value = ".nesie/demo")]
    dir: PathBuf,
    /// Port of the personal account.
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// Port of the simulated outside world.
    #[arg(long, default_value_t = 8480)]
    world_port: u16,
    /// Port of the simulated NCALayer. Where a real one has it already, that one is left alone.
    #[arg(long, default_value_t = simulator::NCALAYER_PORT)]
    ncalayer_port: u16,
    /// The file of the face models; without it faces are not looked at.
    #[arg(long, env = "NESIE_FACE_MODELS")]
    face_models: Option<PathBuf>,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Trouble> {
        if self.fresh && self.dir.exists() {
            if !self.dir.join("days-ahead").exists() && !self.dir.join("vault.key").exists() {
                return Err(
                    format!("{} is not a demonstration; remove it yourself", self.dir.display()).into()
                );
            }
            fs::remove_dir_all(&self.dir)?;
        }
        fs::create_dir_all(&self.dir)?;
        let dir = fs::canonicalize(&self.dir)?;
        println!("Nesie, a demonstration. Starting the database…");
        let (cluster, options) = run::database(&dir, None)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            run::migrate(cluster.as_ref(), &options).await?;
            let is_new = !dir.join("vault.key").exists();
            let clock = Arc::new(DemoClock::remembered(dir.join("days-ahead"), is_new)?);
            let certificate = Certificate::self_signed(&dir)?;
            let callback = Callback {
                url: format!("https://localhost:{}/callbacks/bank", self.port),
                root_pem: Some(certificate.chain.clone()),
            };
            let ncalayer = SocketAddr::from(([127, 0, 0, 1], self.ncalayer_port));
            let is_free = std::net::TcpListener::bind(ncalayer).is_ok();
            let world = simulator::start(simulator::Options {
                addr: SocketAddr::from(([127, 0, 0, 1], self.world_port)),
                state_dir: Some(dir.join("world")),
                clock: clock.clone(),
                callback: Some(callback),
                ncalayer: is_free.then(|| Ncalayer {
                    addr: ncalayer,
                    certificate: certificate.chain.clone(),
                    key: certificate.key.clone(),
                }),
            })
            .await
            .map_err(|error| format!("the simulated world, port {}: {error}", self.world_port))?;
            let outside = Outside::new(world.settings(), clock.clone() as Arc<dyn Clock>)?;
            // A demonstration has to work without a camera, too.
            let faces = FaceSettings { models: self.face_models.clone(), files: true }.open()?;
            let looking = faces.eyes.is_some();
            let trust = world.trust();
            let app =
                run::assemble(&dir, options, clock.clone(), outside, trust, faces, demonstration::TENANT)
                    .await?;

            let mut op = app.begin(System).await.map_err(told)?;
            organization::found(&mut op, &demonstration::organization(), &demonstration::products())
                .await
                .map_err(told)?;
            let password = officer_password(&dir)?;
            staff::add(&mut op, "officer", "Айгүл Сәрсенова", staff::Role::LoanOfficer, &password)
                .await
                .map_err(told)?;
            op.commit().await.map_err(told)?;

            let door = Door {
                listen: SocketAddr::from(([127, 0, 0, 1], self.port)),
                domain: format!("localhost:{}", self.port),
                certificate,
                ncalayer_port: self.ncalayer_port,
            };
            let (port, address) = (self.port, world.url().to_owned());
            let ncalayer = world.ncalayer_port();
            run::run(app, door, || {
                greet(port, &address, ncalayer, &password, looking, clock.is_behind().then(|| clock.today()));
            })
            .await
        })?;
        runtime.shutdown_timeout(Duration::from_secs(2));
        drop(cluster);
        Ok(())
    }
}

/// The employee's password: drawn for this demonstration, because nothing may have a default one.
fn officer_password(dir: &std::path::Path) -> Result<String, Trouble> {
    let file = dir.join("officer-password");
    if !file.exists() {
        let mut bytes = [0; 12];
        MachineChance.fill(&mut bytes);
        write_new(&file, app::vault::hex(&bytes).as_bytes())?;
    }
    Ok(fs::read_to_string(file)?)
}

fn greet(port: u16, world: &str, ncalayer: Option<u16>, password: &str, looking: bool, today: Option<Date>) {
    let signing = match ncalayer {
        Some(port) => format!("https://127.0.0.1:{port} (open it once and accept the certificate)"),
        None => "another program has its port; signing in the browser is between you and that one".to_owned(),
    };
    let faces = if looking {
        "looked at: turn your head before the camera as you are asked, or choose a file"
    } else {
        "not looked at: there are no models. `./x models` fetches them, with npm"
    };
    let calendar = today.map_or_else(String::new, |today| {
        format!("\n  Today there:           {today}: the law is known to this version for so long only that it opened early")
    });
    println!(
        "
  The personal account:  https://localhost:{port}
  SMS codes and e-mails: {world}/outbox
  The outside world:     {world}   (the bank: let a client repay; the clock: move the days on)
  NCALayer, simulated:   {signing}
  Staff:                 https://localhost:{port}/staff   login officer, password {password}
  Faces:                 {faces}{calendar}

  Open the first address (the certificate is this machine's own; the browser will ask), choose an amount,
  register with any valid IIN ({world}/people has some), and take your codes from the outbox.
  Ctrl-C stops everything; the next start finds it again; --fresh starts over.
"
    );
}
