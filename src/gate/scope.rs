//! What a scan looked at. Only within it does a finding that is not there any more mean something.

use crate::record::{AccountStatus, Record};
use crate::report::Head;
use posture_estate::finding::Status;
use posture_estate::text::safe;
use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What became of a failed or unknown finding that the later scan does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Vanished {
    /// Its resource is gone, or its check does not judge it any more.
    Gone,
    /// The later scan could not see it.
    Unseen,
    /// The later scan did not look there.
    NotScanned,
}

/// The accounts, regions and checks of a scan, and where it was blind.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub accounts: BTreeSet<String>,
    unreachable: BTreeSet<String>,
    /// Account and region, of accounts that say in which regions they were scanned.
    looked: BTreeSet<(String, String)>,
    /// Account and region.
    lost: BTreeSet<(String, String)>,
    /// Accounts that do not say so: the regions of the scan hold for them.
    everywhere: BTreeSet<String>,
    pub regions: BTreeSet<String>,
    pub checks: BTreeSet<String>,
    /// Account, check, region (or `global`) where a check is unknown as a whole.
    blind: BTreeSet<(String, String, String)>,
    /// What a check is unknown on, by [`subject`].
    unknown: HashSet<u64>,
}

/// An account, a check and a resource, small enough to keep for tens of thousands.
pub(super) fn subject(account: &str, check: &str, arn: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (account, check, arn).hash(&mut hasher);
    hasher.finish()
}

impl Scope {
    /// Notes a finding; one on the account itself that is unknown stands for all that its check could not list, and one on a
    /// resource for all parts of it.
    pub fn see(&mut self, record: &Record) {
        if record.status == Status::Unknown {
            self.unknown.insert(subject(&record.account_id, &record.check_id, &record.resource.arn));
        }
        if record.status == Status::Unknown && record.resource.kind == "AWS::::Account" {
            let check = record.check_id.clone().into_owned();
            self.blind.insert((record.account_id.clone(), check, record.region.clone()));
        }
    }

    /// Adds what the head says.
    #[must_use]
    pub fn of(mut self, head: &Head) -> Scope {
        let scan = &head.scan;
        let seen = |status| matches!(status, AccountStatus::Scanned | AccountStatus::Partly);
        for account in &scan.accounts {
            self.accounts.insert(account.id.clone());
            if !seen(account.status) {
                self.unreachable.insert(account.id.clone());
            }
            if account.regions.is_empty() {
                self.everywhere.insert(account.id.clone());
            }
            let looked = account.regions.iter().map(|region| (account.id.clone(), region.name.clone()));
            self.looked.extend(looked);
            let lost = account.regions.iter().filter(|region| !seen(region.status));
            self.lost.extend(lost.map(|region| (account.id.clone(), region.name.clone())));
        }
        self.regions.extend(scan.regions.iter().cloned());
        self.checks.extend(scan.checks.iter().cloned());
        self
    }

    /// Why a finding of this place, on this [`subject`], is not there.
    pub fn vanished(&self, account: &str, region: &str, check: &str, subject: u64) -> Vanished {
        if !self.accounts.contains(account) || !self.checks.contains(check) {
            return Vanished::NotScanned;
        }
        let looked = region == "global"
            || self.looked.contains(&(account.to_owned(), region.to_owned()))
            || (self.everywhere.contains(account) && self.regions.contains(region));
        if !looked {
            return Vanished::NotScanned;
        }
        let blind = |region: &str| self.blind.contains(&(account.to_owned(), check.to_owned(), region.to_owned()));
        let lost = self.lost.contains(&(account.to_owned(), region.to_owned()));
        if lost
            || self.unreachable.contains(account)
            || blind(region)
            || blind("global")
            || self.unknown.contains(&subject)
        {
            return Vanished::Unseen;
        }
        Vanished::Gone
    }
}

/// How an earlier scan differs from a later one in what it looked at, as clauses; `older` is how to call it.
pub(super) fn differences(older: &str, before: &Head, after: &Head) -> Vec<String> {
    let (a, b) = (Scope::default().of(before), Scope::default().of(after));
    let mut all = Vec::new();
    if !before.scan.complete {
        all.push(format!("{older} is of a scan that did not come to its end"));
    }
    let missing = |what: &str, a: &BTreeSet<String>, b: &BTreeSet<String>| {
        let missing: Vec<&str> = b.difference(a).map(String::as_str).collect();
        (!missing.is_empty()).then(|| format!("{older} has no {what} {}", few(&missing)))
    };
    all.extend(missing("account", &a.accounts, &b.accounts));
    all.extend(missing("region", &a.regions, &b.regions));
    let unseen: Vec<&str> = a.unreachable.intersection(&b.accounts).map(String::as_str).collect();
    if before.scan.complete && !unseen.is_empty() {
        all.push(format!("{older} could not see account {}", few(&unseen)));
    }
    all.extend(missing("check", &a.checks, &b.checks));
    all
}

/// That two scans were judged by different catalogues, settings or severities.
pub(super) fn other_rules(older: &str, before: &Head, after: &Head) -> Vec<String> {
    let settings = before.scan.settings != after.scan.settings || before.scan.severities != after.scan.severities;
    let settings = settings.then(|| format!("{older} was judged with other settings or severities"));
    other_catalogue(older, before, after).into_iter().chain(settings).collect()
}

fn other_catalogue(older: &str, before: &Head, after: &Head) -> Option<String> {
    let version = |head: &Head| safe(&format!("{} {}", head.tool.name, head.tool.version)).into_owned();
    let (old, new) = (version(before), version(after));
    let who = if old == new { format!("another build of {new}") } else { old };
    let differs = before.tool.catalogue != after.tool.catalogue;
    differs.then(|| format!("{older} was judged by another catalogue, that of {who}"))
}

/// "a, b, c and 4 more".
fn few(names: &[&str]) -> String {
    const MOST: usize = 3;
    let names: Vec<String> = names.iter().map(|name| safe(name).into_owned()).collect();
    match names.len().saturating_sub(MOST) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..MOST].join(", ")),
    }
}
