//! `nesie serve`, `found`, `staff add`, `staff unlock`, `migrate`, `day close`: production, by one settings file.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use app::{
    day,
    op::System,
    organization::{self, Organization, Policy},
    staff::{self, Role},
};
use lending::{law::rules::RuleSet, product::Product};
use outside::Outside;
use serde::Deserialize;

use crate::{
    progress::Teller,
    run::{self, Door, Trouble, told},
    secrets::Certificate,
    signature,
    world::MachineClock,
};

/// Where the settings are.
#[derive(clap::Args)]
pub(crate) struct From {
    /// The settings file, TOML; docs/handbook/settings.md explains each line.
    #[arg(long, default_value = "nesie.toml")]
    settings: PathBuf,
}

/// The settings file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where keys and, without `database_url`, the private database are kept.
    data_dir: PathBuf,
    /// A PostgreSQL of the operator's; without it, one of our own.
    database_url: Option<String>,
    listen: SocketAddr,
    domain: String,
    /// Certificate chain and key, PEM.
    certificate: PathBuf,
    certificate_key: PathBuf,
    #[serde(default = "first_tenant")]
    tenant: i32,
    /// A folder with certificates of the National Certification Authority; without it no digital signature is taken.
    certificates: Option<PathBuf>,
    /// How faces are looked at; without it, photos are judged by the IDEC alone.
    #[serde(default)]
    faces: run::FaceSettings,
    outside: outside::Settings,
}

fn first_tenant() -> i32 {
    1
}

impl Settings {
    fn read(path: &Path) -> Result<Self, Trouble> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        // The message quotes no line of the file: a line may be a secret.
        toml::from_str(&text)
            .map_err(|error: toml::de::Error| format!("{}: {}", path.display(), error.message()).into())
    }
}

/// What `nesie found` reads.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Founding {
    organization: Organization,
    products: Vec<Product>,
    #[serde(default)]
    policy: Policy,
}

impl Founding {
    fn read(file: &Path) -> Result<Self, Trouble> {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let founding: Self =
            toml::from_str(&text).map_err(|error| format!("{}: {}", file.display(), error.message()))?;
        founding.policy.check()?;
        Ok(founding)
    }
}

impl From {
    pub(crate) fn read(&self) -> Result<Settings, Trouble> {
        Settings::read(&self.settings)
    }

    /// Serves until told to stop.
    pub(crate) fn serve(self) -> Result<(), Trouble> {
        let settings = self.read()?;
        settings.with_app(async |app, settings| {
            let certificate = Certificate::read(&settings.certificate, &settings.certificate_key)?;
            let door = Door {
                listen: settings.listen,
                domain: settings.domain.clone(),
                certificate,
                ncalayer_port: web::NCALAYER_PORT,
            };
            let listen = settings.listen;
            run::run(app, door, || tracing::info!(%listen, "serving")).await
        })
    }

    /// Brings the schema up to date.
    pub(crate) fn migrate(self) -> Result<(), Trouble> {
        self.read()?.with_app(async |_, _| Ok(()))
    }

    /// Enters the organization and its products from a file; what stands already is left as it is.
    pub(crate) fn found(self, file: &Path) -> Result<(), Trouble> {
        let founding = Founding::read(file)?;
        self.read()?.with_app(async |app, _| {
            let rules = RuleSet::in_force("today", app.today()).map_err(|no| no.to_string())?;
            for product in &founding.products {
                product.check(rules).map_err(|faults| {
                    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                    format!("product {}: {}", product.code, faults.join("; "))
                })?;
            }
            let new = organization::knows_key(&app).await.map_err(told)?.is_none();
            let mut op = app.begin(System).await.map_err(told)?;
            organization::found(&mut op, &founding.organization, &founding.products).await.map_err(told)?;
            if new {
                organization::set_policy(&mut op, &founding.policy).await.map_err(told)?;
            }
            op.commit().await.map_err(told)
        })
    }

    /// Sets the policy of the organization's file.
    pub(crate) fn set_policy(self, file: &Path) -> Result<(), Trouble> {
        let policy = Founding::read(file)?.policy;
        self.read()?.with_app(async |app, _| {
            let mut op = app.begin(System).await.map_err(told)?;
            organization::set_policy(&mut op, &policy).await.map_err(told)?;
            op.commit().await.map_err(told)
        })
    }

    /// Adds an employee with a password drawn for them, which is printed once.
    pub(crate) fn add_employee(self, login: &str, name: &str, role: &str) -> Result<(), Trouble> {
        let role = Role::parse(role).ok_or("no such role: loan-officer or auditor")?;
        self.read()?.with_app(async |app, _| {
            let mut drawn = [0; 12];
            app.chance().fill(&mut drawn);
            let password = app::vault::hex(&drawn);
            let mut op = app.begin(System).await.map_err(told)?;
            if !staff::add(&mut op, login, name, role, &password).await.map_err(told)? {
                return Err(format!("there is an employee {login} already").into());
            }
            op.commit().await.map_err(told)?;
            println!("{login}: {password}");
            Ok(())
        })
    }

    /// Unlocks an employee's login.
    pub(crate) fn unlock_employee(self, login: &str) -> Result<(), Trouble> {
        self.read()?.with_app(async |app, _| match staff::unlock(&app, login).await.map_err(told)? {
            true => Ok(()),
            false => Err(format!("there is no employee {login}").into()),
        })
    }

    /// Closes the days that have passed.
    pub(crate) fn close_days(self) -> Result<(), Trouble> {
        self.read()?.with_app(async |app, _| {
            let teller = Teller::new();
            let days =
                day::catch_up_telling(&app, move |progress| teller.tell(progress)).await.map_err(told)?;
            for closed in days {
                let with =
                    if closed.exceptions > 0 { ", closed with exceptions (table day_exception)" } else { "" };
                println!("{}: {} loans, {} parked{with}", closed.day, closed.loans, closed.exceptions);
            }
            Ok(())
        })
    }
}

impl Settings {
    pub(crate) fn with_app(
        self,
        work: impl AsyncFnOnce(app::App, &Self) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        fs::create_dir_all(&self.data_dir)?;
        let (cluster, options) = run::database(&self.data_dir, self.database_url.as_deref())?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            run::migrate(cluster.as_ref(), &options).await?;
            let faces = self.faces.open()?;
            let outside = Outside::new(self.outside.clone(), Arc::new(MachineClock))?;
            let trust = self.certificates.as_deref().map_or(Ok(eds::Trust::default()), signature::trust)?;
            let clock = Arc::new(MachineClock);
            let app =
                run::assemble(&self.data_dir, options, clock, outside, trust, faces, self.tenant).await?;
            work(app, &self).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handbooks_example_founds_an_organization_whose_products_are_lawful() {
        let example = include_str!("../../../docs/handbook/organization.example.toml");
        let founding: Founding = toml::from_str(example).unwrap();
        let rules = RuleSet::by_id("2026-01-01").unwrap();
        for product in &founding.products {
            assert_eq!(product.check(rules), Ok(()), "{}", product.code);
        }
        assert_eq!(founding.policy, Policy::default(), "the example shows what is left out");
        assert!(web::Colour::parse(&founding.organization.colour).is_some());
    }
}
