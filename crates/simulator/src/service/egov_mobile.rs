//! eGov Mobile, or for a legal entity eGov Business, on somebody's phone: reads the QR code, fetches API 1 and API 2 of whoever shows it, signs, sends it back.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use lending::iin::{Bin, Iin};
use serde_json::{Value, json};

use super::nca::{self, Owner};
use crate::{Mode, Service, world::World};

/// Scans a QR code as the phone of `iin` and signs; with the key of the legal entity `bin`, where there is one.
///
/// # Errors
/// What the person would read on the phone.
pub(crate) async fn scan(world: &Arc<World>, seen: &str, iin: &str, bin: Option<&str>) -> Result<(), String> {
    let iin = Iin::parse(iin).map_err(|_| "IIN".to_owned())?;
    let bin = bin.map(Bin::parse).transpose().map_err(|_| "BIN".to_owned())?;
    let owner = Owner { iin: iin.as_str(), bin: bin.as_ref().map(Bin::as_str) };
    let first = seen.trim().strip_prefix("mobileSign:").ok_or("QR")?;
    let (client, ours) = world.notifier.organization().ok_or("QR")?;
    // A page on loopback that fetches whatever it is told would be a door into this machine.
    let known = |address: &str| address.strip_prefix(ours.as_str()).is_some_and(|path| path.starts_with('/'));
    if !known(first) {
        return Err("QR".into());
    }
    let api1 = answered(client.get(first).header("accept-language", "ru").send().await).await?;
    let (uri, token) =
        (text(&api1["document"]["uri"])?, api1["document"]["auth_token"].as_str().unwrap_or_default());
    let named = ["nameRu", "nameKz", "nameEn", "bin"].iter().all(|key| api1["organisation"][key].is_string());
    if !known(uri) || !named || api1["document"]["auth_type"] != "Token" {
        return Err("API 1".into());
    }
    let mut api2 = answered(client.get(uri).bearer_auth(token).send().await).await?;
    let attached = match api2["signMethod"].as_str() {
        Some("CMS_WITH_DATA") => true,
        Some("CMS_SIGN_ONLY") => false,
        _ => return Err("API 2".into()),
    };
    let documents = api2["documentsToSign"].as_array_mut().filter(|all| !all.is_empty()).ok_or("API 2")?;
    let mode = world.mode(Service::EgovMobile);
    for document in documents {
        let file = &mut document["document"]["file"];
        let content =
            file["data"].as_str().and_then(|data| BASE64_STANDARD.decode(data).ok()).ok_or("API 2")?;
        let signature = nca::sign(world, Service::EgovMobile, owner, &content, attached, false);
        file["data"] = match mode {
            Mode::Cancel => continue,
            Mode::Garbled => json!("AAAA"),
            _ => json!(BASE64_STANDARD.encode(signature)),
        };
    }
    match mode {
        Mode::Error500 => return Err("500".into()),
        Mode::Cancel => api2["status"] = json!("CANCELED"),
        _ => {}
    }
    tokio::time::sleep(mode.delay()).await;
    let put = client.put(uri).bearer_auth(token).json(&api2).send().await;
    answered(put).await.map(drop)
}

async fn answered(answer: Result<reqwest::Response, reqwest::Error>) -> Result<Value, String> {
    let answer = answer.map_err(|error| error.without_url().to_string())?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|error| error.without_url().to_string())?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    match body["message"].as_str() {
        _ if status.is_success() => Ok(body),
        Some(message) => Err(message.to_owned()),
        None => Err(status.as_u16().to_string()),
    }
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "API 1".to_owned())
}
