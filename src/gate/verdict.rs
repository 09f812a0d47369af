//! The gate: from findings to the exit code of a scan, in one place. It counts as findings pass by and keeps the names of the
//! first few that would break it.

use crate::record::{Change, Record, Stop};
use posture_estate::finding::{Severity, Status};
use posture_estate::text::safe;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Findings that are named on stderr.
const NAMED: usize = 5;

/// What breaks the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Failed findings of this severity and worse (`--fail-on`); `None` is never.
    pub fail_on: Option<Severity>,
    /// Only those that are new or worse than in a baseline.
    pub baseline: bool,
    /// Unknown findings of this severity and worse; `None` is never.
    pub unknown_from: Option<Severity>,
}

impl Rules {
    /// The rules of the command line: `--fail-on-unknown` is its own severity, else that of `--fail-on` holds, unless
    /// `--allow-unknown` lifts it.
    pub fn new(
        fail_on: Option<Severity>,
        baseline: bool,
        allow_unknown: bool,
        fail_on_unknown: Option<Severity>,
    ) -> Rules {
        let unknown_from = if allow_unknown { None } else { fail_on_unknown.or(fail_on) };
        Rules { fail_on, baseline, unknown_from }
    }
}

/// What a scan came to at its gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Clean,
    Failed,
    Unknown,
    Interrupted,
}

/// Numbers of findings at or above the severities of the rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateCounts {
    /// Failed, accepted by nobody, and not in the baseline.
    pub failed: u64,
    /// Failed in the same way in the baseline.
    pub known: u64,
    /// Failed, and accepted by someone.
    pub suppressed: u64,
    pub unknown: u64,
}

/// The exit of a scan. An interrupted one is never a verdict; a failure outranks what is unknown; one whose time was over is never
/// clean, unless unknown findings are allowed.
pub fn ending(counts: &GateCounts, stopped: Option<Stop>, allow_unknown: bool) -> Ending {
    match counts {
        _ if stopped == Some(Stop::Interrupted) => Ending::Interrupted,
        GateCounts { failed: 1.., .. } => Ending::Failed,
        GateCounts { unknown: 1.., .. } => Ending::Unknown,
        _ if stopped == Some(Stop::OutOfTime) && !allow_unknown => Ending::Unknown,
        _ => Ending::Clean,
    }
}

/// Worst first, then in the order of reports.
type Named = (Reverse<Severity>, String, String, String, String, Option<Change>);

/// The running count.
#[derive(Debug)]
pub struct Gate {
    rules: Rules,
    counts: GateCounts,
    failed: BTreeSet<Named>,
    unknown: BTreeSet<Named>,
}

impl Gate {
    pub fn new(rules: Rules) -> Gate {
        Gate { rules, counts: GateCounts::default(), failed: BTreeSet::new(), unknown: BTreeSet::new() }
    }

    /// Counts a finding, after the baseline has marked it.
    pub fn add(&mut self, record: &Record) {
        let at_least = |least: Option<Severity>| least.is_some_and(|least| record.severity >= least);
        match record.status {
            Status::Fail if record.counts() && at_least(self.rules.fail_on) => {
                // Without a mark nothing says that it was there before.
                if self.rules.baseline && record.change == Some(Change::Unchanged) {
                    self.counts.known += 1;
                } else {
                    self.counts.failed += 1;
                    keep(&mut self.failed, record);
                }
            }
            Status::Fail if record.suppression.is_some() && at_least(self.rules.fail_on) => self.counts.suppressed += 1,
            Status::Unknown if at_least(self.rules.unknown_from) => {
                self.counts.unknown += 1;
                keep(&mut self.unknown, record);
            }
            _ => {}
        }
    }

    pub fn counts(&self) -> &GateCounts {
        &self.counts
    }

