//! Which attributes of a caller's session a policy decides by: attribute-based access control.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html>

use super::document::{Document, Set};
use super::pattern::Pattern;
use std::collections::BTreeSet;

const TAG: &str = "aws:principaltag/";

/// The keys, in lower case, of the principal's tags that conditions, values and resources of the policy name.
pub fn principal_tags(document: &Document) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let variables = |patterns: &[Pattern]| {
        let names =
            patterns.iter().flat_map(|pattern| pattern.variables().into_iter().map(str::to_owned).collect::<Vec<_>>());
        names.filter_map(|name| name.strip_prefix(TAG).map(str::to_owned)).collect::<Vec<_>>()
    };
    for statement in document.statements() {
        for condition in &statement.conditions {
            keys.extend(condition.key.strip_prefix(TAG).map(str::to_owned));
            keys.extend(variables(&condition.values));
        }
        if let Some(Set::Only(patterns) | Set::Except(patterns)) = &statement.resources {
            keys.extend(variables(patterns));
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(members: &str) -> Vec<String> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*",{members}}}}}"#);
        principal_tags(&Document::parse(&text).unwrap()).into_iter().collect()
    }

    #[test]
    fn tags_are_named_by_keys_values_and_resources() {
        assert_eq!(of(r#""Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Team":"data"}}"#), ["team"]);
        assert_eq!(
            of(r#""Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/x":"${aws:PrincipalTag/Team}"}}"#),
            ["team"]
        );
        assert_eq!(of(r#""Resource":"arn:aws:s3:::b/${aws:PrincipalTag/costs}/*""#), ["costs"]);
        assert!(of(r#""Resource":"arn:aws:s3:::b/${aws:username}/*""#).is_empty());
    }
}
