//! Does a project hold a credential that everyone who may look at it reads: in a variable, in the URL of its source or in its buildspec?

use super::per_project;
use crate::prelude::*;
use posture_estate::services::codebuild::project::{BuildVariable, Buildspec, Project};
use posture_estate::text::secret::{NAMED, found, in_variable, is_literal};
use std::collections::BTreeSet;

/// Variables that hold no credential, whatever they are called.
const HARMLESS: Setting<Patterns> = setting!(no_plaintext_credentials.harmless_variables);

/// Names of the variables that every AWS SDK takes for a key.
const AWS_KEYS: &[&str] = &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

pub async fn probe(at: &Region) -> Outcome {
    let projects = at.codebuild().projects().await?;
    Ok(per_project(at, &projects, |project| judge(project, at.setting(HARMLESS))))
}

fn judge(project: &Project, harmless: &Patterns) -> Verdict {
    let (name, mut reasons) = (&project.name, Reasons::new());
    for variable in &project.environment.environment_variables {
        judge_variable(name, variable, harmless, &mut reasons);
    }
    for source in project.sources() {
        if let Some(first) = source.location.as_deref().and_then(|url| found(url).into_iter().next()) {
            let why = format!("the source URL of project {name} has a credential in it ({})", first.kind);
            reasons.broken_at("credential_in_source_url", "source URL", why);
        }
        if let Buildspec::Inline(text) = source.buildspec() {
            let names = names_only(text);
            for one in found(text).iter().filter(|one| one.kind != NAMED || !names.contains(&one.line)).take(3) {
                let why = format!(
                    "line {} of the buildspec of project {name} has a credential in it ({})",
                    one.line, one.kind
                );
                reasons.broken_at("credential_in_buildspec", format!("{} in the buildspec", one.kind), why);
            }
        }
    }
    reasons.or_pass(|| {
        format!("project {name} has no credential in plain text in its variables, source URL and buildspec")
    })
}

/// The lines of a buildspec that name secrets and parameters, `DB_PASSWORD: prod/db:password` below `secrets-manager`, in YAML or JSON.
fn names_only(text: &str) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    // How far the section is indented, and whether braces enclose it.
    let mut section: Option<(usize, bool)> = None;
    for (line, written) in text.lines().enumerate() {
        let (depth, words) = (written.len() - written.trim_start().len(), written.trim());
        let inside = section
            .is_some_and(|(above, braces)| braces || words.is_empty() || words.starts_with('#') || depth > above);
        if !inside {
            section = None;
        }
        let key = words.trim_start_matches(['"', '\'']);
        let rest = ["secrets-manager", "parameter-store"].into_iter().find_map(|name| key.strip_prefix(name));
        if let Some(rest) =
            rest.map(|rest| rest.trim_start_matches(['"', '\'', ' '])).and_then(|rest| rest.strip_prefix(':'))
        {
            section = Some((depth, rest.trim_start().starts_with('{')));
        }
        if let Some((_, braces)) = section {
            lines.insert(line + 1);
            if braces && words.contains('}') {
                section = None;
            }
        }
    }
    lines
}

