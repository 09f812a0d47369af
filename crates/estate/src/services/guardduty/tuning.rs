//! What an account added to GuardDuty: filters that archive, rules and lists of its own, investigations.

use crate::aws::model::Time;
use crate::finding::Gap;
use crate::place::Answer;
use aws_smithy_types::DateTime;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A saved filter. One that archives is a suppression rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GuardDutyFilter {
    pub name: String,
    /// `ARCHIVE`, `NOOP`
    pub action: String,
    finding_criteria: FilterCriteria,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    #[serde(default)]
    criterion: BTreeMap<String, FilterCondition>,
}

/// The operators that name something; the rest leave out or compare.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCondition {
    #[serde(default)]
    eq: Vec<String>,
    #[serde(default)]
    equals: Vec<String>,
    #[serde(default)]
    matches: Vec<String>,
}

impl FilterCondition {
    /// Whether it names values, none of them a wildcard for all.
    fn names(&self) -> bool {
        let mut values = self.eq.iter().chain(&self.equals).chain(&self.matches).peekable();
        values.peek().is_some() && values.all(|value| value.chars().any(char::is_alphanumeric))
    }
}

impl GuardDutyFilter {
    /// Whether it names the types of the findings that it is for.
    pub fn names_types(&self) -> bool {
        self.finding_criteria.criterion.get("type").is_some_and(FilterCondition::names)
    }

    /// Whether it names what the findings are about: resources, or the address or domain at the other end, as AWS's own examples do.
    /// <https://docs.aws.amazon.com/guardduty/latest/ug/findings_suppression-rule.html>
    pub fn names_resources(&self) -> bool {
        let about = |key: &str| {
            (key.starts_with("resource.") && key != "resource.resourceType")
                || (key.starts_with("service.action.")
                    && [".ipAddressV4", ".ipAddressV6", ".domain", ".domainWithSuffix"].iter().any(|end| key.ends_with(end)))
        };
        self.finding_criteria.criterion.iter().any(|(key, condition)| about(key) && condition.names())
    }
}

/// A rule of AWS's library that is switched on here.
/// <https://docs.aws.amazon.com/guardduty/latest/ug/custom-detection-rules.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleAssociation {
    pub rule_id: String,
    /// `LIVE`, or `DRY_RUN`, which makes no findings and ends by itself.
    pub mode: String,
    pub updated_at: Time,
}

/// A list of addresses, or of addresses and domains, that are known to be bad.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ThreatList {
    pub name: String,
    /// `ACTIVE`, `INACTIVE`, `ERROR`, …
    pub status: String,
    /// Lists of the older kind do not say.
    pub updated_at: Option<Time>,
}

