//! The practices of the Security Pillar, from `checks/security-pillar.toml`.

use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// How far AWS's APIs can answer a practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Automation {
    /// The account's state decides.
    Automated,
    /// The account's state is evidence, a person completes it.
    Partial,
    /// Only a person can say.
    Attested,
}

impl Automation {
    pub fn as_str(self) -> &'static str {
        match self {
            Automation::Automated => "automated",
            Automation::Partial => "partial",
            Automation::Attested => "attested",
        }
    }
}

/// AWS's level of risk when a practice is not established.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    High,
    Medium,
    Low,
    None,
}

/// One best practice.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// `SEC01-BP02` of the edition in the file's head.
    pub id: String,
    pub title: String,
    pub question: String,
    pub area: String,
    pub risk: Risk,
    /// AWS's page name and Well-Architected Tool choice id, which outlive the numbers.
    pub slug: String,
    pub automation: Automation,
    pub reason: String,
    /// What AWS's APIs can show about it.
    #[serde(default)]
    pub signals: Vec<String>,
    /// Names in other editions and in the documents that the project grew from.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// The pillar in one edition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pillar {
    /// `November 2024`.
    pub edition: String,
    #[serde(rename = "practice")]
    pub practices: Vec<Practice>,
}

impl Pillar {
    /// By id or slug, without regard to case.
    pub fn find(&self, name: &str) -> Option<&Practice> {
        self.practices.iter().find(|practice| {
            practice.id.eq_ignore_ascii_case(name)
                || (!practice.slug.is_empty() && practice.slug.eq_ignore_ascii_case(name))
        })
    }

    /// Every practice that goes by this name anywhere: id, slug, title or alias. Several when the name is ambiguous.
    pub fn named(&self, name: &str) -> Vec<&Practice> {
        if let Some(practice) = self.find(name) {
            return vec![practice];
        }
        let alias = |practice: &&Practice| {
            practice.title.eq_ignore_ascii_case(name)
                || practice.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
        };
        self.practices.iter().filter(alias).collect()
    }
}

/// The pillar of this build.
///
/// # Panics
/// When the file of this build does not parse; a test reads it.
pub fn pillar() -> &'static Pillar {
    static PILLAR: OnceLock<Pillar> = OnceLock::new();
    PILLAR.get_or_init(|| match toml::from_str(include_str!("../../checks/security-pillar.toml")) {
        Ok(pillar) => pillar,
        Err(error) => panic!("checks/security-pillar.toml is wrong: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::pillar;

    #[test]
    fn practices_are_found_by_id_slug_and_title() {
        let root = pillar().find("sec01-bp02").unwrap();
        assert_eq!(pillar().find(&root.slug).unwrap().id, root.id);
        assert_eq!(pillar().named(&root.title)[0].id, root.id);
        assert!(pillar().find("SEC99-BP01").is_none());
    }

    #[test]
    fn the_sixty_three_practices_are_there_once() {
        let ids: std::collections::BTreeSet<_> = pillar().practices.iter().map(|practice| &practice.id).collect();
        assert_eq!(ids.len(), pillar().practices.len());
        assert_eq!(ids.iter().filter(|id| id.starts_with("SEC")).count(), 63);
    }
}
