//! RDS, whose API also lists what Aurora, Neptune and DocumentDB keep: instances, clusters and their snapshots.

use crate::aws::model::Time;
use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use aws_smithy_types::DateTime;
use serde::Deserialize;
use serde_json::json;

service! {
    /// RDS at an account or in a region.
    rds => Rds model "rds": Service {
        asff: &[
            ("AWS::RDS::DBCluster", "AwsRdsDbCluster"),
            ("AWS::RDS::DBClusterSnapshot", "AwsRdsDbClusterSnapshot"),
            ("AWS::RDS::DBInstance", "AwsRdsDbInstance"),
            ("AWS::RDS::DBSnapshot", "AwsRdsDbSnapshot"),
        ],
        reads: &[
            ("DescribeDBClusterSnapshots", |v| items::<DbClusterSnapshot>(v, "DBClusterSnapshots")),
            ("DescribeDBClusters", |v| items::<DbCluster>(v, "DBClusters")),
            ("DescribeDBInstances", |v| items::<DbInstance>(v, "DBInstances")),
            ("DescribeDBSnapshots", |v| items::<DbSnapshot>(v, "DBSnapshots")),
        ],
        ..Service::new("rds", "RDS (with Aurora, Neptune and DocumentDB)", Wire::Query)
    }
}

/// What a list says of the encryption of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtRest<'a> {
    /// Whether a key of AWS KMS encrypts it. False also where a key that AWS owns does.
    pub by_kms: bool,
    /// `none`, `sse-rds` or `sse-kms`; absent from the answers of partitions that do not know it yet.
    pub how: Option<&'a str>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    pub key: String,
    #[serde(default)]
    pub value: String,
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DbInstance {
    #[serde(rename = "DBInstanceArn")]
    pub arn: String,
    #[serde(rename = "DBInstanceIdentifier")]
    pub id: String,
    pub engine: String,
    /// The cluster whose storage it works on; it has none of its own then.
    #[serde(rename = "DBClusterIdentifier")]
    pub cluster: Option<String>,
    instance_create_time: Option<Time>,
    storage_encrypted: bool,
    storage_encryption_type: Option<String>,
    #[serde(default)]
    tag_list: Vec<Tag>,
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DbCluster {
    #[serde(rename = "DBClusterArn")]
    pub arn: String,
    #[serde(rename = "DBClusterIdentifier")]
    pub id: String,
    pub engine: String,
    cluster_create_time: Option<Time>,
    storage_encrypted: bool,
    storage_encryption_type: Option<String>,
    #[serde(default)]
    tag_list: Vec<Tag>,
}

impl DbInstance {
    /// When it was made, where that is told.
    pub fn created(&self) -> Option<DateTime> {
        self.instance_create_time.map(Into::into)
    }
}

impl DbCluster {
    /// When it was made, where that is told.
    pub fn created(&self) -> Option<DateTime> {
        self.cluster_create_time.map(Into::into)
    }
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DbSnapshot {
    #[serde(rename = "DBSnapshotArn")]
    pub arn: String,
    #[serde(rename = "DBSnapshotIdentifier")]
    pub id: String,
    pub engine: String,
    encrypted: bool,
    storage_encryption_type: Option<String>,
    #[serde(default)]
    tag_list: Vec<Tag>,
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBClusterSnapshot.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DbClusterSnapshot {
    #[serde(rename = "DBClusterSnapshotArn")]
    pub arn: String,
    #[serde(rename = "DBClusterSnapshotIdentifier")]
    pub id: String,
    pub engine: String,
    storage_encrypted: bool,
    storage_encryption_type: Option<String>,
    #[serde(default)]
    tag_list: Vec<Tag>,
}

impl Rds<'_, Region> {
    /// `rds:DescribeDBInstances`, every page.
    pub async fn instances(self) -> Answer<Vec<DbInstance>> {
        self.ask("DescribeDBInstances", "", async move {
            Ok(self.client()?.items("DescribeDBInstances", json!({}), "DBInstances").await?)
        })
        .await
    }

    /// `rds:DescribeDBClusters`, every page: Aurora, Multi-AZ, Neptune and DocumentDB clusters of the account.
    pub async fn clusters(self) -> Answer<Vec<DbCluster>> {
        self.ask("DescribeDBClusters", "", async move {
            Ok(self.client()?.items("DescribeDBClusters", json!({}), "DBClusters").await?)
        })
        .await
    }

    /// `rds:DescribeDBSnapshots`, every page of those that somebody took by hand.
    pub async fn manual_snapshots(self) -> Answer<Vec<DbSnapshot>> {
        let manual = json!({ "SnapshotType": "manual" });
        self.ask("DescribeDBSnapshots", "manual", async move {
            Ok(self.client()?.items("DescribeDBSnapshots", manual, "DBSnapshots").await?)
        })
        .await
    }

    /// `rds:DescribeDBClusterSnapshots`, every page of those that somebody took by hand.
    pub async fn manual_cluster_snapshots(self) -> Answer<Vec<DbClusterSnapshot>> {
        let manual = json!({ "SnapshotType": "manual" });
        self.ask("DescribeDBClusterSnapshots", "manual", async move {
            Ok(self.client()?.items("DescribeDBClusterSnapshots", manual, "DBClusterSnapshots").await?)
        })
        .await
    }
}

/// What all four have in common.
pub trait Stored {
    /// The resource of a finding.
    fn resource(&self) -> Resource;
    /// `instance orders (postgres)`.
    fn label(&self) -> String;
    fn at_rest(&self) -> AtRest<'_>;
}

macro_rules! stored {
    ($($kind:ident, $cloudformation:literal, $word:literal, $by_kms:ident;)+) => {
        $(impl Stored for $kind {
            fn resource(&self) -> Resource {
                let tags = self.tag_list.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
                Resource::new(&self.arn, $cloudformation, &self.id).tags(tags)
            }

            fn label(&self) -> String {
                format!(concat!($word, " {} ({})"), self.id, self.engine)
            }

            fn at_rest(&self) -> AtRest<'_> {
                AtRest { by_kms: self.$by_kms, how: self.storage_encryption_type.as_deref() }
            }
        })+
    };
}

stored! {
    DbInstance, "AWS::RDS::DBInstance", "instance", storage_encrypted;
    DbCluster, "AWS::RDS::DBCluster", "cluster", storage_encrypted;
    DbSnapshot, "AWS::RDS::DBSnapshot", "snapshot", encrypted;
    DbClusterSnapshot, "AWS::RDS::DBClusterSnapshot", "cluster snapshot", storage_encrypted;
}
