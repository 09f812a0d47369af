//! The regions of an account: which there are, which are on, and which are meant.

use crate::arn::looks_like_region;
use crate::aws::credentials::SessionError;
use crate::finding::Gap;
use crate::place::Account;
use crate::text::closest;
use globset::GlobBuilder;

/// Without a configured region, the partition is told by the regions that were asked for.
pub fn guess_home(wanted: &[String]) -> String {
    let partition = match wanted.first() {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    home_of(partition, "")
}

/// Where a partition's global services are asked: IAM, Account Management and S3 Control's account settings work from
/// every region, and these are on in every account.
pub fn home_of(partition: &str, configured: &str) -> String {
    match partition {
        "aws-cn" => "cn-north-1".to_owned(),
        "aws-us-gov" => "us-gov-west-1".to_owned(),
        "aws" => "us-east-1".to_owned(),
        _ => configured.to_owned(),
    }
}

/// Every region of the partition and whether the account has it enabled.
pub async fn known_regions(account: &Account) -> Result<Vec<(String, bool)>, Gap> {
    let first = match account.account_management().list_regions().await {
        Ok(regions) => {
            // What is being switched on or off still answers for what is in it.
            let known = regions.iter().map(|one| (one.region_name.clone(), one.region_opt_status != "DISABLED"));
            let known: Vec<_> = known.collect();
            if known.iter().any(|(_, enabled)| *enabled) {
                return Ok(known);
            }
            account.account_management().malformed("global", "ListRegions", "the answer lists no enabled region")
        }
        Err(gap) => gap,
    };
    match account.ec2().describe_regions().await {
        Ok(regions) if !regions.is_empty() => Ok((*regions).clone()),
        _ => Err(first),
    }
}

/// Regions to scan.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub regions: Vec<String>,
    /// Why there may be more.
    pub gap: Option<Gap>,
    /// Asked for by name, and off.
    pub not_enabled: Vec<String>,
}

/// The regions to scan. When the list could not be read, those that were named literally (or the home region) are
/// scanned, and the gap says that there may be more.
pub fn choose_regions(
    known: Result<Vec<(String, bool)>, Gap>,
    wanted: &[String],
    partition: &str,
    home: &str,
) -> Result<Chosen, SessionError> {
    let (known, gap) = match known {
        Ok(known) => (known, None),
        Err(gap) => (Vec::new(), Some(gap)),
    };
    let (mut chosen, mut not_enabled): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for pattern in wanted {
        let glob = GlobBuilder::new(pattern)
            .build()
            .map_err(|error| SessionError::Region(format!("region {pattern:?}: {}", error.kind())))?
            .compile_matcher();
        let is_glob = pattern.contains(['*', '?', '[', '{']);
        if gap.is_some() {
            if is_glob || !looks_like_region(pattern) {
                return Err(SessionError::Region(format!(
                    "region {pattern:?} cannot be resolved, the regions of the account could not be listed; name regions in full, such as {home}"
                )));
            }
            chosen.push(pattern.clone());
            continue;
        }
        let matching: Vec<&(String, bool)> = known.iter().filter(|(name, _)| glob.is_match(name)).collect();
        let enabled: Vec<String> = matching.iter().filter(|(_, on)| *on).map(|(name, _)| name.clone()).collect();
        if matching.is_empty() {
            let near = closest(&pattern.to_lowercase(), known.iter().map(|(name, _)| name.as_str()));
            return Err(SessionError::Region(format!("no region {pattern:?} in partition {partition}{near}")));
        }
        if enabled.is_empty() {
            not_enabled.extend(matching.iter().map(|(name, _)| name.clone()));
        }
        chosen.extend(enabled);
    }
    if wanted.is_empty() {
        chosen = known.iter().filter(|(_, on)| *on).map(|(name, _)| name.clone()).collect();
        if chosen.is_empty() {
            chosen.push(home.to_owned());
        }
    }
    chosen.sort();
    chosen.dedup();
    // Regions that were named in full do not depend on the list.
    let gap = gap.filter(|_| wanted.is_empty());
    not_enabled.sort();
    not_enabled.dedup();
    Ok(Chosen { regions: chosen, gap, not_enabled })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::GapKind;

    fn known() -> Result<Vec<(String, bool)>, Gap> {
        Ok([("us-east-1", true), ("eu-west-1", true), ("ap-east-1", false)].map(|(n, e)| (n.to_owned(), e)).to_vec())
    }

    fn choose(wanted: &[&str]) -> Result<Chosen, SessionError> {
        let wanted: Vec<String> = wanted.iter().map(|&name| name.to_owned()).collect();
        choose_regions(known(), &wanted, "aws", "us-east-1")
    }

    #[test]
    fn regions_are_chosen_by_glob_and_only_when_enabled() {
        assert_eq!(choose(&[]).unwrap().regions, ["eu-west-1", "us-east-1"]);
        assert_eq!(choose(&["eu-*"]).unwrap().regions, ["eu-west-1"]);
        assert!(choose(&["us-east-9"]).unwrap_err().to_string().contains("did you mean \"us-east-1\""));
        assert!(choose(&["US-EAST-1"]).unwrap_err().to_string().contains("did you mean \"us-east-1\""));
        let off = choose(&["ap-east-1"]).unwrap();
        assert_eq!((off.regions.len(), off.not_enabled), (0, vec!["ap-east-1".to_owned()]));
    }

    #[test]
    fn an_unreadable_list_of_regions_is_a_gap_unless_regions_are_named() {
        // semantics 37
        let gap = Gap::new("111122223333", "global", "account:ListRegions", GapKind::Denied, "no");
        let Chosen { regions, gap: left, .. } = choose_regions(Err(gap.clone()), &[], "aws", "us-east-1").unwrap();
        assert_eq!((regions, left), (vec!["us-east-1".to_owned()], Some(gap.clone())));
        let named = choose_regions(Err(gap.clone()), &["eu-west-1".into()], "aws", "us-east-1").unwrap();
        let Chosen { regions, gap: left, .. } = named;
        assert_eq!((regions, left), (vec!["eu-west-1".to_owned()], None));
        assert!(choose_regions(Err(gap), &["eu-*".into()], "aws", "us-east-1").is_err());
    }
}
