//! How much a scan asks of AWS, on the command line.

use clap::Args;
use clap::builder::TypedValueParser as _;
use posture_estate::aws::transport::{API_SHARE, IN_FLIGHT, LimitOptions, Limits};
use std::num::NonZeroU32;
use std::sync::Arc;

/// The most requests in flight that one process keeps up with; each is a connection and a file descriptor.
const MOST_IN_FLIGHT: i64 = 1000;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Requests in flight at once, over all accounts and regions
    #[arg(long, value_name = "N", default_value_t = IN_FLIGHT as u32, value_parser = clap::value_parser!(u32).range(1..=MOST_IN_FLIGHT))]
    max_in_flight: u32,
    /// Requests per second, over all accounts and regions (default: only what each account's quotas allow)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..).try_map(NonZeroU32::try_from))]
    max_rps: Option<NonZeroU32>,
    /// How much of AWS's request quotas of an account to use; the rest is left to production
    #[arg(long, value_name = "PERCENT", default_value_t = API_SHARE, value_parser = clap::value_parser!(u8).range(1..=100))]
    api_share: u8,
}

impl LimitArgs {
    /// The limits of one run; every account's transport is given the same.
    pub fn limits(&self) -> Arc<Limits> {
        Arc::new(Limits::new(LimitOptions {
            max_in_flight: self.max_in_flight as usize,
            max_rps: self.max_rps,
            api_share: self.api_share,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitArgs,
    }

    fn parse(args: &[&str]) -> Result<LimitArgs, clap::Error> {
        Line::try_parse_from([&["posture"], args].concat()).map(|line| line.limits)
    }

    #[test]
    fn defaults_leave_half_to_production() {
        let args = parse(&[]).unwrap();
        assert_eq!((args.max_in_flight, args.max_rps, args.api_share), (96, None, 50));
    }

    #[test]
    fn values_that_let_nothing_through_are_refused() {
        for bad in [["--max-in-flight", "0"], ["--max-rps", "0"], ["--api-share", "0"], ["--api-share", "101"]] {
            let error = parse(&bad).unwrap_err().to_string();
            assert!(error.contains(" is not in 1..") && !error.contains("non-zero"), "{bad:?}: {error}");
        }
        assert_eq!(parse(&["--max-rps", "5"]).unwrap().max_rps.map(NonZeroU32::get), Some(5));
    }
}
