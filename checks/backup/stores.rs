//! The stores of a Region, and what AWS Backup has of each. A backup of an instance holds its volumes; a cluster's instances have no storage
//! of their own.

use crate::prelude::*;
use aws_sdk_ec2::types::{Volume, VolumeState};
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
    /// When it was made, where that is told.
    pub created: Option<DateTime>,
}

/// When each was backed up last; `None` where AWS does not say.
pub(super) struct Backups(BTreeMap<String, Option<DateTime>>);

impl Store {
    /// The first backup of what is younger than the limit is not due yet.
    pub(super) fn without_backup(&self, limit: i64, now: &DateTime) -> Verdict {
        let label = &self.label;
        match self.created.map(|created| days(&created, now)) {
            Some(age) if age <= limit => Verdict::not_applicable(format!(
                "{label} was made {age} days ago and has no recovery point in AWS Backup yet; the limit is {limit}"
            )),
            _ => Verdict::fail("no_recovery_point", format!("{label} has no recovery point in AWS Backup")),
        }
    }
}

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
            None => store.without_backup(limit, now),
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
    Some(Store { label: format!("volume {}", resource.id), resource, within, created: volume.create_time().copied() })
}

pub(super) fn of_instance(instance: &DbInstance) -> Option<Store> {
    let alone = instance.cluster.as_deref().is_none_or(str::is_empty);
    alone.then(|| stored(instance, instance.created()))
}

/// Neptune and DocumentDB answer the same question and are none of RDS.
pub(super) fn of_cluster(cluster: &DbCluster) -> Option<Store> {
    let other = cluster.engine.starts_with("neptune") || cluster.engine.starts_with("docdb");
    (!other).then(|| stored(cluster, cluster.created()))
}

fn stored(one: &impl Stored, created: Option<DateTime>) -> Store {
    Store { resource: one.resource(), label: one.label(), within: Vec::new(), created }
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
        Store {
            resource: Resource::new(arn, "AWS::EC2::Volume", "vol-1"),
            label: "volume vol-1".into(),
            within,
            created: None,
        }
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
        // semantics 152
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

    #[test]
    fn what_was_made_within_the_limit_has_its_first_backup_before_it() {
        // semantics 153
        let aged = |days: i64| {
            let created = Some(DateTime::from_secs(now().secs() - days * 86_400));
            backups(&[]).judge(&Store { created, ..volume() }, 2, &now())
        };
        assert_eq!(aged(0).status, Status::NotApplicable);
        assert_eq!(aged(2).status, Status::NotApplicable);
        assert_eq!(aged(3).reasons, ["no_recovery_point"]);
    }
}
