//! Does GuardDuty watch what runs: clusters, functions, instances, and the volumes of those that behave badly?

use super::protections::{Guard, on, resource};
use crate::prelude::*;
use posture_estate::services::guardduty::Detector;

/// Features that are off by decision.
const LEFT_OFF: Setting<[String]> = setting!(compute_protections_enabled.left_off);

const FEATURES: &[(&str, &str)] = &[
    ("EKS audit log monitoring", "EKS_AUDIT_LOGS"),
    ("protection of Lambda", "LAMBDA_NETWORK_LOGS"),
    ("malware protection of EC2", "EBS_MALWARE_PROTECTION"),
];
const RUNTIME: (&str, &str) = ("GuardDuty's Runtime Monitoring", "RUNTIME_MONITORING");
/// The older feature, which knows only EKS.
const EKS_RUNTIME: &str = "EKS_RUNTIME_MONITORING";
const EKS_AGENT: (&str, &str) = ("the Runtime Monitoring agent on EKS", "EKS_ADDON_MANAGEMENT");
const OTHER_AGENTS: &[(&str, &str)] = &[
    ("the Runtime Monitoring agent on ECS Fargate", "ECS_FARGATE_AGENT_MANAGEMENT"),
    ("the Runtime Monitoring agent on EC2", "EC2_AGENT_MANAGEMENT"),
];

pub async fn probe(at: &Region) -> Outcome {
    let verdict = match Guard::look(at).await? {
        Guard::On(id, detector) => {
            return Ok(vec![judge(at.name(), &detector, at.setting(LEFT_OFF)).on(resource(at, &id))]);
        }
        Guard::Off(slug, why) => Verdict::fail(slug, format!("{why}, so nothing that runs there is watched")),
        Guard::Untold(why) => Verdict::undecided(why),
    };
    Ok(vec![verdict.on(at.resource())])
}

fn judge(region: &str, detector: &Detector, meant: &[String]) -> Verdict {
    let mut reasons = Reasons::new();
    let mut at_work = Vec::new();
    for &feature in FEATURES {
        if on("feature_off", feature, detector.feature(feature.1), meant, &mut reasons) {
            at_work.push(feature.1);
        }
    }
    let by = if detector.feature(RUNTIME.1) == Some("ENABLED") { RUNTIME.1 } else { EKS_RUNTIME };
    if by == EKS_RUNTIME && detector.feature(EKS_RUNTIME) == Some("ENABLED") {
        // EKS is watched by the older feature; the rest is what the newer one is for.
        at_work.push(EKS_RUNTIME);
    }
    if on("runtime_monitoring_off", RUNTIME, detector.feature(RUNTIME.1), meant, &mut reasons) {
        at_work.push(RUNTIME.1);
        for &agent in OTHER_AGENTS {
            on("agents_not_managed", agent, detector.agent(RUNTIME.1, agent.1), meant, &mut reasons);
        }
    }
    if detector.feature(by) == Some("ENABLED") {
        on("agents_not_managed", EKS_AGENT, detector.agent(by, EKS_AGENT.1), meant, &mut reasons);
    }
    reasons
        .or_pass(|| match at_work.is_empty() {
            true => format!("GuardDuty watches nothing that runs in {region}, by decision"),
            false => format!("GuardDuty watches what runs in {region}: {}", at_work.join(", ")),
        })
        .evidence(json!({ "on": at_work, "left_off": meant }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn agent(name: &str, status: &str) -> Value {
        json!({ "Name": name, "Status": status })
    }

    fn all_agents() -> Vec<Value> {
        ["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"]
            .map(|name| agent(name, "ENABLED"))
            .to_vec()
    }

    /// All on, with one change.
    fn with(name: &str, status: &str, agents: &[Value]) -> Detector {
        let features: Vec<Value> =
            ["EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "EBS_MALWARE_PROTECTION", "RUNTIME_MONITORING"]
                .map(|one| {
                    let status = if one == name { status } else { "ENABLED" };
                    match one {
                        "RUNTIME_MONITORING" => {
                            json!({ "Name": one, "Status": status, "AdditionalConfiguration": agents })
                        }
                        _ => json!({ "Name": one, "Status": status }),
                    }
                })
                .to_vec();
        serde_json::from_value(json!({ "Status": "ENABLED", "Features": features })).unwrap()
    }

    fn of(detector: &Detector, meant: &[&str]) -> Verdict {
        let meant: Vec<String> = meant.iter().map(|&one| one.to_owned()).collect();
        judge("eu-west-1", detector, &meant)
    }

    #[test]
    fn each_feature_counts() {
        assert_eq!(of(&with("", "", &all_agents()), &[]).status, Status::Pass);
        for feature in ["EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "EBS_MALWARE_PROTECTION"] {
            let off = with(feature, "DISABLED", &all_agents());
            assert_eq!(of(&off, &[]).reasons, ["feature_off"], "{feature}");
            assert_eq!(of(&off, &[feature]).status, Status::Pass, "{feature} is off by decision");
            assert_eq!(of(&with(feature, "SOMETHING_NEW", &all_agents()), &[]).status, Status::Unknown);
        }
        let off = with("RUNTIME_MONITORING", "DISABLED", &[]);
        assert_eq!(of(&off, &[]).reasons, ["runtime_monitoring_off"]);
        assert_eq!(of(&off, &["RUNTIME_MONITORING"]).status, Status::Pass);
        assert_eq!(of(&Detector { status: "ENABLED".into(), ..Detector::default() }, &[]).status, Status::Unknown);
    }

    #[test]
    fn runtime_monitoring_needs_its_agents() {
        for missing in ["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"] {
            let mut agents = all_agents();
            agents.retain(|agent| agent["Name"] != missing);
            assert_eq!(of(&with("", "", &agents), &[]).status, Status::Unknown, "{missing} is not told");
            agents.push(agent(missing, "DISABLED"));
            assert_eq!(of(&with("", "", &agents), &[]).reasons, ["agents_not_managed"], "{missing}");
            assert_eq!(of(&with("", "", &agents), &[missing]).status, Status::Pass, "{missing} is off by decision");
        }
    }

    #[test]
    fn the_older_feature_watches_eks_only() {
        let older = |agent_status: &str| -> Detector {
            let mut detector = with("RUNTIME_MONITORING", "DISABLED", &[]);
            let agents = [agent("EKS_ADDON_MANAGEMENT", agent_status)];
            let feature =
                json!({ "Name": "EKS_RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": agents });
            detector.features.get_or_insert_default().push(serde_json::from_value(feature).unwrap());
            detector
        };
        assert_eq!(of(&older("ENABLED"), &[]).reasons, ["runtime_monitoring_off"], "ECS and EC2 are not watched");
        assert_eq!(of(&older("ENABLED"), &["RUNTIME_MONITORING"]).status, Status::Pass);
        assert_eq!(of(&older("DISABLED"), &["RUNTIME_MONITORING"]).reasons, ["agents_not_managed"]);
    }

    #[test]
    fn a_decision_on_everything_is_told() {
        let names = ["EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "EBS_MALWARE_PROTECTION", "RUNTIME_MONITORING"];
        let off = names.map(|name| json!({ "Name": name, "Status": "DISABLED" }));
        let off: Detector = serde_json::from_value(json!({ "Status": "ENABLED", "Features": off })).unwrap();
        assert!(of(&off, &names).message.contains("by decision"));
        assert_eq!(of(&off, &names[..3]).reasons, ["runtime_monitoring_off"]);
    }
}
