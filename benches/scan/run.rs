//! `posture` as a process, and what it used.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Used {
    pub wall: Duration,
    /// Of user and system; 0 where the system does not tell (other than Linux).
    pub cpu: Duration,
    pub peak_memory_kib: u64,
}

/// How often the system is asked what the process uses; its peak memory is lost when it has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Clock ticks a second in /proc, the same on every Linux that is in use.
const TICKS: u64 = 100;

fn command() -> Command {
    let built = || env!("CARGO_BIN_EXE_posture").into();
    let mut command = Command::new(std::env::var_os("POSTURE_BENCH_BINARY").unwrap_or_else(built));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
}

/// Whether `posture scan` has this option.
pub fn knows(option: &str) -> std::io::Result<bool> {
    let help = command().args(["scan", "--help"]).output()?;
    Ok(String::from_utf8_lossy(&help.stdout).contains(option))
}

/// Runs `posture` against the endpoint.
pub fn posture(args: &[String], endpoint: &str, access_key: &str) -> std::io::Result<Used> {
    let mut command = command();
    command
        .args(args)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", access_key)
        .env("AWS_SECRET_ACCESS_KEY", "simulated")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn()?;
    let (mut cpu, mut peak_memory_kib) = (Duration::ZERO, 0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let process = format!("/proc/{}", child.id());
        peak_memory_kib = peak(&process).unwrap_or(0).max(peak_memory_kib);
        cpu = time(&process).unwrap_or(Duration::ZERO).max(cpu);
        std::thread::sleep(LOOK);
    };
    let wall = start.elapsed();
    if !status.success() {
        return Err(std::io::Error::other(format!("posture ended with {status}: {}", args.join(" "))));
    }
    Ok(Used { wall, cpu, peak_memory_kib })
}

fn peak(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn time(process: &str) -> Option<Duration> {
    let stat = fs::read_to_string(format!("{process}/stat")).ok()?;
    // After the name in parentheses: state, then utime and stime as the 12th and 13th.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS))
}
