//! Do the resources of a Region say whose they are and what for? Whoever answers an incident asks that first.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::resourcegroupstaggingapi::TaggedResource;
use posture_estate::text::{counted, few};

/// Keys of the tag that names an owner.
const OWNER: Setting<[String]> = setting!(owner_and_environment.owner_keys);
/// Keys of the tag that names an environment.
const ENVIRONMENT: Setting<[String]> = setting!(owner_and_environment.environment_keys);
/// How many of a hundred resources have both.
const TARGET: Setting<i64> = setting!(owner_and_environment.target_percent);

pub async fn probe(at: &Region) -> Outcome {
    let all = at.resourcegroupstaggingapi().tagged().await?;
    let verdict = judge(&all, at.setting(OWNER), at.setting(ENVIRONMENT), *at.setting(TARGET), at.name());
    Ok(vec![verdict.on(at.resource())])
}

fn judge(all: &[TaggedResource], owner: &[String], environment: &[String], target: i64, region: &str) -> Verdict {
    if all.is_empty() {
        return Verdict::not_applicable(format!("no resource in {region} has or had a tag"));
    }
    let has = |one: &TaggedResource, keys| one.tagged(keys).any(|tag| !tag.value.trim().is_empty());
    let lacking = |keys| -> Vec<&str> { all.iter().filter(|one| !has(one, keys)).map(|one| short(&one.arn)).collect() };
    let (mut reasons, mut shares) = (Reasons::new(), Vec::new());
    for (slug, what, keys) in [("no_owner", "owner", owner), ("no_environment", "environment", environment)] {
        let lacking = lacking(keys);
        let tagged = all.len() - lacking.len();
        // Rounded down, so that the target is reached only where it is.
        let share = tagged * 100 / all.len();
        shares.push(format!("{share} % name their {what}"));
        if i64::try_from(share).is_ok_and(|share| share < target) {
            let why = format!(
                "{tagged} of {} that have or had a tag in {region} name their {what}, less than {target} %: {} do not",
                counted(all.len(), "resource"),
                few(&lacking, 3)
            );
            reasons.broken(slug, why);
        }
    }
    let seen =
        format!("of {} that have or had a tag in {region} {}", counted(all.len(), "resource"), shares.join(" and "));
    reasons.or_pass(|| seen).evidence(json!({ "resources": all.len() }))
}

/// The end of an ARN, `instance/i-1`: Region and account are known.
fn short(arn: &str) -> &str {
    Arn::parse(arn).map_or(arn, |arn| arn.resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &[&[(&str, &str)]]) -> Verdict {
        let all: Vec<TaggedResource> = tags
            .iter()
            .map(|tags| {
                let tags: Vec<_> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
                serde_json::from_value(
                    json!({ "ResourceARN": "arn:aws:sns:eu-west-1:111122223333:orders", "Tags": tags }),
                )
                .unwrap()
            })
            .collect();
        judge(&all, OWNER.default_value(), ENVIRONMENT.default_value(), 50, "eu-west-1")
    }

    const BOTH: &[(&str, &str)] = &[("Owner", "shop"), ("environment", "prod")];

    #[test]
    fn each_tag_reaches_the_target() {
        assert_eq!(of(&[BOTH]).status, Status::Pass);
        assert_eq!(of(&[BOTH, &[]]).status, Status::Pass, "half");
        assert_eq!(of(&[BOTH, &[], &[]]).reasons, ["no_owner", "no_environment"]);
        assert_eq!(of(&[&[("owner", "shop")]]).reasons, ["no_environment"]);
        assert_eq!(of(&[&[("env", "prod")]]).reasons, ["no_owner"]);
        assert_eq!(of(&[&[("owner", " "), ("env", "prod")]]).reasons, ["no_owner"], "an empty tag names nobody");
        assert_eq!(
            of(&[&[("owner", ""), ("team", "shop"), ("env", "prod")]]).status,
            Status::Pass,
            "another names one"
        );
    }

    #[test]
    fn nothing_with_a_tag_is_not_judged() {
        assert_eq!(of(&[]).status, Status::NotApplicable);
    }
}
