//! How a finding names the resources of EC2: ARN, CloudFormation type, id, Name and tags.

use crate::arn::Arn;
use super::Ec2;
use crate::finding::Verdict;
use crate::finding::{Finding, Resource};
use crate::place::{Answer, Region};
use aws_sdk_ec2::types::{
    Address, Image, Instance, InstanceStateName, NetworkAcl, NetworkInterface, SecurityGroup, Snapshot, Subnet, Tag,
    Volume, Vpc,
};

/// A tag without a value has an empty one: AWS leaves it out or not.
pub(super) fn value_of(tag: &Tag) -> &str {
    tag.value().unwrap_or("")
}

impl Ec2<'_, Region> {
    /// Any resource of EC2: `kind` is the word in the ARN (`security-group`), `cloudformation` the type.
    /// The ARNs of images and snapshots carry no account:
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>
    pub fn ec2_resource(self, kind: &str, cloudformation: &str, id: Option<&str>, tags: &[Tag]) -> Resource {
        let id = id.unwrap_or("unnamed");
        let resource = format!("{kind}/{id}");
        let arn = match kind {
            "image" | "snapshot" => {
                let (partition, region) = (self.partition(), self.name());
                Arn { partition, service: "ec2", region, account: "", resource: &resource }.to_string()
            }
            _ => self.arn("ec2", &resource),
        };
        let tags: Vec<(String, String)> =
            tags.iter().filter_map(|tag| Some((tag.key.clone()?, value_of(tag).to_owned()))).collect();
        let name = tags.iter().find(|(key, value)| key == "Name" && !value.is_empty()).map(|(_, value)| value.clone());
        let resource = Resource::new(arn, cloudformation, id).tags(tags);
        match name {
            Some(name) => resource.name(name),
            None => resource,
        }
    }

    /// `AWS::EC2::Instance`
    pub fn instance(self, i: &Instance) -> Resource {
        self.ec2_resource("instance", "AWS::EC2::Instance", i.instance_id(), i.tags())
    }

    /// `AWS::EC2::Volume`
    pub fn volume(self, v: &Volume) -> Resource {
        self.ec2_resource("volume", "AWS::EC2::Volume", v.volume_id(), v.tags())
    }

    /// `AWS::EC2::Snapshot`
    pub fn snapshot(self, s: &Snapshot) -> Resource {
        self.ec2_resource("snapshot", "AWS::EC2::Snapshot", s.snapshot_id(), s.tags())
    }

    /// `AWS::EC2::Image`; without a Name tag it goes by the name of the image.
    pub fn image(self, i: &Image) -> Resource {
        let resource = self.ec2_resource("image", "AWS::EC2::Image", i.image_id(), i.tags());
        match i.name() {
            Some(name) if !i.tags().iter().any(|tag| tag.key() == Some("Name")) => resource.name(name),
            _ => resource,
        }
    }

    /// `AWS::EC2::EIP`, by allocation id.
    pub fn address(self, a: &Address) -> Resource {
        let id = a.allocation_id().or(a.public_ip());
        self.ec2_resource("elastic-ip", "AWS::EC2::EIP", id, a.tags())
    }

    /// `AWS::EC2::NetworkInterface`
    pub fn network_interface(self, n: &NetworkInterface) -> Resource {
        self.ec2_resource("network-interface", "AWS::EC2::NetworkInterface", n.network_interface_id(), n.tag_set())
    }

    /// `AWS::EC2::SecurityGroup`; without a Name tag it goes by the name of the group.
    pub fn security_group(self, g: &SecurityGroup) -> Resource {
        let resource = self.ec2_resource("security-group", "AWS::EC2::SecurityGroup", g.group_id(), g.tags());
        match g.group_name() {
            Some(name) if !g.tags().iter().any(|tag| tag.key() == Some("Name")) => resource.name(name),
            _ => resource,
        }
    }

    /// `AWS::EC2::NetworkAcl`
    pub fn network_acl(self, n: &NetworkAcl) -> Resource {
        self.ec2_resource("network-acl", "AWS::EC2::NetworkAcl", n.network_acl_id(), n.tags())
    }

    /// `AWS::EC2::Subnet`
    pub fn subnet(self, s: &Subnet) -> Resource {
        self.ec2_resource("subnet", "AWS::EC2::Subnet", s.subnet_id(), s.tags())
    }

    /// `AWS::EC2::VPC`
    pub fn vpc(self, v: &Vpc) -> Resource {
        self.ec2_resource("vpc", "AWS::EC2::VPC", v.vpc_id(), v.tags())
    }
}

/// Neither terminated nor on the way there: EC2 lists terminated instances for about an hour, and nothing about them
/// matters.
pub fn exists(i: &Instance) -> bool {
    !matches!(state(i), Some(InstanceStateName::ShuttingDown | InstanceStateName::Terminated))
}

/// Pending or running. An instance whose state is not given or not known to this version counts: it is judged, not
/// skipped.
pub fn runs(i: &Instance) -> bool {
    exists(i) && !matches!(state(i), Some(InstanceStateName::Stopping | InstanceStateName::Stopped))
}

fn state(i: &Instance) -> Option<&InstanceStateName> {
    i.state().and_then(|state| state.name())
}

/// The id of an instance for messages.
pub fn instance_id(i: &Instance) -> &str {
    i.instance_id().unwrap_or("unnamed")
}

/// One finding for each item of a list, or one `unknown` for the whole `part` of the region when the list could not
/// be read: for checks over several kinds of resources, where one denied call must not hide the other kinds.
pub fn of_each<T>(
    at: &Region,
    part: &str,
    list: Answer<Vec<T>>,
    judge: impl FnMut(&T) -> Option<Finding>,
) -> Vec<Finding> {
    match list {
        Ok(items) => items.iter().filter_map(judge).collect(),
        Err(gap) => vec![Verdict::unseen(&gap).sub(part).on(at.resource())],
    }
}
