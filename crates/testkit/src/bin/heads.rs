//! Writes pictures of a drawn head into a folder, for the browser tests' camera: straight ahead, and on the way to each
//! turn.

use std::{env, fs, io, path::PathBuf};

use face::testing::Head;
use testkit::people::jpeg;

const STEPS: u8 = 4;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).ok_or_else(|| io::Error::other("which folder?"))?);
    fs::create_dir_all(&folder)?;
    let write = |name: String, head: Head| fs::write(folder.join(name), jpeg(&head.draw(480, 640), 88));
    write("straight-0.jpg".to_owned(), Head::default())?;
    for step in 1..=STEPS {
        let part = f32::from(step) / f32::from(STEPS);
        let head = Head::default();
        write(format!("left-{step}.jpg"), Head { yaw: 28.0 * part, ..head })?;
        write(format!("right-{step}.jpg"), Head { yaw: -28.0 * part, ..head })?;
        write(format!("up-{step}.jpg"), Head { pitch: 24.0 * part, ..head })?;
        write(format!("closer-{step}.jpg"), Head { size: head.size * (1.0 + 0.42 * part), ..head })?;
    }
    Ok(())
}
