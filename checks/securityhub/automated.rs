//! What a Region has to do something with findings: rules and custom actions, and somebody who receives them.

use super::receivers::{by_rules, sent};
use crate::prelude::*;
use posture_estate::services::events::samples::EventPlace;
use posture_estate::services::organizations::Seat;
use posture_estate::services::securityhub::findings::{ActionTarget, AutomationRule, Connector};

/// What was found in a Region, and what was not seen of it.
#[derive(Debug, Default)]
pub(super) struct Means {
    /// What acts on findings: an automation rule, a custom action.
    pub automated: Option<String>,
    /// Who receives them.
    pub received: Option<String>,
    /// Why there may be more that acts.
    pub unseen_automation: Reasons,
    /// Why there may be more who receive.
    pub unseen_receivers: Reasons,
}

/// As Organizations calls Security Hub.
const SERVICE: &str = "securityhub.amazonaws.com";

/// What the newer Security Hub has; nothing where it is off.
pub(super) struct Newer {
    pub on: bool,
    pub rules: Answer<Vec<AutomationRule>>,
    pub connectors: Answer<Vec<Connector>>,
}

impl Newer {
    fn refused(gap: &Gap) -> Self {
        Newer { on: false, rules: Err(gap.clone()), connectors: Err(gap.clone()) }
    }
}

/// Rules of EventBridge are asked where no connector sends findings on.
pub(super) async fn means_of(at: &Region, receivers: &Patterns) -> Means {
    let hub = at.securityhub();
    let (rules, actions, newer) = join!(hub.automation_rules(), hub.custom_actions(), newer(at));
    let on = newer.on;
    let mut means = Means::of(at.name(), rules, actions.clone(), newer);
    if means.received.is_none() {
        let actions: Vec<String> =
            means.unseen_receivers.add(actions).iter().flat_map(|all| all.iter()).map(|one| one.arn.clone()).collect();
        let events = EventPlace { account: at.account_id(), region: at.name() }.hub_events(&actions, on);
        means.received = by_rules(at.name(), sent(at, &events, receivers).await, &mut means.unseen_receivers);
    }
    means
}

/// What acts and receives in another account of the organization shows only there: the account that administers Security Hub has the
/// findings of all.
pub(super) async fn or_elsewhere(at: &Region, means: &mut Means) {
    let organizations = at.account().organizations();
    let organization = match organizations.organization().await {
        Ok(organization) => organization,
        Err(gap) => return means.leave_unseen(&gap),
    };
    let Some(organization) = organization.as_ref() else { return };
    match organizations.seat(organization, SERVICE).await {
        Seat::Administrator => {}
        seat => {
            seat.doubt(at.account_id(), "Security Hub", &mut means.unseen_automation);
            seat.doubt(at.account_id(), "Security Hub", &mut means.unseen_receivers);
        }
    }
}

async fn newer(at: &Region) -> Newer {
    let hub = at.securityhub();
    match hub.is_v2_on().await {
        Ok(on) if *on => {
            let (rules, connectors) = join!(hub.automation_rules_v2(), hub.connectors());
            Newer { on: true, rules, connectors }
        }
        Ok(_) => Newer { on: false, rules: Ok(Arc::default()), connectors: Ok(Arc::default()) },
        Err(gap) => Newer::refused(&gap),
    }
}

impl Means {
    pub(super) fn of(
        region: &str,
        rules: Answer<Vec<AutomationRule>>,
        actions: Answer<Vec<ActionTarget>>,
        newer: Newer,
    ) -> Means {
        let mut means = Means::default();
        for rules in [rules, newer.rules] {
            let Some(rules) = means.unseen_automation.add(rules) else { continue };
            for rule in rules.iter() {
                match rule.rule_status.as_deref() {
                    Some("ENABLED") => means.automated = Some(format!("an automation rule in {region} is enabled")),
                    Some("DISABLED") => {}
                    other => {
                        let status = other.unwrap_or("not told");
                        means
                            .unseen_automation
                            .doubt(format!("the status of an automation rule in {region} is {status}"));
                    }
                }
            }
        }
        if let Some(actions) = means.unseen_automation.add(actions)
            && let Some(action) = actions.first()
        {
            means
                .automated
                .get_or_insert_with(|| format!("custom action {} in {region} sends findings on", action.name));
        }
        if let Some(connectors) = means.unseen_receivers.add(newer.connectors) {
            for connector in connectors.iter() {
                means.connector(region, connector);
            }
        }
        means
    }

