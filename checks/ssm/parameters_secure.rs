//! Is a parameter that is called like a secret encrypted? A `String` is shown to everybody who may read the parameter, and stands in each answer in clear.

use crate::prelude::*;
use posture_estate::services::ssm::Parameter;
use posture_estate::text::secret::is_named;

/// Names that sound like a secret and are none.
const NOT_SECRET: Setting<Patterns> = setting!(parameters_secure.not_secret);

/// Names that are secret besides those that sound like it.
const SECRET: Setting<Patterns> = setting!(parameters_secure.secret);

pub async fn probe(at: &Region) -> Outcome {
    let parameters = at.ssm().parameters().await?;
    let secret = |one: &&Parameter| is_secret(&one.name, at.setting(SECRET), at.setting(NOT_SECRET));
    let named: Vec<&Parameter> = parameters.iter().filter(secret).collect();
    if named.is_empty() {
        let message = match parameters.len() {
            0 => "there is no parameter".to_owned(),
            count => format!("none of {} is named like a secret", posture_estate::text::counted(count, "parameter")),
        };
        return Ok(vec![Verdict::not_applicable(message).on(at.resource())]);
    }
    Ok(named.into_iter().map(|one| judge(one).on(at.ssm().parameter_resource(one))).collect())
}

/// Whether the path sounds like a secret: `/shop/db/password`, and not `/shop/db-secret/arn`.
fn is_secret(name: &str, secret: &Patterns, not_secret: &Patterns) -> bool {
    !not_secret.matches(name) && (secret.matches(name) || is_named(name))
}

fn judge(parameter: &Parameter) -> Verdict {
    let name = &parameter.name;
    match parameter.kind.as_str() {
        "SecureString" => Verdict::pass(format!("parameter {name} is a SecureString")),
        kind @ ("String" | "StringList") => Verdict::fail(
            "not_secure",
            format!("parameter {name} is named like a secret and is a {kind}, which is not encrypted"),
        ),
        other => Verdict::undecided(format!("parameter {name} is of a type that is not known: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(kind: &str) -> Status {
        judge(&Parameter { name: "/shop/db/password".into(), kind: kind.into() }).status
    }

    #[test]
    fn a_secret_is_a_secure_string() {
        assert_eq!(status("SecureString"), Status::Pass);
        assert_eq!(status("String"), Status::Fail);
        assert_eq!(status("StringList"), Status::Fail);
        assert_eq!(status("Quantum"), Status::Unknown);
    }

    #[test]
    fn the_name_says_what_is_secret_and_the_settings_correct_it() {
        let patterns = |texts: &[&str]| Patterns::parse(texts).unwrap();
        let (none, some) = (patterns(&[]), patterns(&["/shop/*"]));
        assert!(is_secret("/shop/db/password", &none, &none) && is_secret("db_password", &none, &none));
        assert!(is_secret("/shop/api/key", &none, &none) && is_secret("/shop/secrets/mail", &none, &none));
        for about in [
            "/shop/db/host",
            "/shop/db-secret/arn",
            "/shop/password/length",
            "/shop/secrets/db/host",
            "/shop/token/url",
        ] {
            assert!(!is_secret(about, &none, &none), "{about}");
        }
        assert!(!is_secret("/shop/db/password", &none, &some), "known not to be one");
        assert!(is_secret("/shop/db/host", &some, &none), "known to be one");
    }
}
