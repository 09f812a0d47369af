//! The practices of the Security Pillar as an edition of it names them; [`super::edition`] reads them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practice {
    /// `SEC01-BP02` of the current edition; where it has no such practice, a name of our own.
    pub id: String,
    pub title: String,
    pub question: String,
    pub area: String,
    pub risk: Risk,
    /// AWS's page name and Well-Architected Tool choice id, which outlive the numbers; empty for what AWS has no page for.
    pub slug: String,
    /// The edition that title, question and risk are of; `none` for a document beside the pillar.
    pub edition: String,
    /// Whether that is the current one.
    pub(super) current: bool,
    /// The name of AWS's page in the current edition.
    pub(super) page: Option<String>,
    pub automation: Automation,
    pub reason: String,
    /// The question that an attestation answers; `None` where the account's state decides alone.
    pub ask: Option<String>,
    /// What AWS's APIs can show about it.
    pub signals: Vec<String>,
    /// Names in other editions and in the documents that the project grew from.
    pub aliases: Vec<String>,
}

impl Practice {
    /// Whether it belongs to the current edition, not to another one or to another document.
    pub fn is_current(&self) -> bool {
        self.current
    }

    /// Whether a person may decide it, alone or on top of what the account shows.
    pub fn attestable(&self) -> bool {
        self.automation != Automation::Automated
    }

    /// AWS's page, for practices that have one in the published pillar.
    pub fn page(&self) -> Option<String> {
        let page = self.page.as_ref()?;
        Some(format!("https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/{page}.html"))
    }
}

/// The pillar in its current edition, and what the numbers of the others mean.
#[derive(Debug)]
pub struct Pillar {
    /// The current edition, `November 2024`.
    pub edition: String,
    /// Those of the edition in its order, then the others.
    pub practices: Vec<Practice>,
    /// The editions that have a file, the current one first.
    pub(super) editions: Vec<Numbers>,
}

/// The numbers of an edition.
#[derive(Debug)]
pub(super) struct Numbers {
    pub edition: String,
    /// The slug by the id.
    pub slugs: BTreeMap<String, String>,
}

impl Pillar {
    /// By id, slug or AWS's page, without regard to case.
    pub fn find(&self, name: &str) -> Option<&Practice> {
        let called = |own: &str| !own.is_empty() && own.eq_ignore_ascii_case(name);
        let known = |practice: &&Practice| {
            called(&practice.id) || called(&practice.slug) || practice.page.as_deref().is_some_and(called)
        };
        self.practices.iter().find(known)
    }

    /// By the slug exactly: what cards name.
    pub fn by_slug(&self, slug: &str) -> Option<&Practice> {
        self.practices.iter().find(|practice| !slug.is_empty() && practice.slug == slug)
    }

    /// The practice of a report, which may be of another edition: by slug, and by the id where it has none.
    pub fn reported(&self, slug: &str, id: &str) -> Option<&Practice> {
        if slug.is_empty() { self.find(id) } else { self.by_slug(slug) }
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue::pillar;

    #[test]
    fn practices_are_found_by_id_slug_and_page() {
        let root = pillar().find("sec01-bp02").unwrap();
        assert_eq!(pillar().find(&root.slug).unwrap().id, root.id);
        assert_eq!(pillar().by_slug(&root.slug), Some(root));
        assert!(pillar().by_slug("SEC01-BP02").is_none() && pillar().by_slug("").is_none());
        assert!(pillar().find("SEC99-BP01").is_none() && pillar().find("").is_none());
    }

    #[test]
    fn a_report_of_another_edition_is_read_by_slug() {
        let root = pillar().find("SEC01-BP02").unwrap();
        assert_eq!(pillar().reported(&root.slug, "SEC07-BP01"), Some(root));
        assert_eq!(pillar().reported("", "SEC01-BP02"), Some(root), "reports of old had no slugs");
        assert_eq!(pillar().reported("sec_unknown_here", "SEC01-BP02"), None);
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
