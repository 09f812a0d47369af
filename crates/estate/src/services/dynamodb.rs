//! DynamoDB: whether a Region has tables.

use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde_json::json;

service! {
    /// DynamoDB at an account or in a region.
    dynamodb => DynamoDb model "dynamodb": Service {
        asff: &[("AWS::DynamoDB::Table", "AwsDynamoDbTable")],
        reads: &[("ListTables", |v| items::<String>(v, "TableNames"))],
        ..Service::new("dynamodb", "DynamoDB", Wire::AwsJson)
    }
}

impl DynamoDb<'_, Region> {
    /// `dynamodb:ListTables`, every page: the names of the Region's tables.
    pub async fn tables(self) -> Answer<Vec<String>> {
        self.ask("ListTables", "", async move {
            Ok(self.client()?.items("ListTables", json!({}), "TableNames").await?)
        })
        .await
    }
}
