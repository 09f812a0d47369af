//! Systems Manager's actions on nodes are authorised on a document as well, and what a document runs decides what they are worth.

use super::super::arn::Arn;
use super::super::identity::Reach;
use super::super::paths::Need;
use super::super::pattern::Pattern;
use super::steps::{Move, Steps, partition};

impl Steps<'_> {
    /// On a document of Systems Manager that runs what the caller says.
    pub fn document(&self, step: &Move<'_>) -> Reach {
        let action = Pattern::action(step.action);
        let allows = || self.documents.iter().flat_map(|d| d.allows()).filter(|allow| allow.actions.covers(&action));
        let partition = partition(self.identity);
        let mut own = None;
        let mut places = vec![("us-east-1".to_owned(), String::new())];
        for pattern in allows().flat_map(|allow| allow.resources.iter().flat_map(|set| set.patterns())) {
            let [_, _, _, region, account, resource] = &pattern.fields(6)[..] else { continue };
            let place = (region.example("us-east-1"), account.example(""));
            if let (Some(region), Some(account)) = place {
                places.push((region, account));
            }
            // What the customer's own document does is in no policy.
            let name = resource.text().strip_prefix("document/");
            if name.is_some_and(|name| !name.starts_with("AWS") && !name.starts_with("Amazon")) {
                own = own.or_else(|| pattern.example("any"));
            }
        }
        places.dedup();
        let mut best = Reach::Not(String::new());
        for (region, account) in &places {
            for name in step.documents {
                let resource = format!("document/{name}");
                let (partition, region) = (partition.as_str(), region.as_str());
                let arn = Arn { partition, service: "ssm", region, account, resource: &resource }.to_string();
                match self.step(&Move { need: Need::On(&[Pattern::plain(&arn, false)]), documents: &[], ..*step }) {
                    allowed @ Reach::Allowed(_) => return allowed,
                    unsure @ Reach::Unsure(_) => best = unsure,
                    Reach::Not(_) => {}
                }
            }
        }
        let Some(arn) = own.filter(|_| matches!(best, Reach::Not(_))) else { return best };
        match self.step(&Move { need: Need::On(&[Pattern::plain(&arn, false)]), documents: &[], ..*step }) {
            allowed @ Reach::Allowed(_) if self.writes_documents(&arn) => allowed,
            Reach::Allowed(_) => Reach::Unsure(format!("it is not known what the document {arn} runs")),
            other => other,
        }
    }

    fn writes_documents(&self, arn: &str) -> bool {
        ["ssm:CreateDocument", "ssm:UpdateDocument"].iter().any(|action| self.allows(action, arn))
    }
}
