//! Does a permission set make an administrator? By its AWS managed policies, its inline policy, and those policies of accounts that it names
//! and this account has too.

use crate::prelude::*;
use posture_estate::services::iam::AuthorizationDetails;
use posture_estate::services::iam::details::default_document;
use posture_estate::services::iam::identity::parse;
use posture_estate::services::sso_admin::last_part;
use posture_estate::services::sso_admin::{AwsPolicy, CustomerPolicy, SetBoundary};
use posture_policy::{Context, Decision, Document, Identity, allows_everywhere, is_admin, is_administrators};

/// What a permission set holds.
pub(super) struct Held {
    pub aws: Answer<Vec<AwsPolicy>>,
    pub inline: Answer<Option<String>>,
    pub customer: Answer<Vec<CustomerPolicy>>,
    /// Policies of this account; asked for only where the set names some and is put into it.
    pub own: Option<Answer<AuthorizationDetails>>,
    /// Asked for only where the set may make an administrator.
    pub boundary: Option<Answer<Option<SetBoundary>>>,
}

/// Whether it does.
#[derive(Debug)]
pub(super) enum Power {
    Administrator(String),
    Less,
    Unknown(Reasons),
}

impl Held {
    pub(super) async fn ask(at: &Account, region: &Region, instance: &str, set: &str) -> Held {
        let ask = region.sso_admin();
        let (aws, inline, customer) = join!(
            ask.aws_policies(instance, set),
            ask.inline_policy(instance, set),
            ask.customer_policies(instance, set)
        );
        let named = customer.as_ref().is_ok_and(|all| !all.is_empty());
        let here = named && is_put_into(at.account_id(), &ask.provisioned_accounts(instance, set).await);
        let own = if here { Some(at.iam().authorization_details().await) } else { None };
        let mut held = Held { aws, inline, customer, own, boundary: None };
        if matches!(held.power(&at.context()), Power::Administrator(_)) {
            held.boundary = Some(ask.set_boundary(instance, set).await);
        }
        held
    }

    pub(super) fn power(&self, context: &Context) -> Power {
        let mut open = Reasons::new();
        match (self.uncapped(context, &mut open), &self.boundary) {
            (Some(why), None) => Power::Administrator(why),
            (Some(why), Some(Ok(boundary))) => match boundary.there() {
                None => Power::Administrator(why),
                Some(SetBoundary { managed_policy_arn: Some(arn), .. }) if is_administrators(last_part(arn)) => {
                    Power::Administrator(why)
                }
                Some(_) => {
                    open.doubt(format!("{why}, and what its permissions boundary leaves of that is not known"));
                    Power::Unknown(open)
                }
            },
            (Some(_), Some(Err(gap))) => {
                open.unseen(gap);
                Power::Unknown(open)
            }
            (None, _) if open.is_empty() => Power::Less,
            (None, _) => Power::Unknown(open),
        }
    }

    /// Why it makes an administrator, its permissions boundary left aside.
    fn uncapped(&self, context: &Context, open: &mut Reasons) -> Option<String> {
        let by_aws = match &self.aws {
            Ok(all) => all.iter().find(|policy| is_administrators(last_part(&policy.arn))),
            Err(gap) => {
                open.unseen(gap);
                None
            }
        };
        if let Some(policy) = by_aws {
            return Some(format!("it has the AWS managed policy {}", policy.name));
        }
        let mut identity = Identity { context: context.clone(), ..Identity::default() };
        match self.inline_document(context) {
            Ok(Some(document)) => identity.policies.push(("inline".into(), document)),
            Ok(None) => {}
            Err(verdict) => open.join(*verdict),
        }
        match &self.customer {
            Ok(all) => {
                identity.policies.extend(all.iter().filter_map(|policy| self.customer_document(policy, context, open)))
            }
            Err(gap) => open.unseen(gap),
        }
        match administers(&identity) {
            Decision::Yes(why) => Some(why),
            Decision::No(_) => None,
            Decision::CannotTell(why) => {
                open.doubt(format!("whether it makes an administrator cannot be told: {why}"));
                None
            }
        }
    }

