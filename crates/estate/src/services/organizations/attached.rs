//! Which policies of a type stand where, and what an account inherits of them.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>

use super::{Organizations, PolicyType};
use crate::finding::{Gap, Reasons};
use crate::place::Account;
use futures_util::future::join_all;
use posture_policy::{Document, Level};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A policy of the organization.
#[derive(Debug)]
pub struct Policy {
    pub name: String,
    /// AWS's own, which allows everything.
    pub managed: bool,
    /// What it says; why that is not known, as a gap or as words.
    pub document: Result<Document, Unread>,
}

/// Why a policy does not count.
#[derive(Debug)]
pub enum Unread {
    Gap(Gap),
    Malformed(String),
}

/// All policies of a type by what they are attached to.
#[derive(Debug, Default)]
pub struct Attached {
    by_target: BTreeMap<String, Vec<Arc<Policy>>>,
    /// Why some may be attached where nothing is listed.
    pub unplaced: Vec<Gap>,
}

impl Organizations<'_, Account> {
    /// The policies of a type and where they are attached.
    pub async fn attached_policies(self, kind: PolicyType) -> Result<Attached, Gap> {
        let listed = self.organization_policies(kind).await?;
        let now = self.0.now().secs();
        let read = listed.iter().map(async |summary| {
            let (text, targets) = tokio::join!(self.organization_policy(&summary.id), self.policy_targets(&summary.id));
            let (name, managed) = (summary.name.clone(), summary.aws_managed);
            let document = text.map_err(Unread::Gap).and_then(|text| {
                Document::parse(&text)
                    .map(|document| document.called(&name).as_of(now))
                    .map_err(|error| Unread::Malformed(error.to_string()))
            });
            (Arc::new(Policy { name, managed, document }), targets)
        });
        let mut attached = Attached::default();
        for (policy, targets) in join_all(read).await {
            match targets {
                Ok(targets) => {
                    for target in targets.iter() {
                        attached.by_target.entry(target.clone()).or_default().push(policy.clone());
                    }
                }
                Err(gap) => attached.unplaced.push(gap),
            }
        }
        Ok(attached)
    }
}

impl Attached {
    /// The policies on the way from the root to an account, a group for each step.
    pub fn on<'a>(&'a self, path: &'a [String], account: &'a str) -> impl Iterator<Item = &'a [Arc<Policy>]> {
        let steps = path.iter().map(String::as_str).chain([account]);
        steps.map(|step| self.by_target.get(step).map_or(&[][..], Vec::as_slice))
    }

    /// The same for the evaluator. What is not readable is left out, and its step then decides nothing by what it does not allow.
    pub fn levels<'a>(&'a self, path: &'a [String], account: &'a str) -> Vec<Level<'a>> {
        let level = |policies: &'a [Arc<Policy>]| Level {
            documents: policies.iter().filter_map(|policy| policy.document.as_ref().ok()).collect(),
            // AWS leaves no step without a policy; an empty one is not all there is.
            whole: !policies.is_empty()
                && self.unplaced.is_empty()
                && policies.iter().all(|policy| policy.document.is_ok()),
        };
        self.on(path, account).map(level).collect()
    }

    /// What keeps "nothing refuses it" from being certain there.
    pub fn doubts(&self, path: &[String], account: &str, reasons: &mut Reasons) {
        for gap in &self.unplaced {
            reasons.unseen(gap);
        }
        for policy in self.on(path, account).flatten() {
            match &policy.document {
                Ok(_) => {}
                Err(Unread::Gap(gap)) => reasons.unseen(gap),
                Err(Unread::Malformed(why)) => reasons.doubt(format!("policy {} cannot be read: {why}", policy.name)),
            }
        }
    }

    /// Names of the policies there that are not AWS's own.
    pub fn own_names(&self, path: &[String], account: &str) -> Vec<String> {
        let own = self.on(path, account).flatten().filter(|policy| !policy.managed);
        let mut names: Vec<String> = own.map(|policy| policy.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }
}

#[doc(hidden)]
impl Attached {
    /// Policies by what they are attached to, their name and their text; AWS's own by its name.
    pub fn example<'a>(policies: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Attached {
        let mut attached = Attached::default();
        for (target, name, text) in policies {
            let document = Document::parse(text).map(|document| document.called(name));
            let document = document.map_err(|error| Unread::Malformed(error.to_string()));
            let policy = Policy { name: name.to_owned(), managed: name == "FullAWSAccess", document };
            attached.by_target.entry(target.to_owned()).or_default().push(Arc::new(policy));
        }
        attached
    }
}
