//! What a detector is asked, besides whether there is one.

use super::GuardDuty;
use super::detector::{Detector, MalwarePlan, PlanId};
use super::findings::{FindingIds, GuardDutyFinding, OpenThreats};
use super::tuning::{Administered, GuardDutyFilter, Investigation, OwnDetections, RuleAssociation, ThreatList};
use crate::finding::Gap;
use crate::place::{Answer, Region};
use aws_smithy_types::DateTime;
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;

/// How GuardDuty says that a plan is no longer there.
const GONE: &str = "ResourceNotFoundException";

/// Findings that a page holds, and pages that are read at most.
const PAGE: usize = 50;
const PAGES: usize = 20;

impl GuardDuty<'_, Region> {
    /// `guardduty:GetDetector`.
    pub async fn detector_settings(self, detector: &str) -> Answer<Detector> {
        self.ask("GetDetector", detector, async move {
            Ok(self.client()?.call("GetDetector", json!({ "DetectorId": detector })).await?)
        })
        .await
    }

    /// The Region's detector and what it is set to; `None` where there is none.
    ///
    /// # Errors
    /// The first question without an answer.
    pub async fn detector_and_settings(self) -> Result<Option<(String, Arc<Detector>)>, Gap> {
        let id = self.detector().await?;
        let Some(id) = id.as_ref() else { return Ok(None) };
        Ok(Some((id.clone(), self.detector_settings(id).await?)))
    }

    /// `guardduty:ListMalwareProtectionPlans`, every page, and `guardduty:GetMalwareProtectionPlan` for each: the list names no bucket.
    ///
    /// # Errors
    /// Where the list was not seen; a plan that was not is a gap of its own.
    pub async fn malware_plans(self) -> Result<Vec<Answer<MalwarePlan>>, Gap> {
        let ids: Answer<Vec<PlanId>> = self
            .ask("ListMalwareProtectionPlans", "", async move {
                Ok(self.client()?.items("ListMalwareProtectionPlans", json!({}), "MalwareProtectionPlans").await?)
            })
            .await;
        let ids = ids?;
        let plans = ids.iter().map(|id| self.malware_plan(&id.malware_protection_plan_id));
        let plans = join_all(plans).await;
        Ok(plans.into_iter().filter(|plan| !plan.as_ref().is_err_and(|gap| gap.is(GONE))).collect())
    }

    async fn malware_plan(self, id: &str) -> Answer<MalwarePlan> {
        self.ask("GetMalwareProtectionPlan", id, async move {
            Ok(self.client()?.call("GetMalwareProtectionPlan", json!({ "MalwareProtectionPlanId": id })).await?)
        })
        .await
    }
}

impl GuardDuty<'_, Region> {
    /// `guardduty:ListFindings` and `guardduty:GetFindings`: findings of severity 7 or more about this account that are not archived, page
    /// by page until one is found that was created before the moment. In the administrator's account the others' are left out: they
    /// show in their own.
    ///
    /// # Errors
    /// The first question without an answer.
    pub async fn open_threats(self, detector: &str, before: DateTime) -> Result<OpenThreats, Gap> {
        let mut seen = OpenThreats::default();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let page = self.high_findings(detector, token.as_deref()).await?;
            if !page.finding_ids.is_empty() {
                seen.take(&self.details(detector, &page.finding_ids).await?, before);
            }
            let next = page.next_token.clone().filter(|next| !next.is_empty());
            if next.is_some() && next == token {
                return Err(self.malformed(self.name(), "ListFindings", "the token of a page came again"));
            }
            seen.whole = next.is_none();
            if seen.whole || !seen.overdue.is_empty() {
                break;
            }
            token = next;
        }
        Ok(seen)
    }

    async fn high_findings(self, detector: &str, token: Option<&str>) -> Answer<FindingIds> {
        let criteria = json!({ "Criterion": {
            "severity": { "GreaterThanOrEqual": 7 },
            "service.archived": { "Equals": ["false"] },
            "accountId": { "Equals": [self.account_id()] },
        } });
        let question =
            json!({ "DetectorId": detector, "FindingCriteria": criteria, "MaxResults": PAGE, "NextToken": token });
        self.ask("ListFindings", format!("{detector} {}", token.unwrap_or("")), async move {
            Ok(self.client()?.call("ListFindings", question).await?)
        })
        .await
    }

    async fn details(self, detector: &str, ids: &[String]) -> Answer<Vec<GuardDutyFinding>> {
        let question = json!({ "DetectorId": detector, "FindingIds": ids });
        self.ask("GetFindings", ids.join(","), async move {
            Ok(self.client()?.member("GetFindings", question, "Findings").await?)
        })
        .await
    }
}

