//! Do rules take the assumption of emergency roles, and changes of what builds and deploys?

use super::watching::{Watching, takes, watching};
use crate::prelude::*;
use posture_estate::emergency::{deploy_roles, emergency_roles};
use posture_estate::services::events::pattern::{EventSample, PatternMatch};
use posture_estate::services::events::samples::EventPlace;
use posture_estate::services::iam::details::AuthorizationDetails;
use posture_estate::text::few;

/// Names, parts of paths, and tags of emergency roles, in lower case and without separators.
const EMERGENCY_NAMES: Setting<Patterns> = setting!(watches_breakglass_and_pipelines.emergency_names);

/// Names of roles that deploy, in lower case and without separators.
const DEPLOY_NAMES: Setting<Patterns> = setting!(watches_breakglass_and_pipelines.deploy_names);

/// Events that a message names.
const NAMED: usize = 3;

/// Something to watch: the slug of its not being watched, and the events that tell of it.
type Watched = (&'static str, Vec<EventSample>);

pub async fn probe(at: &Region) -> Outcome {
    let (details, pipelines, projects) =
        join!(at.account().iam().authorization_details(), at.codepipeline().pipelines(), at.codebuild().projects());
    let scene = EventPlace { account: at.account_id(), region: at.name() };
    let mut reasons = Reasons::new();
    let mut watched: Vec<Watched> = Vec::new();
    if let Some(details) = reasons.add(details) {
        watched.extend(by_roles(at, scene, &details));
    }
    if reasons.add(pipelines).is_some_and(|all| !all.is_empty()) {
        watched.push(("pipelines_not_watched", vec![scene.pipeline_change()]));
    }
    if reasons.add(projects).is_some_and(|all| !all.is_empty()) {
        watched.push(("projects_not_watched", vec![scene.project_change()]));
    }
    if watched.is_empty() {
        let why =
            format!("in {} there is no emergency role, pipeline, build project or deploy role to watch", at.name());
        let verdict = if reasons.is_empty() { Verdict::not_applicable(why) } else { reasons.open() };
        return Ok(vec![verdict.on(at.resource())]);
    }
    let samples: Vec<&EventSample> = watched.iter().flat_map(|(_, samples)| samples).collect();
    let (rules, brought) = join!(watching(at, &samples), at.account().cloudtrail().brings_calls(at.name()));
    let rules = rules?;
    if reasons.add(brought) == Some(false) {
        let none = "no trail that is on records management events";
        reasons.broken("no_trail", format!("{none} in {}, so that EventBridge gets no calls there", at.name()));
    }
    Ok(vec![judge(at.name(), &watched, &rules, reasons).on(at.resource())])
}

/// What roles there are to watch; changes of roles show in one Region only.
fn by_roles(at: &Region, scene: EventPlace<'_>, details: &AuthorizationDetails) -> Vec<Watched> {
    let now = at.now().secs();
    let emergency = emergency_roles(details, at.setting(EMERGENCY_NAMES), at.partition(), now);
    let deploying = match scene.has_iam_events() {
        true => deploy_roles(details, at.setting(DEPLOY_NAMES), now),
        false => Vec::new(),
    };
    let all = [
        ("emergency_not_watched", emergency.iter().flat_map(|role| role.uses(scene)).collect::<Vec<_>>()),
        ("deploy_roles_not_watched", deploying.into_iter().flat_map(|role| scene.role_changes(role)).collect()),
    ];
    all.into_iter().filter(|(_, samples)| !samples.is_empty()).collect()
}

fn judge(region: &str, watched: &[Watched], rules: &[Watching], mut reasons: Reasons) -> Verdict {
    let mut seen = 0;
    for (slug, samples) in watched {
        let mut missed: Vec<&str> = Vec::new();
        for sample in samples {
            match takes(sample, rules) {
                PatternMatch::Yes => seen += 1,
                PatternMatch::No => missed.push(&sample.what),
                PatternMatch::Perhaps(why) => {
                    reasons.doubt(format!("whether a rule in {region} takes {} is not known: {why}", sample.what));
                }
            }
        }
        if !missed.is_empty() {
            reasons.broken(slug, format!("no rule in {region} takes {}", few(&missed, NAMED)));
        }
    }
    for gap in rules.iter().filter_map(|(_, targets)| targets.as_ref().err()) {
        reasons.unseen(gap);
    }
    reasons.or_pass(|| match seen {
        0 => String::new(),
        _ => format!("rules in {region} take every assumption and change that is to be watched"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    const SCENE: EventPlace<'static> = EventPlace { account: "111122223333", region: "us-east-1" };
    const ROLE: &str = "arn:aws:iam::111122223333:role/break-glass";

    fn rule(pattern: &serde_json::Value, targets: Result<bool, Gap>) -> Watching {
        let rule = json!({"Name": "r", "Arn": "a", "State": "ENABLED", "EventPattern": pattern.to_string()});
        (serde_json::from_value(rule).unwrap(), targets)
    }

    fn of(watched: &[Watched], rules: &[Watching]) -> Verdict {
        judge("us-east-1", watched, rules, Reasons::new())
    }

    fn emergency() -> Watched {
        ("emergency_not_watched", vec![SCENE.assumption(ROLE, "AssumeRole")])
    }

    #[test]
    fn each_thing_to_watch_is_watched() {
        let on = |source: &str| rule(&json!({ "source": [source] }), Ok(true));
        for (watched, source, slug) in [
            (emergency(), "aws.sts", "emergency_not_watched"),
            (("pipelines_not_watched", vec![SCENE.pipeline_change()]), "aws.codepipeline", "pipelines_not_watched"),
            (("projects_not_watched", vec![SCENE.project_change()]), "aws.codebuild", "projects_not_watched"),
            (("deploy_roles_not_watched", SCENE.role_changes("deploy")), "aws.iam", "deploy_roles_not_watched"),
        ] {
            let watched = [watched];
            assert_eq!(of(&watched, &[on(source)]).status, Status::Pass, "{slug}");
            assert_eq!(of(&watched, &[on("aws.ec2")]).reasons, [slug]);
            assert_eq!(of(&watched, &[]).reasons, [slug]);
        }
        let some = json!({"source": ["aws.iam"], "detail": {"eventName": ["PutRolePolicy"]}});
        let deploy = [("deploy_roles_not_watched", SCENE.role_changes("deploy"))];
        assert_eq!(of(&deploy, &[rule(&some, Ok(true))]).status, Status::Fail, "a role is changed in more ways");
    }

    #[test]
    fn a_rule_has_to_start_something() {
        let sts = |targets| [rule(&json!({"source": ["aws.sts"]}), targets)];
        assert_eq!(of(&[emergency()], &sts(Ok(false))).status, Status::Fail);
        let gap = Gap::new("1", "us-east-1", "events:ListTargetsByRule", GapKind::Denied, "no");
        assert_eq!(of(&[emergency()], &sts(Err(gap))).status, Status::Unknown);
    }

    #[test]
    fn a_rule_on_something_that_is_not_known_is_unknown() {
        let named =
            json!({"source": ["aws.codepipeline"], "detail": {"requestParameters": {"pipeline": {"name": ["shop"]}}}});
        let watched = [("pipelines_not_watched", vec![SCENE.pipeline_change()])];
        assert_eq!(of(&watched, &[rule(&named, Ok(true))]).status, Status::Unknown);
        let other =
            json!({"source": ["aws.sts"], "detail": {"requestParameters": {"roleArn": [{"suffix": ":role/app"}]}}});
        assert_eq!(of(&[emergency()], &[rule(&other, Ok(true))]).reasons, ["emergency_not_watched"]);
    }
}
