//! What future instances are started with: launch templates, Spot Fleet requests and launch configurations, in one form.

use super::{Ec2, pages};
use crate::aws::answer::required;
use crate::finding::{Gap, Resource};
use crate::place::{Answer, Region};
use crate::services::autoscaling::LaunchConfiguration;
use aws_sdk_ec2::types::{
    BatchState, BlockDeviceMapping, Image, InstanceAttributeName, LaunchTemplateVersion, SpotFleetLaunchSpecification,
    SpotFleetRequestConfig,
};
use aws_smithy_types::DateTime;
use std::collections::BTreeSet;

/// One way to start instances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// What it is called in messages: `version 3 of launch template web`.
    pub what: String,
    /// An image id; `None` where whoever launches says, or where it has to be looked up.
    pub image: Option<String>,
    /// Of the metadata service, where it says: `required`, `optional`; `enabled`, `disabled`.
    pub tokens: Option<String>,
    pub endpoint: Option<String>,
    /// Whether an interface of it asks for a public address.
    pub public: bool,
    pub disks: Vec<Disk>,
}

/// What it maps to a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disk {
    pub device: String,
    pub encrypted: Option<bool>,
    pub snapshot: Option<String>,
    /// No volume: what the image maps there is taken out, or an instance store is mapped.
    pub none: bool,
}

/// The disks of an image, overlaid with those of a launch: a device that both name is the launch's, with what it does not say from the
/// image. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html>
pub fn disks_with_image(disks: &[Disk], image: &Image) -> Vec<Disk> {
    let mut all: Vec<Disk> = image.block_device_mappings().iter().map(disk).collect();
    for disk in disks {
        match all.iter_mut().find(|one| one.device == disk.device) {
            Some(one) => {
                let base = std::mem::take(one);
                let own = disk.snapshot.is_some();
                *one = Disk {
                    encrypted: disk.encrypted.or(base.encrypted.filter(|_| !own)),
                    snapshot: disk.snapshot.clone().or(base.snapshot),
                    ..disk.clone()
                };
            }
            None => all.push(disk.clone()),
        }
    }
    all
}

fn disk(mapping: &BlockDeviceMapping) -> Disk {
    Disk::of(mapping.device_name(), mapping.ebs().map(|ebs| (ebs.encrypted(), ebs.snapshot_id())))
}

impl Disk {
    /// `volume` says whether it is encrypted and what it is made from.
    fn of(device: Option<&str>, volume: Option<(Option<bool>, Option<&str>)>) -> Disk {
        Disk {
            device: device.unwrap_or("unnamed").to_owned(),
            encrypted: volume.and_then(|(encrypted, _)| encrypted),
            snapshot: volume.and_then(|(_, snapshot)| snapshot).map(str::to_owned),
            none: volume.is_none(),
        }
    }
}

fn image_id(text: Option<&str>) -> Option<String> {
    text.filter(|id| id.starts_with("ami-")).map(str::to_owned)
}

impl Launch {
    pub fn of_template(version: &LaunchTemplateVersion) -> Launch {
        let name = version.launch_template_name().or(version.launch_template_id()).unwrap_or("unnamed");
        let what = match version.version_number() {
            Some(number) => format!("version {number} of launch template {name}"),
            None => format!("a version of launch template {name}"),
        };
        let Some(data) = version.launch_template_data() else { return Launch { what, ..Launch::default() } };
        let options = data.metadata_options();
        let disks = data.block_device_mappings().iter().map(|mapping| {
            Disk::of(mapping.device_name(), mapping.ebs().map(|ebs| (ebs.encrypted(), ebs.snapshot_id())))
        });
        Launch {
            what,
            image: image_id(data.image_id()),
            tokens: options.and_then(|o| o.http_tokens()).map(|it| it.as_str().to_owned()),
            endpoint: options.and_then(|o| o.http_endpoint()).map(|it| it.as_str().to_owned()),
            public: data.network_interfaces().iter().any(|n| n.associate_public_ip_address() == Some(true)),
            disks: disks.collect(),
        }
    }

    pub fn of_spot_fleet(request: &str, specification: &SpotFleetLaunchSpecification) -> Launch {
        Launch {
            what: format!("request {request} for a Spot Fleet"),
            image: image_id(specification.image_id()),
            public: specification.network_interfaces().iter().any(|n| n.associate_public_ip_address() == Some(true)),
            disks: specification.block_device_mappings().iter().map(disk).collect(),
            ..Launch::default()
        }
    }

    pub fn of_configuration(one: &LaunchConfiguration) -> Launch {
        let disks = one.block_device_mappings.iter().map(|mapping| Disk {
            device: mapping.device_name.clone(),
            encrypted: mapping.ebs.as_ref().and_then(|ebs| ebs.encrypted),
            snapshot: mapping.ebs.as_ref().and_then(|ebs| ebs.snapshot_id.clone()),
            none: mapping.ebs.is_none() || mapping.no_device == Some(true),
        });
        Launch {
            what: format!("launch configuration {}", one.name),
            image: image_id(Some(&one.image_id)),
            tokens: one.metadata_options.as_ref().and_then(|options| options.http_tokens.clone()),
            endpoint: one.metadata_options.as_ref().and_then(|options| options.http_endpoint.clone()),
            public: one.associate_public_ip_address == Some(true),
            disks: disks.collect(),
        }
    }
}

/// Whether the latest and the default version are all that a template can have: numbers grow by one.
pub fn are_all(ends: &[&LaunchTemplateVersion]) -> bool {
    let numbers: BTreeSet<i64> = ends.iter().filter_map(|version| version.version_number()).collect();
    numbers.last().is_some_and(|latest| (1..=*latest).all(|number| numbers.contains(&number)))
}

