//! Do the attributes by which policies of permission sets decide reach the sessions?

use crate::prelude::*;
use posture_estate::services::sso_admin::AccessControlAttributes;
use posture_estate::text::few;
use posture_policy::Document;
use std::collections::{BTreeMap, BTreeSet};

/// The session tags by which inline policies of permission sets decide.
#[derive(Default)]
pub(super) struct Claims {
    /// The names of the sets by the key in lower case.
    pub by_key: BTreeMap<String, Vec<String>>,
    open: Reasons,
}

impl Claims {
    pub(super) fn add(&mut self, set: &str, inline: Answer<Option<String>>, at: &Account) {
        let Some(inline) = self.open.add(inline) else { return };
        match inline.there().map(|text| at.context().parse(text)) {
            Some(Ok(document)) => self.take(set, &document),
            Some(Err(error)) => {
                self.open.doubt(format!("the inline policy of permission set {set} cannot be read: {error}"))
            }
            None => {}
        }
    }

    pub(super) fn take(&mut self, set: &str, document: &Document) {
        for key in posture_policy::principal_tags(document) {
            self.by_key.entry(key).or_default().push(set.to_owned());
        }
    }

    pub(super) fn judge(self, attributes: Option<Answer<Option<AccessControlAttributes>>>) -> Verdict {
        let Claims { by_key, open: mut reasons } = self;
        let keys: Vec<&str> = by_key.keys().map(String::as_str).collect();
        let Some(attributes) = attributes else {
            if reasons.is_empty() {
                return Verdict::not_applicable(
                    "no inline policy of a permission set decides by an attribute of the user",
                );
            }
            return reasons.open();
        };
        let sets: BTreeSet<&str> = by_key.values().flatten().map(String::as_str).collect();
        let sets = few(&sets.into_iter().collect::<Vec<_>>(), 5);
        let Some(answer) = reasons.add(attributes) else { return reasons.open() };
        match answer.there() {
            None => reasons.broken(
                "attributes_off",
                format!(
                    "permission sets ({sets}) decide by {}, and attributes for access control are off",
                    keys.join(", ")
                ),
            ),
            Some(on) if on.status == "CREATION_FAILED" => {
                reasons.broken(
                    "attributes_off",
                    format!(
                        "permission sets ({sets}) decide by {}, and attributes for access control could not be set up",
                        keys.join(", ")
                    ),
                );
            }
            Some(on) if on.status != "ENABLED" => {
                reasons.doubt(format!("attributes for access control are {}", on.status));
            }
            Some(on) => {
                let list = on.instance_access_control_attribute_configuration.as_ref();
                let mapped = list.map_or(&[][..], |list| &list.access_control_attributes);
                let missing: Vec<&str> = keys
                    .iter()
                    .copied()
                    .filter(|key| !mapped.iter().any(|one| one.key.eq_ignore_ascii_case(key)))
                    .collect();
                if !missing.is_empty() {
                    reasons.doubt(format!(
                        "permission sets ({sets}) decide by {}, which the instance does not map; whether the identity provider sends it does not show",
                        missing.join(", ")
                    ));
                }
            }
        }
        reasons
            .or_pass(|| {
                format!("the attributes by which permission sets decide reach their sessions: {}", keys.join(", "))
            })
            .evidence(json!({ "keys": keys }))
    }
}