impl GuardDuty<'_, Region> {
    async fn list<T>(self, operation: &'static str, of: serde_json::Value, items: &'static str) -> Answer<Vec<T>>
    where
        T: serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        self.ask(operation, "", async move { Ok(self.client()?.items(operation, of, items).await?) }).await
    }

    async fn one<T>(self, operation: &'static str, of: serde_json::Value) -> Answer<T>
    where
        T: serde::de::DeserializeOwned + std::fmt::Debug + Send + Sync + 'static,
    {
        self.ask(operation, of.to_string(), async move { Ok(self.client()?.call(operation, of).await?) }).await
    }

    /// `guardduty:ListFilters`, every page, and `guardduty:GetFilter` for each.
    ///
    /// # Errors
    /// Where the list was not seen; a filter that was not is a gap of its own.
    pub async fn filters(self, detector: &str) -> Result<Vec<Answer<GuardDutyFilter>>, Gap> {
        let of = json!({ "DetectorId": detector });
        let names: Answer<Vec<String>> = self.list("ListFilters", of, "FilterNames").await;
        let names = names?;
        let each = names.iter().map(|name| self.one("GetFilter", json!({ "DetectorId": detector, "FilterName": name })));
        Ok(join_all(each).await)
    }

    /// The account that administers this one's GuardDuty: `guardduty:GetAdministratorAccount`.
    ///
    /// # Errors
    /// The question without an answer.
    pub async fn administered_by(self, detector: &str) -> Result<Option<String>, Gap> {
        let answer: Answer<Administered> =
            self.one("GetAdministratorAccount", json!({ "DetectorId": detector })).await;
        Ok(answer?.by().map(str::to_owned))
    }

    /// Rules, lists and investigations of the account: `guardduty:ListCustomDetectionRuleAssociations`,
    /// `guardduty:ListThreatEntitySets`, `guardduty:GetThreatEntitySet`, `guardduty:ListThreatIntelSets` and
    /// `guardduty:GetThreatIntelSet`; `guardduty:ListInvestigations`, which is not offered everywhere, only where nothing else is recent.
    pub async fn own_detections(self, detector: &str, since: DateTime) -> OwnDetections {
        let of = || json!({ "DetectorId": detector });
        let mut own = OwnDetections::default();
        let (rules, entities, addresses) = tokio::join!(
            self.list("ListCustomDetectionRuleAssociations", json!({}), "RuleAssociations"),
            self.list("ListThreatEntitySets", of(), "ThreatEntitySetIds"),
            self.list("ListThreatIntelSets", of(), "ThreatIntelSetIds"),
        );
        let rules: Answer<Vec<RuleAssociation>> = rules;
        own.of(rules).iter().flat_map(|rules| rules.iter()).for_each(|rule| own.rule(rule, since));
        let kinds = [
            ("GetThreatEntitySet", "ThreatEntitySetId", entities),
            ("GetThreatIntelSet", "ThreatIntelSetId", addresses),
        ];
        for (operation, id, list) in kinds {
            let list: Answer<Vec<String>> = list;
            let Some(list) = own.of(list) else { continue };
            let each = list.iter().map(|one| self.one(operation, json!({ "DetectorId": detector, id: one })));
            for one in join_all(each).await {
                let one: Answer<ThreatList> = one;
                own.of(one).iter().for_each(|one| own.list(one, since));
            }
        }
        if own.recent.is_empty() {
            let kept: Answer<Vec<Investigation>> = self.list("ListInvestigations", of(), "Investigations").await;
            own.of(kept).iter().flat_map(|kept| kept.iter()).for_each(|one| own.investigation(one, since));
        }
        own
    }
}
