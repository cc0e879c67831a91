//! Real servers, really killed. As root these also prove both ways of not being root.
#![allow(clippy::unwrap_used)] // in the tests' own tools, too

use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cluster::{Cluster, ClusterError, Options};

/// A directory of this test's own, removed when the test ends well.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str, mode: u32) -> Self {
        // One that was left by a test that failed, under a process number that is used again, is left alone.
        for take in 0.. {
            let dir = Path::new("/tmp").join(format!("nesie-cluster-{name}-{}-{take}", std::process::id()));
            match DirBuilder::new().mode(mode).create(&dir) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => return made.map(|()| Self(dir)).unwrap(),
            }
        }
        unreachable!("numbers do not end")
    }

    fn options(&self) -> Options {
        Options { durable: false, ..Options::new(self.0.join("db")) }
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        if !thread::panicking() {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }
}

fn sql(url: &str, query: &str) -> Result<String, String> {
    let run = Command::new("psql").args([url, "-XAtqc", query]).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
    if run.status.success() { Ok(text(run.stdout)) } else { Err(text(run.stderr)) }
}

fn server_pid(options: &Options) -> u32 {
    let text = fs::read_to_string(options.dir.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(240), "{what}: not within four minutes");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Another program with a server in the same place; says when the server is there.
fn other_program(options: &Options) -> Child {
    let script = "echo there; read line";
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster"));
    let mut child = command
        .arg(&options.dir)
        .args(["sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "there\n");
    child
}

#[test]
fn what_was_stored_is_there_after_a_restart_and_the_socket_is_the_only_way_in() {
    let dir = Dir::new("restart", 0o755);
    let options = dir.options();
    let first = Cluster::start(&options).unwrap();
    let url = first.url("postgres");
    sql(&url, "create table kept as select 42 as n").unwrap();
    assert_eq!(
        sql(&url, "select count(*) from pg_settings where name = 'data_checksums' and setting = 'on'")
            .unwrap(),
        "1"
    );
    assert_eq!(sql(&url, "show listen_addresses").unwrap(), "");
    let run = fs::metadata(options.dir.join("run")).unwrap();
    assert_eq!(run.mode() & 0o777, 0o700, "whoever enters is let in without a password");
    drop(first);
    sql(&url, "select 1").expect_err("stopped with its owner");

    let again = Cluster::start(&options).unwrap();
    assert_eq!(sql(&again.url("postgres"), "select n from kept").unwrap(), "42");
}

#[test]
fn the_server_does_not_outlive_a_program_that_was_killed() {
    let dir = Dir::new("killed", 0o755);
    let options = dir.options();
    let mut program = other_program(&options);
    let server = PathBuf::from(format!("/proc/{}/cwd", server_pid(&options)));
    assert!(server.exists());
    program.kill().unwrap(); // SIGKILL: no destructor runs
    program.wait().unwrap();
    wait_until("the server ends by itself", || !server.exists());
    Cluster::start(&options).unwrap();
}

#[test]
fn a_second_program_uses_the_server_that_runs_and_leaves_it_running() {
    let dir = Dir::new("second", 0o755);
    let options = dir.options();
    let first = Cluster::start(&options).unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_cluster"))
        .arg(&options.dir)
        .args(["sh", "-c", "psql \"$DATABASE_URL\" -XAtqc 'select 1'"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&program.stdout), "1\n");
    assert_eq!(sql(&first.url("postgres"), "select 1").unwrap(), "1");
}

#[test]
fn two_programs_started_at_once_on_an_empty_directory_share_one_database() {
    let dir = Dir::new("race", 0o755);
    let options = dir.options();
    let started: Vec<Cluster> = thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| Cluster::start(&options).unwrap())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    for cluster in &started {
        assert_eq!(sql(&cluster.url("postgres"), "select 1").unwrap(), "1");
    }
}

#[test]
fn a_pid_file_left_by_a_crash_keeps_nobody_out_even_if_its_number_is_taken() {
    let dir = Dir::new("stale", 0o755);
    let options = dir.options();
    let cluster = Cluster::start(&options).unwrap();
    let file = options.dir.join("data/postmaster.pid");
    let left = fs::read_to_string(&file).unwrap();
    drop(cluster);
    let taken = left.replacen(left.lines().next().unwrap(), &std::process::id().to_string(), 1);
    fs::write(&file, taken).unwrap();
    let again = Cluster::start(&options).unwrap();
    assert_eq!(sql(&again.url("postgres"), "select 1").unwrap(), "1");
}

#[test]
fn root_may_keep_the_database_where_no_other_user_can_reach() {
    let dir = Dir::new("closed", 0o700);
    let options = dir.options();
    let cluster = Cluster::start(&options).unwrap();
    assert_eq!(sql(&cluster.url("postgres"), "select 1").unwrap(), "1");
    let us = fs::metadata(&dir.0).unwrap().uid();
    assert_eq!(fs::metadata(options.dir.join("data")).unwrap().uid(), us, "the files stay ours");
    let mut program = Command::new("kill").arg("-9").arg(server_pid(&options).to_string()).spawn().unwrap();
    program.wait().unwrap();
    drop(cluster);
    Cluster::start(&options).expect("recovers from a killed server");
}

#[test]
fn a_directory_deeper_than_a_socket_name_may_be_works() {
    let dir = Dir::new("deep", 0o755);
    let deep = dir.0.join("a directory, with a name ".repeat(5));
    let cluster = Cluster::start(&Options { durable: false, ..Options::new(deep) }).unwrap();
    assert_eq!(sql(&cluster.url("postgres"), "select 1").unwrap(), "1");
}

#[test]
fn a_newcomer_is_told_what_to_install_and_an_upgrader_what_to_do() {
    let dir = Dir::new("told", 0o755);
    let missing = Options { bin: Some("/nowhere".into()), ..dir.options() };
    let error = Cluster::start(&missing).err().unwrap().to_string();
    assert!(error.contains("apt-get install postgresql"), "{error}");

    drop(Cluster::start(&dir.options()).unwrap());
    fs::write(dir.0.join("db/data/PG_VERSION"), "9\n").unwrap();
    let error = Cluster::start(&dir.options()).err().unwrap();
    assert!(matches!(error, ClusterError::OtherVersion { written: 9, .. }), "{error}");
    assert!(error.to_string().contains("pg_upgrade"), "{error}");

    let open = dir.0.join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let error = Cluster::start(&Options::new(open)).err().unwrap();
    assert!(matches!(error, ClusterError::NotPrivate { .. }), "{error}");
}

#[test]
fn all_tests_of_a_run_meet_on_one_server() {
    let (one, other) = (Cluster::for_tests().unwrap(), Cluster::for_tests().unwrap());
    let started = "select pg_postmaster_start_time()";
    assert_eq!(sql(&one.url("postgres"), started).unwrap(), sql(&other.url("postgres"), started).unwrap());
    drop((one, other));
    let later = Cluster::for_tests().unwrap();
    assert_eq!(sql(&later.url("postgres"), "show fsync").unwrap(), "off");
}
