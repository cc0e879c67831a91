//! Processor time of a page, server and database together, and the server's memory.
//!
//! The server is a process of its own: this program again, told to [`serve`] the web over the use cases on
//! loopback HTTP, with the pool of the real one. Four connections are kept open and asked without pause; the
//! asking is done by the parent, whose time is not counted. What an empty page and a bare indexed read cost in
//! the same server at the same time stands beside. TLS is not in it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use app::demonstration;
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use sqlx::PgPool;

use crate::{
    Extent, Outcome, machine,
    market::{self, Clock, Market},
    quote,
    report::{Report, median},
};

/// The argument that makes this program the server.
pub(crate) const SERVE: &str = "serve-pages";
const CONNECTIONS: u32 = 4;
const ACCOUNT_TARGET_US: f64 = 2_000.0;
const MEMORY_TARGET_MB: f64 = 150.0;
/// Requests for an agreement to be drawn up: market.sql has so many applications approved.
const AGREEMENTS: u32 = 40;

/// Serves until the parent is gone.
pub(crate) fn serve(url: &str) -> Outcome<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let (app, world) = market::open(url, Clock::Standing).await?;
        drop(world);
        let pool = app.pool().clone();
        let organization = demonstration::organization();
        let colour = web::Colour::parse("#0b6b60").ok_or("no colour")?;
        let settings = web::Settings {
            domain: "localhost".to_owned(),
            organization,
            colour,
            ncalayer_port: web::NCALAYER_PORT,
            body_time: web::BODY_TIME,
        };
        let bare = Router::new()
            .route("/bench/empty", get(|| async { "ok" }))
            .route("/bench/read/{id}", get(read))
            .with_state(pool);
        let router = web::router(app, settings).merge(bare);
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        println!("{}", listener.local_addr()?.port());
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok(axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?)
    })
}

/// The least that a page with something of the client's can cost.
async fn read(
    State(pool): State<PgPool>,
    Path(id): Path<uuid::Uuid>,
) -> Result<String, axum::http::StatusCode> {
    let number = sqlx::query_scalar("select number from loan where tenant_id = $1 and id = $2")
        .bind(demonstration::TENANT)
        .bind(id)
        .fetch_one(&pool)
        .await;
    number.map_err(|_| axum::http::StatusCode::NOT_FOUND)
}

/// What is asked of the server.
#[derive(Clone, Copy)]
enum Page {
    Empty,
    Read,
    Quote,
    Account,
    Loan,
    Sessions,
    Application,
}

impl Page {
    const ALL: [Self; 7] =
        [Self::Empty, Self::Read, Self::Quote, Self::Account, Self::Loan, Self::Sessions, Self::Application];

    fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty page",
            Self::Read => "one read by primary key",
            Self::Quote => "page: a quote (/?amount=…&term=…)",
            Self::Account => "page: /account",
            Self::Loan => "page: /loans/{id}",
            Self::Sessions => "page: /account/sessions",
            Self::Application => "page: /applications/{id}",
        }
    }

    /// Its path for a client.
    fn path(self, n: u32) -> String {
        match self {
            Self::Empty => "/bench/empty".to_owned(),
            Self::Read => format!("/bench/read/{}", id(2, n)),
            Self::Quote => format!("/?amount={}&term={}", 60_000 + n * 7, 3 + n % 22),
            Self::Account => "/account".to_owned(),
            Self::Loan => format!("/loans/{}", id(2, n)),
            Self::Sessions => "/account/sessions".to_owned(),
            Self::Application => format!("/applications/{}", id(5, n)),
        }
    }

    /// Cheap ones are asked more often, to be seen at all.
    fn requests(self, extent: Extent) -> u32 {
        match self {
            Self::Empty | Self::Read => extent.requests * 4,
            _ => extent.requests,
        }
    }

    fn target_us(self) -> Option<f64> {
        match self {
            Self::Empty | Self::Read => None,
            Self::Quote => Some(quote::TARGET_US),
            _ => Some(ACCOUNT_TARGET_US),
        }
    }
}

/// The ids of market.sql.
fn id(kind: u32, n: u32) -> String {
    format!("{:08x}-0000-7000-8000-{n:012x}", 0x0190_0000 + kind)
}

