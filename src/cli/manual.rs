//! `posture completions` and `posture man`: both are made from the definitions of the command line, so they cannot drift from it.

use super::{Exit, output};
use crate::run::{Failure, OrBug, UserError};
use clap::{Args, Command};
use clap_complete::Shell;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write the pages of posture and of every subcommand into this directory, such as ~/.local/share/man/man1
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub fn completions(args: &CompletionsArgs, mut whole: Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut whole, "posture", &mut script);
    output::stdout(&script)?;
    Ok(Exit::Clean)
}

pub fn man(args: &ManArgs, whole: Command) -> Result<Exit, Failure> {
    if let Some(dir) = &args.dir {
        pages(dir, whole).map_err(|error| UserError::write(format_args!("the pages to {}", dir.display()), &error))?;
        return Ok(Exit::Clean);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(documented(whole)).render(&mut page).or_bug("writing the manual page")?;
    output::stdout(&page)?;
    Ok(Exit::Clean)
}

fn documented(whole: Command) -> Command {
    whole.disable_help_subcommand(true)
}

/// Writes the page of each command.
fn pages(dir: &Path, whole: Command) -> std::io::Result<()> {
    clap_mangen::generate_to(documented(whole), dir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory;

    #[test]
    fn every_command_has_a_page_with_its_flags() {
        let dir = tempfile::tempdir().unwrap();
        pages(dir.path(), Cli::command()).unwrap();
        let page = |name: &str| std::fs::read_to_string(dir.path().join(format!("{name}.1"))).unwrap();
        assert!(page("posture").contains("Exit codes"));
        assert!(page("posture-scan").contains("fail\\-on"));
        for one in Cli::command().get_subcommands() {
            assert!(!page(&format!("posture-{}", one.get_name())).is_empty());
        }
    }

    #[test]
    fn each_shell_gets_a_script() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "posture", &mut script);
            assert!(String::from_utf8(script).unwrap().contains("fail-on"), "{shell}");
        }
    }
}
