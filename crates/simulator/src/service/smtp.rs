//! An SMTP server (RFC 5321, the few commands a sender needs) that keeps what it is given.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

use crate::{Channel, Mode, Service, world::World};

const CONNECTIONS_MAX: usize = 32;
const LINE_MAX: u64 = 1_000;
const LETTER_MAX: usize = 256 << 10;
const COMMANDS_MAX: usize = 100;
const PATIENCE: Duration = Duration::from_secs(900);

pub(crate) async fn serve(listener: TcpListener, world: Arc<World>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let _ = timeout(PATIENCE, converse(stream, &world)).await;
            drop(place);
        });
    }
}

async fn converse(stream: TcpStream, world: &World) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut to = String::new();
    stream.write_all(b"220 simulator\r\n").await?;
    for _ in 0..COMMANDS_MAX {
        let Some(command) = line(&mut stream).await? else { break };
        let verb = command.get(..4).unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "EHLO" | "HELO" => "250-simulator\r\n250 8BITMIME\r\n",
            "MAIL" | "RSET" | "NOOP" => "250 ok\r\n",
            "RCPT" if world.mode(Service::Mail) == Mode::Reject => "550 no such mailbox\r\n",
            "RCPT" => {
                to = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok\r\n"
            }
            "DATA" if to.is_empty() => "503 to whom?\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let Some(letter) = letter(&mut stream).await? else { break };
                &take(&letter, &to, world).await
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                break;
            }
            _ => "502 what?\r\n",
        };
        stream.write_all(reply.as_bytes()).await?;
    }
    Ok(())
}

async fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    stream.take(LINE_MAX).read_until(b'\n', &mut bytes).await?;
    Ok(bytes.strip_suffix(b"\r\n").and_then(|line| String::from_utf8(line.to_vec()).ok()))
}

async fn letter(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut letter = String::new();
    while let Some(line) = line(stream).await? {
        if line == "." {
            return Ok(Some(letter));
        }
        letter.push_str(line.strip_prefix('.').unwrap_or(&line));
        letter.push('\n');
        if letter.len() > LETTER_MAX {
            break;
        }
    }
    Ok(None)
}

async fn take(letter: &str, to: &str, world: &World) -> String {
    let mode = world.mode(Service::Mail);
    if mode == Mode::Error500 {
        return "451 try later\r\n".into();
    }
    let (head, body) = letter.split_once("\n\n").unwrap_or((letter, ""));
    // Folded header lines continue with white space (RFC 5322 §2.2.3).
    let head = head.replace("\n ", " ");
    let subject = head.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
    let text = decoded(&body.replace('\n', "")).unwrap_or_else(|| body.to_owned());
    for _ in 0..if mode == Mode::Twice { 2 } else { 1 } {
        world.send(Channel::Mail, to.to_owned(), words(subject), text.clone());
    }
    tokio::time::sleep(mode.delay()).await;
    if mode == Mode::Garbled { "quoi?\r\n".into() } else { "250 kept\r\n".into() }
}

/// Encoded words (RFC 2047) in UTF-8 and base64, which is how our letters write theirs.
fn words(subject: &str) -> String {
    let word = |word: &str| decoded(word.strip_prefix("=?utf-8?b?")?.strip_suffix("?=")?);
    let parts: Vec<(String, bool)> = subject
        .split_whitespace()
        .map(|part| word(part).map_or((part.to_owned(), false), |word| (word, true)))
        .collect();
    let mut whole = String::new();
    for (number, (part, encoded)) in parts.iter().enumerate() {
        // White space between two encoded words is not part of the text.
        let glued = *encoded && number > 0 && parts.get(number - 1).is_some_and(|(_, before)| *before);
        if number > 0 && !glued {
            whole.push(' ');
        }
        whole.push_str(part);
    }
    whole
}

fn decoded(base64: &str) -> Option<String> {
    String::from_utf8(BASE64_STANDARD.decode(base64.trim()).ok()?).ok()
}
