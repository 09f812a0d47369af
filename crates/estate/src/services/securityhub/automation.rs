//! What happens to findings by itself: automation rules, custom actions, and connectors to ticketing systems, of Security Hub CSPM and of
//! the Security Hub that came after it (the operations that end in `V2`).

use super::SecurityHub;
use super::findings::{ActionTarget, AutomationRule, Connector, HubV2};
use crate::aws::answer::absent;
use crate::place::{Answer, Region};
use serde_json::json;

impl SecurityHub<'_, Region> {
    /// `securityhub:ListAutomationRules`, every page; in an organization only the administrator has rules.
    pub async fn automation_rules(self) -> Answer<Vec<AutomationRule>> {
        self.ask("ListAutomationRules", "", async move {
            Ok(self.client()?.items("ListAutomationRules", json!({}), "AutomationRulesMetadata").await?)
        })
        .await
    }

    /// `securityhub:DescribeActionTargets`, every page.
    pub async fn custom_actions(self) -> Answer<Vec<ActionTarget>> {
        self.ask("DescribeActionTargets", "", async move {
            Ok(self.client()?.items("DescribeActionTargets", json!({}), "ActionTargets").await?)
        })
        .await
    }

    /// `securityhub:DescribeSecurityHubV2`: whether the newer Security Hub is on.
    pub async fn is_v2_on(self) -> Answer<bool> {
        self.ask("DescribeSecurityHubV2", "", async move {
            let answer: Result<HubV2, _> = self.client()?.call("DescribeSecurityHubV2", json!({})).await;
            Ok(absent(answer, &["ResourceNotFoundException"])?.is_some_and(|hub| hub.arn.is_some()))
        })
        .await
    }

    /// `securityhub:ListAutomationRulesV2`, every page.
    pub async fn automation_rules_v2(self) -> Answer<Vec<AutomationRule>> {
        self.ask("ListAutomationRulesV2", "", async move {
            Ok(self.client()?.items("ListAutomationRulesV2", json!({}), "Rules").await?)
        })
        .await
    }

    /// `securityhub:ListConnectorsV2`, every page.
    pub async fn connectors(self) -> Answer<Vec<Connector>> {
        self.ask("ListConnectorsV2", "", async move {
            Ok(self.client()?.items("ListConnectorsV2", json!({}), "Connectors").await?)
        })
        .await
    }
}
