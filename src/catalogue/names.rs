//! What a name for a practice can mean: today's id, AWS's slug, page or title, and the names of other editions and documents.
//!
//! AWS renumbers between editions, so one number can mean several practices. Today's id always wins; any other name
//! means everything that ever went by it, and whoever asks is shown all of it.

use super::{Pillar, Practice};

/// A practice, and the name it was found by.
#[derive(Clone, Copy, Debug)]
pub struct Meaning<'a> {
    pub practice: &'a Practice,
    /// Its id, title or alias: `Oct 2022: SEC01-BP05 Keep up-to-date with security recommendations`.
    pub by: &'a str,
}

/// A name cut into what people write of it, from the whole down to its last words.
struct Parts {
    whole: String,
    /// Before the first colon: an edition or a document.
    source: Option<String>,
    rest: String,
    /// `sec01-bp05`.
    number: Option<String>,
    /// What follows the number, or the last heading: `keep up-to-date …`, `least privilege access`.
    words: String,
}

impl Pillar {
    /// Every practice that `name` can mean, in the order of the pillar; empty when none does.
    pub fn meanings(&self, name: &str) -> Vec<Meaning<'_>> {
        let name = page_of(name);
        let wanted = parts(name);
        if let Some(practice) = self.find(name).or_else(|| self.find(wanted.today()?)) {
            return vec![Meaning { practice, by: &practice.id }];
        }
        let by_title = |practice: &&Practice| plain(&practice.title) == wanted.whole;
        if let Some(practice) = self.practices.iter().find(by_title) {
            return vec![Meaning { practice, by: &practice.title }];
        }
        if wanted.whole.is_empty() {
            return Vec::new();
        }
        // The closest level that has an answer: the same alias, the same number in that edition, the same text in any
        // document, the same words.
        let levels: [fn(&Parts, &Parts) -> bool; 4] = [
            |alias, wanted| alias.whole == wanted.whole,
            |alias, wanted| wanted.is_number() && alias.number == wanted.number && alias.says(wanted),
            |alias, wanted| alias.rest == wanted.whole,
            |alias, wanted| alias.words == wanted.whole || (alias.says(wanted) && alias.words == wanted.words),
        ];
        let aliases: Vec<(Parts, Meaning<'_>)> = self.aliases().map(|meaning| (parts(meaning.by), meaning)).collect();
        let matching = |level: fn(&Parts, &Parts) -> bool| {
            let matches = aliases.iter().filter(|(alias, _)| level(alias, &wanted));
            matches.map(|(_, meaning)| *meaning).collect::<Vec<_>>()
        };
        let mut found = levels.into_iter().map(matching).find(|found| !found.is_empty()).unwrap_or_default();
        found.extend(self.question(&wanted));
        if !found.is_empty() {
            found.sort_by_key(|meaning| self.place(meaning.practice));
            found.dedup_by_key(|meaning| &meaning.practice.id);
            return found;
        }
        let unchanged = wanted.source.as_ref().zip(wanted.number.as_ref());
        let unchanged = unchanged.and_then(|(source, number)| self.unchanged(source, number));
        unchanged.map(|practice| Meaning { practice, by: &practice.id }).into_iter().collect()
    }

    /// What a number means in an edition that no alias says it of. One that has a file says it there; of the others only the
    /// numbers that changed their meaning until the oldest file are known.
    fn unchanged(&self, source: &str, number: &str) -> Option<&Practice> {
        let with_file = self.editions.iter().find(|one| plain(&one.edition) == source);
        let numbers = with_file.or_else(|| self.editions.last().filter(|_| self.knows_edition(source)))?;
        self.by_slug(numbers.slugs.get(&number.to_ascii_uppercase())?)
    }

    /// What other editions and documents mean by the number of this practice, where it is not the practice itself.
    pub fn elsewhere(&self, practice: &Practice) -> Vec<Meaning<'_>> {
        let number = Some(practice.id.to_ascii_lowercase());
        let other = |meaning: &Meaning<'_>| meaning.practice.id != practice.id && parts(meaning.by).number == number;
        self.aliases().filter(other).collect()
    }

    fn aliases(&self) -> impl Iterator<Item = Meaning<'_>> {
        let of = |practice| Practice::names(practice).map(move |by| Meaning { practice, by });
        self.practices.iter().flat_map(of)
    }

    /// The practices of a question of this edition, `SEC03`.
    fn question<'a>(&'a self, wanted: &Parts) -> impl Iterator<Item = Meaning<'a>> + use<'a> {
        let digits = wanted.whole.strip_prefix("sec").map(str::trim_start).unwrap_or_default();
        let start = digits.parse::<u8>().ok().map(|number| format!("SEC{number:02}-"));
        let of_it = move |practice: &&Practice| start.as_ref().is_some_and(|start| practice.id.starts_with(start));
        self.practices.iter().filter(of_it).map(|practice| Meaning { practice, by: &practice.id })
    }

    fn knows_edition(&self, source: &str) -> bool {
        let mut known = self.aliases().filter_map(|meaning| parts(meaning.by).source);
        known.any(|known| known.strip_prefix("until ").unwrap_or(&known) == source)
    }

    fn place(&self, practice: &Practice) -> usize {
        self.practices.iter().position(|other| other.id == practice.id).unwrap_or(usize::MAX)
    }
}

impl Practice {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.aliases.iter().map(String::as_str)
    }
}

impl Parts {
    /// The number, when nothing else is said.
    fn today(&self) -> Option<&str> {
        self.number.as_deref().filter(|_| self.source.is_none() && self.words.is_empty())
    }

