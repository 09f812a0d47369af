//! EFS: the file systems of a Region.

use crate::aws::model::Time;
use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use aws_smithy_types::DateTime;
use serde::Deserialize;
use serde_json::json;

service! {
    /// EFS in a region.
    efs => Efs model "efs": Service {
        iam_prefix: "elasticfilesystem",
        reads: &[("DescribeFileSystems", |v| items::<FileSystem>(v, "FileSystems"))],
        ..Service::new("efs", "EFS", Wire::RestJson)
    }
}

/// The size of a file system without a file, in bytes.
/// <https://docs.aws.amazon.com/efs/latest/ug/metered-sizes.html>
const EMPTY: i64 = 6144;

/// <https://docs.aws.amazon.com/efs/latest/ug/API_FileSystemDescription.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FileSystem {
    #[serde(rename = "FileSystemId")]
    pub id: String,
    #[serde(rename = "FileSystemArn")]
    arn: Option<String>,
    name: Option<String>,
    creation_time: Time,
    size_in_bytes: FileSystemSize,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FileSystemSize {
    value: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

impl FileSystem {
    pub fn created(&self) -> DateTime {
        self.creation_time.into()
    }

    /// Whether there is a file in it.
    pub fn holds_data(&self) -> bool {
        self.size_in_bytes.value > EMPTY
    }
}

impl Efs<'_, Region> {
    /// `efs:DescribeFileSystems`, every page.
    pub async fn file_systems(self) -> Answer<Vec<FileSystem>> {
        self.ask("DescribeFileSystems", "", async move {
            Ok(self.client()?.items("DescribeFileSystems", json!({}), "FileSystems").await?)
        })
        .await
    }

    /// `AWS::EFS::FileSystem`
    pub fn file_system(self, one: &FileSystem) -> Resource {
        let arn = one.arn.clone().unwrap_or_else(|| self.arn("elasticfilesystem", &format!("file-system/{}", one.id)));
        let tags = one.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
        let resource = Resource::new(arn, "AWS::EFS::FileSystem", &one.id).tags(tags);
        match one.name.as_deref() {
            Some(name) => resource.name(name),
            None => resource,
        }
    }
}
