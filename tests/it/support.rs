//! Running the program and reading what it wrote.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A file or directory of the repository.
pub fn repo(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `posture`, with nothing of this machine's AWS configuration and proxies.
pub fn posture() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_posture"));
    let of_the_machine = |name: &str| name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy");
    for (name, _) in std::env::vars().filter(|(name, _)| of_the_machine(name)) {
        command.env_remove(name);
    }
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("POSTURE_LOG")
        .env("COLUMNS", "110");
    command
}

/// What a run left behind.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(command: &mut Command) -> Run {
        let Output { status, stdout, stderr } = command.output().expect("posture runs");
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).expect("reports are UTF-8"),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    pub fn report(&self) -> Report {
        let value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON report ({error}), exit {}: {}", self.code, self.stderr));
        Report(value)
    }
}

/// A JSON report.
pub struct Report(pub Value);

impl Report {
    pub fn findings(&self) -> &Vec<Value> {
        self.0["findings"].as_array().expect("findings")
    }

    /// The statuses of a check on the resources whose ARN ends so.
    pub fn statuses(&self, check: &str, arn_end: &str) -> Vec<&str> {
        let wanted = |finding: &&Value| {
            finding["check_id"] == check
                && finding["resource"]["arn"].as_str().is_some_and(|arn| arn.ends_with(arn_end))
        };
        self.findings().iter().filter(wanted).map(|finding| finding["status"].as_str().expect("status")).collect()
    }
}
