//! What the file may say, and what is told when it says something else.

use super::*;
use crate::catalogue::pillar;
use proptest::prelude::*;

const GOOD: &str = "# statements\n[[attestation]]\npractice = \"SEC10-BP02\"\naccounts = [\"111122223333\"]\n\
                    statement = \"exercised in March\"\nowner = \"ana@example.com\"\ndate = 2026-03-31\n\
                    expires = \"2027-03-31\"\nevidence = \"https://wiki.example.com/ir\"\n";

fn today() -> Date {
    "2026-11-22".parse().unwrap()
}

/// The line and message of what is wrong after a replacement.
fn wrong(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(NAME);
    std::fs::write(&path, GOOD.replace(from, to)).unwrap();
    let error = Config::read(&path, today()).unwrap_err().to_string();
    error.rsplit_once("posture.toml:").unwrap().1.to_owned()
}

#[test]
fn a_whole_entry_is_read() {
    let config = parse(GOOD, Path::new(""), today()).unwrap();
    assert_eq!(config.attestations[0].practice.id, "SEC10-BP02");
    assert_eq!(config.attestations[0].expires.to_string(), "2027-03-31");
    let slug = GOOD.replace("SEC10-BP02", &pillar().find("SEC10-BP02").unwrap().slug);
    let all = slug.replace("[\"111122223333\"]", "\"all\"");
    assert!(parse(&all, Path::new(""), today()).unwrap().attestations[0].covers("999999999999"));
    assert!(parse("", Path::new(""), today()).unwrap().attestations.is_empty());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (from, to, line, words) in [
        ("owner", "ownr", "6:", "unknown key \"ownr\" (did you mean \"owner\"?)"),
        ("[[attestation]]", "[[atestation]]", "2:", "unknown key \"atestation\" (did you mean \"attestation\"?)"),
        ("SEC10-BP02", "SEC10-BP20", "3:", "no practice \"SEC10-BP20\""),
        ("SEC10-BP02", "SEC 10", "3:", "can mean SEC08-BP01"),
        ("SEC10-BP02", "SEC01-BP02", "3:", "no attestation decides it"),
        ("2026-03-31", "2026-02-30", "7:", ""),
        ("2026-03-31", "\"31.3.2026\"", "7:", "is not a date"),
        ("2026-03-31", "true", "7:", "date such as"),
        ("date = 2026-03-31", "date = 2026-12-31", "7:", "in the future"),
        ("2027-03-31", "2026-03-31", "8:", "not after its date"),
        ("111122223333", "1111", "4:", "twelve digits"),
        ("[\"111122223333\"]", "[]", "4:", "\"all\" means"),
        ("[\"111122223333\"]", "111122223333", "4:", "account numbers"),
        ("exercised in March", " ", "5:", "statement is empty"),
        ("statement = \"exercised in March\"\n", "", "2:", "missing field `statement`"),
        ("evidence = ", "evidence ", "9:", ""),
    ] {
        let error = wrong(from, to);
        assert!(error.starts_with(line) && error.contains(words) && !error.contains('\n'), "{to}: {error}");
    }
    let (at, message) = parse(&GOOD.repeat(2), Path::new(""), today()).unwrap_err();
    assert!(at > GOOD.len() && message.contains("twice"), "{at} {message}");
}

#[test]
fn it_is_found_upwards() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(dir.path().join(NAME), GOOD).unwrap();
    assert_eq!(find(&deep), Some(dir.path().join(NAME)));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", cut in 0..GOOD.len()) {
        let _ = parse(&text, Path::new(""), today());
        let _ = parse(&format!("{}{text}", &GOOD[..cut]), Path::new(""), today());
    }
}

/// What is wrong with a file, `posture.toml:` left out.
fn refused(text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(NAME);
    std::fs::write(&path, text).unwrap();
    let error = Config::read(&path, today()).map(drop).expect_err(text).to_string();
    error.rsplit_once("posture.toml:").unwrap().1.to_owned()
}

