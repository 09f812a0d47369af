//! `posture attest init`: a file to fill in, one commented entry for each practice that a person may decide.

use crate::catalogue::{Check, Pillar, Practice};
use posture_estate::day::Date;
use std::fmt::Write as _;

/// The template; `wanted` says which of the practices that may be attested.
pub fn template(pillar: &Pillar, checks: &[Check], today: Date, wanted: impl Fn(&Practice) -> bool) -> String {
    let mut out = format!(
        "# Attestations for `posture scan`: statements by people on practices of the Security Pillar ({}) that no API\n\
         # shows whole. Add this to the posture.toml of the directory you scan from (or above it), or name it with\n\
         # --attestations. Uncomment an entry, answer its question, and say who answers for it and until when. An expired\n\
         # entry counts as missing. accounts is \"all\" or a list of account numbers; evidence is a link to what proves it.\n",
        pillar.edition
    );
    for practice in pillar.practices.iter().filter(|practice| practice.attestable() && wanted(practice)) {
        entry(&mut out, practice, checks, today);
    }
    out
}

fn entry(out: &mut String, practice: &Practice, checks: &[Check], today: Date) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "\n# {}  {}", practice.id, practice.title);
    if let Some(ask) = &practice.ask {
        let _ = writeln!(out, "# Question: {ask}");
    }
    let bears: Vec<&str> =
        checks.iter().filter(|check| check.practices.contains(&practice.id)).map(|check| check.id).collect();
    if bears.is_empty() {
        let _ = writeln!(out, "# Checks: none yet");
    } else {
        let _ = writeln!(out, "# Checks, which must pass too: {}", bears.join(", "));
    }
    let _ = writeln!(out, "# AWS can show beside it:");
    for signal in &practice.signals {
        let _ = writeln!(out, "#   - {signal}");
    }
    let _ = writeln!(out, "#[[attestation]]");
    for (key, value) in [
        ("practice", format!("{:?}", practice.id)),
        ("accounts", "\"all\"".to_owned()),
        ("statement", "\"\"".to_owned()),
        ("owner", "\"\"".to_owned()),
        ("date", today.to_string()),
        ("expires", today.next_year().to_string()),
        ("evidence", "\"\"".to_owned()),
    ] {
        let _ = writeln!(out, "#{key} = {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{checks, pillar};
    use crate::config::Config;

    #[test]
    fn every_practice_that_a_person_decides_is_there_and_an_answered_template_is_valid() {
        let today = "2026-11-22".parse().unwrap();
        let text = template(pillar(), checks(), today, |_| true);
        let uncommented: String = text
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
            .map(|line| format!("{}\n", line.replace("\"\"", "\"answered\"")))
            .collect();
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), &text).unwrap();
        assert!(Config::read(path.path(), today).unwrap().attestations.is_empty(), "all of it is commented");
        std::fs::write(path.path(), uncommented).unwrap();
        let read = Config::read(path.path(), today).unwrap();
        let expected = pillar().practices.iter().filter(|practice| practice.attestable()).count();
        assert_eq!(read.attestations.len(), expected);
        assert_eq!(text.matches("# Question: ").count(), expected);
    }
}
