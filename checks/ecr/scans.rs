//! What a scan says of an image, whichever scanner it is.

#[cfg(test)]
use crate::prelude::*;
use posture_estate::services::ecr::ImageScan;
use posture_estate::services::inspector2::ActiveFindings;

/// The severities of findings, worst first. Below them are `UNDEFINED` and `UNTRIAGED`, which no threshold reaches.
const SEVERITIES: [&str; 5] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"];

/// What nobody has weighed yet.
const UNWEIGHED: [&str; 2] = ["UNDEFINED", "UNTRIAGED"];

/// Those at or above a threshold; `None` where it is no severity.
pub(super) fn at_or_above(threshold: &str) -> Option<&'static [&'static str]> {
    let place = SEVERITIES.iter().position(|one| one.eq_ignore_ascii_case(threshold))?;
    Some(&SEVERITIES[..=place])
}

/// Whether a scanner looked at an image.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Looked {
    Yes,
    /// Not, and it will not by itself.
    No(String),
    /// Perhaps, or not yet.
    Untold(String),
}

/// What the state of a scan means.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html>
pub(super) fn looked(scan: Option<&ImageScan>) -> Looked {
    let Some(scan) = scan else { return Looked::No("was never scanned".into()) };
    match scan.status() {
        "COMPLETE" | "ACTIVE" => Looked::Yes,
        "FAILED" => Looked::No("could not be scanned: the scan failed".into()),
        "SCAN_ELIGIBILITY_EXPIRED" => Looked::No("is too old to be scanned any more".into()),
        "LIMIT_EXCEEDED" => Looked::No("was not scanned: the limit of scans was reached".into()),
        "IN_PROGRESS" | "PENDING" => Looked::Untold("is being scanned".into()),
        "UNSUPPORTED_IMAGE" => Looked::Untold("is of a kind that the scanner does not read".into()),
        other => Looked::Untold(format!("has a scan of which nothing is known, {other}")),
    }
}

/// How many findings of the severities that count a scan has, as `2 CRITICAL, 1 HIGH`.
///
/// # Errors
/// Why it cannot be told.
pub(super) fn counted(scan: &ImageScan, wanted: &[&str]) -> Result<Option<String>, String> {
    let Some(counts) = scan.counts() else { return Err("has no result of its scan yet".into()) };
    let of = |severity: &&str| counts.get(*severity).copied().filter(|count| *count > 0);
    let found: Vec<String> = wanted.iter().filter_map(|one| Some(format!("{} {one}", of(one)?))).collect();
    let known = |severity: &str| SEVERITIES.contains(&severity) || UNWEIGHED.contains(&severity);
    match counts.keys().find(|severity| !known(severity)) {
        Some(new) if found.is_empty() => Err(format!("has findings of a severity that is not known, {new}")),
        _ => Ok(Some(found.join(", ")).filter(|found| !found.is_empty())),
    }
}

/// The same of what Amazon Inspector found on the image with this digest.
///
/// # Errors
/// Why it cannot be told: more was found than was read.
pub(super) fn inspected(findings: &ActiveFindings, digest: &str, wanted: &[&str]) -> Result<Option<String>, String> {
    let here = |kind: &str| {
        let on_it = findings.findings.iter().filter(|one| one.severity == kind);
        on_it
            .filter(|one| one.resources.iter().any(|on| on.image().is_some_and(|image| image.image_hash == digest)))
            .count()
    };
    let found: Vec<String> = wanted
        .iter()
        .map(|one| (here(one), one))
        .filter(|(n, _)| *n > 0)
        .map(|(n, one)| format!("{n} {one}"))
        .collect();
    match found.is_empty() {
        true if findings.more => Err("may have findings beyond those of Amazon Inspector that were read".into()),
        true => Ok(None),
        false => Ok(Some(found.join(", "))),
    }
}

#[cfg(test)]
pub(super) fn scan(status: &str, findings: &serde_json::Value) -> ImageScan {
    serde_json::from_value(json!({ "imageScanStatus": { "status": status }, "imageScanFindings": findings })).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_takes_in_what_is_worse() {
        assert_eq!(at_or_above("high"), Some(&["CRITICAL", "HIGH"][..]));
        assert_eq!(at_or_above("CRITICAL"), Some(&["CRITICAL"][..]));
        assert_eq!(at_or_above("severe"), None);
    }

    #[test]
    fn a_scan_that_failed_or_is_pending_or_was_never_made_is_no_look() {
        // semantics 167
        let of = |status: &str| looked(Some(&scan(status, &json!({}))));
        assert_eq!((of("COMPLETE"), of("ACTIVE")), (Looked::Yes, Looked::Yes));
        assert!(matches!(looked(None), Looked::No(_)));
        for status in ["FAILED", "SCAN_ELIGIBILITY_EXPIRED", "LIMIT_EXCEEDED"] {
            assert!(matches!(of(status), Looked::No(_)), "{status}");
        }
        for status in ["IN_PROGRESS", "PENDING", "UNSUPPORTED_IMAGE", "FINDINGS_UNAVAILABLE", "IMAGE_ARCHIVED", "NEW"] {
            assert!(matches!(of(status), Looked::Untold(_)), "{status}");
        }
    }

    #[test]
    fn counts_are_of_the_severities_that_are_wanted() {
        let of = |counts: serde_json::Value| {
            counted(&scan("COMPLETE", &json!({ "findingSeverityCounts": counts })), &["CRITICAL", "HIGH"])
        };
        assert_eq!(of(json!({ "HIGH": 2, "CRITICAL": 1, "LOW": 9 })), Ok(Some("1 CRITICAL, 2 HIGH".into())));
        assert_eq!(of(json!({ "MEDIUM": 2, "HIGH": 0, "UNDEFINED": 3 })), Ok(None));
        assert!(of(json!({ "DIRE": 1 })).is_err());
        assert!(of(json!({})).is_err(), "neither a count nor an end");
        let ended = scan("COMPLETE", &json!({ "imageScanCompletedAt": "2026-03-01T00:00:00Z" }));
        assert_eq!(counted(&ended, &["HIGH"]), Ok(None));
    }

    #[test]
    fn inspectors_findings_are_those_of_the_digest() {
        let on = |digest: &str, severity: &str| {
            json!({ "findingArn": "arn", "severity": severity, "firstObservedAt": "2026-03-01T00:00:00Z", "resources": [{
                "type": "AWS_ECR_CONTAINER_IMAGE", "id": "id",
                "details": { "awsEcrContainerImage": { "repositoryName": "shop", "imageHash": digest } } }] })
        };
        let found = |all: &[serde_json::Value], more: bool| {
            let findings = all.iter().map(|one| serde_json::from_value(one.clone()).unwrap()).collect();
            inspected(&ActiveFindings { findings, more }, "sha256:a", &["CRITICAL", "HIGH"])
        };
        assert_eq!(
            found(&[on("sha256:a", "HIGH"), on("sha256:a", "HIGH"), on("sha256:b", "CRITICAL")], false),
            Ok(Some("2 HIGH".into()))
        );
        assert_eq!(found(&[on("sha256:b", "HIGH")], false), Ok(None));
        assert!(found(&[on("sha256:b", "HIGH")], true).is_err(), "there are more");
        assert_eq!(found(&[on("sha256:a", "HIGH")], true), Ok(Some("1 HIGH".into())));
    }
}
