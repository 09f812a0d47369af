//! An opt-in region that is on must be wanted or used. "Used" is decided by a few account-wide lists, the cheapest first, and the search
//! ends at the first thing that is found; a list that could not be read never counts as empty.

use super::region_use::Found;
use crate::prelude::*;

/// Opt-in regions that the owner wants on even when they are empty.
const ALLOWED_REGIONS: Setting<Patterns> = setting!(optin_regions_justified.allowed_regions);

pub async fn probe(at: &Account) -> Outcome {
    let regions = at.account_management().list_regions().await?;
    let (off, rest): (Vec<_>, Vec<_>) = regions.iter().filter(|r| !r.is_default()).partition(|r| r.is_off());
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

fn judge_off(off: &[&str]) -> Verdict {
    if off.is_empty() {
        return Verdict::not_applicable("no opt-in region is off");
    }
    let (are, regions) = if off.len() == 1 { ("is", "region") } else { ("are", "regions") };
    Verdict::pass(format!("{} opt-in {regions} {are} off", off.len())).evidence(json!({ "off": off }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_that_are_off_are_counted() {
        assert_eq!(judge_off(&["me-south-1"]).status, Status::Pass);
        assert_eq!(judge_off(&[]).status, Status::NotApplicable);
    }
}
