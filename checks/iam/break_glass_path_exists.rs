//! Is there a way in for emergencies that can be found, asks for a second factor, is not used without a record, and alarms when it is?

use super::emergency_alarm::alarmed;
use super::emergency_use::{Recorded, of_role, of_user};
use crate::prelude::*;
use aws_sdk_iam::types::UserDetail;
use posture_estate::emergency::{EmergencyRole, SecondFactor, emergency_roles, emergency_users};
use posture_estate::services::iam::details::{role_name, user_name};
use posture_estate::text::plain_ascii;

/// Names, parts of paths, and tags of emergency access, in lower case and without separators.
const NAMES: Setting<Patterns> = setting!(break_glass_path_exists.names);

/// Days within which a use needs a record.
const USED_WITHIN_DAYS: Setting<i64> = setting!(break_glass_path_exists.used_within_days);

/// The tag, with any value, that records a use.
const RECORD_TAG: Setting<str> = setting!(break_glass_path_exists.record_tag);

pub async fn probe(at: &Account) -> Outcome {
    let details = at.iam().authorization_details().await?;
    let names = at.setting(NAMES);
    let roles = emergency_roles(&details, names, at.partition(), at.now().secs());
    let users = emergency_users(&details, names);
    let rule = &Recorded { now: at.now(), within: *at.setting(USED_WITHIN_DAYS), tag: at.setting(RECORD_TAG) };
    let by_role = each(&roles, async |one: &EmergencyRole<'_>| {
        let (name, mut reasons) = (role_name(one.role), Reasons::new());
        let tags = (!one.is_of_identity_center()).then(|| one.role.tags());
        asked_for(one.second_factor(), &mut reasons);
        rule.recorded(name, of_role(one.role), tags, &mut reasons);
        let alarms = alarmed(at, |scene| one.uses(scene), true, &mut reasons).await;
        conclude(&format!("emergency role {name}"), reasons, &alarms).on(at.iam().iam_role(one.role))
    });
    let by_user = each(&users, async |user: &&UserDetail| {
        let (name, arn, mut reasons) = (user_name(user), user.arn().unwrap_or_default(), Reasons::new());
        if let Some(report) = reasons.add(at.iam().credential_report().await) {
            of_user(name, &report, user.tags(), rule, &mut reasons);
        }
        let alarms = alarmed(at, |scene| vec![scene.sign_in(name, arn)], false, &mut reasons).await;
        conclude(&format!("emergency user {name}"), reasons, &alarms).on(at.iam().iam_user(user))
    });
    let (mut findings, more) = join!(by_role, by_user);
    findings.extend(more);
    if findings.is_empty() {
        findings.push(elsewhere(at, names).await.on(at.resource()));
    }
    Ok(findings)
}

fn conclude(what: &str, reasons: Reasons, alarms: &[String]) -> Verdict {
    let by = alarms.join("; ");
    reasons
        .or_pass(|| format!("{what} asks for MFA, is not used without a record, and its use alarms: {by}"))
        .evidence(json!({ "alarms": alarms }))
}

fn asked_for(found: SecondFactor, reasons: &mut Reasons) {
    found.missing.into_iter().for_each(|what| reasons.broken("no_mfa", what));
    found.doubts.into_iter().for_each(|why| reasons.doubt(why));
}

/// Permission sets are the last place to look: only the owner of IAM Identity Center sees them, and nobody sees how they ask for MFA.
async fn elsewhere(at: &Account, names: &Patterns) -> Verdict {
    let mut reasons = Reasons::new();
    let centers = at.sso_admin().identity_centers().await;
    centers.gaps.iter().for_each(|gap| reasons.unseen(gap));
    if let Some((region, center)) = centers.owned_by(at.account_id()) {
        let sets = at.region(region).sso_admin().permission_sets(&center.instance_arn).await;
        for (_, set) in reasons.add(sets).unwrap_or_default() {
            let Some(set) = reasons.add(set) else { continue };
            if names.matches(&plain_ascii(&set.name)) {
                reasons.doubt(format!(
                    "permission set {} is for emergencies; whether people show a second factor and its use alarms shows only where it is assigned",
                    set.name
                ));
            }
        }
    }
    absent(reasons)
}

fn absent(reasons: Reasons) -> Verdict {
    if !reasons.is_empty() {
        return reasons.open();
    }
    Verdict::fail("no_emergency_path", "no role, user or permission set is for emergencies by its name, path or tags")
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn status(add: impl FnOnce(&mut Reasons)) -> Verdict {
        let mut reasons = Reasons::new();
        add(&mut reasons);
        conclude("emergency role r", reasons, &["rule r hands it to topic a".into()])
    }

    #[test]
    fn a_role_that_lets_somebody_in_without_mfa_fails() {
        let of = |missing: &[&str], doubts: &[&str]| {
            let texts = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
            status(|reasons| asked_for(SecondFactor { missing: texts(missing), doubts: texts(doubts) }, reasons))
        };
        assert_eq!(of(&[], &[]).status, Status::Pass);
        assert_eq!(of(&["role r lets everyone in"], &["x"]).reasons, ["no_mfa"]);
        assert_eq!(of(&[], &["a provider"]).status, Status::Unknown);
    }

    #[test]
    fn nothing_for_emergencies_fails_unless_something_was_not_seen() {
        assert_eq!(absent(Reasons::new()).reasons, ["no_emergency_path"]);
        let mut reasons = Reasons::new();
        reasons.unseen(&Gap::new("1", "us-east-1", "sso-admin:ListInstances", GapKind::Denied, "no"));
        assert_eq!(absent(reasons).status, Status::Unknown);
    }
}
