//! Do people sign in through Identity Center, as users that the company's own directory keeps?

use super::{Center, center};
use crate::prelude::*;
use posture_estate::services::identitystore::DirectoryUser;
use posture_estate::text::{counted, few};

/// Users that may be made in Identity Center itself.
const LOCAL_USERS: Setting<Patterns> = setting!(external_directory_in_use.local_users);

pub async fn probe(at: &Account) -> Outcome {
    let absent = Verdict::fail("no_instance", "the organization has no instance of IAM Identity Center");
    let Center { region, instance } = match center(at, absent).await? {
        Ok(center) => center,
        Err(finding) => return Ok(vec![*finding]),
    };
    let verdict = match region.identity_store().directory_users(&instance.identity_store_id).await {
        Ok(users) => judge(&users, at.setting(LOCAL_USERS)),
        Err(gap) => Verdict::unseen(&gap),
    };
    let there = Verdict::pass(format!("the organization has the instance {} of IAM Identity Center", instance.id()));
    Ok(vec![there.sub("instance").on(instance.resource()), verdict.sub("directory").on(instance.resource())])
}

fn judge(users: &[DirectoryUser], listed: &Patterns) -> Verdict {
    let (mut sent, mut local) = (0, Vec::new());
    for user in users.iter().filter(|user| !user.is_disabled()) {
        if !user.external_ids.is_empty() {
            sent += 1;
        } else if !listed.matches(user.name()) {
            local.push(user.name());
        }
    }
    let seen = json!({ "users": users.len(), "from_a_directory": sent, "local": local.len() });
    let names = few(&local, 5);
    let verdict = match (sent, local.len()) {
        (0, 0) => {
            Verdict::undecided("the identity store has no enabled user, so nothing shows where its users come from")
        }
        (0, all) => Verdict::fail(
            "no_external_directory",
            format!("no directory sent any of the users in the identity store: {} ({names})", counted(all, "user")),
        ),
        (_, 0) => Verdict::pass(format!("an external directory sent {}", counted(sent, "user"))),
        (sent, some) => Verdict::fail(
            "local_users",
            format!(
                "{} in the identity store came from no directory, beside {sent} that did: {names}",
                counted(some, "user")
            ),
        ),
    };
    verdict.evidence(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::services::identitystore::ExternalId;

    fn user(name: &str, external: bool, status: Option<&str>) -> DirectoryUser {
        let id = external.then(|| ExternalId { issuer: "https://scim.example".into(), id: name.into() });
        DirectoryUser {
            user_id: format!("id-{name}"),
            user_name: Some(name.into()),
            external_ids: id.into_iter().collect(),
            user_status: status.map(str::to_owned),
        }
    }

    fn of(users: &[DirectoryUser]) -> Verdict {
        judge(users, &Patterns::parse(&["break-glass-*"]).unwrap())
    }

    #[test]
    fn every_user_comes_from_a_directory() {
        assert_eq!(of(&[user("ann", true, None), user("bob", true, Some("ENABLED"))]).status, Status::Pass);
        assert_eq!(of(&[user("ann", true, None), user("bob", false, None)]).reasons, ["local_users"]);
        assert_eq!(of(&[user("ann", false, None)]).reasons, ["no_external_directory"]);
    }

    #[test]
    fn disabled_and_listed_users_may_be_local() {
        let ann = user("ann", true, None);
        assert_eq!(of(&[ann.clone(), user("bob", false, Some("DISABLED"))]).status, Status::Pass);
        assert_eq!(of(&[ann.clone(), user("bob", false, Some("LOCKED"))]).status, Status::Fail);
        assert_eq!(of(&[ann, user("break-glass-1", false, None)]).status, Status::Pass);
    }

    #[test]
    fn without_users_nothing_shows() {
        assert_eq!(of(&[]).status, Status::Unknown);
        assert_eq!(of(&[user("break-glass-1", false, None)]).status, Status::Unknown);
    }
}
