//! An opt-in region that is on must be wanted or used. "Used" is decided by a few account-wide lists, the cheapest first, and the search
//! ends at the first thing that is found; a list that could not be read never counts as empty.

use crate::prelude::*;
use posture_estate::services::account::ListedRegion;

/// Opt-in regions that the owner wants on even when they are empty.
const ALLOWED_REGIONS: Setting<Patterns> = setting!(optin_regions_justified.allowed_regions);

pub async fn probe(at: &Account) -> Outcome {
    let regions = at.account_management().list_regions().await?;
    let (off, rest): (Vec<_>, Vec<_>) = regions.iter().filter(|r| !is_default(r)).partition(|r| is_off(r));
    let mut off: Vec<&str> = off.into_iter().map(|region| region.region_name.as_str()).collect();
    off.sort_unstable();
    let mut findings = each(rest, |region| async move {
        let name = region.region_name.as_str();
        let verdict = match region.region_opt_status.as_str() {
            "ENABLED" | "ENABLING" => judge_enabled(at, name).await,
            status => Verdict::undecided(format!("region {name} has the opt-in status {status}")),
        };
        verdict.sub(name).on(at.resource().region(name))
    })
    .await;
    findings.push(judge_off(&off).on(at.resource()));
    Ok(findings)
}

async fn judge_enabled(at: &Account, region: &str) -> Verdict {
    if at.setting(ALLOWED_REGIONS).matches(region) {
        return Verdict::pass(format!("region {region} is on the list of allowed regions"));
    }
    let mut found = Found::new(region);
    match at.s3().buckets().await {
        Ok(buckets) => {
            found.count("bucket", buckets.iter().filter(|bucket| bucket.region() == Some(region)).count());
            if buckets.iter().any(|bucket| bucket.region().is_none()) {
                found.doubt("a bucket's region is not known");
            }
        }
        Err(gap) => found.unseen(&gap),
    }
    if found.any() {
        return found.verdict();
    }
    if !at.in_scope(region) {
        found.doubt("the region is not among the scanned ones, so nothing else was looked at");
        return found.verdict();
    }
    let estate = at.region(region);
    found.answer(
        "VPC that is not the default one",
        estate.ec2().vpcs().await.map(|all| all.iter().filter(|v| v.is_default() == Some(false)).count()),
    );
    if !found.any() {
        found.answer("network interface", estate.ec2().network_interfaces().await.map(|all| all.len()));
    }
    if !found.any() {
        found.answer("volume", estate.ec2().volumes().await.map(|all| all.len()));
    }
    found.verdict()
}

/// What was looked for in a region, and what came of it.
struct Found<'a> {
    region: &'a str,
    looked: Vec<&'static str>,
    first: Option<(&'static str, usize)>,
    reasons: Reasons,
}

impl<'a> Found<'a> {
    fn new(region: &'a str) -> Self {
        Found { region, looked: Vec::new(), first: None, reasons: Reasons::new() }
    }

    fn any(&self) -> bool {
        self.first.is_some()
    }

    fn count(&mut self, what: &'static str, count: usize) {
        self.looked.push(what);
        if count > 0 && self.first.is_none() {
            self.first = Some((what, count));
        }
    }

    fn answer(&mut self, what: &'static str, count: Result<usize, Gap>) {
        match count {
            Ok(count) => self.count(what, count),
            Err(gap) => self.unseen(&gap),
        }
    }

    fn unseen(&mut self, gap: &Gap) {
        self.reasons.unseen(gap);
    }

    fn doubt(&mut self, why: &str) {
        self.reasons.doubt(format!("region {} may be empty: {why}", self.region));
    }

    /// One thing is enough to pass; only if every list came and all were empty is the region empty.
    fn verdict(self) -> Verdict {
        let region = self.region;
        if let Some((what, count)) = self.first {
            let message = format!("region {region} is opted in and holds at least one {what}");
            return Verdict::pass(message).evidence(json!({ "found": what, "count": count }));
        }
        if !self.reasons.is_empty() {
            return self.reasons.open();
        }
        let looked = self.looked.join(", no ");
        Verdict::fail(
            "region_empty",
            format!(
                "region {region} is opted in, is not on the list of allowed regions and holds no {looked}; other services were not looked at"
            ),
        )
    }
}

fn judge_off(off: &[&str]) -> Verdict {
    if off.is_empty() {
        return Verdict::not_applicable("no opt-in region is off");
    }
    let (are, regions) = if off.len() == 1 { ("is", "region") } else { ("are", "regions") };
    Verdict::pass(format!("{} opt-in {regions} {are} off", off.len())).evidence(json!({ "off": off }))
}

fn is_default(region: &ListedRegion) -> bool {
    region.region_opt_status == "ENABLED_BY_DEFAULT"
}

fn is_off(region: &ListedRegion) -> bool {
    ["DISABLED", "DISABLING"].contains(&region.region_opt_status.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "me-south-1", "ec2:DescribeVpcs", GapKind::Denied, "no")
    }

    #[test]
    fn anything_found_justifies_the_region() {
        let mut found = Found::new("me-south-1");
        found.count("bucket", 0);
        found.unseen(&gap());
        found.count("network interface", 2);
        let verdict = found.verdict();
        assert_eq!(verdict.status, Status::Pass);
        assert!(verdict.message.contains("network interface"));
    }

    #[test]
    fn an_empty_region_fails_and_says_what_was_looked_at() {
        let mut found = Found::new("me-south-1");
        found.count("bucket", 0);
        found.count("volume", 0);
        let verdict = found.verdict();
        assert_eq!(verdict.status, Status::Fail);
        assert!(verdict.message.contains("no bucket, no volume"), "{}", verdict.message);
    }

    #[test]
    fn what_was_not_seen_is_not_empty() {
        let mut found = Found::new("me-south-1");
        found.count("bucket", 0);
        found.answer("volume", Err(gap()));
        assert_eq!(found.verdict().status, Status::Unknown);
        let mut found = Found::new("me-south-1");
        found.doubt("a bucket's region is not known");
        assert_eq!(found.verdict().status, Status::Unknown);
    }

    #[test]
    fn regions_are_sorted_by_their_status() {
        let region = |status: &str| ListedRegion { region_name: "x".into(), region_opt_status: status.into() };
        assert!(is_default(&region("ENABLED_BY_DEFAULT")));
        assert!(is_off(&region("DISABLED")) && is_off(&region("DISABLING")));
        for on in ["ENABLED", "ENABLING", "NEW"] {
            assert!(!is_off(&region(on)) && !is_default(&region(on)));
        }
        assert_eq!(judge_off(&["me-south-1"]).status, Status::Pass);
        assert_eq!(judge_off(&[]).status, Status::NotApplicable);
    }
}