/// An investigation that is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Investigation {
    /// `COMPLETED`, `RUNNING`, `FAILED`
    pub status: Option<String>,
    pub start_time: Option<Time>,
    pub end_time: Option<Time>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Administered {
    administrator: Option<Administrator>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Administrator {
    account_id: Option<String>,
    relationship_status: Option<String>,
}

impl Administered {
    /// The account that administers this one, as long as it does.
    pub(super) fn by(&self) -> Option<&str> {
        let administrator = self.administrator.as_ref()?;
        let now = administrator.relationship_status.as_deref() == Some("Enabled");
        now.then_some(administrator.account_id.as_deref()).flatten()
    }
}

/// The detections that the account has of its own.
#[derive(Clone, Debug, Default)]
pub struct OwnDetections {
    /// Changed since the moment that was asked about.
    pub recent: Vec<String>,
    pub older: Vec<String>,
    /// At work, and it does not show since when.
    pub undated: Vec<String>,
    pub gaps: Vec<Gap>,
}

impl OwnDetections {
    fn put(&mut self, name: String, changed: Option<&Time>, since: DateTime) {
        let list = match changed {
            Some(changed) if changed.secs() >= since.secs() => &mut self.recent,
            Some(_) => &mut self.older,
            None => &mut self.undated,
        };
        list.push(name);
    }

    pub(super) fn rule(&mut self, rule: &RuleAssociation, since: DateTime) {
        if rule.mode == "LIVE" {
            self.put(format!("custom detection rule {}", rule.rule_id), Some(&rule.updated_at), since);
        }
    }

    pub(super) fn list(&mut self, list: &ThreatList, since: DateTime) {
        if list.status == "ACTIVE" {
            self.put(format!("threat list {}", list.name), list.updated_at.as_ref(), since);
        }
    }

    pub(super) fn investigation(&mut self, one: &Investigation, since: DateTime) {
        if matches!(one.status.as_deref(), Some("COMPLETED" | "RUNNING")) {
            let changed = one.end_time.as_ref().or(one.start_time.as_ref());
            self.put("a saved investigation".to_owned(), changed, since);
        }
    }

    /// What an answer holds, or its gap.
    pub(super) fn of<T>(&mut self, answer: Answer<T>) -> Option<std::sync::Arc<T>> {
        answer.map_err(|gap| self.gaps.push(gap)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filter(criterion: &serde_json::Value) -> GuardDutyFilter {
        let text = json!({ "Name": "f", "Action": "ARCHIVE", "FindingCriteria": { "Criterion": criterion } });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn types_are_named_by_what_is_wanted_and_not_by_what_is_left_out() {
        assert!(filter(&json!({ "type": { "Equals": ["Recon:EC2/Portscan"] } })).names_types());
        assert!(filter(&json!({ "type": { "Eq": ["Recon:EC2/Portscan"] } })).names_types());
        assert!(filter(&json!({ "type": { "Matches": ["Recon:EC2/*"] } })).names_types());
        for none in [
            json!({ "type": { "Matches": ["*"] } }),
            json!({ "type": { "Matches": ["*:*/*"] } }),
            json!({ "type": { "NotEquals": ["Recon:EC2/Portscan"] } }),
            json!({ "severity": { "LessThan": 4 } }),
            json!({}),
        ] {
            assert!(!filter(&none).names_types(), "{none}");
        }
    }

    #[test]
    fn resources_are_named_by_themselves_or_by_the_other_end() {
        for named in [
            json!({ "resource.instanceDetails.instanceId": { "Equals": ["i-1"] } }),
            json!({ "resource.instanceDetails.tags.value": { "Eq": ["scanner"] } }),
            json!({ "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4": { "Equals": ["198.51.100.7"] } }),
            json!({ "service.action.dnsRequestAction.domain": { "Equals": ["test.example.com"] } }),
        ] {
            assert!(filter(&named).names_resources(), "{named}");
        }
        for none in [
            json!({ "resource.resourceType": { "Equals": ["Instance"] } }),
            json!({ "resource.instanceDetails.instanceId": { "Matches": ["*"] } }),
            json!({ "accountId": { "Equals": ["111122223333"] } }),
            json!({ "service.action.actionType": { "Equals": ["DNS_REQUEST"] } }),
            json!({ "type": { "Equals": ["Recon:EC2/Portscan"] } }),
        ] {
            assert!(!filter(&none).names_resources(), "{none}");
        }
    }

    fn at(day: &str) -> Time {
        serde_json::from_value(json!(format!("{day}T00:00:00Z"))).unwrap()
    }

    #[test]
    fn detections_are_at_work_and_dated() {
        let since = DateTime::from_secs(1_769_904_000); // 2026-02-01
        let mut own = OwnDetections::default();
        for (mode, day) in [("LIVE", "2026-03-01"), ("LIVE", "2026-01-01"), ("DRY_RUN", "2026-03-01")] {
            own.rule(&RuleAssociation { rule_id: mode.into(), mode: mode.into(), updated_at: at(day) }, since);
        }
        assert_eq!((own.recent.len(), own.older.len(), own.undated.len()), (1, 1, 0));
        for (status, day) in
            [("ACTIVE", Some("2026-03-01")), ("ACTIVE", Some("2026-01-01")), ("ACTIVE", None), ("ERROR", None)]
        {
            own.list(&ThreatList { name: "l".into(), status: status.into(), updated_at: day.map(at) }, since);
        }
        assert_eq!((own.recent.len(), own.older.len(), own.undated.len()), (2, 2, 1));
        for (status, end) in
            [("COMPLETED", Some("2026-03-01")), ("FAILED", Some("2026-03-01")), ("COMPLETED", Some("2026-01-01"))]
        {
            let start_time = Some(at("2025-12-01"));
            own.investigation(&Investigation { status: Some(status.into()), start_time, end_time: end.map(at) }, since);
        }
        assert_eq!((own.recent.len(), own.older.len(), own.undated.len()), (3, 3, 1));
    }

    #[test]
    fn an_administrator_counts_as_long_as_it_is_one() {
        let by = |text: serde_json::Value| {
            serde_json::from_value::<Administered>(text).unwrap().by().map(str::to_owned)
        };
        let administrator = |status: &str| {
            json!({ "Administrator": { "AccountId": "444455556666", "RelationshipStatus": status } })
        };
        assert_eq!(by(administrator("Enabled")).as_deref(), Some("444455556666"));
        assert_eq!(by(administrator("Removed")), None);
        assert_eq!(by(json!({})), None);
    }
}
