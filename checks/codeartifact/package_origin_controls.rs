//! Can versions of one package come both from its publishers and from outside? Then whoever publishes a higher version of an internal name
//! at a public repository is built into everything.

use super::origins::{Direction, Seen, look};
use crate::prelude::*;
use posture_estate::services::codeartifact::ListedPackage;
use posture_estate::text::{counted, few};

/// Packages of a repository whose versions are looked at, at most.
const MAX_PACKAGES: Setting<i64> = setting!(package_origin_controls.max_packages_asked);

pub async fn probe(at: &Region) -> Outcome {
    let repositories = at.codeartifact().repositories().await?;
    if repositories.is_empty() {
        let none = format!("the account has no CodeArtifact repository in {}", at.name());
        return Ok(vec![Verdict::not_applicable(none).on(at.resource())]);
    }
    let most = usize::try_from(*at.setting(MAX_PACKAGES)).unwrap_or(usize::MAX);
    Ok(each(repositories.iter(), async |repository| {
        let seen = look(at, repository, most).await;
        judge(&repository.label(), seen).on(repository.resource())
    })
    .await)
}

fn judge(repository: &str, seen: Seen) -> Verdict {
    let Seen { open, narrow, left, unseen } = seen;
    let (mut reasons, mut internal, mut external) = (Reasons::new(), Vec::new(), Vec::new());
    unseen.iter().for_each(|gap| reasons.unseen(gap));
    let (asked, mut opened) = (narrow.len(), Vec::new());
    for (package, direction, came) in narrow {
        match (reasons.add(came).map(|came| *came), direction) {
            (Some(true), Direction::FromOutside) => internal.push(package),
            (Some(true), Direction::FromInside) => external.push(package),
            _ => {}
        }
    }
    if let Some(open) = reasons.add(open).filter(|open| !open.is_empty()) {
        let names: Vec<String> = open.iter().map(ListedPackage::label).collect();
        opened.extend(names.iter().cloned());
        let why = format!(
            "in repository {repository} versions may come both from publishers and from upstream: {}",
            few(&names, 5)
        );
        reasons.broken("both_ways_open", why);
    }
    for (slug, packages, why) in [
        ("internal_takes_upstream", internal, "packages that were published internally take versions from upstream"),
        ("external_takes_publishing", external, "packages that came from outside let versions be published"),
    ] {
        if !packages.is_empty() {
            opened.extend(packages.iter().cloned());
            reasons.broken(slug, format!("in repository {repository} {why}: {}", few(&packages, 5)));
        }
    }
    let more = match left {
        0 => String::new(),
        left => format!("; where versions of {} more came from was not asked", counted(left, "package")),
    };
    reasons
        .or_pass(|| {
            format!(
                "repository {repository} takes versions of each package from one side only, {} looked at{more}",
                counted(asked, "package")
            )
        })
        .evidence(json!({ "open": opened, "packages_asked": asked, "packages_left": left }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "codeartifact:ListPackages", GapKind::Denied, "no")
    }

    fn package(name: &str) -> ListedPackage {
        let origin = json!({ "restrictions": { "publish": "ALLOW", "upstream": "ALLOW" } });
        serde_json::from_value(
            json!({ "format": "npm", "namespace": "acme", "package": name, "originConfiguration": origin }),
        )
        .unwrap()
    }

    fn seen(open: &[&str], narrow: Vec<(String, Direction, Answer<bool>)>) -> Seen {
        let open = Ok(Arc::new(open.iter().map(|name| package(name)).collect()));
        Seen { open, narrow, left: 0, unseen: vec![] }
    }

    fn came(direction: Direction, came: bool) -> Vec<(String, Direction, Answer<bool>)> {
        vec![("npm ui".to_owned(), direction, Ok(Arc::new(came)))]
    }

    #[test]
    fn no_package_is_open_both_ways() {
        assert_eq!(judge("a/b", seen(&[], vec![])).status, Status::Pass);
        let verdict = judge("a/b", seen(&["ui"], vec![]));
        assert_eq!(verdict.reasons, ["both_ways_open"]);
        assert!(verdict.message.ends_with("npm @acme/ui"), "{}", verdict.message);
    }

    #[test]
    fn the_open_side_is_the_side_that_versions_came_from() {
        let of = |direction, other| judge("a/b", seen(&[], came(direction, other)));
        assert_eq!(of(Direction::FromOutside, false).status, Status::Pass);
        assert_eq!(of(Direction::FromOutside, true).reasons, ["internal_takes_upstream"]);
        assert_eq!(of(Direction::FromInside, false).status, Status::Pass);
        assert_eq!(of(Direction::FromInside, true).reasons, ["external_takes_publishing"]);
    }

    #[test]
    fn what_was_not_seen_is_unknown_and_a_cap_is_told() {
        assert_eq!(judge("a/b", Seen { open: Err(gap()), ..seen(&[], vec![]) }).status, Status::Unknown);
        assert_eq!(judge("a/b", Seen { unseen: vec![gap()], ..seen(&[], vec![]) }).status, Status::Unknown);
        let denied = vec![("npm ui".to_owned(), Direction::FromInside, Err(gap()))];
        assert_eq!(judge("a/b", seen(&[], denied)).status, Status::Unknown);
        let capped = judge("a/b", Seen { left: 3, ..seen(&[], came(Direction::FromInside, false)) });
        assert_eq!(capped.status, Status::Pass);
        assert!(capped.message.ends_with("of 3 packages more came from was not asked"), "{}", capped.message);
    }
}