#[test]
fn the_scan_table_is_read_with_the_paths_of_its_directory() {
    let text = "[scan]\nprofile = \"audit\"\nregions = [\"eu-*\", \"us-gov-west-1\"]\nchecks = [\"s3_*\"]\nservices = [\"s3\"]\n\
                practices = [\"SEC08-BP04\"]\nseverity = \"low\"\nfail_on = \"never\"\nallow_unknown = true\n\
                baseline = \"old/base.json\"\noutputs = [\"text\", \"json=out/a.json\", \"ndjson=/abs.ndjson\"]\n";
    let scan = parse(text, Path::new("/etc/p"), today()).unwrap().scan;
    assert_eq!(scan.profile.as_deref(), Some("audit"));
    assert_eq!(scan.regions.as_ref().unwrap().len(), 2);
    assert_eq!(scan.baseline.as_deref(), Some(Path::new("/etc/p/old/base.json")));
    let outputs: Vec<String> = scan.outputs.as_ref().unwrap().iter().map(crate::formats::Output::spec).collect();
    assert_eq!(outputs, ["text", "json=/etc/p/out/a.json", "ndjson=/abs.ndjson"]);
    assert_eq!((scan.fail_on, scan.allow_unknown), (Some(crate::gate::FailOn::Never), Some(true)));
    assert_eq!(scan.selection().severity, Some(posture_estate::finding::Severity::Low));
    assert!(parse("[scan]\n", Path::new(""), today()).unwrap().scan.selection().is_all());
}

#[test]
fn names_that_name_nothing_are_told_with_their_line() {
    for (text, line, words) in [
        ("regions = []\n", "1:", "unknown key \"regions\"; it belongs into [scan]"),
        ("scan = 3", "1:", "expected a table, which [scan] begins, not the integer `3`"),
        ("severity = \"high\"", "1:", "expected a table, not"),
        ("check = 3", "1:", "expected a table, not"),
        ("attestation = 3", "1:", "expected a list"),
        ("suppression = [3]", "1:", "expected a table, which [[suppression]] begins"),
        ("[suppression]\ncheck = \"s3_*\"", "1:", "each begun by double brackets"),
        ("[scan]\nseverity = 3", "2:", "expected a string, not the integer"),
        ("[scn]\n", "1:", "(did you mean \"scan\"?)"),
        ("[scan]\nregion = []", "2:", "(did you mean \"regions\"?)"),
        ("[scan]\nregions = []", "2:", "regions is empty"),
        ("[scan]\nregions = [\n\"eu-west-1\",\n\"Europe\"]", "4:", "\"Europe\" is no region"),
        ("[scan]\nregions = [\"EU-*\"]", "2:", "\"EU-*\" matches no region"),
        ("[scan]\nregions = [\"eu-[\"]", "2:", "eu-["),
        ("[scan]\nregions = \"eu-west-1\"", "2:", "expected a list such as [\"…\"], not the string \"eu-west-1\""),
        ("[scan]\nchecks = [\"s3_*\",\n\"iam_root_mfa_enabld\"]", "3:", "(did you mean \"iam_root_mfa_enabled\"?)"),
        ("[scan]\nchecks = [\"s4_*\"]", "2:", "no check matches \"s4_*\""),
        ("[scan]\npractices = [\"SEC01-BP99\"]", "2:", "no practice"),
        ("[scan]\nservices = [\"sqs\"]", "2:", "there are accessanalyzer, account"),
        ("[scan]\nseverity = \"hihg\"", "2:", "(did you mean \"high\"?)"),
        ("[scan]\nseverity = \"High\"", "2:", "(did you mean \"high\"?)"),
        ("[scan]\nfail_on = \"nevr\"", "2:", "(did you mean \"never\"?)"),
        ("[scan]\nallow_unknown = \"yes\"", "2:", "expected true or false"),
        ("[scan]\noutputs = [\"jsn=a\"]", "2:", "unknown format \"jsn\""),
        ("[scan]\noutputs = [\"json=\"]", "2:", "the path after = is empty"),
        ("[scan]\noutputs = [\"json\", \"text\"]", "2:", "only one output can go to stdout"),
        ("[scan]\nprofile = \"\"", "2:", "profile is empty"),
        ("[scan]\n\nchecks = [\"s3_*\"]\nservices = [\"iam\"]", "3:", "leave no check"),
        ("[scan]\nprofile = \"a\"\nprofile = \"b\"", "3:", "duplicate key"),
        ("[severity]\niam_root_mfa_enabld = \"low\"", "2:", "(did you mean \"iam_root_mfa_enabled\"?)"),
        ("[severity]\n\"zzz_*\" = \"low\"", "2:", "no check matches"),
        ("[severity]\n\"iam_*\" = \"never\"", "2:", "is none of"),
        ("[severity]\n\"s3_*\" = \"low\"\n\"s3_bucket_*\" = \"high\"", "3:", "different severities"),
        ("[severity]\n\"*\" = \"info\"\n[scan]\nseverity = \"low\"", "4:", "leave no check"),
    ] {
        let error = refused(text);
        assert!(error.starts_with(line) && error.contains(words) && !error.contains('\n'), "{text}: {error}");
    }
}

