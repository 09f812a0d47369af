//! `docs/semantics.md` says which test holds each row, and the test says which row it holds: a table of pitfalls that nothing ties
//! to the code is a wish.

use crate::support::repo;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What stands in the last column where no check judges the service yet.
const NOT_YET: &str = "no check yet";

/// A test: where it stands, without `.rs`, and the rows that it cites.
pub struct Test {
    place: String,
    name: String,
    cites: BTreeSet<usize>,
}

impl Test {
    /// Whether it is the one that `module::name` means; the module is the end of its path.
    pub fn is(&self, reference: &str) -> bool {
        reference.split_once("::").is_some_and(|(module, name)| {
            name == self.name && (self.place == module || self.place.ends_with(&format!("/{module}")))
        })
    }
}

/// Every test of the workspace.
pub fn tests() -> Vec<Test> {
    let mut all = Vec::new();
    for folder in ["checks", "crates", "src", "tests/it"] {
        collect(&repo(folder), &mut all);
    }
    all
}

fn collect(path: &Path, into: &mut Vec<Test>) {
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| collect(&entry.unwrap().path(), into));
    } else if path.extension().is_some_and(|end| end == "rs") {
        let place = path.with_extension("").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(path).unwrap().replace("#[tokio::test", "#[test]");
        into.extend(text.split("#[test]").skip(1).filter_map(|body| {
            let name = body.split_once("fn ")?.1.split('(').next()?.to_owned();
            Some(Test { place: place.clone(), name, cites: cited(body) })
        }));
    }
}

/// The numbers after the word: `semantics` and one or more, with commas between.
fn cited(text: &str) -> BTreeSet<usize> {
    let mut numbers = BTreeSet::new();
    for after in text.split("semantics ").skip(1) {
        for word in after.split(", ") {
            let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
            let Ok(number) = digits.parse() else { break };
            numbers.insert(number);
            if digits.len() < word.len() {
                break;
            }
        }
    }
    numbers
}

/// Number and last column of every row.
fn rows() -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(repo("docs/semantics.md")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let number = cells.first()?.parse().ok()?;
        assert_eq!(cells.len(), 5, "row {number} has {} columns", cells.len());
        assert!(cells.iter().all(|cell| !cell.is_empty()), "row {number} has an empty column");
        Some((number, cells[4].to_owned()))
    };
    text.lines().filter(|line| line.starts_with('|')).filter_map(row).collect()
}

fn named(column: &str) -> Vec<&str> {
    column.split('`').skip(1).step_by(2).collect()
}

#[test]
fn each_row_has_a_number_of_its_own() {
    let mut numbers: Vec<usize> = rows().into_iter().map(|(number, _)| number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    assert!(numbers.len() > 100, "only {} rows: the table is not read as it should be", numbers.len());
}

#[test]
fn each_row_and_its_tests_name_each_other() {
    let (tests, mut wrong) = (tests(), Vec::new());
    for (number, column) in rows() {
        if column == NOT_YET {
            continue;
        }
        if named(&column).is_empty() {
            wrong.push(format!("row {number} names no test"));
        }
        for reference in named(&column) {
            match tests.iter().find(|test| test.is(reference)) {
                None => wrong.push(format!("row {number}: there is no test {reference}")),
                Some(test) if !test.cites.contains(&number) => {
                    wrong.push(format!("{reference} does not cite row {number}"))
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_citation_is_of_a_row_that_names_its_test() {
    let rows: BTreeMap<usize, String> = rows().into_iter().collect();
    let mut wrong = Vec::new();
    for test in tests() {
        for number in &test.cites {
            let names_it = |column: &String| named(column).into_iter().any(|reference| test.is(reference));
            if !rows.get(number).is_some_and(names_it) {
                wrong.push(format!("{}::{} cites row {number}, which does not name it", test.place, test.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn citations_are_numbers_with_commas() {
    let text = ["semantic", "s 1, 22, 3 and 4; semantic", "s 7: a list, 8; semantic", "s of"].concat();
    assert_eq!(cited(&text), BTreeSet::from([1, 22, 3, 7]));
}
