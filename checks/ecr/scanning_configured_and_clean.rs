//! Is each repository scanned without anybody's doing, and is its newest image free of grave findings? The registry's rules decide about
//! the first, before the repository's own switch.

use super::per_repository;
use super::scans::{Looked, at_or_above, counted, inspected, looked};
use crate::prelude::*;
use posture_estate::services::ecr::{EcrRepository, Frequency, RegistryScanning, newest};

/// The least severity that counts.
const THRESHOLD: Setting<str> = setting!(scanning_configured_and_clean.threshold);

pub async fn probe(at: &Region) -> Outcome {
    let threshold = at.setting(THRESHOLD);
    let Some(wanted) = at_or_above(threshold) else {
        return Ok(vec![Verdict::undecided(format!("the threshold {threshold:?} is no severity")).on(at.resource())]);
    };
    per_repository(at, |repository| async move {
        let (registry, newest) = join!(at.ecr().registry_scanning(), clean(at, &repository.name, wanted));
        let mut reasons = Reasons::new();
        let how = reasons.add(registry).and_then(|registry| configured(&repository, &registry, &mut reasons));
        let seen = match newest {
            Err(gap) if gap.is(posture_estate::services::ecr::GONE) => return Err(gap),
            newest => reasons.add(newest).and_then(|state| judge_newest(&repository.name, state, &mut reasons)),
        };
        Ok(reasons.or_pass(|| match (how, seen) {
            (Some(how), Some(seen)) => format!("repository {} is scanned {how}, and {seen}", repository.name),
            _ => String::new(),
        }))
    })
    .await
}

/// How the repository is scanned.
fn configured(repository: &EcrRepository, registry: &RegistryScanning, reasons: &mut Reasons) -> Option<&'static str> {
    let name = &repository.name;
    let mut off =
        |why: &str| reasons.broken("not_scanned", format!("images pushed to repository {name} are not scanned: {why}"));
    match (registry.frequency(name), repository.scan_on_push()) {
        (Ok(Frequency::Continuously), _) => return Some("continuously"),
        (Ok(Frequency::OnPush), _) | (Ok(Frequency::AsTheRepositorySays), Some(true)) => return Some("on push"),
        (Ok(Frequency::AsTheRepositorySays), Some(false)) => off("neither the registry nor the repository asks for it"),
        (Ok(Frequency::Never), _) => off("no rule of the registry names it"),
        (Ok(Frequency::AsTheRepositorySays), None) => {
            reasons.doubt(format!("whether repository {name} scans on push is not said"))
        }
        (Err(why), _) => reasons.doubt(format!("whether repository {name} is scanned cannot be told: {why}")),
    }
    None
}

/// What is known of the newest image.
enum Newest {
    NoImage,
    Scanned { called: String, looked: Looked, found: Result<Option<String>, String> },
}

async fn clean(at: &Region, repository: &str, wanted: &[&str]) -> Result<Newest, Gap> {
    let images = at.ecr().images(repository).await?;
    let Some(image) = newest(&images) else { return Ok(Newest::NoImage) };
    let scan = at.ecr().image_scan(repository, &image.digest).await?;
    let looked = looked(scan.there());
    let mut found = scan.there().map_or(Ok(None), |scan| counted(scan, wanted));
    if looked == Looked::Yes && at.ecr().registry_scanning().await?.is_enhanced() {
        // Inspector knows what was suppressed or closed. The image's own counts stand where it has too many findings to read, and on the
        // first day, when it may not have said all yet.
        let findings = at.inspector2().active_findings(wanted).await?;
        found = match inspected(&findings, &image.digest, wanted) {
            Err(_) => found,
            Ok(None) if days(&image.pushed, at.now()) < 1 => found,
            told => told,
        };
    }
    Ok(Newest::Scanned { called: image.called().to_owned(), looked, found })
}

fn judge_newest(repository: &str, newest: Newest, reasons: &mut Reasons) -> Option<String> {
    let Newest::Scanned { called, looked, found } = newest else { return Some("has no image yet".into()) };
    let image = format!("the newest image of repository {repository}, {called},");
    match (looked, found) {
        (Looked::No(why), _) => reasons.broken("newest_not_scanned", format!("{image} {why}")),
        (Looked::Untold(why), _) | (Looked::Yes, Err(why)) => reasons.doubt(format!("{image} {why}")),
        (Looked::Yes, Ok(Some(found))) => reasons.broken("grave_findings", format!("{image} has {found} findings")),
        (Looked::Yes, Ok(None)) => return Some(format!("its newest image, {called}, has no finding that counts")),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::repository;

    fn configured_as(registry: serde_json::Value, on_push: serde_json::Value) -> Status {
        let repository = repository(&json!({ "imageScanningConfiguration": { "scanOnPush": on_push } }));
        let registry: RegistryScanning = serde_json::from_value(registry).unwrap();
        let mut reasons = Reasons::new();
        let how = configured(&repository, &registry, &mut reasons);
        reasons.or_pass(|| how.unwrap_or_default().to_owned()).status
    }

    #[test]
    fn the_registry_decides_before_the_repository() {
        // semantics 46
        let rules = |kind: &str, frequency: &str, filter: &str| json!({ "scanType": kind, "rules": [{ "scanFrequency": frequency, "repositoryFilters": [{ "filter": filter, "filterType": "WILDCARD" }] }] });
        let none = json!({ "scanType": "BASIC", "rules": [] });
        assert_eq!(configured_as(none.clone(), json!(true)), Status::Pass);
        assert_eq!(configured_as(none.clone(), json!(false)), Status::Fail);
        assert_eq!(configured_as(none, json!(null)), Status::Unknown);
        assert_eq!(configured_as(rules("BASIC", "SCAN_ON_PUSH", "*"), json!(false)), Status::Pass);
        assert_eq!(configured_as(rules("BASIC", "SCAN_ON_PUSH", "other"), json!(true)), Status::Fail, "by hand");
        assert_eq!(configured_as(rules("ENHANCED", "CONTINUOUS_SCAN", "*"), json!(false)), Status::Pass);
        assert_eq!(configured_as(rules("ENHANCED", "CONTINUOUS_SCAN", "other"), json!(true)), Status::Fail, "off");
        assert_eq!(configured_as(rules("DEEP", "CONTINUOUS_SCAN", "*"), json!(true)), Status::Unknown);
    }

    #[test]
    fn the_newest_image_is_clean_when_it_was_scanned_and_nothing_grave_was_found() {
        let of = |looked: Looked, found: Result<Option<String>, String>| {
            let mut reasons = Reasons::new();
            let seen = judge_newest("shop", Newest::Scanned { called: "1.0".into(), looked, found }, &mut reasons);
            let verdict = reasons.or_pass(|| seen.unwrap_or_default());
            (verdict.status, verdict.reasons)
        };
        assert_eq!(of(Looked::Yes, Ok(None)).0, Status::Pass);
        assert_eq!(of(Looked::Yes, Ok(Some("1 HIGH".into()))), (Status::Fail, vec!["grave_findings"]));
        assert_eq!(of(Looked::Yes, Err("more".into())).0, Status::Unknown);
        assert_eq!(of(Looked::No("never".into()), Ok(None)), (Status::Fail, vec!["newest_not_scanned"]));
        assert_eq!(of(Looked::Untold("pending".into()), Ok(None)).0, Status::Unknown);
        assert_eq!(judge_newest("shop", Newest::NoImage, &mut Reasons::new()).as_deref(), Some("has no image yet"));
    }
}