#[test]
fn a_severity_of_an_id_wins_over_one_of_a_glob() {
    use posture_estate::finding::Severity::{Critical, Info};
    let check = |id| crate::catalogue::find(id).unwrap();
    for text in [
        "[severity]\n\"*\" = \"info\"\ns3_bucket_not_public = \"critical\"\n",
        "[severity]\ns3_bucket_not_public = \"critical\"\n\"s3_*\" = \"info\"\n\"*_public\" = \"info\"\n",
        "[severity]\n\"s3_*\" = \"info\"\n\"*_not_public\" = \"low\"\ns3_bucket_not_public = \"critical\"\n",
    ] {
        let config = parse(text, Path::new(""), today()).unwrap();
        assert_eq!(config.severities.of(check("s3_bucket_not_public")), Critical, "{text}");
        assert_eq!(config.severities.of(check("s3_bucket_block_public_access")), Info, "{text}");
    }
    // The severity that counts is the one that selects.
    let text = "[scan]\nseverity = \"critical\"\n[severity]\n\"*\" = \"info\"\ns3_bucket_not_public = \"critical\"\n";
    let config = parse(text, Path::new(""), today()).unwrap();
    let picked = config.scan.selection().pick_by(|check| config.severities.of(check)).unwrap();
    assert_eq!(picked.iter().map(|check| check.id).collect::<Vec<_>>(), ["s3_bucket_not_public"]);
}

/// The template with its commented keys in force; prose has a space after its #.
fn uncommented() -> String {
    TEMPLATE.lines().map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line)).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    )
}

#[test]
fn the_template_sets_nothing_and_uncommented_it_is_valid() {
    assert_eq!(TEMPLATE.parse::<toml::Table>().unwrap(), toml::Table::new());
    let config = parse(&uncommented(), Path::new(""), today()).unwrap();
    assert_eq!(config.attestations.len(), 1);
    assert!(config.severities.changes(crate::catalogue::checks()).len() > 1);
    assert_eq!(config.checks.changed().len(), 2);
    // Each key on its own, too: none of them leans on another.
    let table: toml::Table = uncommented().parse().unwrap();
    for (key, value) in table["scan"].as_table().unwrap() {
        let one = toml::Table::from_iter([(key.clone(), value.clone())]);
        let text = toml::Table::from_iter([("scan".to_owned(), one.into())]).to_string();
        parse(&text, Path::new(""), today()).expect(&text);
    }
}

#[test]
fn the_template_has_every_key_that_the_file_takes_and_no_other() {
    // Sections whose keys are not fixed are documented by an example.
    let free = ["severity", "check"];
    let table: toml::Table = uncommented().parse().unwrap();
    let known = |text: &str| {
        let error = toml::from_str::<Raw>(text).map(drop).unwrap_err().to_string();
        let list = error.split_once("expected").unwrap_or_else(|| panic!("{text} has free keys: {error}")).1.to_owned();
        let mut known: Vec<String> = list.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        known.sort();
        known
    };
    let keys = |table: &toml::Table| table.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&table), known("unknown_key = 1"));
    for (section, value) in table.iter().filter(|(section, _)| !free.contains(&section.as_str())) {
        let (header, entry) = match value.as_array() {
            Some(list) => (format!("[[{section}]]"), list[0].as_table().unwrap()),
            None => (format!("[{section}]"), value.as_table().unwrap()),
        };
        assert_eq!(keys(entry), known(&format!("{header}\nunknown_key = 1\n")), "{section}");
    }
}
