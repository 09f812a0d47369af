//! `posture policy`: the least-privilege IAM policy for a selection.

use super::config::FileArgs;
use super::{Exit, SelectArgs, UserError, in_force, output};
use crate::aws::grant;
use crate::catalogue::{Check, reads};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct PolicyArgs {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    file: FileArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t = PolicyFormat::Json)]
    format: PolicyFormat,
    /// Only this one, when the selection needs several policies
    #[arg(long, value_name = "N")]
    part: Option<usize>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PolicyFormat {
    Json,
    Cloudformation,
    Terraform,
}

pub fn main(args: &PolicyArgs) -> Result<Exit, UserError> {
    let config = args.file.load(None)?;
    let selection = in_force::selection(&args.select.selection(), &config);
    let checks = in_force::pick(&selection, &config)?;
    let calls = reads(checks.iter().copied());
    if let Some(note) = central_only(&checks) {
        output::note(&note);
    }
    let mut documents = grant::documents(&grant::actions(calls.iter().map(String::as_str)));
    let count = documents.len();
    if let Some(part) = args.part {
        let chosen = part.checked_sub(1).filter(|index| *index < count);
        let Some(index) = chosen else {
            return Err(UserError(format!("--part {part}: the selection needs {count} policies")));
        };
        documents = vec![documents.swap_remove(index)];
    }
    let text = match (args.format, documents.as_slice()) {
        (PolicyFormat::Json, [one]) => serde_json::to_string_pretty(one)? + "\n",
        (PolicyFormat::Json, several) => {
            output::note(&format!(
                "{count} policies, to stay within IAM's size limit: attach all; --part N prints one"
            ));
            serde_json::to_string_pretty(several)? + "\n"
        }
        (PolicyFormat::Cloudformation, documents) => grant::cloudformation(documents),
        (PolicyFormat::Terraform, documents) => grant::terraform(documents),
    };
    output::stdout(text.as_bytes()).map_err(|error| UserError(format!("cannot write stdout: {error}")))?;
    Ok(Exit::Clean)
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
