//! What an auditor types: the examples of `--help`, exactly as they are printed, and those of the handbook.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

const NESIE: &str = env!("CARGO_BIN_EXE_nesie");

/// Runs a script as it would be pasted, with `nesie` on the path.
fn paste(script: &str) -> Output {
    let folder = Path::new(NESIE).parent().expect("a program lies in a folder");
    let path =
        env::join_paths([folder, Path::new("/usr/bin"), Path::new("/bin")]).expect("folders without a colon");
    Command::new("sh").args(["-eu", "-c", script]).env("PATH", path).output().expect("a shell")
}

fn told(script: &str) -> String {
    let done = paste(script);
    assert!(done.status.success(), "{script}\n{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

/// The example in the help of a command, as a terminal shows it.
fn example(command: &str) -> String {
    let help = told(&format!("nesie {command} --help"));
    let (_, example) =
        help.split_once("Example, to be pasted as it stands:\n\n").expect("the help has an example");
    let (example, _) = example.split_once("\n\n").expect("text follows the example");
    example.to_owned()
}

#[test]
fn the_examples_of_the_help_work_when_pasted() {
    let quote = told(&example("quote"));
    assert!(quote.contains("12  2027-02-02"), "{quote}");
    assert!(quote.contains("Effective rate  42.6 %") && quote.contains("Lawful          yes"), "{quote}");
    let replay = told(&example("replay"));
    assert!(replay.contains("To close the loan  977905.28"), "{replay}");
    let explain = told(&example("explain"));
    assert!(explain.contains("To close the loan, 2026-03-20: 977905.28"), "{explain}");
}

#[test]
fn json_comes_out_where_no_table_is_asked_for_and_says_the_same() {
    let json = told(&example("replay").replace(" --table", ""));
    assert!(json.contains("\"to_bring_tiyn\": 97790528"), "{json}");
    let json = told(&example("explain").replace(" --table", ""));
    assert!(json.contains("\"result_tiyn\": 97790528"), "{json}");
}

#[test]
fn a_loan_is_explained_in_each_language() {
    for (lang, word) in
        [("kk", "Толық өтеу үшін"), ("ru", "Для полного погашения"), ("en", "To close the loan")]
    {
        let told = told(&example("explain").replace("--table", &format!("--table --lang {lang}")));
        assert!(told.contains(word), "{told}");
    }
}

#[test]
fn bad_input_is_refused_by_field_and_nothing_is_written() {
    for (script, said) in [
        ("echo '{' | nesie quote", "input: EOF while parsing"),
        ("echo '{}' | nesie quote", "missing field"),
        (
            "echo '{\"schedule\": {\"principal_tiyn\": \"1\"}}' | nesie quote",
            "schedule.principal_tiyn: invalid type",
        ),
        ("echo '[]' | nesie replay", "input: invalid"),
        ("head -c 5000000 /dev/zero | nesie replay", "input: longer than"),
        ("printf '\\377' | nesie quote", "UTF-8"),
        ("echo '{}' | nesie explain nonsense", "a figure is one of"),
    ] {
        let done = paste(script);
        let error = String::from_utf8_lossy(&done.stderr);
        assert!(
            !done.status.success() && done.stdout.is_empty() && error.contains(said),
            "{script}: {error}"
        );
    }
}

#[test]
fn the_handbook_for_auditors_shows_what_really_comes_out() {
    let handbook = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/handbook/auditor.md");
    let page = fs::read_to_string(handbook).unwrap();
    let mut blocks = page.split("```").skip(1).step_by(2);
    let mut shown = 0;
    while let Some(block) = blocks.next() {
        let Some(script) = block.strip_prefix("sh\n") else { continue };
        let expected = blocks.next().and_then(|block| block.strip_prefix("text\n"));
        let expected = expected.expect("a block of text follows each script");
        assert_eq!(told(script), expected, "{script}");
        shown += 1;
    }
    assert!(shown >= 3, "quote, replay and explain are shown");
}
