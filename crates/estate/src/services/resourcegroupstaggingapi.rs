//! The Resource Groups Tagging API: what the resources of a Region are tagged with.

use crate::arn::Arn;
use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// The Resource Groups Tagging API in a region.
    resourcegroupstaggingapi => ResourceGroupsTagging model "resourcegroupstaggingapi": Service {
        iam_prefix: "tag",
        reads: &[("GetResources", |v| items::<TaggedResource>(v, "ResourceTagMappingList"))],
        ..Service::new("resourcegroupstaggingapi", "Resource Groups Tagging API", Wire::AwsJson)
    }
}

/// A resource that has or had a tag.
#[derive(Clone, Debug, Deserialize)]
pub struct TaggedResource {
    #[serde(rename = "ResourceARN")]
    pub arn: String,
    #[serde(rename = "Tags")]
    pub tags: Vec<TaggedWith>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TaggedWith {
    pub key: String,
    pub value: String,
}

impl TaggedWith {
    /// Whether it is the one that is wanted, `KEY` or `KEY=VALUE`.
    pub fn is(&self, wanted: &str) -> bool {
        self.key == wanted || wanted.split_once('=').is_some_and(|(key, value)| self.key == key && self.value == value)
    }
}

impl TaggedResource {
    /// The tags whose keys are among these, whatever the case.
    pub fn tagged(&self, keys: &[String]) -> impl Iterator<Item = &TaggedWith> {
        self.tags.iter().filter(|tag| keys.iter().any(|key| key.eq_ignore_ascii_case(&tag.key)))
    }

    /// The CloudFormation type and what people call it, of a resource that keeps data.
    pub fn data_store(&self) -> Option<(&'static str, &'static str)> {
        data_store(&self.arn)
    }
}

/// What keeps data: service and beginning of the resource in its ARN, CloudFormation type, and what people call it.
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>
const DATA_STORES: &[(&str, &str, &str, &str)] = &[
    ("dynamodb", "table/", "AWS::DynamoDB::Table", "table"),
    ("elasticfilesystem", "file-system/", "AWS::EFS::FileSystem", "file system"),
    ("es", "domain/", "AWS::OpenSearchService::Domain", "domain"),
    ("fsx", "file-system/", "AWS::FSx::FileSystem", "file system"),
    ("rds", "cluster:", "AWS::RDS::DBCluster", "cluster"),
    ("rds", "db:", "AWS::RDS::DBInstance", "instance"),
    ("redshift", "cluster:", "AWS::Redshift::Cluster", "warehouse"),
    ("redshift-serverless", "namespace/", "AWS::RedshiftServerless::Namespace", "warehouse"),
    ("s3", "", "AWS::S3::Bucket", "bucket"),
];

fn data_store(arn: &str) -> Option<(&'static str, &'static str)> {
    let arn = Arn::parse(arn)?;
    let is = |(service, start, ..): &&(&str, &str, &str, &str)| {
        let rest = arn.resource.strip_prefix(start);
        *service == arn.service && rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
    };
    DATA_STORES.iter().find(is).map(|(_, _, kind, word)| (*kind, *word))
}

impl ResourceGroupsTagging<'_, Region> {
    /// `resourcegroupstaggingapi:GetResources`, every page: the Region's resources that have or ever had a tag. Those that never had one
    /// are not listed (<https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>).
    pub async fn tagged(self) -> Answer<Vec<TaggedResource>> {
        self.ask("GetResources", "", async move {
            let all = json!({ "ResourcesPerPage": 100 });
            Ok(self.client()?.items("GetResources", all, "ResourceTagMappingList").await?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stores_are_known_by_their_arns() {
        let word = |arn: &str| data_store(arn).map(|(_, word)| word);
        assert_eq!(word("arn:aws:s3:::orders"), Some("bucket"));
        assert_eq!(word("arn:aws:rds:eu-west-1:111122223333:db:orders"), Some("instance"));
        assert_eq!(word("arn:aws:rds:eu-west-1:111122223333:cluster:orders"), Some("cluster"));
        assert_eq!(word("arn:aws:dynamodb:eu-west-1:111122223333:table/orders"), Some("table"));
        assert_eq!(word("arn:aws:redshift:eu-west-1:111122223333:cluster:dwh"), Some("warehouse"));
        assert_eq!(word("arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1"), Some("file system"));
        for other in [
            "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:orders",
            "arn:aws:rds:eu-west-1:111122223333:subgrp:orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-day",
            "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-1",
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
            "orders",
        ] {
            assert_eq!(word(other), None, "{other}");
        }
    }

    #[test]
    fn tags_are_found_by_any_of_their_keys() {
        let tags = vec![TaggedWith { key: "Data-Classification".into(), value: "internal".into() }];
        let bucket = TaggedResource { arn: "arn:aws:s3:::orders".into(), tags };
        assert!(bucket.tagged(&["classification".into(), "data-classification".into()]).next().is_some());
        assert!(bucket.tagged(&["classification".into()]).next().is_none());
    }
}
