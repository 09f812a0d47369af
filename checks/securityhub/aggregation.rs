//! Does Security Hub draw all Regions together, and is the organization configured as one?

use crate::prelude::*;
use posture_estate::services::securityhub::{Aggregation, SecurityHubOrganization};

/// Whether the aggregator takes in all Regions of the scan.
pub(super) fn linked(
    answer: Answer<Aggregation>,
    home: &str,
    in_scope: &[String],
    enabled: Result<Vec<String>, Gap>,
    reasons: &mut Reasons,
) {
    let Some(aggregator) = reasons.add(answer) else { return };
    let (mut apart, mut unsure) = (Vec::new(), false);
    // It is about the organization, whichever Regions the scan looks at.
    let mut regions = in_scope.to_vec();
    match enabled {
        Ok(enabled) => regions.extend(enabled.into_iter().filter(|region| !in_scope.contains(region))),
        Err(_) if aggregator.links_every_region() => {}
        Err(gap) => reasons.unseen(&gap),
    }
    for region in regions.iter().filter(|region| *region != home) {
        match aggregator.links(region) {
            Some(true) => {}
            Some(false) => apart.push(region.as_str()),
            None => unsure = true,
        }
    }
    if !apart.is_empty() {
        reasons.broken("regions_left_out", format!("the finding aggregator in {home} leaves out {}", apart.join(", ")));
    }
    if unsure {
        reasons.doubt(format!("which Regions the finding aggregator in {home} links is not said"));
    }
}

/// Whether one configuration covers the organization.
pub(super) fn covered(answer: Answer<SecurityHubOrganization>, home: &str, reasons: &mut Reasons) {
    let Some(answer) = reasons.add(answer) else { return };
    if answer.member_account_limit_reached == Some(true) {
        reasons.broken(
            "member_limit_reached",
            "the administrator has as many members as it may have: new accounts are not covered",
        );
    }
    let configuration = answer.organization_configuration.clone().unwrap_or_default();
    match configuration.configuration_type.as_deref() {
        Some("CENTRAL") => match configuration.status.as_deref() {
            Some("ENABLED") => {}
            Some("FAILED") => reasons.broken("central_configuration_failed", "central configuration has failed"),
            Some("DISABLED") => reasons.doubt("central configuration is off: policies of AWS Organizations manage Security Hub, and they are not looked at"),
            _ => reasons.doubt("central configuration is not in force yet"),
        },
        Some("LOCAL") => {
            let new = if answer.auto_enable == Some(true) {
                "new accounts are enabled there only"
            } else {
                "new accounts are not enabled"
            };
            reasons.broken(
                "configured_locally",
                format!("each account and Region is configured by itself; in {home} {new}"),
            );
        }
        _ => reasons.doubt("how Security Hub is configured for the organization is not said"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::securityhub::Central;

    fn regions() -> Vec<String> {
        ["eu-west-1", "us-east-1"].map(str::to_owned).to_vec()
    }

    fn links_of(mode: &str, listed: &[&str], in_scope: usize, enabled: Result<Vec<String>, Gap>) -> Status {
        let listed = listed.iter().map(|&one| one.to_owned()).collect();
        let answer = Aggregation { region_linking_mode: mode.into(), regions: listed };
        let mut reasons = Reasons::new();
        linked(Ok(Arc::new(answer)), "eu-west-1", &regions()[..in_scope], enabled, &mut reasons);
        reasons.or_pass(|| "linked".into()).status
    }

    fn links(mode: &str, listed: &[&str]) -> Status {
        links_of(mode, listed, 2, Ok(regions()))
    }

    fn gap() -> Gap {
        let (call, kind) = ("account:ListRegions", posture_estate::finding::GapKind::Denied);
        Gap::new("111122223333", "global", call, kind, "no")
    }

    #[test]
    fn every_enabled_region_is_linked_whichever_the_scan_looks_at() {
        // semantics 136
        for in_scope in [1, 2] {
            assert_eq!(links_of("NO_REGIONS", &[], in_scope, Ok(regions())), Status::Fail);
            assert_eq!(links_of("SPECIFIED_REGIONS", &["us-west-2"], in_scope, Ok(regions())), Status::Fail);
            assert_eq!(links_of("SPECIFIED_REGIONS", &["us-east-1"], in_scope, Ok(regions())), Status::Pass);
        }
        assert_eq!(links_of("SPECIFIED_REGIONS", &["us-east-1"], 2, Err(gap())), Status::Unknown);
        assert_eq!(links_of("ALL_REGIONS", &[], 1, Err(gap())), Status::Pass);
        assert_eq!(links("ALL_REGIONS", &[]), Status::Pass);
        assert_eq!(links("SPECIFIED_REGIONS", &["us-east-1"]), Status::Pass);
        assert_eq!(links("SPECIFIED_REGIONS", &["us-west-2"]), Status::Fail);
        assert_eq!(links("ALL_REGIONS_EXCEPT_SPECIFIED", &["us-east-1"]), Status::Fail);
        assert_eq!(links("NO_REGIONS", &[]), Status::Fail);
        assert_eq!(links("SOME", &[]), Status::Unknown);
    }

    #[test]
    fn one_configuration_covers_the_organization() {
        let of = |kind: Option<&str>, status: Option<&str>| {
            let (configuration_type, status) = (kind.map(str::to_owned), status.map(str::to_owned));
            let central = Some(Central { configuration_type, status });
            let answer = SecurityHubOrganization { organization_configuration: central, ..Default::default() };
            let mut reasons = Reasons::new();
            covered(Ok(Arc::new(answer)), "eu-west-1", &mut reasons);
            reasons.or_pass(|| "covered".into()).status
        };
        assert_eq!(of(Some("CENTRAL"), Some("ENABLED")), Status::Pass);
        assert_eq!(of(Some("CENTRAL"), Some("FAILED")), Status::Fail);
        assert_eq!(of(Some("CENTRAL"), Some("PENDING")), Status::Unknown);
        assert_eq!(of(Some("CENTRAL"), Some("DISABLED")), Status::Unknown);
        assert_eq!(of(Some("LOCAL"), None), Status::Fail);
        assert_eq!(of(None, None), Status::Unknown);
    }
}
