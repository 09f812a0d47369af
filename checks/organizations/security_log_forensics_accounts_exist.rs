//! Have logs, security tools and forensics accounts of their own?

use super::no_organization;
use super::words::has_any;
use crate::prelude::*;
use posture_estate::services::organizations::tree::Place;
use posture_estate::services::organizations::{Member, State};

const LOG_ARCHIVE: Setting<[String]> = setting!(security_log_forensics_accounts_exist.log_archive);
const SECURITY_TOOLING: Setting<[String]> = setting!(security_log_forensics_accounts_exist.security_tooling);
const FORENSICS: Setting<[String]> = setting!(security_log_forensics_accounts_exist.forensics);

/// Names, or numbers of accounts, that say what one is for.
#[derive(Clone, Copy)]
struct Names<'a> {
    log_archive: &'a [String],
    security_tooling: &'a [String],
    forensics: &'a [String],
}

pub async fn probe(at: &Account) -> Outcome {
    let organization = at.organizations().organization().await?;
    let Some(organization) = organization.there() else { return Ok(vec![no_organization(at)]) };
    let names = Names {
        log_archive: at.setting(LOG_ARCHIVE),
        security_tooling: at.setting(SECURITY_TOOLING),
        forensics: at.setting(FORENSICS),
    };
    let tree = at.organizations().organization_tree().await?;
    let judged = names.judge(&tree, &organization.management_account).into_iter();
    Ok(judged.map(|(part, verdict)| verdict.sub(part).on(organization.resource())).collect())
}

impl Names<'_> {
    fn judge(&self, tree: &[Place], management: &str) -> [(&'static str, Verdict); 3] {
        // What was not listed may hold what is missed; what is there is there.
        let (mut hidden, mut accounts): (Vec<&Gap>, Vec<&Member>) = (Vec::new(), Vec::new());
        for place in tree {
            match place.accounts.as_ref() {
                Ok(all) => accounts.extend(all.iter().filter(|one| one.state == State::Active && one.id != management)),
                Err(gap) => hidden.push(gap),
            }
            hidden.extend(&place.below);
        }
        let called = |listed: &[String]| -> Vec<&Member> {
            accounts.iter().copied().filter(|one| has_any(&one.name, listed) || listed.contains(&one.id)).collect()
        };
        let (logs, tools) = (called(self.log_archive), called(self.security_tooling));
        let forensics = called(self.forensics).into_iter().map(Member::label);
        let units = tree.iter().filter(|place| has_any(&place.unit.name, self.forensics)).map(Place::label);
        let forensics: Vec<String> = forensics.chain(units).collect();
        // One account that is called as both is none of its own.
        let apart = logs.iter().find(|log| tools.is_empty() || tools.iter().any(|tool| tool.id != log.id));
        let archive = match (logs.first(), apart) {
            (Some(_), Some(log)) => Ok(vec![log.label()]),
            (Some(log), None) => {
                Err(("not_separate", format!("the archive of logs and security tooling share account {}", log.label())))
            }
            (None, _) => Ok(Vec::new()),
        };
        let tools = tools.into_iter().map(Member::label).collect();
        [
            ("log-archive", verdict("the archive of logs", "no_log_archive_account", archive, &hidden)),
            ("security-tooling", verdict("security tooling", "no_security_account", Ok(tools), &hidden)),
            ("forensics", verdict("forensics", "no_forensics", Ok(forensics), &hidden)),
        ]
    }
}

