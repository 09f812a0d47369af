//! DynamoDB: the tables of a Region, and whether one holds anything.

use crate::aws::answer::absent;
use crate::aws::model::Time;
use crate::aws::reading::{items, member};
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// DynamoDB at an account or in a region.
    dynamodb => DynamoDb model "dynamodb": Service {
        asff: &[("AWS::DynamoDB::Table", "AwsDynamoDbTable")],
        reads: &[
            ("DescribeTable", |v| member::<Held>(v, "Table")),
            ("ListTables", |v| items::<String>(v, "TableNames")),
        ],
        ..Service::new("dynamodb", "DynamoDB", Wire::AwsJson)
    }
}

/// What a table holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Held {
    pub item_count: i64,
    /// When the table was made.
    #[serde(rename = "CreationDateTime")]
    pub created: Option<Time>,
}

impl DynamoDb<'_, Region> {
    /// `dynamodb:ListTables`, every page: the names of the Region's tables.
    pub async fn tables(self) -> Answer<Vec<String>> {
        self.ask(
            "ListTables",
            "",
            async move { Ok(self.client()?.items("ListTables", json!({}), "TableNames").await?) },
        )
        .await
    }

    /// `dynamodb:DescribeTable`: what a table holds, as of some hours ago; `None` when it was deleted meanwhile.
    pub async fn held(self, table: &str) -> Answer<Option<Held>> {
        self.ask("DescribeTable", table, async move {
            let of = json!({ "TableName": table });
            absent(self.client()?.member("DescribeTable", of, "Table").await, &["ResourceNotFoundException"])
        })
        .await
    }

    /// `AWS::DynamoDB::Table`
    pub fn table(self, name: &str) -> Resource {
        Resource::new(self.arn("dynamodb", &format!("table/{name}")), "AWS::DynamoDB::Table", name)
    }
}
