//! What the kernel says of processor time and memory.

use std::{fs, io, path::Path, time::Duration};

/// Linux tells the time of ended children in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of a process: of the threads that live.
pub(crate) fn process(pid: u32) -> io::Result<Duration> {
    let mut spent = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // One may end between the listing and the look.
        spent += scheduled(&thread?.path()).unwrap_or_default();
    }
    Ok(spent)
}

/// Processor time of this thread.
pub(crate) fn thread() -> io::Result<Duration> {
    scheduled(Path::new("/proc/thread-self")).ok_or_else(|| io::Error::other("the kernel keeps no schedstat"))
}

fn scheduled(task: &Path) -> Option<Duration> {
    let text = fs::read_to_string(task.join("schedstat")).ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

/// Processor time of a PostgreSQL server: the postmaster and its children, those that have ended included.
pub(crate) fn database(postmaster: u32) -> io::Result<Duration> {
    let mut spent = process(postmaster)?;
    let ended: u32 = stat(postmaster, 13).unwrap_or_default() + stat(postmaster, 14).unwrap_or_default();
    spent += TICK * ended;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if stat(pid, 1) == Some(postmaster) {
            spent += process(pid).unwrap_or_default();
        }
    }
    Ok(spent)
}

/// A field of `/proc/PID/stat`, counted from the state, which follows the name in brackets.
fn stat(pid: u32, field: usize) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.split(' ').nth(field)?.parse().ok()
}

/// Memory in megabytes: resident now, and at most ever.
pub(crate) fn memory_mb(pid: u32) -> io::Result<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kilobytes = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    match (kilobytes("VmRSS:"), kilobytes("VmHWM:")) {
        (Some(now), Some(peak)) => Ok((now / 1024.0, peak / 1024.0)),
        _ => Err(io::Error::other("the process has ended")),
    }
}

/// Memory resident now, in kilobytes.
pub(crate) fn resident_kb(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    text.lines().find(|line| line.starts_with("VmRSS:"))?.split_whitespace().nth(1)?.parse().ok()
}

/// One line that tells on what, and how busy it was.
pub(crate) fn description() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = read("/proc/loadavg");
    format!(
        "{cores} cores, {}, load average {}",
        model.trim_start_matches([' ', '\t', ':']).trim(),
        load.split(' ').take(3).collect::<Vec<_>>().join(" "),
    )
}
