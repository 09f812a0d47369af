//! What instances of a Region are launched from: launch templates, launch configurations that a group uses, and Spot Fleet requests with
//! parameters of their own.

use crate::prelude::*;
use posture_estate::services::autoscaling::LaunchConfiguration;
use posture_estate::services::ec2::launch::{Launch, starts_instances};
use std::collections::{BTreeMap, BTreeSet};

/// What one resource starts instances with.
pub(super) struct Source {
    pub resource: Resource,
    pub launches: Vec<Launch>,
    /// Whether it can say anything of the metadata service.
    pub settable: bool,
}

/// Every template, with its default and its latest version.
pub(super) async fn templates(at: &Region) -> Result<Vec<Source>, Gap> {
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

/// Those that a group uses.
pub(super) async fn configurations(at: &Region) -> Result<Vec<Source>, Gap> {
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

/// Those that still start instances.
pub(super) async fn spot_fleets(at: &Region) -> Result<Vec<Source>, Gap> {
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
