//! Which checks, as every subcommand takes it.

use super::words;
use crate::catalogue::{self, Selection};
use clap::Args;
use posture_estate::finding::Severity;

/// Which checks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct SelectArgs {
    /// Only checks whose id matches, such as 's3_*' (may be given several times)
    #[arg(long = "check", value_name = "GLOB")]
    checks: Vec<String>,
    /// Only checks that bear on a practice, such as SEC01-BP02 (several times)
    #[arg(long = "practice", value_name = "ID")]
    practices: Vec<String>,
    /// Only checks of a service, such as iam (several times)
    #[arg(long = "service", value_name = "SERVICE")]
    services: Vec<String>,
    /// Only checks of this severity and worse
    #[arg(long, value_parser = words::severity(), value_name = "MIN")]
    severity: Option<Severity>,
}

impl SelectArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            checks: self.checks.clone(),
            practices: self.practices.clone(),
            services: self.services.iter().map(|name| known(name)).collect(),
            severity: self.severity,
        }
    }
}

/// The service as the catalogue spells it; one that it does not know is refused where checks are picked.
fn known(service: &str) -> String {
    catalogue::service(service).unwrap_or(service).to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn services_are_compared_without_case() {
        let (checks, practices) = (Vec::new(), Vec::new());
        let services = ["S3", "iam", "SQS"].map(str::to_owned).to_vec();
        let selection = super::SelectArgs { checks, practices, services, severity: None }.selection();
        assert_eq!(selection.services, ["s3", "iam", "SQS"]);
    }
}
