//! Archive rules: which findings of public access they take out of sight before anybody looked.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A rule that archives new findings by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveRule {
    pub rule_name: String,
    /// What a finding has to meet, all of it.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html>
    pub filter: BTreeMap<String, Criterion>,
}

/// What one key of a finding has to be; several operators hold together.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Criterion {
    pub eq: Option<Vec<String>>,
    pub neq: Option<Vec<String>>,
    pub contains: Option<Vec<String>>,
    pub exists: Option<bool>,
}

impl Criterion {
    /// Whether a key that has the value, or is not there, meets it; `None` where it has no operator that is known.
    fn meets(&self, value: Option<&str>) -> Option<bool> {
        let is = |one: &String| value.is_some_and(|value| one.eq_ignore_ascii_case(value));
        let within = |one: &String| value.is_some_and(|value| value.contains(&one.to_ascii_lowercase()));
        let each = [
            self.eq.as_ref().map(|list| list.iter().any(is)),
            self.neq.as_ref().map(|list| !list.iter().any(is)),
            self.contains.as_ref().map(|list| list.iter().any(within)),
            self.exists.map(|exists| exists == value.is_some()),
        ];
        let mut known = each.into_iter().flatten().peekable();
        known.peek()?;
        Some(known.all(|met| met))
    }
}

impl ArchiveRule {
    /// Whether it archives findings of public access; `None` where that cannot be told.
    pub fn hides_public(&self) -> Option<bool> {
        let met: Vec<Option<bool>> = self.filter.iter().map(|(key, criterion)| met_by_public(key, criterion)).collect();
        if met.contains(&Some(false)) {
            return Some(false);
        }
        (!met.contains(&None)).then_some(true)
    }
}

/// Whether a finding with `isPublic` true, whose principal is everyone, can meet a criterion.
fn met_by_public(key: &str, criterion: &Criterion) -> Option<bool> {
    match key {
        "isPublic" => criterion.meets(Some("true")),
        "principal.AWS" => criterion.meets(Some("*")),
        // Everyone is an AWS principal.
        "principal.Federated" | "principal.CanonicalUser" => criterion.meets(None),
        "resource" | "resourceType" | "resourceOwnerAccount" | "resourceControlPolicyRestriction" => Some(true),
        // Findings with an error are of what could not be analyzed, whether it is public or not.
        "error" => criterion.meets(None).filter(|met| *met),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn hides(filter: &Value) -> Option<bool> {
        let rule: ArchiveRule = serde_json::from_value(json!({ "ruleName": "r", "filter": filter })).unwrap();
        rule.hides_public()
    }

    #[test]
    fn a_rule_hides_what_it_does_not_leave_out() {
        assert_eq!(hides(&json!({ "isPublic": { "eq": ["true"] } })), Some(true));
        assert_eq!(hides(&json!({ "isPublic": { "eq": ["true", "false"] } })), Some(true));
        assert_eq!(hides(&json!({ "isPublic": { "neq": ["false"] } })), Some(true));
        assert_eq!(hides(&json!({ "isPublic": { "exists": true } })), Some(true));
        assert_eq!(hides(&json!({ "resourceType": { "eq": ["AWS::S3::Bucket"] } })), Some(true));
        assert_eq!(hides(&json!({ "resource": { "contains": ["website"] } })), Some(true));
        assert_eq!(hides(&json!({ "isPublic": { "eq": ["false"] } })), Some(false));
        assert_eq!(hides(&json!({ "error": { "exists": false } })), Some(true));
        assert_eq!(hides(&json!({ "error": { "exists": true } })), None, "what could not be analyzed");
        assert_eq!(hides(&json!({ "isPublic": { "neq": ["True"] } })), Some(false));
        assert_eq!(
            hides(&json!({ "resourceType": { "eq": ["AWS::IAM::Role"] }, "isPublic": { "eq": ["false"] } })),
            Some(false)
        );
    }

    #[test]
    fn who_is_named_is_not_everyone() {
        assert_eq!(hides(&json!({ "principal.AWS": { "eq": ["444455556666"] } })), Some(false));
        assert_eq!(hides(&json!({ "principal.AWS": { "contains": ["4444"] } })), Some(false));
        assert_eq!(hides(&json!({ "principal.AWS": { "neq": ["444455556666"] } })), Some(true));
        assert_eq!(hides(&json!({ "principal.AWS": { "eq": ["*"] } })), Some(true));
        let provider = json!({ "eq": ["arn:aws:iam::111122223333:saml-provider/idp"] });
        assert_eq!(hides(&json!({ "principal.Federated": provider })), Some(false));
        assert_eq!(hides(&json!({ "principal.Federated": { "exists": true } })), Some(false));
        assert_eq!(hides(&json!({ "principal.Federated": { "exists": false } })), Some(true));
    }

    #[test]
    fn what_is_new_or_depends_on_a_condition_is_not_told() {
        assert_eq!(hides(&json!({ "isPublic": {} })), None, "an operator that is not known");
        assert_eq!(hides(&json!({ "condition.aws:SourceVpc": { "eq": ["vpc-1"] } })), None);
        assert_eq!(hides(&json!({ "somethingNew": { "eq": ["x"] } })), None);
        assert_eq!(hides(&json!({ "somethingNew": { "eq": ["x"] }, "isPublic": { "eq": ["false"] } })), Some(false));
    }
}
