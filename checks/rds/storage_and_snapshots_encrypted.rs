//! Is the storage of every database encrypted, and every snapshot that somebody took of one? An instance of a cluster has no
//! storage of its own: its cluster is judged.

use crate::prelude::*;
use posture_estate::services::rds::{AtRest, DbCluster, DbInstance, Stored};

pub async fn probe(at: &Region) -> Outcome {
    let rds = at.rds();
    let (instances, clusters, snapshots, cluster_snapshots) =
        join!(rds.instances(), rds.clusters(), rds.manual_snapshots(), rds.manual_cluster_snapshots());
    let known = clusters.as_ref().ok().map(|clusters| clusters.as_slice());
    let mut findings = each_of(at, "instances", &instances, |instance| judge_instance(instance, known));
    findings.extend(each_of(at, "clusters", &clusters, own_storage));
    findings.extend(each_of(at, "snapshots", &snapshots, own_storage));
    findings.extend(each_of(at, "cluster-snapshots", &cluster_snapshots, own_storage));
    Ok(findings)
}

/// A finding for each of a list that is judged by itself, or one for the list that was not seen.
fn each_of<T: Stored>(
    at: &Region,
    list: &str,
    answer: &Answer<Vec<T>>,
    judge: impl Fn(&T) -> Option<Verdict>,
) -> Vec<Finding> {
    match answer {
        Ok(all) => all.iter().filter_map(|one| Some(judge(one)?.on(one.resource()))).collect(),
        Err(gap) => vec![Verdict::unseen(gap).sub(list).on(at.resource())],
    }
}

fn own_storage(one: &impl Stored) -> Option<Verdict> {
    Some(judge(&one.label(), one.at_rest()))
}

/// `None` for a member of a cluster that is judged for it, or whose list was refused as a whole; `clusters` are those that were seen.
fn judge_instance(instance: &DbInstance, clusters: Option<&[DbCluster]>) -> Option<Verdict> {
    let Some(cluster) = instance.cluster.as_deref().filter(|cluster| !cluster.is_empty()) else {
        return own_storage(instance);
    };
    let listed = clusters?.iter().any(|one| one.id == cluster);
    let label = instance.label();
    (!listed)
        .then(|| Verdict::undecided(format!("{label} works on the storage of cluster {cluster}, which is not listed")))
}

/// `StorageEncrypted` is false for what a key encrypts that AWS owns; the type of encryption tells that apart from none.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html>
fn judge(what: &str, at_rest: AtRest<'_>) -> Verdict {
    match (at_rest.how, at_rest.by_kms) {
        (Some("sse-kms"), true) | (None, true) => Verdict::pass(format!("{what} is encrypted with a KMS key")),
        (Some("sse-rds"), _) => Verdict::pass(format!("{what} is encrypted with a key that AWS owns")),
        (Some("none") | None, false) => Verdict::fail("not_encrypted", format!("{what} is not encrypted at rest")),
        (Some(how), encrypted) => {
            Verdict::undecided(format!("{what} has the encryption type {how:?} and StorageEncrypted {encrypted}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(how: Option<&str>, by_kms: bool) -> Status {
        judge("instance a (postgres)", AtRest { by_kms, how }).status
    }

    #[test]
    fn the_type_of_encryption_decides_and_the_flag_where_there_is_none() {
        assert_eq!(status(Some("sse-kms"), true), Status::Pass);
        assert_eq!(status(Some("sse-rds"), false), Status::Pass, "false stands for no key in the account's KMS");
        assert_eq!(status(Some("none"), false), Status::Fail);
        assert_eq!(status(None, true), Status::Pass);
        assert_eq!(status(None, false), Status::Fail);
        assert_eq!(judge("cluster a", AtRest { by_kms: false, how: None }).reasons, ["not_encrypted"]);
    }

    #[test]
    fn what_contradicts_itself_or_is_new_is_unknown() {
        assert_eq!(status(Some("none"), true), Status::Unknown);
        assert_eq!(status(Some("sse-kms"), false), Status::Unknown);
        assert_eq!(status(Some("sse-quantum"), true), Status::Unknown);
    }

    #[test]
    fn a_member_of_a_cluster_says_so_and_what_it_lacks_is_no_answer() {
        let member = json!({ "DBInstanceArn": "arn:aws:rds:eu-west-1:111122223333:db:a-1", "DBInstanceIdentifier": "a-1",
            "Engine": "aurora-mysql", "DBClusterIdentifier": "a", "StorageEncrypted": false });
        let member: DbInstance = serde_json::from_value(member).unwrap();
        let cluster = json!({ "DBClusterArn": "arn", "DBClusterIdentifier": "a", "Engine": "aurora-mysql", "StorageEncrypted": true });
        let cluster: DbCluster = serde_json::from_value(cluster).unwrap();
        fn status(member: &DbInstance, seen: Option<&[DbCluster]>) -> Option<Status> {
            judge_instance(member, seen).map(|verdict| verdict.status)
        }
        assert_eq!(status(&member, Some(&[cluster])), None, "its cluster is judged");
        assert_eq!(status(&member, None), None, "the list of clusters is one unknown");
        assert_eq!(status(&member, Some(&[])), Some(Status::Unknown), "nobody judges it");
        let mut alone = member;
        alone.cluster = Some(String::new());
        assert_eq!(status(&alone, Some(&[])), Some(Status::Fail));
        let lacking = json!({ "DBClusterArn": "arn", "DBClusterIdentifier": "a", "Engine": "aurora-mysql" });
        assert!(serde_json::from_value::<DbCluster>(lacking).is_err(), "no StorageEncrypted is not false");
    }
}