fn judge_variable(project: &str, variable: &BuildVariable, harmless: &Patterns, reasons: &mut Reasons) {
    let name = &variable.name;
    match variable.kind.as_deref() {
        // Names of a parameter and of a secret.
        Some("PARAMETER_STORE" | "SECRETS_MANAGER") => {}
        None | Some("PLAINTEXT") if harmless.matches(name) => {}
        None | Some("PLAINTEXT") => {
            let key = || (AWS_KEYS.contains(&name.as_str()) && is_literal(&variable.value)).then_some("aws_access_key");
            if let Some(kind) = in_variable(name, &variable.value).or_else(key) {
                let why = format!("variable {name} of project {project} holds a credential in plain text ({kind})");
                reasons.broken_at("credential_in_variable", name, why);
            }
        }
        Some(other) => reasons.doubt(format!("variable {name} of project {project} is of the type {other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebuild::fixtures::project;
    use posture_estate::text::secret::{inside, whole};

    fn variable(name: &str, value: &str, kind: Option<&str>) -> Verdict {
        let of = |value: &str| {
            let variables = json!([{ "name": name, "value": value, "type": kind }]);
            let environment = json!({ "type": "LINUX_CONTAINER", "environmentVariables": variables });
            judge(
                &project(json!({ "environment": environment })),
                &Patterns::parse(&["SONAR_TOKEN_TYPE", "TEST_*"]).unwrap(),
            )
        };
        assert_eq!(of(value).reasons, of(&whole(value)).reasons, "a tape says the same of {name}");
        let verdict = of(value);
        assert!(!verdict.message.contains("hunter"), "{}", verdict.message);
        verdict
    }

    #[test]
    fn a_variable_in_plain_text_is_no_place_for_a_credential() {
        for kind in [Some("PLAINTEXT"), None] {
            assert_eq!(variable("DB_PASSWORD", "hunter2", kind).reasons, ["credential_in_variable"]);
            assert_eq!(variable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", kind).reasons, ["credential_in_variable"]);
            assert_eq!(variable("AWS_ACCESS_KEY_ID", "hunter2", kind).reasons, ["credential_in_variable"]);
            assert_eq!(variable("X", "postgres://a:hunter2@db/app", kind).reasons, ["credential_in_variable"]);
            assert_eq!(variable("STAGE", "production", kind).status, Status::Pass);
            assert_eq!(variable("TEST_PASSWORD", "hunter2", kind).status, Status::Pass, "listed as harmless");
        }
    }

    #[test]
    fn references_are_none_and_other_types_unknown() {
        assert_eq!(variable("DB_PASSWORD", "/prod/db/password", Some("PARAMETER_STORE")).status, Status::Pass);
        assert_eq!(variable("DB_PASSWORD", "prod/db:password", Some("SECRETS_MANAGER")).status, Status::Pass);
        assert_eq!(variable("DB_PASSWORD", "hunter2", Some("VAULT")).status, Status::Unknown);
    }

    fn source(location: &str, buildspec: &str) -> Verdict {
        let of = |location: &str, buildspec: &str| {
            let source = json!({ "type": "BITBUCKET", "location": location, "buildspec": buildspec });
            judge(
                &project(json!({ "source": { "type": "NO_SOURCE" }, "secondarySources": [source] })),
                &Patterns::default(),
            )
        };
        assert_eq!(of(location, buildspec).reasons, of(&inside(location), &inside(buildspec)).reasons, "{location}");
        let verdict = of(location, buildspec);
        assert!(!verdict.message.contains("hunter"), "{}", verdict.message);
        verdict
    }

    #[test]
    fn a_source_url_has_no_password_and_no_token() {
        for credential in ["alice:hunter2", ":hunter2", &"aB3".repeat(12), &format!("ghp_{}", "aB3".repeat(12))] {
            let url = format!("https://{credential}@bitbucket.org/acme/app.git");
            assert_eq!(source(&url, "").reasons, ["credential_in_source_url"], "{url}");
        }
        for plain in
            ["https://bitbucket.org/acme/app.git", "https://alice@bitbucket.org/acme/app.git", "sources/app.zip"]
        {
            assert_eq!(source(plain, "").status, Status::Pass, "{plain}");
        }
    }

    #[test]
    fn an_inline_buildspec_has_none_either() {
        let spec = |value: &str| format!("version: 0.2\nenv:\n  variables:\n    DB_PASSWORD: {value}\n");
        let verdict = source("https://bitbucket.org/acme/app.git", &spec("hunter2"));
        assert_eq!(verdict.reasons, ["credential_in_buildspec"]);
        assert!(verdict.message.starts_with("line 4 of"), "{}", verdict.message);
        assert_eq!(source("https://bitbucket.org/acme/app.git", &spec("${FROM_STORE}")).status, Status::Pass);
    }

    #[test]
    fn a_buildspec_may_name_secrets_and_parameters() {
        // semantics 144
        let login = "aws ecr get-login-password | docker login -u AWS --password-stdin 111122223333.dkr.ecr.eu-west-1.amazonaws.com";
        let names = "  secrets-manager:\n    DB_PASSWORD: prod/db:password\n\n  parameter-store:\n    API_TOKEN: hunter2-token\n";
        let yaml = |more: &str| {
            format!("version: 0.2\nenv:\n{names}{more}phases:\n  build:\n    commands:\n      - {login}\n")
        };
        let json = r#"{"env": {
            "secrets-manager": {
              "DB_PASSWORD": "prod/db:password" },
            "parameter-store": {"API_TOKEN": "hunter2-token"},
            "variables": {"STAGE": "prod"} } }"#;
        let of = |text: &str| source("https://bitbucket.org/acme/app.git", text);
        assert_eq!((of(&yaml("")).status, of(json).status), (Status::Pass, Status::Pass));
        let verdict = of(&yaml("  variables:\n    DB_PASSWORD: hunter2\n"));
        assert!(verdict.message.starts_with("line 9 of"), "{}", verdict.message);
        assert_eq!(of(&json.replace("STAGE", "TOKEN")).reasons, ["credential_in_buildspec"]);
        let key = format!("    X: AKIA{}\n", "IOSFODNN7EXAMPLE");
        assert_eq!(of(&format!("env:\n{names}{key}")).reasons, ["credential_in_buildspec"], "a form is one anywhere");
    }
}