    /// Only an edition and a number.
    fn is_number(&self) -> bool {
        self.number.is_some() && self.words.is_empty()
    }

    /// Whether both come from one source; `until Oct 2023` and `nearest to Oct 2022` are of these editions too.
    fn says(&self, wanted: &Parts) -> bool {
        match (&self.source, &wanted.source) {
            (Some(own), Some(asked)) => own == asked || own.ends_with(&format!(" {asked}")),
            _ => false,
        }
    }
}

/// The page name of a link to AWS's documentation; anything else as it is.
fn page_of(name: &str) -> &str {
    let name = name.trim();
    if !name.starts_with("https://") {
        return name;
    }
    let page = name.split(['#', '?']).next().unwrap_or(name);
    page.rsplit('/').next().unwrap_or(page).trim_end_matches(".html")
}

/// Lower case, one space between words, plain hyphens, months by three letters.
fn plain(text: &str) -> String {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = text.to_lowercase().replace(['\u{2010}', '\u{2011}', '\u{2013}', '\u{2014}'], "-");
    let short = |word: &str| match MONTHS.iter().find(|month| **month == word) {
        Some(month) => month.chars().take(3).collect(),
        None => word.to_owned(),
    };
    text.split_whitespace().map(short).collect::<Vec<_>>().join(" ")
}

fn parts(name: &str) -> Parts {
    let whole = plain(name);
    let (source, rest) = match whole.split_once(": ") {
        Some((source, rest)) => (Some(source.to_owned()), rest.to_owned()),
        None => (None, whole.clone()),
    };
    let (number, words) = match number(&rest) {
        Some((number, words)) => (Some(number), words.to_owned()),
        None => (None, rest.rsplit_once(": ").or_else(|| rest.split_once(". ")).map_or(&*rest, |(_, w)| w).to_owned()),
    };
    Parts { whole, source, rest, number, words }
}

/// `sec1 bp2`, `sec01bp02`, `SEC01-BP02 words`: the number as AWS writes it, in lower case, and what follows.
fn number(text: &str) -> Option<(String, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix("sec")?.trim_start();
    let (question, rest) = rest.split_at(digits(rest));
    let rest = rest.trim_start_matches([' ', '-', '_']).strip_prefix("bp")?.trim_start();
    let (practice, rest) = rest.split_at(digits(rest));
    let (question, practice) = (question.parse::<u8>().ok()?, practice.parse::<u8>().ok()?);
    (rest.is_empty() || rest.starts_with(' ')).then(|| (format!("sec{question:02}-bp{practice:02}"), rest.trim()))
}

#[cfg(test)]
mod tests {
    use crate::catalogue::pillar;

    fn ids(name: &str) -> Vec<&'static str> {
        pillar().meanings(name).iter().map(|meaning| meaning.practice.id.as_str()).collect()
    }

    #[test]
    fn every_row_of_the_source_documents_means_what_the_list_says() {
        for line in include_str!("../../tests/it/source-refs.txt").lines().filter(|line| !line.starts_with('#')) {
            let (name, expected) = line.split_once('\t').unwrap();
            let mut expected: Vec<&str> = expected.split(' ').collect();
            expected.sort_by_key(|id| pillar().practices.iter().position(|practice| practice.id == *id));
            assert_eq!(ids(name), expected, "{name}");
            let (_, bare) = name.split_once(": ").unwrap();
            assert!(!ids(bare).is_empty(), "{bare}");
        }
    }

    #[test]
    fn todays_names_are_taken_as_people_write_them() {
        let root = ["SEC01-BP02"];
        for name in [
            "SEC01-BP02",
            "sec1-bp2",
            "SEC 1 BP 2",
            "SEC01\u{2011}BP02",
            "sec_securely_operate_aws_account",
            "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_securely_operate_aws_account.html#x",
            "secure account root user and properties",
        ] {
            assert_eq!(ids(name), root, "{name}");
        }
        assert_eq!(ids("SEC02").len(), 6, "a question is its practices");
        assert!(ids("SEC99-BP01").is_empty() && ids("SEC").is_empty() && ids("").is_empty());
    }

    #[test]
    fn older_numbers_mean_what_they_meant() {
        assert_eq!(ids("Oct 2022: SEC01-BP05"), ["SEC01-BP04"]);
        assert_eq!(ids("october 2022: sec1 bp5"), ["SEC01-BP04"]);
        assert_eq!(ids("Oct 2022: SEC08-BP05"), ["SEC06-BP03", "X-KPA"]);
        assert_eq!(ids("Oct 2022: SEC01-BP02"), ["SEC01-BP02"], "a number that did not change");
        assert_eq!(ids("Oct 2023: SEC10-BP07"), ["SEC10-BP07"]);
        assert_eq!(ids("best-practices-60: SEC02-BP05").len(), 3);
        assert_eq!(ids("Keep up-to-date with security recommendations"), ["SEC01-BP04"]);
        assert_eq!(
            ids("Least Privilege Access"),
            ids("security-review-guide: Principle 1 strategy: Least Privilege Access")
        );
        assert!(ids("SEC 6").contains(&"SEC01-BP05"), "SEC 6 of 2016 beside the question SEC06");
        assert!(ids("SEC 6").contains(&"SEC06-BP02"));
        let five = pillar().find("SEC01-BP05").unwrap();
        assert!(pillar().elsewhere(five).iter().any(|meaning| meaning.practice.id == "SEC01-BP04"));
    }
}
