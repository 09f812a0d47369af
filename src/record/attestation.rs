//! Attestations: a person states that a practice is established, for these accounts and until a day.

use crate::catalogue::Practice;
use posture_estate::day::Date;
use serde::{Serialize, Serializer};

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attestation {
    #[serde(serialize_with = "id")]
    pub practice: &'static Practice,
    /// Account numbers; empty means every account.
    pub accounts: Vec<String>,
    pub statement: String,
    pub owner: String,
    /// The day that the statement was made.
    pub date: Date,
    /// The last day that it holds.
    pub expires: Date,
    /// A link to what proves it.
    pub evidence: String,
}

fn id<S: Serializer>(practice: &&'static Practice, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&practice.id)
}

impl Attestation {
    /// Whether it speaks about the account.
    pub fn covers(&self, account: &str) -> bool {
        self.accounts.is_empty() || self.accounts.iter().any(|own| own == account)
    }

    pub fn is_expired(&self, today: Date) -> bool {
        self.expires < today
    }
}

/// What people have said about one practice in the accounts of a scan.
#[derive(Clone, Debug, Default)]
pub struct Given<'a> {
    /// Attestations in force that are about one of the accounts.
    pub valid: Vec<&'a Attestation>,
    /// Those that have run out.
    pub expired: Vec<&'a Attestation>,
    /// Accounts that no attestation in force is about.
    pub uncovered: Vec<&'a str>,
}

impl<'a> Given<'a> {
    /// The statements on a practice.
    pub fn on(practice: &Practice, all: &'a [Attestation], accounts: &[&'a str], today: Date) -> Given<'a> {
        let about =
            |one: &&Attestation| one.practice.id == practice.id && accounts.iter().any(|account| one.covers(account));
        let mut all: Vec<&Attestation> = all.iter().filter(about).collect();
        // In an order of their own, so that a single scan and one cut into shards list them alike.
        all.sort_by_key(|one| (one.date, one.expires, one.owner.clone(), one.accounts.clone()));
        let (expired, valid): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.is_expired(today));
        let open = |account: &&&str| !valid.iter().any(|one: &&Attestation| one.covers(account));
        let uncovered = accounts.iter().filter(open).copied().collect();
        Given { valid, expired, uncovered }
    }

    /// Whether someone vouches for every account.
    pub fn complete(&self) -> bool {
        !self.valid.is_empty() && self.uncovered.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::pillar;

    fn one(accounts: &[&str], expires: &str) -> Attestation {
        Attestation {
            practice: pillar().find("SEC10-BP02").unwrap(),
            accounts: accounts.iter().map(|account| (*account).to_owned()).collect(),
            statement: "the plan is exercised".into(),
            owner: "ana@example.com".into(),
            date: "2026-01-01".parse().unwrap(),
            expires: expires.parse().unwrap(),
            evidence: "https://wiki.example.com/ir".into(),
        }
    }

    #[test]
    fn an_attestation_holds_to_the_end_of_its_last_day() {
        let today = Date::of("2026-11-22T23:59:59Z").unwrap();
        assert!(!one(&[], "2026-11-22").is_expired(today));
        assert!(one(&[], "2026-11-21").is_expired(today));
    }

    #[test]
    fn every_account_needs_one_in_force() {
        let practice = pillar().find("SEC10-BP02").unwrap();
        let today = "2026-11-22".parse().unwrap();
        let (a, b) = ("111122223333", "444455556666");
        let all = [one(&[a], "2027-01-01"), one(&[b], "2026-01-01")];
        let given = Given::on(practice, &all, &[a, b], today);
        assert_eq!((given.valid.len(), given.expired.len(), given.uncovered.as_slice()), (1, 1, &[b][..]));
        assert!(!given.complete());
        assert!(Given::on(practice, &all, &[a], today).complete());
        assert!(Given::on(practice, &[one(&[], "2027-01-01")], &[a, b], today).complete());
        assert!(!Given::on(pillar().find("SEC10-BP04").unwrap(), &all, &[a], today).complete());
    }
}