    /// The inline policy.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn inline_document(&self, context: &Context) -> Result<Option<Document>, Box<Verdict>> {
        match self.inline.as_ref().map(Perhaps::there) {
            Ok(None) => Ok(None),
            Ok(Some(text)) => context
                .parse(text)
                .map(Some)
                .map_err(|error| Box::new(Verdict::undecided(format!("its inline policy cannot be read: {error}")))),
            Err(gap) => Err(Box::new(Verdict::unseen(gap))),
        }
    }

    /// A policy that the set names, as this account has it. Each account may have another one of that name, which no account but that one
    /// shows; so it counts where it makes an administrator, and else decides nothing.
    fn customer_document(
        &self,
        policy: &CustomerPolicy,
        context: &Context,
        open: &mut Reasons,
    ) -> Option<(String, Document)> {
        let name = &policy.name;
        open.doubt(format!(
            "it names policy {name} of the accounts that it is put into, which does not show from here"
        ));
        let details = self.own.as_ref()?.as_ref().ok()?;
        let own = details.policies.iter().find(|own| {
            own.policy_name() == Some(name.as_str())
                && own.path().unwrap_or("/") == policy.path.as_deref().unwrap_or("/")
        })?;
        Some((name.clone(), parse(name, default_document(own), context).ok()?))
    }
}

/// Whether the account has the set: else policies of the same name are none of it.
fn is_put_into(account: &str, provisioned: &Answer<Vec<String>>) -> bool {
    provisioned.as_ref().is_ok_and(|accounts| accounts.iter().any(|one| one == account))
}

/// Whether an identity is an administrator, or of IAM, by which it makes itself one; boundary and Denies considered.
pub(super) fn administers(identity: &Identity) -> Decision {
    let admin = is_admin(identity);
    if admin.is_yes() {
        return admin;
    }
    let documents: Vec<&Document> = identity.policies.iter().map(|(_, document)| document).collect();
    let over_iam = |documents: &[&Document]| allows_everywhere(documents, "iam:*", &identity.context);
    match (over_iam(&documents), identity.boundary.as_ref().map(|boundary| over_iam(&[boundary]))) {
        (Decision::No(_), _) | (_, Some(Decision::No(_))) => admin,
        (unsure @ Decision::CannotTell(_), _) | (_, Some(unsure @ Decision::CannotTell(_))) => unsure,
        (yes @ Decision::Yes(_), _) => yes,
    }
}

#[cfg(test)]
pub(super) mod fixtures {
    use super::*;

    /// A permission set with these AWS managed policies and this inline policy.
    pub fn held(aws: &[&str], inline: Option<&str>) -> Held {
        let policy = |name: &&str| AwsPolicy { name: (*name).into(), arn: format!("arn:aws:iam::aws:policy/{name}") };
        Held {
            aws: Ok(Arc::new(aws.iter().map(policy).collect())),
            inline: Ok(Arc::new(inline.map(str::to_owned))),
            customer: Ok(Arc::default()),
            own: None,
            boundary: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fixtures::held;
    use super::*;
    use posture_estate::finding::GapKind;
    use posture_estate::identities::fixtures::{allowing, managed};

    fn of(held: &Held) -> Status {
        match held.power(&Context::of("111122223333", "aws")) {
            Power::Administrator(_) => Status::Fail,
            Power::Less => Status::Pass,
            Power::Unknown(reasons) => reasons.open().status,
        }
    }

    fn gap() -> Gap {
        Gap::new("111122223333", "eu-west-1", "sso-admin:GetInlinePolicyForPermissionSet", GapKind::Denied, "no")
    }

    #[test]
    fn an_administrator_is_made_by_either_sort_of_policy() {
        assert_eq!(of(&held(&["AdministratorAccess"], None)), Status::Fail);
        assert_eq!(of(&held(&["ReadOnlyAccess", "IAMFullAccess"], None)), Status::Fail);
        assert_eq!(of(&held(&["ReadOnlyAccess"], None)), Status::Pass);
        assert_eq!(of(&held(&[], Some(&allowing("*", "*")))), Status::Fail);
        assert_eq!(of(&held(&[], Some(&allowing("iam:*", "*")))), Status::Fail);
        let but_one =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"aws-portal:*","Resource":"*"}}"#;
        assert_eq!(of(&held(&[], Some(but_one))), Status::Fail);
        assert_eq!(of(&held(&[], Some(&allowing("s3:*", "*")))), Status::Pass);
        assert_eq!(of(&held(&[], None)), Status::Pass);
    }

