//! A scanner for malware that speaks as ClamAV's daemon does, and knows one piece: EICAR's test file.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

use crate::{Mode, Service, world::World};

const CONNECTIONS_MAX: usize = 32;
const FILE_MAX: usize = 12 << 20;
const PATIENCE: Duration = Duration::from_secs(900);
/// The heart of <https://www.eicar.org/download-anti-malware-testfile>, not all of it: this source is no test file.
const EICAR: &[u8] = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!";

pub(crate) async fn serve(listener: TcpListener, world: Arc<World>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let _ = timeout(PATIENCE, answer(stream, &world)).await;
            drop(place);
        });
    }
}

async fn answer(mut stream: TcpStream, world: &World) -> std::io::Result<()> {
    let mut command = Vec::new();
    while command.len() < 64 && !command.ends_with(b"\0") {
        command.push(stream.read_u8().await?);
    }
    let mode = world.mode(Service::Clamd);
    let said = match command.as_slice() {
        b"zPING\0" => "PONG".to_owned(),
        b"zVERSION\0" => "ClamAV 1.4.6/27500/Mon Mar  2 06:00:00 2026".to_owned(),
        b"zINSTREAM\0" => {
            let file = file(&mut stream).await?;
            let found = file.windows(EICAR.len()).any(|window| window == EICAR) || mode == Mode::Reject;
            match mode {
                Mode::Error500 => "INSTREAM size limit exceeded. ERROR".to_owned(),
                _ if found => "stream: Eicar-Signature FOUND".to_owned(),
                _ => "stream: OK".to_owned(),
            }
        }
        _ => "UNKNOWN COMMAND".to_owned(),
    };
    tokio::time::sleep(mode.delay()).await;
    let said = if mode == Mode::Garbled { "stream: O\u{fffd}".to_owned() } else { said };
    stream.write_all(said.as_bytes()).await?;
    stream.write_all(b"\0").await?;
    stream.shutdown().await
}

async fn file(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut file = Vec::new();
    loop {
        let length = usize::try_from(stream.read_u32().await?).unwrap_or(usize::MAX);
        if length == 0 || file.len().saturating_add(length) > FILE_MAX {
            return Ok(file);
        }
        let from = file.len();
        file.resize(from + length, 0);
        stream.read_exact(&mut file[from..]).await?;
    }
}
