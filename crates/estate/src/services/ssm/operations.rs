//! What Systems Manager ran and what is open: executions of Automation and the items of OpsCenter. Both are long lists, newest first,
//! of which only as much is read as the question needs.

use super::answers::{Execution, OpsItem};
use super::{Ssm, next};
use crate::aws::fault::Fault;
use crate::aws::model::Time;
use crate::place::{Answer, Region};
use aws_smithy_types::DateTime;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;

/// Pages that are read of one list at most.
const MOST_PAGES: usize = 10;

/// What a list that is read as far as is needed shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latest {
    /// One was found, of that moment.
    At(DateTime),
    /// There is none, in all of the list.
    Never,
    /// None in what was read, and there is more.
    Unread,
}

impl Ssm<'_, Region> {
    /// `ssm:DescribeAutomationExecutions` of one runbook, up to the first that is listed: when it ran last.
    pub async fn last_run(self, runbook: &str) -> Answer<Latest> {
        self.ask("DescribeAutomationExecutions", runbook, async move {
            let of = json!({ "Filters": [{ "Key": "DocumentNamePrefix", "Values": [runbook] }], "MaxResults": 50 });
            let list = "AutomationExecutionMetadataList";
            self.first("DescribeAutomationExecutions", &of, list, |one: &Execution| {
                one.execution_start_time.filter(|_| one.document_name == runbook)
            })
            .await
        })
        .await
    }

    /// `ssm:DescribeOpsItems` that were resolved, up to the first: when it was changed last.
    pub async fn last_resolved_item(self) -> Answer<Latest> {
        self.ask("DescribeOpsItems", "Resolved", async move {
            let of = json!({ "OpsItemFilters": [{ "Key": "Status", "Values": ["Resolved"], "Operator": "Equal" }], "MaxResults": 50 });
            self.first("DescribeOpsItems", &of, "OpsItemSummaries", |one: &OpsItem| one.last_modified_time).await
        })
        .await
    }

    /// The latest moment on the first page that has any.
    async fn first<T>(
        self,
        operation: &'static str,
        question: &Value,
        list: &str,
        when: impl Fn(&T) -> Option<Time>,
    ) -> Result<Latest, Fault>
    where
        T: DeserializeOwned + Debug + Send + Sync + 'static,
    {
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let page: Value = self.client()?.call(operation, next(question, token.take())).await?;
            let items = page.get(list).ok_or_else(|| Fault::malformed(format!("the answer has no {list}")))?;
            let items = Vec::<T>::deserialize(items).map_err(|error| Fault::malformed(format!("{list}: {error}")))?;
            if let Some(latest) = items.iter().filter_map(&when).max() {
                return Ok(Latest::At(latest.0));
            }
            token = page.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty()).map(str::to_owned);
            if token.is_none() {
                return Ok(Latest::Never);
            }
        }
        Ok(Latest::Unread)
    }
}
