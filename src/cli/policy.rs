//! `posture policy`: the least-privilege IAM policy for a selection.

use super::config::FileArgs;
use super::{Exit, output, select::SelectArgs};
use crate::catalogue::grant::{self, Purpose};
use crate::catalogue::{Check, reads};
use crate::run::{self, Failure, OrBug, UserError};
use clap::{Args, ValueEnum};
use posture_estate::text::counted;
use serde_json::Value;

#[derive(Debug, Args)]
pub struct PolicyArgs {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    file: FileArgs,
    /// How to print it
    #[arg(long, visible_alias = "output", value_enum, default_value_t = PolicyFormat::Json, help_heading = "Output")]
    format: PolicyFormat,
    /// Only this one, when the selection needs several policies
    #[arg(long, value_name = "N", help_heading = "Output")]
    part: Option<usize>,
    /// The policy of the principal that scans the organization: to find the accounts and assume --role-name in each
    #[arg(
        long,
        requires = "role_name",
        conflicts_with_all = ["checks", "practices", "services", "severity", "config", "no_config", "part"],
        help_heading = "Accounts"
    )]
    org: bool,
    /// The role that is assumed in each account, with its path if it has one
    #[arg(long, value_name = "NAME", requires = "org", value_parser = role, help_heading = "Accounts")]
    role_name: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PolicyFormat {
    Json,
    Cloudformation,
    Terraform,
}

/// A role's name, with its path if it has one; what else there is would be a wildcard, or another policy.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
fn role(name: &str) -> Result<String, String> {
    let name = name.trim_start_matches('/');
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c);
    if name.is_empty() || name.ends_with('/') || !name.chars().all(fits) {
        return Err("a role's name has letters, digits and _+=,.@-".to_owned());
    }
    Ok(name.to_owned())
}

/// The policy of the principal that scans an organization.
fn scanner(role: &str, format: PolicyFormat) -> Result<Exit, Failure> {
    let document = grant::scanner(role);
    output::note(
        "the account of the credentials is scanned with them: attach the policies of `posture policy` beside this one",
    );
    output::note("--output FORMAT=s3://BUCKET/KEY needs s3:PutObject on arn:aws:s3:::BUCKET/KEY as well");
    print(&[document], grant::SCANNER, format)
}

fn print(documents: &[Value], purpose: Purpose, format: PolicyFormat) -> Result<Exit, Failure> {
    let text = match (format, documents) {
        (PolicyFormat::Json, [one]) => serde_json::to_string_pretty(one).or_bug("writing the policy as JSON")? + "\n",
        (PolicyFormat::Json, several) => {
            serde_json::to_string_pretty(several).or_bug("writing the policies as JSON")? + "\n"
        }
        (PolicyFormat::Cloudformation, documents) => grant::cloudformation(documents, purpose),
        (PolicyFormat::Terraform, documents) => grant::terraform(documents, purpose),
    };
    output::stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

pub fn main(args: &PolicyArgs) -> Result<Exit, Failure> {
    if let Some(role) = &args.role_name {
        return scanner(role, args.format);
    }
    let config = args.file.load(None)?;
    let selection = run::selection(&args.select.selection(), &config);
    let checks = run::pick(&selection, &config)?;
    let calls = reads(checks.iter().copied());
    if let Some(note) = central_only(&checks) {
        output::note(&note);
    }
    let mut documents = grant::documents(&grant::actions(calls.iter().map(String::as_str)));
    let count = documents.len();
    if let Some(part) = args.part {
        let chosen = part.checked_sub(1).filter(|index| *index < count);
        let Some(index) = chosen else {
            let what = format!("--part {part} is none: the selection needs {}", counted(count, "policy"));
            return Err(UserError::new(what, format_args!("give one from 1 to {count}")).into());
        };
        documents = vec![documents.swap_remove(index)];
    }
    if documents.len() > 1 && matches!(args.format, PolicyFormat::Json) {
        output::note(&format!("{count} policies, to stay within IAM's size limit: attach all; --part N prints one"));
    }
    print(&documents, grant::SCAN, args.format)
}

/// The actions that only checks of the organization need, for a role in any other account can do without them.
fn central_only(checks: &[&'static Check]) -> Option<String> {
    let actions = |checks: Vec<&'static Check>| grant::actions(reads(checks).iter().map(String::as_str));
    let everywhere = actions(checks.iter().copied().filter(|check| !check.is_of_organization()).collect());
    let all = actions(checks.to_vec());
    let only: Vec<&str> = all.difference(&everywhere).map(String::as_str).collect();
    let note = || {
        format!(
            "for checks of the organization, needed only in the account that --org starts from: {}",
            only.join(", ")
        )
    };
    (!only.is_empty()).then(note)
}
