//! Writes what the fuzzers begin with: one of each structure and algorithm. `seeds FOLDER`.

use std::{fs, path::PathBuf};

use eds::{
    Family,
    testing::{Authority, Profile, Says, sign_together},
};
use jiff::Timestamp;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "corpus".into()));
    fs::create_dir_all(&folder)?;
    let now: Timestamp = "2026-11-22T10:00:00Z".parse().expect("an instant");
    for family in [Family::Gost2015, Family::Gost2004, Family::Rsa] {
        let authority = Authority::new(family, "fuzz", now);
        let client = authority.issue(&Profile::individual("880101300123"), "client");
        let head = authority.issue(&Profile::head("070440003902", "880101300123"), "head");
        let entries = [(&client.certificate, now, 6), (&head.certificate, now, 0)];
        let seeds = [
            ("certificate", client.certificate.der().to_vec()),
            ("root", authority.root().der().to_vec()),
            ("attached", client.sign(b"agreement", true, now, Some(&authority))),
            ("detached", client.sign(b"agreement", false, now, None)),
            ("together", sign_together(&[&client, &head], b"agreement", true, now, Some(&authority))),
            ("good", authority.answer_bytes(&client.certificate, Says::Good, now, Some(b"nonce"))),
            ("unknown", authority.answer_bytes(&client.certificate, Says::Unknown, now, None)),
            ("list", authority.list_bytes(1, None, now, &entries)),
            ("delta", authority.list_bytes(2, Some(1), now, &entries[..1])),
            ("stamp", authority.time_stamp(b"agreement", now)),
            ("response", authority.time_stamp_response(b"agreement", now)),
        ];
        for (name, bytes) in seeds {
            fs::write(folder.join(format!("{}-{name}", family.name())), bytes)?;
        }
    }
    Ok(())
}
