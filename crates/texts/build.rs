//! Compiles `{kk,ru,en}/*.ftl` into `$OUT_DIR/messages.rs`; see `compile.rs` for what is accepted.

mod compile;

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    println!("cargo::rerun-if-changed=compile.rs");
    let (sources, mut errors) = read();
    match compile::compile(&sources) {
        Ok(rust) if errors.is_empty() => {
            let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
            fs::write(out.join("messages.rs"), rust).expect("OUT_DIR is writable");
        }
        Ok(_) => fail(&errors),
        Err(more) => {
            errors.extend(more);
            fail(&errors);
        }
    }
}

fn fail(errors: &[String]) -> ! {
    for error in errors {
        println!("cargo::error={error}");
    }
    process::exit(1);
}

/// Reads every file of every language; anything that is not a `.ftl` file is an error, not ignored.
fn read() -> (Vec<compile::Source>, Vec<String>) {
    let (mut sources, mut errors) = (Vec::new(), Vec::new());
    for lang in compile::LANGS {
        println!("cargo::rerun-if-changed={lang}");
        let Ok(entries) = fs::read_dir(lang) else {
            errors.push(format!("{lang}/: the folder of this language is missing"));
            continue;
        };
        for path in entries.map(|entry| entry.expect("a readable folder").path()) {
            match (file_name(&path), fs::read_to_string(&path)) {
                (Some(file), Ok(text)) => sources.push(compile::Source { lang, file, text }),
                (None, _) => errors.push(format!("{}: not a lower-case .ftl file", path.display())),
                (_, Err(error)) => errors.push(format!("{}: {error}", path.display())),
            }
        }
    }
    (sources, errors)
}

fn file_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(".ftl")?;
    name.chars().all(|c| c.is_ascii_lowercase()).then(|| name.to_owned())
}