pub(crate) fn measure(report: &mut Report, market: &Market, postmaster: u32, extent: Extent) -> Outcome<()> {
    let server = Server::start(&market.url)?;
    for page in Page::ALL {
        server.ask(page, 0, 100, extent)?; // so that every connection knows every statement
    }
    let mut spent: [Vec<(f64, f64)>; 7] = Default::default();
    for round in 0..extent.rounds {
        for (page, spent) in Page::ALL.into_iter().zip(&mut spent) {
            let requests = page.requests(extent);
            let before = (machine::process(server.pid())?, machine::database(postmaster)?);
            server.ask(page, round * extent.requests, requests, extent)?;
            let after = (machine::process(server.pid())?, machine::database(postmaster)?);
            let each = |from: Duration, to: Duration| (to - from).as_secs_f64() * 1e6 / f64::from(requests);
            spent.push((each(before.0, after.0), each(before.1, after.1)));
        }
    }
    let (served, _) = machine::memory_mb(server.pid())?;
    server.draw_up(extent)?;
    let (drawn, peak) = machine::memory_mb(server.pid())?;

    let of = |page: Page| {
        let rounds = &spent[page as usize];
        let middle = |of: fn(&(f64, f64)) -> f64| median(rounds.iter().map(of).collect());
        (
            middle(|(server, _)| *server),
            middle(|(_, database)| *database),
            middle(|(server, database)| server + database),
        )
    };
    let (.., empty) = of(Page::Empty);
    let (.., read) = of(Page::Read);
    for page in Page::ALL {
        let (server, database, both) = of(page);
        let figure = format!("{both:.0} µs");
        let split = format!("{server:.0} server + {database:.0} database");
        match page.target_us() {
            None => report.tell(page.name(), figure, split),
            Some(most) => {
                let beside = format!("{split}; {:.1} × empty, {:.1} × read", both / empty, both / read);
                report.hold(page.name(), figure, beside, &format!("< {most:.0} µs"), both < most);
            }
        }
    }
    let name = format!("memory of the server after {} clients' pages", extent.clients);
    report.hold(
        &name,
        format!("{served:.0} MB"),
        "resident".to_owned(),
        "< 150 MB",
        served < MEMORY_TARGET_MB,
    );
    let name = format!("memory after {AGREEMENTS} agreements drawn up too");
    report.hold(
        &name,
        format!("{drawn:.0} MB"),
        format!("peak {peak:.0} MB"),
        "< 150 MB",
        drawn < MEMORY_TARGET_MB,
    );
    Ok(())
}

/// The server's process; it ends with its standard input, so with us.
struct Server {
    process: Child,
    port: u16,
    _until: Option<ChildStdin>,
}

impl Server {
    fn start(url: &str) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args([SERVE, url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut port = String::new();
        BufReader::new(process.stdout.take().ok_or("no pipe")?).read_line(&mut port)?;
        let until = process.stdin.take();
        Ok(Self { port: port.trim().parse()?, process, _until: until })
    }

    fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Asks for a page as so many clients, from client `after` + 1 on.
    fn ask(&self, page: Page, after: u32, requests: u32, extent: Extent) -> Outcome<()> {
        std::thread::scope(|scope| {
            let asking: Vec<_> = (0..CONNECTIONS)
                .map(|connection| {
                    scope.spawn(move || -> Outcome<()> {
                        let mut line = Line::open(self.port)?;
                        for i in (connection..requests).step_by(CONNECTIONS as usize) {
                            let n = (after + i) % extent.clients + 1;
                            line.get(&page.path(n), n)?;
                        }
                        Ok(())
                    })
                })
                .collect();
            asking.into_iter().try_for_each(|one| one.join().map_err(|_| "an asking thread died")?)
        })
    }

    /// Has the agreements of the newest clients drawn up as PDF.
    fn draw_up(&self, extent: Extent) -> Outcome<()> {
        let mut line = Line::open(self.port)?;
        for n in extent.clients - AGREEMENTS + 1..=extent.clients {
            let pdf = line.get(&format!("/applications/{}/agreement.pdf", id(13, n)), n)?;
            if !pdf.starts_with(b"%PDF") {
                return Err("an agreement is no PDF".into());
            }
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self._until = None;
        let _ = self.process.wait();
    }
}

/// A browser's connection, kept open.
struct Line(BufReader<TcpStream>);

impl Line {
    fn open(port: u16) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// A page, signed in as client `n`; the quote as a visitor, who has no session yet. Anything but 200 is a failure.
    fn get(&mut self, path: &str, n: u32) -> Outcome<Vec<u8>> {
        // Session and form cookie: base64url of 32 bytes each (market.sql).
        let visitor = path.starts_with("/?");
        let session = if visitor { String::new() } else { format!("__Host-session={n:042}A; ") };
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: Mozilla/5.0 (Linux; Android 13) Chrome/120.0\r\n\
             accept-language: kk,ru;q=0.8\r\ncookie: {session}__Host-form={n:042}A\r\n\r\n"
        );
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        if !line.starts_with("HTTP/1.1 200") {
            return Err(format!("{path}: {}", line.trim()).into());
        }
        let mut length = None;
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = Some(value.trim().parse()?);
            }
        }
        let mut body = vec![0; length.ok_or("no content-length")?];
        self.0.read_exact(&mut body)?;
        Ok(body)
    }
}
