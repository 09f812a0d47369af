//! EventBridge: the rules of the default bus, to which AWS's services send their events, what they start, and the buses with their policies.

pub mod pattern;
pub mod reach;
pub mod samples;

use crate::aws::answer::absent;
use crate::aws::reading::items;
use crate::aws::service::{Service, Wire};
use crate::finding::Resource;
use crate::place::{Answer, Region, service};
use pattern::{EventSample, PatternMatch};
use serde::Deserialize;
use serde_json::json;

service! {
    /// EventBridge in a region.
    events => Events model "events": Service {
        // What targets are called with.
        secrets: &["HeaderParameters", "QueryStringParameters"],
        texts: &["Input", "InputTemplate", "Sql", "Sqls"],
        reads: &[
            ("ListEventBuses", |v| items::<EventBus>(v, "EventBuses")),
            ("ListRules", |v| items::<EventRule>(v, "Rules")),
            ("ListTargetsByRule", |v| items::<EventTarget>(v, "Targets")),
        ],
        ..Service::new("events", "EventBridge", Wire::AwsJson)
    }
}

/// A rule of the default bus.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventRule {
    pub name: String,
    pub arn: String,
    /// `ENABLED`, `DISABLED`, `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`
    pub state: String,
    /// What it matches, JSON; a rule that only follows a schedule has none.
    pub event_pattern: Option<String>,
    /// The service that made it, `securityhub.amazonaws.com`.
    pub managed_by: Option<String>,
}

impl EventRule {
    /// Whether it is on; `None` where its state is not a known one.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html>
    pub fn is_enabled(&self) -> Option<bool> {
        match self.state.as_str() {
            "ENABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" => Some(true),
            "DISABLED" => Some(false),
            _ => None,
        }
    }

    /// Whether it starts its targets on every event that the sample stands for.
    pub fn fires_on(&self, sample: &EventSample) -> PatternMatch {
        let Some(pattern) = &self.event_pattern else { return PatternMatch::No };
        match (self.is_enabled(), pattern::matches(pattern, sample)) {
            (Some(false), _) => PatternMatch::No,
            (None, PatternMatch::Yes) => PatternMatch::Perhaps(format!("its state is {}", self.state)),
            (_, matched) => matched,
        }
    }

    /// Whether a service made it for its own purposes: what it starts is none of the account's doing. Rules of User Notifications tell the
    /// account's people.
    /// <https://docs.aws.amazon.com/notifications/latest/userguide/what-is-service.html>
    pub fn is_a_services_own(&self) -> bool {
        self.managed_by.as_deref().is_some_and(|service| !service.starts_with("notifications."))
    }

    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::Events::Rule", &self.name)
    }
}

/// What a rule starts.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventTarget {
    pub arn: String,
}

/// An event bus.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventBus {
    pub name: String,
    pub arn: String,
    /// Who may send to it or make rules on it, JSON; AWS leaves it out where there is none.
    pub policy: Option<String>,
}

impl EventBus {
    pub fn resource(&self) -> Resource {
        Resource::new(&self.arn, "AWS::Events::EventBus", &self.name)
    }
}

impl Events<'_, Region> {
    /// `events:ListRules`, every page: the rules of the default bus, the only one to which AWS's services send.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html>
    pub async fn rules(self) -> Answer<Vec<EventRule>> {
        self.ask("ListRules", "", async move { Ok(self.client()?.items("ListRules", json!({}), "Rules").await?) }).await
    }

    /// `events:ListTargetsByRule` of a rule of the default bus, every page; a rule that is gone has none.
    pub async fn targets(self, rule: &str) -> Answer<Vec<EventTarget>> {
        self.ask("ListTargetsByRule", rule, async move {
            let found = self.client()?.items("ListTargetsByRule", json!({ "Rule": rule }), "Targets").await;
            let Some(targets) = absent(found, &["ResourceNotFoundException"])? else { return Ok(Vec::new()) };
            Ok(targets)
        })
        .await
    }

    /// `events:ListEventBuses`, every page: the default bus and those of the account.
    pub async fn buses(self) -> Answer<Vec<EventBus>> {
        self.ask("ListEventBuses", "", async move {
            Ok(self.client()?.items("ListEventBuses", json!({}), "EventBuses").await?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(state: &str, pattern: Option<&str>) -> EventRule {
        let event_pattern = pattern.map(str::to_owned);
        EventRule { name: "r".into(), arn: "arn".into(), state: state.into(), event_pattern, managed_by: None }
    }

    #[test]
    fn rules_of_services_are_theirs_but_for_those_that_notify() {
        let by = |service: Option<&str>| {
            EventRule { managed_by: service.map(str::to_owned), ..rule("ENABLED", None) }.is_a_services_own()
        };
        assert!(by(Some("auditmanager.amazonaws.com")));
        assert!(!by(Some("notifications.amazonaws.com")) && !by(None));
    }

    #[test]
    fn only_a_rule_that_is_on_and_has_a_pattern_fires() {
        let sample = EventSample::new("a finding", json!({"source": "aws.guardduty"}));
        let ours = Some(r#"{"source":["aws.guardduty"]}"#);
        let fires = |state, pattern| rule(state, pattern).fires_on(&sample);
        assert_eq!(fires("ENABLED", ours), PatternMatch::Yes);
        assert_eq!(fires("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", ours), PatternMatch::Yes);
        assert_eq!(fires("DISABLED", ours), PatternMatch::No);
        assert_eq!(fires("DISABLED", Some("{")), PatternMatch::No);
        assert!(matches!(fires("PAUSED", ours), PatternMatch::Perhaps(_)));
        assert_eq!(fires("PAUSED", Some(r#"{"source":["aws.ec2"]}"#)), PatternMatch::No);
        assert_eq!(fires("ENABLED", None), PatternMatch::No);
    }
}
