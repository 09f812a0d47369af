//! `posture attest`: what people have to say.

use super::{Exit, output};
use crate::catalogue::{checks, pillar, practice_id};
use crate::config::template;
use crate::run::{Failure, UserError};
use clap::{Args, Subcommand};
use posture_estate::day::today;

#[derive(Debug, Args)]
pub struct AttestArgs {
    #[command(subcommand)]
    command: AttestCommand,
}

#[derive(Debug, Subcommand)]
enum AttestCommand {
    /// Print a posture.toml to fill in: a commented entry for each practice that a person may decide
    Init {
        /// Only this practice, such as SEC10-BP02 (several times)
        #[arg(long = "practice", value_name = "ID")]
        practices: Vec<String>,
    },
}

pub fn main(args: &AttestArgs) -> Result<Exit, Failure> {
    let AttestCommand::Init { practices } = &args.command;
    let wanted = practices.iter().map(|name| practice_id(name)).collect::<Result<Vec<_>, _>>()?;
    if let Some(id) = wanted.iter().find(|id| pillar().find(id).is_some_and(|practice| !practice.attestable())) {
        let what = format!("--practice {id} is judged by the state of the account; no attestation decides it");
        return Err(UserError::new(what, "leave it out").into());
    }
    let chosen = |id: &str| wanted.is_empty() || wanted.contains(&id);
    let text = template(pillar(), checks(), today(), |practice| chosen(&practice.id));
    output::stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}