    #[test]
    fn a_boundary_may_cap_it() {
        let with = |managed: Option<&str>| {
            let boundary = managed.map(|name| SetBoundary {
                customer_managed_policy_reference: None,
                managed_policy_arn: Some(format!("arn:aws:iam::aws:policy/{name}")),
            });
            Held { boundary: Some(Ok(Arc::new(boundary))), ..held(&["AdministratorAccess"], None) }
        };
        assert_eq!(of(&with(None)), Status::Fail);
        assert_eq!(of(&with(Some("AdministratorAccess"))), Status::Fail);
        assert_eq!(of(&with(Some("ReadOnlyAccess"))), Status::Unknown);
        let hidden = Held { boundary: Some(Err(gap())), ..held(&["AdministratorAccess"], None) };
        assert_eq!(of(&hidden), Status::Unknown);
    }

    #[test]
    fn policies_of_accounts_decide_only_where_they_make_an_administrator() {
        let named = |document: &str, path: &str| {
            let own = managed("arn:aws:iam::111122223333:policy/team", document);
            let details = AuthorizationDetails { policies: vec![own], ..Default::default() };
            let customer = CustomerPolicy { name: "team".into(), path: Some(path.into()) };
            Held { customer: Ok(Arc::new(vec![customer])), own: Some(Ok(Arc::new(details))), ..held(&[], None) }
        };
        assert_eq!(of(&named(&allowing("*", "*"), "/")), Status::Fail);
        assert_eq!(of(&named(&allowing("s3:*", "*"), "/")), Status::Unknown);
        assert_eq!(of(&named(&allowing("*", "*"), "/other/")), Status::Unknown);
        let elsewhere = Held { own: Some(Err(gap())), ..named(&allowing("*", "*"), "/") };
        assert_eq!(of(&elsewhere), Status::Unknown);
        assert_eq!(
            of(&Held { own: None, ..named(&allowing("*", "*"), "/") }),
            Status::Unknown,
            "not put into this account"
        );
    }

    #[test]
    fn policies_of_this_account_count_only_where_it_has_the_set() {
        let provisioned = |accounts: &[&str]| Ok(Arc::new(accounts.iter().map(|&one| one.to_owned()).collect()));
        assert!(is_put_into("111122223333", &provisioned(&["444455556666", "111122223333"])));
        assert!(!is_put_into("111122223333", &provisioned(&["444455556666"])));
        assert!(!is_put_into("111122223333", &Err(gap())));
    }

    #[test]
    fn what_was_not_seen_is_unknown_unless_the_rest_decides() {
        assert_eq!(of(&Held { inline: Err(gap()), ..held(&[], None) }), Status::Unknown);
        assert_eq!(of(&Held { inline: Err(gap()), ..held(&["AdministratorAccess"], None) }), Status::Fail);
        assert_eq!(of(&Held { aws: Err(gap()), ..held(&[], None) }), Status::Unknown);
        assert_eq!(of(&Held { customer: Err(gap()), ..held(&[], None) }), Status::Unknown);
        assert_eq!(of(&held(&[], Some("{"))), Status::Unknown);
    }
}
