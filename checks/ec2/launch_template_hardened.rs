//! Would the next instance be hardened? The default and the latest version of every launch template, launch configurations that a group uses, and
//! Spot Fleet requests that bring their own parameters.

use super::launch_sources::{Source, configurations, spot_fleets, templates};
use super::launches::{Surroundings, judge_address, judge_disks, judge_tokens};
use crate::prelude::*;
use posture_estate::services::ec2::launch::Launch;

/// Templates, launch configurations and requests whose instances may have a public address.
const MAY_BE_PUBLIC: Setting<Resources> = setting!(launch_template_hardened.may_be_public);

pub async fn probe(at: &Region) -> Outcome {
    let mut findings = Vec::new();
    let mut sources = Vec::new();
    let (templates, configurations, requests) = join!(templates(at), configurations(at), spot_fleets(at));
    for (part, answer) in
        [("launch-templates", templates), ("launch-configurations", configurations), ("spot-fleet-requests", requests)]
    {
        match answer {
            Ok(some) => sources.extend(some),
            Err(gap) => findings.push(Verdict::unseen(&gap).sub(part).on(at.resource())),
        }
    }
    if sources.is_empty() && findings.is_empty() {
        return Ok(vec![
            Verdict::not_applicable("there is nothing that instances are launched from").on(at.resource()),
        ]);
    }
    let of = |settable: bool| -> Vec<&Launch> {
        sources.iter().filter(|source| source.settable == settable).flat_map(|source| &source.launches).collect()
    };
    let around = Surroundings::of(at, &of(true), &of(false)).await;
    let judged = sources.iter().map(|source| {
        let listed = at.setting(MAY_BE_PUBLIC).has(&source.resource);
        judge(source, &around, listed).on(source.resource.clone())
    });
    findings.extend(judged);
    Ok(findings)
}

fn judge(source: &Source, around: &Surroundings, may_be_public: bool) -> Verdict {
    let (mut reasons, mut open) = (Reasons::new(), Vec::new());
    for launch in &source.launches {
        let mut of_launch = Reasons::new();
        if source.settable {
            judge_tokens(&mut of_launch, launch, around);
        }
        judge_address(&mut of_launch, launch, may_be_public);
        judge_disks(&mut of_launch, launch, around);
        let verdict = of_launch.or_pass(|| "is hardened".to_owned());
        if verdict.status == Status::Fail {
            open.push(launch.what.as_str());
        }
        reasons.join(Verdict { message: format!("{}: {}", launch.what, verdict.message), ..verdict });
    }
    let names: Vec<&str> = source.launches.iter().map(|launch| launch.what.as_str()).collect();
    let tokens = if source.settable { "IMDSv2 is required, " } else { "" };
    let address = if source.launches.iter().any(|launch| launch.public) {
        "the public address is listed"
    } else {
        "no public address is assigned"
    };
    reasons
        .or_pass(|| format!("{}: {tokens}{address} and volumes are encrypted", names.join(" and ")))
        .evidence(json!({ "open": open }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::InstanceMetadataDefaultsResponse;

    fn around() -> Surroundings {
        Surroundings {
            defaults: Ok(Arc::new(InstanceMetadataDefaultsResponse::builder().build())),
            encrypted_by_default: Ok(Arc::new(true)),
            images: Ok(Arc::default()),
            snapshots: Ok(Arc::default()),
        }
    }

    fn version(number: u8, tokens: &str, public: bool) -> Launch {
        let what = format!("version {number} of launch template web");
        Launch { what, tokens: Some(tokens.into()), public, ..Launch::default() }
    }

    fn of(launches: Vec<Launch>, settable: bool, listed: bool) -> Verdict {
        let resource = Resource::new("arn", "AWS::EC2::LaunchTemplate", "lt-1");
        judge(&Source { resource, launches, settable }, &around(), listed)
    }

    #[test]
    fn each_version_has_to_be_hardened() {
        let good = of(vec![version(1, "required", false), version(2, "required", false)], true, false);
        assert_eq!(good.status, Status::Pass);
        assert!(good.message.starts_with("version 1 of launch template web and version 2"), "{}", good.message);
        let one = of(vec![version(1, "required", false), version(2, "optional", false)], true, false);
        assert_eq!(one.reasons, ["imdsv1_allowed"]);
        assert_eq!(of(vec![version(1, "required", true)], true, false).reasons, ["public_address"]);
        assert_eq!(of(vec![version(1, "required", true)], true, true).status, Status::Pass);
    }

    #[test]
    fn a_spot_fleet_request_cannot_say_anything_of_the_metadata_service() {
        let request = Launch { what: "Spot Fleet request sfr-1".into(), ..Launch::default() };
        assert_eq!(of(vec![request.clone()], false, false).status, Status::Pass);
        assert_eq!(of(vec![request], true, false).status, Status::Unknown);
    }
}