    /// Why a scan that was not interrupted ends as it does, in lines for stderr.
    pub fn reason(&self) -> Vec<String> {
        let Rules { fail_on, baseline, unknown_from } = self.rules;
        let GateCounts { failed, known, suppressed, unknown } = self.counts;
        let name = |severity: Option<Severity>| severity.map_or("info", Severity::as_str);
        match ending(&self.counts, None, false) {
            Ending::Failed if baseline => {
                let head = format!(
                    "exit 1: {} at or above {} new or worse than in the baseline; {known} more {} in it (--fail-on, --baseline)",
                    findings(failed, "failed"),
                    if failed == 1 { format!("{} is", name(fail_on)) } else { format!("{} are", name(fail_on)) },
                    if known == 1 { "is" } else { "are" },
                );
                list(head, &self.failed, failed)
            }
            Ending::Failed => {
                let head = format!("exit 1: {} at or above {} (--fail-on)", findings(failed, "failed"), name(fail_on));
                list(head, &self.failed, failed)
            }
            Ending::Unknown => {
                let fails = match (fail_on, baseline) {
                    (None, _) => "no failure counts".to_owned(),
                    (Some(_), true) => {
                        format!("nothing at or above {} is new or worse than in the baseline", name(fail_on))
                    }
                    (Some(_), false) => format!("nothing failed at or above {}", name(fail_on)),
                };
                let head = format!(
                    "exit 3: {fails}, but {} at or above {} (--allow-unknown lifts this)",
                    findings(unknown, "unknown"),
                    name(unknown_from)
                );
                list(head, &self.unknown, unknown)
            }
            Ending::Clean if known > 0 => {
                let failures = findings(known, "failed");
                let accepted = if suppressed > 0 { format!(", {suppressed} suppressed") } else { String::new() };
                let at = name(fail_on);
                vec![format!("exit 0: {failures} at or above {at} in the baseline already (--baseline){accepted}")]
            }
            Ending::Clean if suppressed > 0 => {
                let are = if suppressed == 1 { "is" } else { "are" };
                let failures = findings(suppressed, "failed");
                vec![format!("exit 0: {failures} at or above {} {are} suppressed", name(fail_on))]
            }
            Ending::Clean | Ending::Interrupted => Vec::new(),
        }
    }
}

fn findings(count: u64, status: &str) -> String {
    if count == 1 { format!("1 {status} finding") } else { format!("{count} {status} findings") }
}

fn keep(named: &mut BTreeSet<Named>, record: &Record) {
    named.insert((
        Reverse(record.severity),
        record.account_id.clone(),
        record.region.clone(),
        record.check_id.clone().into_owned(),
        record.resource.arn.clone(),
        record.change,
    ));
    if named.len() > NAMED {
        named.pop_last();
    }
}

