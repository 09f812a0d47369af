//! What names say: of accounts, units and tags, by their words, whatever their case and whatever stands between them.

use posture_estate::text::plain;

/// Whether two keys are the same but for case and separators: `data-classification` and `DataClassification`.
pub(super) fn same(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// The words of a name in lower case: `Log archive`, `log-archive` and `LogArchive` are the same two.
pub(super) fn words(name: &str) -> Vec<String> {
    let (mut all, mut word, mut before) = (Vec::new(), String::new(), ' ');
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && before.is_lowercase() {
            all.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    all
}

/// Whether a name has one of the `listed` names in it, word by word: `Log archive (EU)` has `log-archive`, `catalog` does not have `log`.
pub(super) fn has_any(name: &str, listed: &[String]) -> bool {
    let name = words(name);
    listed.iter().any(|one| {
        let wanted = words(one);
        !wanted.is_empty() && name.windows(wanted.len()).any(|part| part == wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_words() {
        for name in ["Log archive", "log-archive", "LogArchive", "log_archive", "LOG ARCHIVE", " log.archive "] {
            assert_eq!(words(name), ["log", "archive"], "{name}");
        }
        assert_eq!(words("ProdEU1"), ["prod", "eu1"]);
    }

    #[test]
    fn whole_words_count() {
        let listed = ["log-archive".to_owned(), "prod".to_owned()];
        assert!(has_any("acme log archive 2", &listed) && has_any("Shop-Prod", &listed));
        assert!(!has_any("catalog-archive", &listed) && !has_any("products", &listed) && !has_any("log", &listed));
        assert!(!has_any("anything", &["-".to_owned()]));
    }

    #[test]
    fn keys_are_the_same_but_for_case_and_separators() {
        assert!(same("data-classification", "DataClassification") && same("data_class", "data-class"));
        assert!(!same("owner", "owners"));
    }
}
