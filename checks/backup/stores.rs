//! The stores of a Region, and what AWS Backup has of each. A backup of an instance holds its volumes; a cluster's instances have no storage
//! of their own.

use crate::prelude::*;
use aws_sdk_ec2::types::{Volume, VolumeState};
use posture_estate::arn::Arn;
use posture_estate::services::backup::ProtectedResource;
use posture_estate::services::rds::{DbCluster, DbInstance, Stored};
use std::collections::BTreeMap;

/// Something that holds data.
pub(super) struct Store {
    pub resource: Resource,
    /// `table orders`
    pub label: String,
    /// Other resources whose backups hold it.
    pub within: Vec<String>,
}

/// When each was backed up last; `None` where AWS does not say.
pub(super) struct Backups(BTreeMap<String, Option<DateTime>>);

impl Backups {
    pub(super) fn of(protected: &[ProtectedResource]) -> Self {
        let last = |one: &ProtectedResource| (one.resource_arn.clone(), one.last_backup_time.map(Into::into));
        Backups(protected.iter().map(last).collect())
    }

    /// The latest backup that holds a store, and `Some(None)` where there is one at an untold moment.
    fn latest(&self, store: &Store) -> Option<Option<DateTime>> {
        let arns = std::iter::once(&store.resource.arn).chain(&store.within);
        let found: Vec<Option<DateTime>> = arns.filter_map(|arn| self.0.get(arn)).copied().collect();
        let told = found.iter().flatten().max_by_key(|time| time.secs()).copied();
        (!found.is_empty()).then_some(told)
    }

    pub(super) fn judge(&self, store: &Store, limit: i64, now: &DateTime) -> Verdict {
        let label = &store.label;
        match self.latest(store) {
            None => Verdict::fail("no_recovery_point", format!("{label} has no recovery point in AWS Backup")),
            Some(None) => Verdict::undecided(format!("AWS Backup does not say when {label} was backed up last")),
            Some(Some(last)) => {
                let age = days(&last, now);
                match age > limit {
                    true => Verdict::fail(
                        "recovery_point_too_old",
                        format!("the last recovery point of {label} is {age} days old; the limit is {limit}"),
                    ),
                    false => Verdict::pass(format!("the last recovery point of {label} is {age} days old")),
                }
                .evidence(json!({ "last_backup": last.to_string() }))
            }
        }
    }
}

/// A volume on its way out holds nothing for long.
pub(super) fn of_volume(at: &Region, volume: &Volume) -> Option<Store> {
    if matches!(volume.state(), Some(VolumeState::Creating | VolumeState::Deleting | VolumeState::Deleted)) {
        return None;
    }
    let resource = at.ec2().volume(volume);
    let instances = volume.attachments().iter().filter_map(|one| one.instance_id());
    let within = instances.map(|id| at.arn("ec2", &format!("instance/{id}"))).collect();
    Some(Store { label: format!("volume {}", resource.id), resource, within })
}

pub(super) fn of_instance(instance: &DbInstance) -> Option<Store> {
    let alone = instance.cluster.as_deref().is_none_or(str::is_empty);
    alone.then(|| stored(instance))
}

/// Neptune and DocumentDB answer the same question and are none of RDS.
pub(super) fn of_cluster(cluster: &DbCluster) -> Option<Store> {
    let other = cluster.engine.starts_with("neptune") || cluster.engine.starts_with("docdb");
    (!other).then(|| stored(cluster))
}

fn stored(one: &impl Stored) -> Store {
    Store { resource: one.resource(), label: one.label(), within: Vec::new() }
}

/// The name of a table, of its ARN.
pub(super) fn table_of(store: &Store) -> Option<&str> {
    Arn::parse(&store.resource.arn)?.resource.strip_prefix("table/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime {
        DateTime::from_secs(1_764_201_600)
    }

    fn backups(of: &[(&str, Option<i64>)]) -> Backups {
        let one = |&(arn, age): &(&str, Option<i64>)| {
            let last = age.map(|age| posture_estate::day::rfc3339(DateTime::from_secs(now().secs() - age * 86_400)));
            serde_json::from_value(json!({ "ResourceArn": arn, "LastBackupTime": last })).unwrap()
        };
        let all: Vec<ProtectedResource> = of.iter().map(one).collect();
        Backups::of(&all)
    }

    fn volume() -> Store {
        let arn = "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1";
        let within = vec!["arn:aws:ec2:eu-west-1:111122223333:instance/i-1".to_owned()];
        Store { resource: Resource::new(arn, "AWS::EC2::Volume", "vol-1"), label: "volume vol-1".into(), within }
    }

    fn of(known: &[(&str, Option<i64>)]) -> Verdict {
        backups(known).judge(&volume(), 2, &now())
    }

    #[test]
    fn a_store_has_a_recent_recovery_point() {
        let own = "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1";
        assert_eq!(of(&[(own, Some(2))]).status, Status::Pass);
        assert_eq!(of(&[(own, Some(3))]).reasons, ["recovery_point_too_old"]);
        assert_eq!(of(&[]).reasons, ["no_recovery_point"]);
        assert_eq!(of(&[("arn:aws:ec2:eu-west-1:111122223333:volume/vol-2", Some(1))]).reasons, ["no_recovery_point"]);
        assert_eq!(of(&[(own, None)]).status, Status::Unknown);
    }

    #[test]
    fn a_backup_of_the_instance_holds_its_volumes() {
        let (own, instance) =
            ("arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1");
        assert_eq!(of(&[(instance, Some(1))]).status, Status::Pass);
        assert_eq!(of(&[(own, Some(90)), (instance, Some(1))]).status, Status::Pass, "the later one counts");
        assert_eq!(of(&[(own, None), (instance, Some(1))]).status, Status::Pass);
    }

    #[test]
    fn what_has_no_storage_of_its_own_is_no_store() {
        let instance = |cluster: Option<&str>| {
            let one = json!({ "DBInstanceArn": "arn", "DBInstanceIdentifier": "a", "Engine": "aurora-mysql",
                "DBClusterIdentifier": cluster, "StorageEncrypted": true });
            of_instance(&serde_json::from_value(one).unwrap()).is_some()
        };
        assert!(instance(None) && !instance(Some("a")));
        let cluster = |engine: &str| {
            let one = json!({ "DBClusterArn": "arn", "DBClusterIdentifier": "a", "Engine": engine, "StorageEncrypted": true });
            of_cluster(&serde_json::from_value(one).unwrap()).is_some()
        };
        assert!(cluster("aurora-postgresql") && cluster("mysql") && !cluster("neptune") && !cluster("docdb"));
    }
}