fn list(head: String, named: &BTreeSet<Named>, count: u64) -> Vec<String> {
    let line = |(severity, _, region, check, arn, change): &Named| {
        let place = if region == "global" { String::new() } else { format!(" in {}", safe(region)) };
        let change = match change {
            Some(change) if change.is_worse() => format!(" ({})", change.as_str()),
            _ => String::new(),
        };
        format!("  {:<8}  {}  {}{place}{change}", severity.0.as_str(), safe(check), safe(arn))
    };
    let mut lines = vec![head];
    lines.extend(named.iter().map(line));
    let more = count.saturating_sub(named.len() as u64);
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::change::tests::{accepted, record};
    use super::*;
    use Severity::{Critical, High, Low, Medium};

    fn gate(rules: Rules, records: &[Record]) -> (Ending, String) {
        let mut gate = Gate::new(rules);
        records.iter().for_each(|record| gate.add(record));
        (ending(gate.counts(), None, false), gate.reason().join("\n"))
    }

    fn of(status: Status, severity: Severity, change: Option<Change>) -> Record {
        Record { severity, change, ..record("arn:a", status) }
    }

    #[test]
    fn the_severity_decides() {
        let plain = |fail_on| Rules::new(fail_on, false, false, None);
        let fails = [of(Status::Fail, Medium, None)];
        assert_eq!(gate(plain(Some(High)), &fails).0, Ending::Clean);
        assert_eq!(gate(plain(Some(Medium)), &fails).0, Ending::Failed);
        assert_eq!(gate(plain(None), &fails).0, Ending::Clean);
        assert_eq!(gate(plain(Some(Low)), &[accepted(fails[0].clone())]).0, Ending::Clean);
    }

    #[test]
    fn a_green_gate_tells_what_is_suppressed() {
        let rules = Rules::new(Some(High), false, false, None);
        let one = accepted(of(Status::Fail, High, None));
        let low = accepted(of(Status::Fail, Low, None));
        assert_eq!(
            gate(rules, &[one.clone(), low.clone()]).1,
            "exit 0: 1 failed finding at or above high is suppressed"
        );
        assert_eq!(
            gate(rules, &[one.clone(), one.clone()]).1,
            "exit 0: 2 failed findings at or above high are suppressed"
        );
        assert_eq!(gate(rules, &[low]).1, "");
        let with = Rules { baseline: true, ..rules };
        let known = of(Status::Fail, High, Some(Change::Unchanged));
        assert_eq!(
            gate(with, &[known, one]).1,
            "exit 0: 1 failed finding at or above high in the baseline already (--baseline), 1 suppressed"
        );
    }

    #[test]
    fn unknown_gates_by_its_own_severity() {
        let unknown = [of(Status::Unknown, Medium, Some(Change::Unchanged))];
        let end = |fail_on, allow, from| gate(Rules::new(fail_on, true, allow, from), &unknown).0;
        assert_eq!(end(Some(High), false, None), Ending::Clean);
        assert_eq!(end(Some(Medium), false, None), Ending::Unknown);
        assert_eq!(end(Some(Medium), true, None), Ending::Clean);
        assert_eq!(end(None, false, None), Ending::Clean);
        assert_eq!(end(None, false, Some(Severity::Info)), Ending::Unknown);
        assert_eq!(end(Some(Critical), false, Some(Low)), Ending::Unknown);
        assert_eq!(end(Some(Low), false, Some(High)), Ending::Clean);
    }

    #[test]
    fn a_failure_outranks_unknown_and_an_interruption_outranks_both() {
        let counts = GateCounts { failed: 1, unknown: 1, ..GateCounts::default() };
        assert_eq!(ending(&counts, None, false), Ending::Failed);
        assert_eq!(ending(&counts, Some(Stop::Interrupted), false), Ending::Interrupted);
        assert_eq!(ending(&GateCounts { failed: 0, ..counts }, None, false), Ending::Unknown);
        assert_eq!(ending(&GateCounts::default(), Some(Stop::Interrupted), true), Ending::Interrupted);
        assert_eq!(ending(&GateCounts::default(), Some(Stop::OutOfTime), false), Ending::Unknown);
        assert_eq!(ending(&GateCounts::default(), Some(Stop::OutOfTime), true), Ending::Clean);
    }

    #[test]
    fn only_what_is_unchanged_is_excused_by_a_baseline() {
        let rules = Rules::new(Some(High), true, false, None);
        for change in [None, Some(Change::New), Some(Change::Reopened), Some(Change::Worsened)] {
            assert_eq!(gate(rules, &[of(Status::Fail, High, change)]).0, Ending::Failed, "{change:?}");
        }
        let (end, reason) = gate(rules, &[of(Status::Fail, High, Some(Change::Unchanged))]);
        assert_eq!(end, Ending::Clean);
        assert_eq!(reason, "exit 0: 1 failed finding at or above high in the baseline already (--baseline)");
        let without = Rules { baseline: false, ..rules };
        assert_eq!(gate(without, &[of(Status::Fail, High, Some(Change::Unchanged))]).0, Ending::Failed);
    }

    #[test]
    fn the_worst_are_named_first_and_the_rest_is_counted() {
        let at = |arn: &str, severity| Record {
            severity,
            change: Some(Change::New),
            ..record(&format!("arn:{arn}\u{1b}"), Status::Fail)
        };
        let mut records: Vec<Record> = ["e", "d", "c", "b", "a"].iter().map(|arn| at(arn, High)).collect();
        records.push(at("z", Critical));
        let (_, reason) = gate(Rules::new(Some(High), true, false, None), &records);
        let lines: Vec<&str> = reason.lines().collect();
        assert_eq!(
            lines[0],
            "exit 1: 6 failed findings at or above high are new or worse than in the baseline; 0 more are in it (--fail-on, --baseline)"
        );
        assert_eq!(lines[1], "  critical  ec2_sg_no_open_admin_ports  arn:z\\u{1b} in eu-west-1 (new)");
        assert!(lines[5].contains("arn:d") && lines[6] == "  … and 1 more", "{reason}");
    }
}
