//! What keeps data in a Region, with its tags. The tagging API does not list what never had a tag; buckets, tables and databases are
//! listed by their own services too, so that one without tags does not pass unseen.

use crate::prelude::*;
use posture_estate::services::rds::{DbCluster, DbInstance};
use posture_estate::services::resourcegroupstaggingapi::TaggedResource;
use posture_estate::services::s3::Bucket;
use std::collections::BTreeMap;

/// Something that keeps data.
pub(super) struct Store {
    pub resource: Resource,
    /// `bucket orders`.
    pub label: String,
    pub tags: Result<BTreeMap<String, String>, Gap>,
}

/// What there is in a Region.
pub(super) struct Found {
    pub stores: Vec<Store>,
    /// The lists that were not seen.
    pub gaps: Vec<Gap>,
    /// Buckets that may be here or anywhere, of which no tag is known here.
    pub lost: Vec<Resource>,
}

/// Every store that a list has, and what was not seen.
pub(super) async fn stores(at: &Region) -> Found {
    let (tagged, buckets, tables, instances, clusters, systems) = join!(
        at.resourcegroupstaggingapi().tagged(),
        at.account().s3().buckets(),
        at.dynamodb().tables(),
        at.rds().instances(),
        at.rds().clusters(),
        at.efs().file_systems(),
    );
    let mut listed: Vec<(String, &str, String)> = Vec::new();
    let mut gaps = Vec::new();
    let here = |bucket: &&Bucket| bucket.region() == Some(at.name());
    let mut lost = Vec::new();
    match &buckets {
        Ok(all) => {
            listed.extend(all.iter().filter(here).map(|bucket| {
                (at.account().s3().bucket(bucket).arn, "AWS::S3::Bucket", format!("bucket {}", bucket.name()))
            }));
            lost.extend(all.iter().filter(|one| one.region().is_none()).map(|one| at.account().s3().bucket(one)));
        }
        Err(gap) => gaps.push(gap.clone()),
    }
    match &tables {
        Ok(all) => listed.extend(all.iter().map(|name| {
            (at.arn("dynamodb", &format!("table/{name}")), "AWS::DynamoDB::Table", format!("table {name}"))
        })),
        Err(gap) => gaps.push(gap.clone()),
    }
    match &instances {
        Ok(all) => listed.extend(
            all.iter()
                .filter(|one| is_alone(one))
                .map(|one| (one.arn.clone(), "AWS::RDS::DBInstance", format!("instance {} ({})", one.id, one.engine))),
        ),
        Err(gap) => gaps.push(gap.clone()),
    }
    match &clusters {
        Ok(all) => listed.extend(all.iter().map(|one: &DbCluster| {
            (one.arn.clone(), "AWS::RDS::DBCluster", format!("cluster {} ({})", one.id, one.engine))
        })),
        Err(gap) => gaps.push(gap.clone()),
    }
    match &systems {
        Ok(all) => listed.extend(
            all.iter()
                .map(|one| (at.efs().file_system(one).arn, "AWS::EFS::FileSystem", format!("file system {}", one.id))),
        ),
        Err(gap) => gaps.push(gap.clone()),
    }
    let members: Vec<&str> =
        instances.iter().flat_map(|all| all.iter()).filter(|one| !is_alone(one)).map(|one| one.arn.as_str()).collect();
    let stores = merge(listed, &members, tagged.as_ref().map(|all| all.as_slice()));
    if let (true, Err(gap)) = (stores.is_empty(), &tagged) {
        gaps.push(gap.clone());
    }
    lost.retain(|bucket| stores.iter().all(|store| store.resource.arn != bucket.arn));
    Found { stores, gaps, lost }
}

/// An instance of a cluster works on the storage of its cluster.
fn is_alone(instance: &DbInstance) -> bool {
    instance.cluster.as_deref().is_none_or(str::is_empty)
}

/// What is listed, with its tags, and what only its tags show. `members` are instances whose cluster is judged.
fn merge(listed: Vec<(String, &str, String)>, members: &[&str], tagged: Result<&[TaggedResource], &Gap>) -> Vec<Store> {
    let tags = |one: &TaggedResource| {
        one.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect::<BTreeMap<_, _>>()
    };
    let mut stores: BTreeMap<String, Store> = BTreeMap::new();
    for (arn, kind, label) in listed {
        let found = tagged.map(|all| all.iter().find(|one| one.arn == arn).map(tags).unwrap_or_default());
        stores.insert(arn.clone(), store(&arn, kind, label, found.map_err(Clone::clone)));
    }
    for one in tagged.into_iter().flatten().filter(|one| !members.contains(&one.arn.as_str())) {
        let Some((kind, word)) = one.data_store() else { continue };
        let name = one.arn.rsplit([':', '/']).next().unwrap_or(&one.arn);
        stores.entry(one.arn.clone()).or_insert_with(|| store(&one.arn, kind, format!("{word} {name}"), Ok(tags(one))));
    }
    stores.into_values().collect()
}

fn store(arn: &str, kind: &str, label: String, tags: Result<BTreeMap<String, String>, Gap>) -> Store {
    let id = arn.rsplit([':', '/']).next().unwrap_or(arn);
    let resource = Resource::new(arn, kind, id).tags(tags.iter().flatten());
    Store { resource, label, tags }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn tagged(arn: &str) -> TaggedResource {
        serde_json::from_value(json!({ "ResourceARN": arn, "Tags": [{ "Key": "team", "Value": "shop" }] })).unwrap()
    }

    const BUCKET: &str = "arn:aws:s3:::orders";

    fn bucket() -> Vec<(String, &'static str, String)> {
        vec![(BUCKET.to_owned(), "AWS::S3::Bucket", "bucket orders".to_owned())]
    }

    fn counts(stores: &[Store]) -> Vec<(&str, Option<usize>)> {
        stores.iter().map(|one| (one.label.as_str(), one.tags.as_ref().ok().map(BTreeMap::len))).collect()
    }

    #[test]
    fn what_never_had_a_tag_is_listed_all_the_same() {
        // semantics 146
        assert_eq!(counts(&merge(bucket(), &[], Ok(&[]))), [("bucket orders", Some(0))]);
        assert_eq!(counts(&merge(bucket(), &[], Ok(&[tagged(BUCKET)]))), [("bucket orders", Some(1))]);
    }

    #[test]
    fn what_only_its_tags_show_is_judged_and_members_of_clusters_are_not() {
        let system = "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1";
        let member = "arn:aws:rds:eu-west-1:111122223333:db:shop-1";
        let all = [tagged(system), tagged(member), tagged("arn:aws:sns:eu-west-1:111122223333:orders")];
        assert_eq!(counts(&merge(vec![], &[member], Ok(&all))), [("file system fs-1", Some(1))]);
    }

    #[test]
    fn without_the_tags_nothing_is_said_of_them() {
        let gap = Gap::new("111122223333", "eu-west-1", "resourcegroupstaggingapi:GetResources", GapKind::Denied, "no");
        assert_eq!(counts(&merge(bucket(), &[], Err(&gap))), [("bucket orders", None)]);
    }
}