/// Whether a request still starts instances.
pub fn starts_instances(request: &SpotFleetRequestConfig) -> bool {
    let over = [BatchState::Cancelled, BatchState::CancelledRunning, BatchState::CancelledTerminatingInstances, BatchState::Failed];
    request.spot_fleet_request_state().is_none_or(|state| !over.contains(state))
}

impl Ec2<'_, Region> {
    /// `ec2:DescribeSpotFleetRequests`, every page.
    pub async fn spot_fleet_requests(self) -> Answer<Vec<SpotFleetRequestConfig>> {
        let request = self.client().describe_spot_fleet_requests();
        self.ask("DescribeSpotFleetRequests", "", pages!(request, spot_fleet_request_configs)).await
    }

    /// `ec2:DescribeLaunchTemplateVersions` of one template, every version and page.
    pub async fn template_versions(self, template: &str) -> Answer<Vec<LaunchTemplateVersion>> {
        let request = self.client().describe_launch_template_versions().launch_template_id(template).max_results(200);
        self.ask("DescribeLaunchTemplateVersions", template, pages!(request, launch_template_versions)).await
    }

    /// `ec2:DescribeInstanceAttribute`: the user data of an instance as EC2 has it, in base64; `None` where it has none.
    pub async fn user_data(self, instance: &str) -> Answer<Option<String>> {
        self.ask("DescribeInstanceAttribute", format!("{instance},userData"), async move {
            let request = self.client().describe_instance_attribute().instance_id(instance);
            let answer = request.attribute(InstanceAttributeName::UserData).send().await?;
            // The element is there also where it is empty.
            let user_data = required("userData", answer.user_data)?;
            Ok(user_data.value.filter(|value| !value.is_empty()))
        })
        .await
    }

    /// When the one of these instances was started that runs longest; `None` where none of them is listed.
    ///
    /// # Errors
    /// When the instances were not seen.
    pub async fn oldest_start(self, ids: impl Iterator<Item = &str>) -> Result<Option<DateTime>, Gap> {
        let ids: BTreeSet<&str> = ids.collect();
        let instances = self.instances().await?;
        let these = instances.iter().filter(|i| i.instance_id().is_some_and(|id| ids.contains(id)));
        Ok(these.filter_map(|i| i.launch_time().copied()).min())
    }

    /// `AWS::EC2::LaunchTemplate`
    pub fn launch_template(self, version: &LaunchTemplateVersion) -> Resource {
        let resource = self.ec2_resource("launch-template", "AWS::EC2::LaunchTemplate", version.launch_template_id(), &[]);
        match version.launch_template_name() {
            Some(name) => resource.name(name),
            None => resource,
        }
    }

    /// `AWS::EC2::SpotFleet`
    pub fn spot_fleet(self, request: &SpotFleetRequestConfig) -> Resource {
        self.ec2_resource("spot-fleet-request", "AWS::EC2::SpotFleet", request.spot_fleet_request_id(), request.tags())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::EbsBlockDevice;

    fn image(encrypted: bool) -> Image {
        let ebs = EbsBlockDevice::builder().snapshot_id("snap-1").encrypted(encrypted).build();
        let root = BlockDeviceMapping::builder().device_name("/dev/xvda").ebs(ebs).build();
        Image::builder().image_id("ami-1").block_device_mappings(root).build()
    }

    fn with(device: &str, encrypted: Option<bool>, snapshot: Option<&str>) -> Disk {
        Disk { device: device.into(), encrypted, snapshot: snapshot.map(str::to_owned), none: false }
    }

    #[test]
    fn a_launch_changes_the_disks_of_its_image() {
        let all = disks_with_image(&[], &image(true));
        assert_eq!(all, [with("/dev/xvda", Some(true), Some("snap-1"))]);
        let all = disks_with_image(&[with("/dev/xvda", None, None)], &image(true));
        assert_eq!(all, [with("/dev/xvda", Some(true), Some("snap-1"))], "a new size leaves it encrypted");
        let all = disks_with_image(&[with("/dev/xvda", Some(true), None)], &image(false));
        assert_eq!(all, [with("/dev/xvda", Some(true), Some("snap-1"))]);
        let all = disks_with_image(&[with("/dev/xvda", None, Some("snap-2"))], &image(true));
        assert_eq!(all, [with("/dev/xvda", None, Some("snap-2"))], "of another snapshot the image says nothing");
        let none = Disk { device: "/dev/xvda".into(), none: true, ..Disk::default() };
        assert!(disks_with_image(&[none], &image(false)).iter().all(|disk| disk.none));
        assert_eq!(disks_with_image(&[with("/dev/sdf", None, None)], &image(true)).len(), 2);
    }

    #[test]
    fn versions_between_are_asked_for_where_there_may_be_any() {
        let all = [1, 2, 3].map(|number| LaunchTemplateVersion::builder().version_number(number).build());
        assert!(are_all(&[&all[0], &all[0]]) && are_all(&[&all[0], &all[1]]));
        assert!(!are_all(&[&all[2], &all[2]]) && !are_all(&[&all[0], &all[2]]) && !are_all(&[]));
    }

    #[test]
    fn a_cancelled_request_starts_nothing() {
        let in_state = |state| starts_instances(&SpotFleetRequestConfig::builder().spot_fleet_request_state(state).build());
        assert!(in_state(BatchState::Active) && in_state(BatchState::Submitted) && in_state(BatchState::Modifying));
        assert!(!in_state(BatchState::Cancelled) && !in_state(BatchState::CancelledRunning) && !in_state(BatchState::Failed));
        assert!(starts_instances(&SpotFleetRequestConfig::builder().build()));
    }
}