    fn connector(&mut self, region: &str, connector: &Connector) {
        let provider = connector.provider_summary.provider_name.as_deref().unwrap_or("another system");
        match connector.provider_summary.connector_status.as_deref() {
            Some("CONNECTED") => {
                self.received = Some(format!("connector {} in {region} sends them to {provider}", connector.name));
            }
            Some("FAILED_TO_CONNECT" | "PENDING_CONFIGURATION" | "PENDING_AUTHORIZATION") => {}
            other => {
                let status = other.unwrap_or("not told");
                self.unseen_receivers
                    .doubt(format!("the status of connector {} in {region} is {status}", connector.name));
            }
        }
    }

    /// Adds what the Region has in which findings of this one come together.
    pub(super) fn absorb(&mut self, home: Means) {
        self.automated = self.automated.take().or(home.automated);
        self.received = self.received.take().or(home.received);
        self.unseen_automation.absorb(home.unseen_automation);
        self.unseen_receivers.absorb(home.unseen_receivers);
    }

    /// What is in another Region was not seen.
    pub(super) fn leave_unseen(&mut self, gap: &Gap) {
        self.unseen_automation.unseen(gap);
        self.unseen_receivers.unseen(gap);
    }

    /// What was seen does not say whether another Region counts.
    pub(super) fn leave_open(&mut self, why: &str) {
        self.unseen_automation.doubt(why);
        self.unseen_receivers.doubt(why);
    }

    pub(super) fn is_complete(&self) -> bool {
        self.automated.is_some() && self.received.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "securityhub:ListAutomationRules", GapKind::Denied, "no")
    }

    fn rules(status: &[&str]) -> Answer<Vec<AutomationRule>> {
        Ok(Arc::new(status.iter().map(|&one| AutomationRule { rule_status: Some(one.into()) }).collect()))
    }

    fn connectors(status: &[&str]) -> Answer<Vec<Connector>> {
        let one = |status: &&str| {
            let summary = json!({ "ProviderName": "JIRA_CLOUD", "ConnectorStatus": status });
            serde_json::from_value(json!({ "Name": "tickets", "ProviderSummary": summary })).unwrap()
        };
        Ok(Arc::new(status.iter().map(one).collect()))
    }

    fn of(old: Answer<Vec<AutomationRule>>, actions: Answer<Vec<ActionTarget>>, newer: Newer) -> Means {
        Means::of("eu-west-1", old, actions, newer)
    }

    fn nothing() -> Newer {
        Newer { on: true, rules: rules(&[]), connectors: connectors(&[]) }
    }

    #[test]
    fn a_rule_that_is_enabled_or_a_custom_action_acts() {
        let none = || Ok(Arc::default());
        assert!(of(rules(&["DISABLED", "ENABLED"]), none(), nothing()).automated.is_some());
        assert!(of(rules(&[]), none(), Newer { rules: rules(&["ENABLED"]), ..nothing() }).automated.is_some());
        let action = Ok(Arc::new(vec![ActionTarget { arn: "arn".into(), name: "isolate".into() }]));
        assert!(of(Err(gap()), action, nothing()).automated.is_some());
        let none_acts = of(rules(&["DISABLED"]), none(), nothing());
        assert!(none_acts.automated.is_none() && none_acts.unseen_automation.is_empty());
        assert!(!of(rules(&["PAUSED"]), none(), nothing()).unseen_automation.is_empty());
        assert!(!of(Err(gap()), none(), nothing()).unseen_automation.is_empty());
        assert!(!of(rules(&[]), Err(gap()), nothing()).unseen_automation.is_empty());
    }

    #[test]
    fn only_a_connector_that_is_connected_sends() {
        let with = |connectors| of(rules(&[]), Ok(Arc::default()), Newer { connectors, ..nothing() });
        assert!(with(connectors(&["FAILED_TO_CONNECT", "CONNECTED"])).received.is_some());
        for not_yet in ["FAILED_TO_CONNECT", "PENDING_CONFIGURATION", "PENDING_AUTHORIZATION"] {
            let means = with(connectors(&[not_yet]));
            assert!(means.received.is_none() && means.unseen_receivers.is_empty(), "{not_yet}");
        }
        assert!(!with(connectors(&["RESTING"])).unseen_receivers.is_empty());
        assert!(!with(Err(gap())).unseen_receivers.is_empty());
        let mut own = with(connectors(&[]));
        own.absorb(with(connectors(&["CONNECTED"])));
        assert!(own.received.is_some() && !own.is_complete());
    }
}
