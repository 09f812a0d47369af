//! Resource Explorer, for the resources that have no tag: the Tagging API does not list what was never tagged.
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>

use crate::aws::answer::absent;
use crate::aws::reading::{member, whole};
use crate::aws::service::{Service, Wire};
use crate::place::{Answer, Region, service};
use serde::Deserialize;
use serde_json::json;

service! {
    /// Resource Explorer in a region.
    resource_explorer => ResourceExplorer model "resource-explorer-2": Service {
        reads: &[("GetView", |v| member::<View>(v, "View")), ("Search", whole::<Search>)],
        ..Service::new("resource-explorer-2", "Resource Explorer", Wire::RestJson)
    }
}

/// What AWS answers where the Region has no index or no default view.
/// <https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_Search.html>
const NO_VIEW: &[&str] = &["UnauthorizedException", "ResourceNotFoundException"];

/// What a search found.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Search {
    count: Count,
    /// The view that it looked through.
    #[serde(rename = "ViewArn")]
    pub view: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Count {
    total_resources: i64,
    complete: bool,
}

impl Search {
    /// How many resources it found: a thousand stands for a thousand or more.
    pub fn found(&self) -> usize {
        usize::try_from(self.count.total_resources).unwrap_or(0)
    }

    /// Whether there are no more than those.
    pub fn is_complete(&self) -> bool {
        self.count.complete
    }
}

/// What a view lets one see.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct View {
    /// Absent where it shows every resource.
    filters: Option<Filters>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filters {
    filter_string: String,
}

impl View {
    /// Whether it hides some resources.
    pub fn is_partial(&self) -> bool {
        self.filters.as_ref().is_some_and(|filters| !filters.filter_string.trim().is_empty())
    }
}

impl ResourceExplorer<'_, Region> {
    /// `resource-explorer-2:Search`: how many of the account's resources in the Region could have tags and have none; `None` where the
    /// Region has no view to look through.
    pub async fn untagged(self) -> Answer<Option<Search>> {
        let query = format!("tag:none resourcetype.supports:tags region:{} accountid:{}", self.name(), self.account_id());
        self.ask("Search", "untagged", async move {
            absent(self.client()?.call("Search", json!({ "QueryString": query, "MaxResults": 1 })).await, NO_VIEW)
        })
        .await
    }

    /// `resource-explorer-2:GetView`.
    pub async fn view(self, arn: &str) -> Answer<View> {
        self.ask("GetView", arn, async move {
            Ok(self.client()?.member("GetView", json!({ "ViewArn": arn }), "View").await?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_with_a_filter_hides_something() {
        let partial = |view: serde_json::Value| serde_json::from_value::<View>(view).unwrap().is_partial();
        assert!(partial(json!({ "Filters": { "FilterString": "region:us*" } })));
        assert!(!partial(json!({ "Filters": { "FilterString": "" } })));
        assert!(!partial(json!({})));
    }

    #[test]
    fn a_search_without_a_count_is_none() {
        assert!(serde_json::from_value::<Search>(json!({ "Resources": [] })).is_err());
        let search = json!({ "Count": { "TotalResources": 3, "Complete": true }, "ViewArn": "arn" });
        let search: Search = serde_json::from_value(search).unwrap();
        assert_eq!((search.found(), search.is_complete()), (3, true));
    }
}
