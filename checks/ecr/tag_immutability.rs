//! Can a tag be moved to another image? With exclusions it can for the tags that they name, and those have to be known.

use super::per_repository;
use crate::prelude::*;
use posture_estate::services::ecr::EcrRepository;
use posture_policy::Pattern;

/// Tags that may move.
const MUTABLE_TAGS: Setting<Patterns> = setting!(tag_immutability.mutable_tags);

pub async fn probe(at: &Region) -> Outcome {
    let known = at.setting(MUTABLE_TAGS);
    per_repository(at, |repository| async move { Ok(judge(&repository, known)) }).await
}

fn judge(repository: &EcrRepository, known: &Patterns) -> Verdict {
    let name = &repository.name;
    let filters = &repository.image_tag_mutability_exclusion_filters;
    let listed = || filters.iter().map(|one| one.filter.as_str()).collect::<Vec<_>>().join(", ");
    match repository.image_tag_mutability.as_str() {
        "IMMUTABLE" => Verdict::pass(format!("tags of repository {name} cannot be moved")),
        "MUTABLE" => Verdict::fail("tags_mutable", format!("tags of repository {name} can be moved to other images")),
        "MUTABLE_WITH_EXCLUSION" => Verdict::fail(
            "tags_mutable",
            format!("tags of repository {name} can be moved to other images, all but {}", listed()),
        ),
        "IMMUTABLE_WITH_EXCLUSION" if filters.is_empty() => {
            Verdict::undecided(format!("some tags of repository {name} can be moved, and which is not said"))
        }
        "IMMUTABLE_WITH_EXCLUSION" => excluded(repository, known),
        other => Verdict::undecided(format!("repository {name} has a tag mutability that is not known, {other}")),
    }
}

fn excluded(repository: &EcrRepository, known: &Patterns) -> Verdict {
    let name = &repository.name;
    let (mut reasons, mut may) = (Reasons::new(), Vec::new());
    for one in &repository.image_tag_mutability_exclusion_filters {
        let excluded = Pattern::wild(&one.filter, false);
        if one.filter_type != "WILDCARD" {
            reasons.doubt(format!("repository {name} excludes tags in a way that is not known, {}", one.filter_type));
        } else if known.texts().any(|text| Pattern::wild(text, false).covers(&excluded)) {
            may.push(one.filter.as_str());
        } else {
            reasons.broken(
                "undocumented_exclusion",
                format!("tags {} of repository {name} can be moved, and no setting lists them", one.filter),
            );
        }
    }
    reasons
        .or_pass(|| format!("tags of repository {name} cannot be moved, but for {}, which are listed", may.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::repository;

    fn of(mutability: &str, filters: &[&str], known: &[&str]) -> Verdict {
        let filters: Vec<_> = filters.iter().map(|one| json!({ "filterType": "WILDCARD", "filter": one })).collect();
        let more = json!({ "imageTagMutability": mutability, "imageTagMutabilityExclusionFilters": filters });
        judge(&repository(&more), &Patterns::parse(known).unwrap())
    }

    #[test]
    fn tags_that_move_fail_and_those_that_stay_pass() {
        assert_eq!(of("IMMUTABLE", &[], &[]).status, Status::Pass);
        assert_eq!(of("MUTABLE", &[], &[]).reasons, ["tags_mutable"]);
        assert_eq!(of("MUTABLE_WITH_EXCLUSION", &["v*"], &[]).reasons, ["tags_mutable"], "the rest still moves");
        assert_eq!(of("FROZEN", &[], &[]).status, Status::Unknown);
    }

    #[test]
    fn only_documented_exclusions_pass() {
        let with = |filters: &[&str], known: &[&str]| of("IMMUTABLE_WITH_EXCLUSION", filters, known);
        assert_eq!(with(&["latest"], &[]).reasons, ["undocumented_exclusion"]);
        assert_eq!(with(&["latest"], &["latest"]).status, Status::Pass);
        assert_eq!(with(&["dev-*", "latest"], &["dev-*"]).status, Status::Fail, "each has to be known");
        assert_eq!(with(&["dev-1*"], &["dev-*"]).status, Status::Pass, "a part of what is known");
        assert_eq!(with(&["d*"], &["dev-*"]).status, Status::Fail, "more than is known");
        assert_eq!(with(&[], &[]).status, Status::Unknown);
        let filter = json!([{ "filterType": "REGEX", "filter": "latest" }]);
        let more =
            json!({ "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION", "imageTagMutabilityExclusionFilters": filter });
        assert_eq!(judge(&repository(&more), &Patterns::parse(&["latest"]).unwrap()).status, Status::Unknown);
    }
}
