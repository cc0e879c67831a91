//! From `nesie demo` to its first page: what `./x demo` runs once it has seen that everything is built.
//! First time (a database has to be made), then again over what the first left.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, Stream,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use crate::{
    Extent, Outcome,
    report::{Report, median},
};

const ROUNDS: u32 = 3;
/// Longer than this, and it does not start at all.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn measure(report: &mut Report, extent: Extent) -> Outcome<()> {
    let (first, again) = ("first page of `nesie demo`, first time", "first page of `nesie demo`, again");
    let Some(program) = program() else {
        report.miss(first, "nesie is not built: cargo build -p nesie");
        return Ok(());
    };
    let (mut firsts, mut agains) = (Vec::new(), Vec::new());
    for _ in 0..extent.rounds.min(ROUNDS) {
        let dir = crate::place().with_file_name("bench-demo");
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        firsts.push(start_to_page(&program, &dir)?.as_secs_f64());
        agains.push(start_to_page(&program, &dir)?.as_secs_f64());
        fs::remove_dir_all(&dir)?;
    }
    let built = program.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    for (name, seconds, most) in [(first, median(firsts), 10.0), (again, median(agains), 3.0)] {
        let beside = format!("the {built} build");
        report.hold(name, format!("{seconds:.1} s"), beside, &format!("< {most} s"), seconds < most);
    }
    Ok(())
}

/// The demonstration's own build, if there is one: that is what `./x demo` starts.
fn program() -> Option<PathBuf> {
    let target = crate::place();
    ["debug", "release"]
        .map(|profile| target.with_file_name(profile).join("nesie"))
        .into_iter()
        .find(|p| p.exists())
}

fn start_to_page(program: &Path, dir: &Path) -> Outcome<Duration> {
    let (port, world_port) = (free_port()?, free_port()?);
    let began = Instant::now();
    let mut demo = Demo(
        Command::new(program)
            .args(["demo", "--port", &port.to_string(), "--world-port", &world_port.to_string(), "--dir"])
            .arg(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?,
    );
    while began.elapsed() < PATIENCE {
        if page(dir, port)
            .is_ok_and(|page| page.starts_with("HTTP/1.1 200") && page.trim_end().ends_with("</html>"))
        {
            return Ok(began.elapsed());
        }
        if let Some(status) = demo.0.try_wait()? {
            return Err(format!("nesie demo ended: {status}").into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err("nesie demo showed no page".into())
}

/// The first page, whole, by the certificate that the demonstration made.
fn page(dir: &Path, port: u16) -> Outcome<String> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut trusted = RootCertStore::empty();
    trusted.add(CertificateDer::from_pem_file(dir.join("localhost.crt"))?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let mut tls = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost")?)?;
    let mut stream = Stream::new(&mut tls, &mut socket);
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page)?;
    Ok(page)
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A running demonstration; stopped as by Ctrl-C.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        let _ = self.0.wait();
    }
}
