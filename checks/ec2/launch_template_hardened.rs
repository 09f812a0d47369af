//! Would the next instance be hardened? The default and the latest version of every launch template, launch configurations that a group uses, and
//! Spot Fleet requests that bring their own parameters.

use super::launches::{Surroundings, judge_address, judge_disks, judge_tokens};
use crate::prelude::*;
use posture_estate::services::autoscaling::LaunchConfiguration;
use posture_estate::services::ec2::launch::{Launch, starts_instances};
use std::collections::{BTreeMap, BTreeSet};

/// Templates, launch configurations and requests whose instances may have a public address.
const MAY_BE_PUBLIC: Setting<Resources> = setting!(launch_template_hardened.may_be_public);

/// What one resource starts instances with.
struct Source {
    resource: Resource,
    launches: Vec<Launch>,
    /// Whether it can say anything of the metadata service.
    settable: bool,
}

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
        return Ok(vec![Verdict::not_applicable("there is nothing that instances are launched from").on(at.resource())]);
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
    let mut reasons = Reasons::new();
    for launch in &source.launches {
        let mut of_launch = Reasons::new();
        if source.settable {
            judge_tokens(&mut of_launch, launch, around);
        }
        judge_address(&mut of_launch, launch, may_be_public);
        judge_disks(&mut of_launch, launch, around);
        let verdict = of_launch.or_pass(|| "is hardened".to_owned());
        reasons.join(Verdict { message: format!("{}: {}", launch.what, verdict.message), ..verdict });
    }
    let names: Vec<&str> = source.launches.iter().map(|launch| launch.what.as_str()).collect();
    let tokens = if source.settable { "IMDSv2 is required, " } else { "" };
    let address = if source.launches.iter().any(|launch| launch.public) { "the public address is listed" } else { "no public address is assigned" };
    reasons.or_pass(|| format!("{}: {tokens}{address} and volumes are encrypted", names.join(" and ")))
}

async fn templates(at: &Region) -> Result<Vec<Source>, Gap> {
    let versions = at.ec2().launch_template_versions().await?;
    let mut by_id: BTreeMap<&str, Source> = BTreeMap::new();
    for version in versions.iter() {
        let new = || Source { resource: at.ec2().launch_template(version), launches: Vec::new(), settable: true };
        let source = by_id.entry(version.launch_template_id().unwrap_or_default()).or_insert_with(new);
        let launch = Launch::of_template(version);
        // One that is both is there twice.
        if !source.launches.contains(&launch) {
            source.launches.push(launch);
        }
    }
    Ok(by_id.into_values().collect())
}

async fn configurations(at: &Region) -> Result<Vec<Source>, Gap> {
    let all = at.autoscaling().launch_configurations().await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let groups = at.autoscaling().groups().await?;
    let used: BTreeSet<&str> = groups.iter().filter_map(|group| group.launch_configuration()).collect();
    let source = |one: &LaunchConfiguration| Source {
        resource: at.autoscaling().launch_configuration_resource(one),
        launches: vec![Launch::of_configuration(one)],
        settable: true,
    };
    Ok(all.iter().filter(|one| used.contains(one.name.as_str())).map(source).collect())
}

async fn spot_fleets(at: &Region) -> Result<Vec<Source>, Gap> {
    let requests = at.ec2().spot_fleet_requests().await?;
    let source = |request| {
        let resource = at.ec2().spot_fleet(request);
        let specifications = request.spot_fleet_request_config().map(|config| config.launch_specifications());
        let launches: Vec<Launch> =
            specifications.unwrap_or_default().iter().map(|one| Launch::of_spot_fleet(&resource.id, one)).collect();
        (!launches.is_empty()).then_some(Source { resource, launches, settable: false })
    };
    Ok(requests.iter().filter(|request| starts_instances(request)).filter_map(source).collect())
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
