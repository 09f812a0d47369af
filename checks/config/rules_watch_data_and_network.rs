//! Does something watch, in each Region, what data and the network need: rules of AWS Config, or a standard of Security Hub, which watches all
//! of it?

use crate::prelude::*;
use aws_sdk_config::types::ConfigRule;
use posture_estate::services::config::watched::{WATCHED, Watched, is_active, is_own};
use posture_estate::services::securityhub::{EnabledStandard, Upkeep};
use posture_estate::text::few;

pub async fn probe(at: &Region) -> Outcome {
    let (rules, standards) = join!(at.config().config_rules(), standards(at));
    Ok(vec![judge(at.name(), rules, standards).on(at.resource())])
}

/// None where Security Hub is off.
async fn standards(at: &Region) -> Answer<Vec<EnabledStandard>> {
    match at.securityhub().hub().await?.as_ref() {
        Some(_) => at.securityhub().enabled_standards().await,
        None => Ok(Arc::default()),
    }
}

fn judge(region: &str, rules: Answer<Vec<ConfigRule>>, standards: Answer<Vec<EnabledStandard>>) -> Verdict {
    let mut reasons = Reasons::new();
    let all = WATCHED.iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
    let standards = reasons.add(standards);
    let mut judging = standards.iter().flat_map(|all| all.iter());
    if let Some(standard) = judging.find(|one| one.upkeep() == Upkeep::Current && one.standards_status == "READY") {
        let (name, version) = standard.name_and_version().unwrap_or(("a standard", ""));
        return Verdict::pass(format!("controls of {name} {version} in Security Hub watch {all} in {region}"));
    }
    let Some(rules) = reasons.add(rules) else { return reasons.open() };
    if unwatched(&rules, Some(true)).is_empty() {
        return Verdict::pass(format!("active rules of Config watch {all} in {region}"));
    }
    left_open(region, &rules, &mut reasons);
    reasons.open()
}

/// What no rule watches that is active, or whose state is `or`.
fn unwatched(rules: &[ConfigRule], or: Option<bool>) -> Vec<&'static str> {
    let counts = |rule: &ConfigRule| is_active(rule) == Some(true) || is_active(rule) == or;
    let watched = |one: &&Watched| rules.iter().any(|rule| one.is_watched_by(rule) && counts(rule));
    WATCHED.iter().filter(|one| !watched(one)).map(|one| one.name).collect()
}

fn left_open(region: &str, rules: &[ConfigRule], reasons: &mut Reasons) {
    let open = unwatched(rules, Some(true)).join(", ");
    let own = rules.iter().filter(|rule| is_own(rule) && is_active(rule) != Some(false));
    let own: Vec<&str> = own.filter_map(|rule| rule.config_rule_name()).collect();
    if !own.is_empty() {
        reasons.doubt(format!(
            "no managed rule of Config in {region} watches {open}; what rules of one's own watch does not show: {}",
            few(&own, 5)
        ));
    } else if unwatched(rules, None).is_empty() {
        reasons.doubt(format!("whether the rules of Config in {region} that watch {open} are active is not told"));
    } else if reasons.is_empty() {
        let none = format!("neither a rule of Config nor a standard of Security Hub watches {open} in {region}");
        reasons.broken("not_watched", none);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_config::types::{ConfigRuleState, Owner, Source};
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "config:DescribeConfigRules", GapKind::Denied, "no")
    }

    fn rule(identifier: &str, owner: Owner, state: Option<ConfigRuleState>) -> ConfigRule {
        let source = Source::builder().owner(owner).source_identifier(identifier).build().unwrap();
        ConfigRule::builder()
            .config_rule_name(identifier.to_lowercase())
            .source(source)
            .set_config_rule_state(state)
            .build()
    }

    fn managed(identifier: &str) -> ConfigRule {
        rule(identifier, Owner::Aws, Some(ConfigRuleState::Active))
    }

    const FOUR: [&str; 4] = [
        "ENCRYPTED_VOLUMES",
        "S3_BUCKET_SSL_REQUESTS_ONLY",
        "INCOMING_SSH_DISABLED",
        "S3_BUCKET_PUBLIC_READ_PROHIBITED",
    ];

    fn of(rules: Vec<ConfigRule>) -> Verdict {
        judge("eu-west-1", Ok(Arc::new(rules)), Ok(Arc::default()))
    }

    fn standard(name: &str, status: &str) -> Answer<Vec<EnabledStandard>> {
        let standards_arn = format!("arn:aws:securityhub:eu-west-1::standards/{name}");
        Ok(Arc::new(vec![EnabledStandard { standards_arn, standards_status: status.into() }]))
    }

    #[test]
    fn each_of_the_four_is_watched_by_a_rule() {
        assert_eq!(of(FOUR.map(managed).into()).status, Status::Pass);
        for left_out in FOUR {
            let others = FOUR.iter().filter(|one| **one != left_out).map(|one| managed(one)).collect();
            assert_eq!(of(others).reasons, ["not_watched"], "{left_out}");
        }
        assert_eq!(of(vec![]).reasons, ["not_watched"]);
        assert_eq!(of(vec![managed("IAM_PASSWORD_POLICY")]).reasons, ["not_watched"]);
    }

    #[test]
    fn only_active_rules_count_and_what_is_not_told_is_unknown() {
        let with =
            |state: Option<ConfigRuleState>| of(FOUR.iter().map(|one| rule(one, Owner::Aws, state.clone())).collect());
        assert_eq!(with(Some(ConfigRuleState::Evaluating)).status, Status::Pass);
        for gone in [ConfigRuleState::Deleting, ConfigRuleState::DeletingResults] {
            assert_eq!(with(Some(gone)).reasons, ["not_watched"]);
        }
        assert_eq!(with(None).status, Status::Unknown);
        assert_eq!(with(Some(ConfigRuleState::from("RESTING"))).status, Status::Unknown, "a state that is not known");
        let own = rule(
            "arn:aws:lambda:eu-west-1:111122223333:function:check",
            Owner::CustomLambda,
            Some(ConfigRuleState::Active),
        );
        assert_eq!(of(vec![own.clone()]).status, Status::Unknown, "it may watch anything");
        let mut all = FOUR.map(managed).to_vec();
        all.push(own);
        assert_eq!(of(all).status, Status::Pass);
        assert_eq!(judge("eu-west-1", Err(gap()), Ok(Arc::default())).status, Status::Unknown);
        assert_eq!(judge("eu-west-1", Ok(Arc::default()), Err(gap())).status, Status::Unknown);
        assert_eq!(judge("eu-west-1", Ok(Arc::new(FOUR.map(managed).into())), Err(gap())).status, Status::Pass);
    }

    #[test]
    fn a_current_standard_watches_all_of_it() {
        let with = |name: &str, status: &str| judge("eu-west-1", Ok(Arc::default()), standard(name, status)).status;
        assert_eq!(with("aws-foundational-security-best-practices/v/1.0.0", "READY"), Status::Pass);
        assert_eq!(with("cis-aws-foundations-benchmark/v/5.0.0", "READY"), Status::Pass);
        assert_eq!(with("cis-aws-foundations-benchmark/v/1.2.0", "READY"), Status::Fail);
        assert_eq!(with("aws-foundational-security-best-practices/v/1.0.0", "FAILED"), Status::Fail);
        let ready = standard("aws-foundational-security-best-practices/v/1.0.0", "READY");
        assert_eq!(judge("eu-west-1", Err(gap()), ready).status, Status::Pass);
    }
}