/// `found`: the accounts that are called as one for `what`, or what is wrong with them.
fn verdict(
    what: &str,
    missing: &'static str,
    found: Result<Vec<String>, (&'static str, String)>,
    hidden: &[&Gap],
) -> Verdict {
    let mut reasons = Reasons::new();
    let found = found.unwrap_or_else(|(slug, why)| {
        if hidden.is_empty() {
            reasons.broken(slug, why);
        }
        Vec::new()
    });
    if found.is_empty() {
        hidden.iter().for_each(|gap| reasons.unseen(gap));
        if reasons.is_empty() {
            reasons.broken(missing, format!("nothing in the organization is called as one for {what}"));
        }
    }
    reasons
        .or_pass(|| format!("{what} has {} in the organization", found.join(", ")))
        .evidence(json!({ "found": found }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::services::organizations::Unit;

    fn place(name: &str, accounts: Result<Arc<Vec<Member>>, Gap>) -> Place {
        let unit = Unit { id: "ou-1".into(), arn: "arn".into(), name: name.into() };
        Place { unit, path: vec!["r-1".into(), "ou-1".into()], accounts, below: None }
    }

    fn members(accounts: &[(&str, &str, State)]) -> Result<Arc<Vec<Member>>, Gap> {
        let member = |(id, name, state): &(&str, &str, State)| Member {
            id: (*id).into(),
            name: (*name).into(),
            email: None,
            state: *state,
        };
        Ok(Arc::new(accounts.iter().map(member).collect()))
    }

    fn names() -> Names<'static> {
        Names {
            log_archive: LOG_ARCHIVE.default_value(),
            security_tooling: SECURITY_TOOLING.default_value(),
            forensics: FORENSICS.default_value(),
        }
    }

    /// The statuses for the archive, tooling and forensics.
    fn statuses(names: Names<'_>, tree: &[Place]) -> [Status; 3] {
        names.judge(tree, "9").map(|(_, verdict)| verdict.status)
    }

    /// The slugs of all that fails.
    fn of(unit: &str, accounts: &[(&str, &str, State)]) -> Vec<&'static str> {
        let judged = names().judge(&[place(unit, members(accounts))], "9");
        judged.into_iter().flat_map(|(_, verdict)| verdict.reasons).collect()
    }

    const LOG: (&str, &str, State) = ("1", "Log archive", State::Active);
    const AUDIT: (&str, &str, State) = ("2", "Audit", State::Active);
    const LAB: (&str, &str, State) = ("3", "forensics", State::Active);

    #[test]
    fn each_is_there_and_active() {
        const NOTHING: [&str; 0] = [];
        assert_eq!(of("Security", &[LOG, AUDIT, LAB]), NOTHING);
        assert_eq!(of("Forensics", &[LOG, AUDIT]), NOTHING);
        assert_eq!(of("Security", &[AUDIT, LAB]), ["no_log_archive_account"]);
        assert_eq!(of("Security", &[LOG, LAB]), ["no_security_account"]);
        assert_eq!(of("Security", &[LOG, AUDIT]), ["no_forensics"]);
        assert_eq!(of("Security", &[("1", "Log archive", State::Suspended), AUDIT, LAB]), ["no_log_archive_account"]);
        assert_eq!(of("Security", &[("9", "Log archive", State::Active), AUDIT, LAB]), ["no_log_archive_account"]);
    }

    #[test]
    fn one_account_is_not_two() {
        let both = ("1", "security-log-archive", State::Active);
        assert_eq!(of("Security", &[both, LAB]), ["not_separate"]);
        assert!(of("Security", &[both, LAB, AUDIT]).is_empty());
    }

    #[test]
    fn an_account_may_be_listed_by_its_number() {
        let listed = ["111122223333".to_owned()];
        let names = Names { log_archive: &listed, ..names() };
        let all = members(&[("111122223333", "x", State::Active), AUDIT, LAB]);
        assert_eq!(statuses(names, &[place("Security", all)]), [Status::Pass; 3]);
    }

    #[test]
    fn what_was_not_listed_is_unknown_unless_it_is_there() {
        let gap = Gap::new("1", "global", "organizations:ListAccountsForParent", GapKind::Denied, "no");
        let hidden = place("Other", Err(gap));
        let tree = [place("Security", members(&[LOG, AUDIT])), hidden.clone()];
        assert_eq!(statuses(names(), &tree), [Status::Pass, Status::Pass, Status::Unknown]);
        let both = members(&[("1", "security-log-archive", State::Active)]);
        assert_eq!(
            statuses(names(), &[place("Security", both), hidden]),
            [Status::Unknown, Status::Pass, Status::Unknown]
        );
    }
}
