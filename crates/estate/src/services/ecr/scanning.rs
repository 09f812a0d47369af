//! How a registry scans its repositories: a kind of scanning, and rules by the names of repositories.
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html>

use posture_policy::Pattern;
use serde::Deserialize;

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RegistryScanningConfiguration.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryScanning {
    /// `BASIC`, `ENHANCED`
    pub scan_type: String,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    /// `SCAN_ON_PUSH`, `CONTINUOUS_SCAN`, `MANUAL`
    scan_frequency: String,
    repository_filters: Vec<Filter>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    filter: String,
    /// `WILDCARD`
    filter_type: String,
}

/// When the images of a repository are scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// As long as they are kept.
    Continuously,
    OnPush,
    /// The registry has no rules: the repository's own switch decides.
    AsTheRepositorySays,
    /// By hand, or not at all.
    Never,
}

impl RegistryScanning {
    /// Whether Amazon Inspector scans.
    pub fn is_enhanced(&self) -> bool {
        self.scan_type == "ENHANCED"
    }

    /// When the images of a repository are scanned. Where there are rules, one that no rule names is scanned by hand (basic) or not at all
    /// (enhanced), whatever its own switch says.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub fn frequency(&self, repository: &str) -> Result<Frequency, String> {
        let basic = match self.scan_type.as_str() {
            "BASIC" => true,
            "ENHANCED" => false,
            other => return Err(format!("the registry scans in a way that is not known, {other}")),
        };
        if basic && self.rules.is_empty() {
            return Ok(Frequency::AsTheRepositorySays);
        }
        let (mut found, mut doubt) = (Frequency::Never, None);
        for rule in &self.rules {
            for filter in &rule.repository_filters {
                match (filter.names(repository), rule.scan_frequency.as_str()) {
                    (Some(false), _) | (Some(true), "MANUAL") => {}
                    (Some(true), "CONTINUOUS_SCAN") => return Ok(Frequency::Continuously),
                    (Some(true), "SCAN_ON_PUSH") => found = Frequency::OnPush,
                    (Some(true), other) => doubt = Some(format!("the registry has a scan frequency that is not known, {other}")),
                    (None, _) => doubt = Some(format!("the registry has a filter of a kind that is not known, {}", filter.filter_type)),
                }
            }
        }
        match doubt {
            Some(doubt) if found == Frequency::Never => Err(doubt),
            _ => Ok(found),
        }
    }
}

impl Filter {
    /// Without a wildcard it names every repository whose name holds it; `None` when its kind is not known.
    fn names(&self, repository: &str) -> Option<bool> {
        match self.filter_type.as_str() {
            "WILDCARD" if self.filter.contains('*') => Some(Pattern::wild(&self.filter, false).matches(repository)),
            "WILDCARD" => Some(repository.contains(&self.filter)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scanning(kind: &str, rules: &[(&str, &str)]) -> RegistryScanning {
        let rule = |(frequency, filter): &(&str, &str)| {
            json!({ "scanFrequency": frequency, "repositoryFilters": [{ "filter": filter, "filterType": "WILDCARD" }] })
        };
        let rules: Vec<_> = rules.iter().map(rule).collect();
        serde_json::from_value(json!({ "scanType": kind, "rules": rules })).unwrap()
    }

    #[test]
    fn the_rules_of_the_registry_come_before_the_switch_of_the_repository() {
        // semantics 46
        let of = |kind: &str, rules: &[(&str, &str)]| scanning(kind, rules).frequency("team/shop").unwrap();
        assert_eq!(of("BASIC", &[]), Frequency::AsTheRepositorySays);
        assert_eq!(of("BASIC", &[("SCAN_ON_PUSH", "*")]), Frequency::OnPush);
        assert_eq!(of("BASIC", &[("SCAN_ON_PUSH", "prod-*")]), Frequency::Never);
        assert_eq!(of("BASIC", &[("MANUAL", "*")]), Frequency::Never);
        assert_eq!(of("ENHANCED", &[]), Frequency::Never);
        assert_eq!(of("ENHANCED", &[("SCAN_ON_PUSH", "*"), ("CONTINUOUS_SCAN", "team/*")]), Frequency::Continuously);
        assert_eq!(of("ENHANCED", &[("CONTINUOUS_SCAN", "other")]), Frequency::Never);
    }

    #[test]
    fn a_filter_without_a_wildcard_is_a_part_of_the_name() {
        // The table of the page above.
        let names = ["prod", "repo-prod", "prod-repo", "repo-prod-repo", "prodrepo"];
        for (filter, expected) in [
            ("prod", [true, true, true, true, true]),
            ("*prod", [true, true, false, false, false]),
            ("prod*", [true, false, true, false, true]),
            ("*prod*", [true, true, true, true, true]),
            ("prod*repo", [false, false, true, false, true]),
        ] {
            let scans = |name: &&str| scanning("BASIC", &[("SCAN_ON_PUSH", filter)]).frequency(name) == Ok(Frequency::OnPush);
            assert_eq!(names.iter().map(scans).collect::<Vec<_>>(), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_not_known_decides_nothing_unless_another_rule_does() {
        assert!(scanning("DEEP", &[]).frequency("a").is_err());
        assert!(scanning("ENHANCED", &[("HOURLY", "*")]).frequency("a").is_err());
        assert_eq!(scanning("ENHANCED", &[("HOURLY", "*"), ("SCAN_ON_PUSH", "a")]).frequency("a"), Ok(Frequency::OnPush));
        let kind = json!({ "scanType": "BASIC", "rules": [{ "scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{ "filter": "a", "filterType": "REGEX" }] }] });
        assert!(serde_json::from_value::<RegistryScanning>(kind).unwrap().frequency("a").is_err());
        assert!(serde_json::from_value::<RegistryScanning>(json!({ "scanType": "BASIC" })).is_err(), "no rules are not said by silence");
    }
}
