//! How long a scan takes, against what latency and quotas impose: `cargo bench --profile dev --bench scan [-- NAME..]`.
//!
//! Without names the short ones run; `50x17` and `1000x17` want to be named. Each scenario runs `posture` as a process of its own against a simulated AWS ([`aws`]). `--profile dev` shares the build of
//! the SDK crates with `cargo build` and `cargo test`; without it they are compiled anew as for a release. With POSTURE_BENCH_TRACE
//! set, every request of the first account is printed in the order of its answer;
//! POSTURE_BENCH_BINARY measures another build, such as an optimised one; POSTURE_BENCH_LATENCY_MS sets another latency (with a long one, the time that the machine needs to compute hardly counts).

#[path = "../aws/mod.rs"]
mod aws;
mod bound;
mod run;

use aws::{Answers, Behaviour, Simulated, Trouble, access_key};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// From request to answer in milliseconds, as between a region and a runner elsewhere on the continent.
const LATENCY: u64 = 40;

/// The regions that every account has enabled.
const REGIONS: [&str; 17] = [
    "us-east-1",
    "eu-west-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

struct Scenario {
    name: &'static str,
    tape: &'static str,
    accounts: usize,
    regions: usize,
    trouble: Trouble,
    /// Runs only when it is named.
    long: bool,
}

const CALM: Trouble = Trouble { quota_share: Some(1.0), throttles: 0.0, resets: 0.0, errors: 0.0, at_most: 0, seed: 0 };

const SCENARIOS: &[Scenario] = &[
    Scenario { name: "1x2", tape: "acme", accounts: 1, regions: 2, trouble: CALM, long: false },
    Scenario { name: "1x2-hardened", tape: "hardened", accounts: 1, regions: 2, trouble: CALM, long: false },
    Scenario { name: "1x17", tape: "acme", accounts: 1, regions: 17, trouble: CALM, long: false },
    // Production has left a fifth of the quotas: less than the share that a scan takes.
    Scenario {
        name: "1x2-busy",
        tape: "acme",
        accounts: 1,
        regions: 2,
        trouble: Trouble { quota_share: Some(0.2), ..CALM },
        long: false,
    },
    Scenario {
        name: "1x2-faults",
        tape: "acme",
        accounts: 1,
        regions: 2,
        trouble: Trouble { throttles: 0.05, resets: 0.02, errors: 0.02, at_most: 2, seed: 1, ..CALM },
        long: false,
    },
    Scenario { name: "5x2", tape: "acme", accounts: 5, regions: 2, trouble: CALM, long: false },
    Scenario { name: "50x17", tape: "acme", accounts: 50, regions: 17, trouble: CALM, long: true },
    Scenario { name: "1000x17", tape: "acme", accounts: 1000, regions: 17, trouble: CALM, long: true },
];

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds --bench.
    let named: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut table = String::new();
    writeln!(
        table,
        "{:<14}{:>9}{:>10}{:>10}{:>9}{:>9}{:>9}{:>9}{:>7}{:>10}  bound by",
        "scenario", "calls", "throttled", "faults", "in fl.", "wall s", "cpu s", "bound s", "times", "peak MiB"
    )?;
    let latency = match std::env::var("POSTURE_BENCH_LATENCY_MS") {
        Ok(text) => text.parse().map_err(|error| format!("POSTURE_BENCH_LATENCY_MS={text}: {error}"))?,
        Err(_) => LATENCY,
    };
    for scenario in SCENARIOS {
        let wanted = if named.is_empty() { !scenario.long } else { named.iter().any(|name| name == scenario.name) };
        if !wanted {
            continue;
        }
        if scenario.accounts > 1 && !run::knows("--accounts-file")? {
            writeln!(table, "{:<14}left out: this posture scans one account at a time", scenario.name)?;
            continue;
        }
        table.push_str(&runtime.block_on(measure(scenario, Duration::from_millis(latency)))?);
    }
    print(&table)
}

#[expect(clippy::print_stdout, reason = "the result of a benchmark")]
fn print(table: &str) -> Result<(), Box<dyn Error>> {
    print!("{table}");
    Ok(())
}

async fn measure(scenario: &Scenario, latency: Duration) -> Result<String, Box<dyn Error>> {
    let tape = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(scenario.tape);
    let answers = Arc::new(Answers::load(&tape)?);
    let mut accounts = vec![answers.account().to_owned()];
    accounts.extend((1..scenario.accounts).map(|n| format!("{:012}", 600_000_000_000 + n)));
    let behaviour = Behaviour { latency, trouble: scenario.trouble.clone(), watched: answers.account().to_owned() };
    let aws = Simulated::start(answers.clone(), behaviour).await?;

    let dir = tempfile::tempdir()?;
    let mut args: Vec<String> = ["scan", "--fail-on", "never", "--output"].map(str::to_owned).to_vec();
    args.push(format!("ndjson={}", dir.path().join("report.ndjson").display()));
    for region in &REGIONS[..scenario.regions] {
        args.extend(["--region".to_owned(), (*region).to_owned()]);
    }
    if scenario.accounts > 1 {
        let file = dir.path().join("accounts.txt");
        std::fs::write(&file, accounts.join("\n") + "\n")?;
        args.extend(["--accounts-file".to_owned(), file.display().to_string()]);
        args.extend(["--role-name".to_owned(), "posture".to_owned()]);
    }
    let (endpoint, key) = (aws.endpoint.clone(), access_key(&accounts[0]));
    let used =
        tokio::task::spawn_blocking(move || run::posture(&args, &endpoint, &key).map_err(|error| error.to_string()));
    let used = used.await??;
    let stats = &aws.stats;
    if let Some(question) = stats.unanswered().first() {
        let count = stats.unanswered().len();
        return Err(format!("{}: {count} questions are not on the tape, such as {question}", scenario.name).into());
    }
    let seen = stats.seen();
    if std::env::var_os("POSTURE_BENCH_TRACE").is_some() {
        trace(&seen);
    }
    let bound = bound::of(&answers, &seen, stats.calls(), latency, scenario.trouble.quota_share.unwrap_or(1.0));
    let mut line = String::new();
    writeln!(
        line,
        "{:<14}{:>9}{:>10}{:>10}{:>9}{:>9.2}{:>9.2}{:>9.2}{:>7.2}{:>10}  {}",
        scenario.name,
        stats.calls(),
        stats.throttled(),
        stats.faulty(),
        stats.peak_in_flight(),
        used.wall.as_secs_f64(),
        used.cpu.as_secs_f64(),
        bound.time.as_secs_f64(),
        used.wall.as_secs_f64() / bound.time.as_secs_f64(),
        used.peak_memory_kib / 1024,
        bound.by
    )?;
    Ok(line)
}

#[expect(clippy::print_stderr, reason = "asked for by whoever looks for the time that is lost")]
fn trace(seen: &[aws::Seen]) {
    for one in seen {
        eprintln!("{:>6} {:>6} {} {}", one.from.as_millis(), one.to.as_millis(), one.status, one.asked);
    }
}
