//! The pillar from its files. `checks/security-pillar.toml` says by slug how a practice is judged; a file for each edition says
//! which number, title and question it has there. AWS renumbers between editions, so a new one is a file and a line in
//! [`EDITIONS`], and no card changes: cards name slugs, and numbers appear in output only.

use super::pillar::{Automation, Numbers, Pillar, Practice, Risk};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// How each practice is judged.
pub const PRACTICES: &str = include_str!("../../checks/security-pillar.toml");

/// The editions, the current one first.
pub const EDITIONS: &[&str] = &[include_str!("../../checks/security-pillar-2024-11.toml")];

/// Files of the pillar that contradict themselves or each other.
#[derive(Debug, thiserror::Error)]
pub enum PillarError {
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    #[error("there is no edition")]
    NoEdition,
    #[error("{edition}: {name:?} is there twice")]
    Twice { edition: String, name: String },
    #[error("{edition}: nothing says how {slug:?} is judged")]
    NotJudged { edition: String, slug: String },
    #[error("{0:?} is in no edition and has no [practice.outside]")]
    Nowhere(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Practices {
    #[serde(rename = "practice")]
    practices: Vec<Judged>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judged {
    #[serde(default)]
    slug: String,
    automation: Automation,
    reason: String,
    ask: Option<String>,
    signals: Vec<String>,
    aliases: Vec<String>,
    outside: Option<Outside>,
}

/// What a practice is called where the current edition does not have it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outside {
    id: String,
    edition: String,
    title: String,
    question: String,
    area: String,
    risk: Risk,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edition {
    edition: String,
    #[serde(rename = "question")]
    questions: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    text: String,
    area: String,
    practices: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    slug: String,
    risk: Risk,
    title: String,
    page: Option<String>,
}

impl Edition {
    fn rows(&self) -> impl Iterator<Item = (&Question, &Row)> {
        self.questions.iter().flat_map(|question| question.practices.iter().map(move |row| (question, row)))
    }

    fn row(&self, slug: &str) -> Option<(&Question, &Row)> {
        self.rows().find(|(_, row)| row.slug == slug)
    }

    fn numbers(&self) -> Result<Numbers, PillarError> {
        let mut slugs = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (_, row) in self.rows() {
            let twice = |name: &String| PillarError::Twice { edition: self.edition.clone(), name: name.clone() };
            if slugs.insert(row.id.clone(), row.slug.clone()).is_some() {
                return Err(twice(&row.id));
            }
            if !seen.insert(&row.slug) {
                return Err(twice(&row.slug));
            }
        }
        Ok(Numbers { edition: self.edition.clone(), slugs })
    }
}

impl Pillar {
    /// Reads how practices are judged, and the editions, the current one first.
    ///
    /// # Errors
    /// When a file does not parse, an id or slug is there twice, or a practice is in one of the files only.
    pub fn parse(practices: &str, editions: &[&str]) -> Result<Pillar, PillarError> {
        let Practices { practices: judged } = toml::from_str(practices)?;
        let editions =
            editions.iter().map(|text| Ok(toml::from_str(text)?)).collect::<Result<Vec<Edition>, PillarError>>()?;
        let (current, older) = editions.split_first().ok_or(PillarError::NoEdition)?;
        let slugs: BTreeSet<&str> = judged.iter().map(|one| one.slug.as_str()).collect();
        for edition in &editions {
            if let Some((_, row)) = edition.rows().find(|(_, row)| row.slug.is_empty() || !slugs.contains(&*row.slug)) {
                return Err(PillarError::NotJudged { edition: edition.edition.clone(), slug: row.slug.clone() });
            }
        }
        let numbers = editions.iter().map(Edition::numbers).collect::<Result<_, _>>()?;
        let order: BTreeMap<&str, usize> =
            current.rows().enumerate().map(|(place, (_, row))| (row.slug.as_str(), place)).collect();
        let mut practices =
            judged.into_iter().map(|one| one.practice(current, older)).collect::<Result<Vec<_>, _>>()?;
        practices.sort_by_key(|practice| order.get(&*practice.slug).copied().unwrap_or(usize::MAX));
        let mut seen = BTreeSet::new();
        for practice in &practices {
            let names = [Some(&practice.id), Some(&practice.slug).filter(|slug| **slug != practice.id)];
            if let Some(name) = names.into_iter().flatten().find(|name| !name.is_empty() && !seen.insert(*name)) {
                return Err(PillarError::Twice { edition: current.edition.clone(), name: name.clone() });
            }
        }
        Ok(Pillar { edition: current.edition.clone(), practices, editions: numbers })
    }
}

impl Judged {
    /// As the current edition has it, else as the file says, else as the newest edition that had it, without its number, which may
    /// mean another practice today.
    fn practice(self, current: &Edition, older: &[Edition]) -> Result<Practice, PillarError> {
        let now = current.row(&self.slug);
        let named = |edition: &Edition, (question, row): (&Question, &Row), id: &String| Outside {
            id: id.clone(),
            edition: edition.edition.clone(),
            title: row.title.clone(),
            question: question.text.clone(),
            area: question.area.clone(),
            risk: row.risk,
        };
        let before = || older.iter().find_map(|edition| Some(named(edition, edition.row(&self.slug)?, &self.slug)));
        let name = match (now, self.outside) {
            (Some(found), _) => named(current, found, &found.1.id),
            (None, Some(outside)) => outside,
            (None, None) => before().ok_or_else(|| PillarError::Nowhere(self.slug.clone()))?,
        };
        let changed = |edition: &Edition| {
            let (_, row) = edition.row(&self.slug)?;
            let differs = row.id != name.id || row.title != name.title;
            differs.then(|| format!("{}: {} {}", edition.edition, row.id, row.title))
        };
        let aliases = self.aliases.into_iter().chain(older.iter().filter_map(changed)).collect();
        Ok(Practice {
            current: now.is_some(),
            page: now.map(|(_, row)| row.page.as_ref().unwrap_or(&row.slug).clone()),
            aliases,
            id: name.id,
            title: name.title,
            question: name.question,
            area: name.area,
            risk: name.risk,
            edition: name.edition,
            slug: self.slug,
            automation: self.automation,
            reason: self.reason,
            ask: self.ask,
            signals: self.signals,
        })
    }
}

/// The catalogue by an edition that AWS never published, before those that it did.
#[cfg(test)]
pub(crate) fn made_up() -> super::Catalogue {
    let practices = [PRACTICES, include_str!("../../tests/it/made-up-practice.toml")].concat();
    let editions = [&[include_str!("../../tests/it/made-up-edition.toml")], EDITIONS].concat();
    super::Catalogue::parse(&practices, &editions).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(name: &str) -> Vec<String> {
        made_up().pillar.meanings(name).iter().map(|meaning| meaning.practice.id.clone()).collect()
    }

    #[test]
    fn the_files_of_this_build_agree_and_no_number_is_left_out() {
        for text in EDITIONS {
            let edition: Edition = toml::from_str(text).unwrap();
            for (number, question) in edition.questions.iter().enumerate() {
                let ids: Vec<&str> = question.practices.iter().map(|row| row.id.as_str()).collect();
                let expected: Vec<String> =
                    (1..=ids.len()).map(|practice| format!("SEC{:02}-BP{practice:02}", number + 1)).collect();
                assert_eq!(ids, expected, "{}: {}", edition.edition, question.text);
            }
            let pillar = Pillar::parse(PRACTICES, &[text]).unwrap();
            assert_eq!(pillar.practices.iter().filter(|one| one.is_current()).count(), edition.rows().count());
        }
    }

    #[test]
    fn a_new_edition_is_a_file() {
        let pillar = made_up().pillar;
        let current: Vec<&str> = pillar.practices.iter().filter(|one| one.is_current()).map(|one| &*one.id).collect();
        let expected = [
            "SEC01-BP01",
            "SEC01-BP02",
            "SEC03-BP01",
            "SEC05-BP01",
            "SEC05-BP02",
            "SEC05-BP03",
            "SEC11-BP02",
            "SEC12-BP01",
        ];
        assert_eq!(current, expected);
        assert_eq!(pillar.edition, "May 2031");
        let all = pillar.practices.iter().map(|one| (&one.id, &one.slug)).collect::<BTreeSet<_>>();
        assert_eq!(all.len(), Pillar::parse(PRACTICES, EDITIONS).unwrap().practices.len() + 1);

        let renamed = pillar.find("SEC03-BP01").unwrap();
        assert_eq!((renamed.slug.as_str(), renamed.area.as_str()), ("sec_permissions_least_privileges", "Access"));
        assert!(renamed.aliases.iter().any(|name| name == "November 2024: SEC03-BP02 Grant least privilege access"));
        assert!(pillar.find("SEC05-BP01").unwrap().page().unwrap().ends_with("/sec05-bp01.html"));

        let dropped = pillar.by_slug("sec_identities_secrets").unwrap();
        assert_eq!((dropped.id.as_str(), dropped.edition.as_str()), ("sec_identities_secrets", "November 2024"));
        assert!(!dropped.is_current() && dropped.page().is_none());
        assert_eq!(pillar.find("X-KPA").unwrap().edition, "October 2022");
    }

    #[test]
    fn the_numbers_of_older_editions_mean_what_they_meant() {
        assert_eq!(ids("SEC05-BP02"), ["SEC05-BP02"]);
        assert_eq!(ids("Nov 2024: SEC05-BP02"), ["SEC05-BP03"]);
        assert_eq!(ids("November 2024: sec1 bp2"), ["SEC01-BP01"]);
        assert_eq!(ids("Grant least privilege access"), ["SEC03-BP01"], "by the title that it had");
        assert_eq!(ids("November 2024: SEC02-BP03"), ["sec_identities_secrets"]);
        assert_eq!(ids("November 2024: SEC05-BP01"), ["SEC05-BP01"], "a number that did not change");
        assert_eq!(ids("May 2031: SEC12-BP01"), ["SEC12-BP01"]);
        assert!(ids("November 2024: SEC12-BP01").is_empty(), "a number that it did not have");
        assert_eq!(ids("Oct 2022: SEC01-BP02"), ["SEC01-BP01"], "unchanged until 2024, not until today");
        assert_eq!(ids("Oct 2022: SEC01-BP05"), ["sec_securely_operate_updated_threats"]);
        assert_eq!(ids("SEC05").len(), 3);
        assert_eq!(
            ids("https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec05-bp01.html"),
            ["SEC05-BP01"]
        );
        let pillar = made_up().pillar;
        let layered = pillar.by_slug("sec_network_protection_layered").unwrap();
        let elsewhere = pillar.elsewhere(layered);
        assert!(
            elsewhere.iter().any(|other| other.practice.slug == "sec_network_protection_inspection"),
            "{elsewhere:?}"
        );
    }

    #[test]
    fn checks_have_the_numbers_of_the_current_edition() {
        let (made_up, this) = (made_up(), super::super::Catalogue::this());
        for (check, today) in made_up.checks.iter().zip(&this.checks) {
            assert_eq!((check.id, &check.card.slugs), (today.id, &today.card.slugs));
            let slugs = |ids: &[String], pillar: &Pillar| -> Vec<String> {
                ids.iter().map(|id| pillar.find(id).unwrap().slug.clone()).collect()
            };
            assert_eq!(slugs(&check.practices, &made_up.pillar), check.card.slugs, "{}", check.id);
            assert_eq!(slugs(&today.practices, &this.pillar), check.card.slugs, "{}", check.id);
        }
    }

    #[test]
    fn files_that_contradict_each_other_are_refused() {
        let edition = EDITIONS[0];
        let wrong = |practices: &str, editions: &[&str]| Pillar::parse(practices, editions).unwrap_err().to_string();
        assert_eq!(wrong(PRACTICES, &[]), "there is no edition");
        for (from, to, words) in [
            ("id = \"SEC01-BP02\"", "id = \"SEC01-BP01\"", "November 2024: \"SEC01-BP01\" is there twice"),
            (
                "\"sec_identities_unique\"",
                "\"sec_identities_audit\"",
                "November 2024: \"sec_identities_audit\" is there twice",
            ),
            ("\"sec_identities_unique\"", "\"sec_new\"", "November 2024: nothing says how \"sec_new\" is judged"),
            ("\"sec_identities_unique\"", "\"\"", "November 2024: nothing says how \"\" is judged"),
            ("id = \"SEC01-BP02\"", "id = \"X-KPA\"", "November 2024: \"X-KPA\" is there twice"),
        ] {
            assert_eq!(wrong(PRACTICES, &[&edition.replacen(from, to, 1)]), words);
        }
        let cut = edition.lines().filter(|line| !line.contains("\"SEC02-BP03\"")).collect::<Vec<_>>().join("\n");
        assert_eq!(
            wrong(PRACTICES, &[&cut]),
            "\"sec_identities_secrets\" is in no edition and has no [practice.outside]"
        );
        assert!(Pillar::parse(PRACTICES, &[&cut, edition]).is_ok(), "an older edition has it");
        assert!(wrong(&format!("{PRACTICES}colour = 1\n"), EDITIONS).contains("colour"));
    }
}
