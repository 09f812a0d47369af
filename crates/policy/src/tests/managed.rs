//! Every attachable AWS managed policy, alone on a role: which make an administrator or open a way to become one.

use super::*;
use crate::managed;
use std::fmt::Write;

/// `A name`, `E name way way`, `? name why`; nothing for a policy without power.
fn verdict(name: &str, text: &str) -> Option<String> {
    let document = Document::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
    let identity = Identity {
        policies: vec![(name.to_owned(), document)],
        own: vec!["arn:aws:iam::111122223333:role/app".to_owned()],
        context: Context::of("111122223333", "aws"),
        ..Identity::default()
    };
    if is_admin(&identity).is_yes() {
        return Some(format!("A {name}"));
    }
    match escalations(&identity) {
        Err(why) => Some(format!("? {name} {}", why.split(": ").next().unwrap_or_default())),
        Ok(ways) if ways.is_empty() => None,
        Ok(ways) => Some(format!("E {name} {}", ways[0].path)),
    }
}

fn table() -> String {
    include_str!("../data/managed.txt").lines().filter(|l| !l.starts_with('#')).fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "{line}");
        all
    })
}

#[test]
#[ignore = "needs the documents: see tests/aws/managed_policies.py"]
fn the_table_of_managed_policies_is_what_their_documents_say() {
    // semantics 61
    let path = std::env::var("MANAGED_POLICIES").unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let all: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    assert!(all.len() > 1200, "{}", all.len());
    let mut found: Vec<String> = all.iter().filter_map(|(name, text)| verdict(name, text)).collect();
    found.sort_by_key(|line| (!line.starts_with('A'), line.clone()));
    let found = found.join("\n") + "\n";
    assert_eq!(table(), found, "crates/policy/src/data/managed.txt is to say:\n{found}");
}

#[test]
fn the_table_begins_with_the_administrator() {
    assert_eq!(managed::names().next(), Some("AdministratorAccess"));
    for name in ["IAMFullAccess", "PowerUserAccess"] {
        assert!(managed::names().any(|n| n == name), "{name}");
    }
    for harmless in [
        "ReadOnlyAccess",
        "SecurityAudit",
        "service-role/AWSBackupServiceRolePolicyForBackup",
        "service-role/AWSDataLifecycleManagerServiceRole",
    ] {
        assert!(managed::names().all(|n| n != harmless), "{harmless}");
    }
}
