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

impl Risk {
    pub fn as_str(self) -> &'static str {
        match self {
            Risk::High => "high",
            Risk::Medium => "medium",
            Risk::Low => "low",
            Risk::None => "none",
        }
    }
}

/// One best practice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The question that an attestation answers; `None` where the account's state decides alone.
    #[serde(default)]
    pub ask: Option<String>,
    /// The edition that has it, when that is not the file's.
    #[serde(default)]
    pub edition: Option<String>,
    /// What AWS's APIs can show about it.
    #[serde(default)]
    pub signals: Vec<String>,
    /// Names in other editions and in the documents that the project grew from.
    #[serde(default)]
    pub aliases: Vec<String>,
}

impl Practice {
    /// Whether it belongs to the edition of the file, not to another one or to another document.
    pub fn is_current(&self) -> bool {
        self.edition.is_none()
    }

    /// Whether a person may decide it, alone or on top of what the account shows.
    pub fn attestable(&self) -> bool {
        self.automation != Automation::Automated
    }

    /// AWS's page, for practices that have one in the published pillar.
    pub fn page(&self) -> Option<String> {
        let page = self.slug.replace('-', "_");
        (self.is_current() && !page.is_empty())
            .then(|| format!("https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/{page}.html"))
    }
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
        assert!(pillar().find("SEC99-BP01").is_none());
    }

    #[test]
    fn the_sixty_three_practices_are_there_once() {
        let ids: std::collections::BTreeSet<_> = pillar().practices.iter().map(|practice| &practice.id).collect();
        assert_eq!(ids.len(), pillar().practices.len());
        assert_eq!(pillar().practices.iter().filter(|practice| practice.is_current()).count(), 63);
        assert!(pillar().practices.iter().all(|practice| practice.is_current() == practice.id.starts_with("SEC")));
    }

    #[test]
    fn what_a_person_may_decide_has_a_question_and_what_the_account_decides_has_none() {
        for practice in &pillar().practices {
            assert_eq!(practice.ask.is_some(), practice.attestable(), "{}", practice.id);
            assert!(practice.ask.as_ref().is_none_or(|ask| ask.ends_with(['?', '.'])), "{}", practice.id);
            assert!(!practice.signals.is_empty(), "{}", practice.id);
        }
    }
}
