//! Checks of an organization: part of a scan of one, in the account that can see it. A scan of single accounts leaves them out,
//! unless they are asked for by their own id.

use super::targets::Targets;
use super::{Audience, UserError};
use crate::catalogue::{Check, Selection};
use posture_estate::text::counted;

/// What is left of the selected checks before the accounts are known.
///
/// # Errors
/// When nothing is.
pub(super) fn asked(
    checks: &[&'static Check],
    selection: &Selection,
    organization: bool,
    audience: &impl Audience,
) -> Result<Vec<&'static Check>, UserError> {
    let (kept, left_out) = split(checks, |check| organization || selection.checks.iter().any(|id| id == check.id));
    if kept.is_empty() && left_out > 0 {
        let what = "the selection holds checks of the organization only";
        return Err(UserError::new(what, "scan with --org, or give their own ids with --check"));
    }
    if left_out > 0 && !selection.is_all() {
        let (checks, are, they) = match left_out {
            1 => ("check", "is", "it needs --org, or --check with its own id"),
            _ => ("checks", "are", "they need --org, or --check with their own id"),
        };
        let what = format!("{left_out} selected {checks} of the organization");
        audience.note(&format!("{what} {are} not part of the scan: {they}"));
    }
    Ok(kept)
}

/// What is left of them for these accounts.
///
/// # Errors
/// When nothing is.
pub(super) fn kept(
    checks: &[&'static Check],
    selection: &Selection,
    targets: &Targets,
    audience: &impl Audience,
) -> Result<Vec<&'static Check>, UserError> {
    let Some(central) = &targets.central else { return asked(checks, selection, false, audience) };
    if targets.all.iter().any(|target| target.id == *central) {
        return Ok(checks.to_vec());
    }
    let (kept, left_out) = split(checks, |_| false);
    if left_out > 0 {
        let why =
            format!("account {central}, whose credentials see the organization, is not among the accounts to scan");
        if kept.is_empty() {
            let what = format!("{why}, and the selection holds checks of the organization only");
            return Err(UserError::new(what, "add it with --account, or select other checks"));
        }
        let are = if left_out == 1 { "is" } else { "are" };
        let checks = counted(left_out, "check");
        audience.note(&format!("{checks} of the organization {are} not part of the scan: {why}"));
    }
    Ok(kept)
}

/// Those that stay, and how many of the organization's do not.
fn split(checks: &[&'static Check], stays: impl Fn(&Check) -> bool) -> (Vec<&'static Check>, usize) {
    let kept: Vec<&'static Check> =
        checks.iter().copied().filter(|check| !check.is_of_organization() || stays(check)).collect();
    let left_out = checks.len() - kept.len();
    (kept, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::checks;

    const ONE: &str = "organizations_scp_guardrails_attached";

    fn of(names: &[&str]) -> Selection {
        Selection { checks: names.iter().map(|&name| name.to_owned()).collect(), ..Selection::default() }
    }

    #[test]
    fn checks_of_the_organization_need_one_or_their_own_name() {
        let all: Vec<&'static Check> = checks().iter().collect();
        let own = all.iter().filter(|check| check.is_of_organization()).count();
        assert!(own >= 7, "{own}");
        assert_eq!(asked(&all, &of(&[]), true, &()).unwrap().len(), all.len());
        assert_eq!(asked(&all, &of(&[]), false, &()).unwrap().len(), all.len() - own);
        assert_eq!(asked(&all, &of(&["*"]), false, &()).unwrap().len(), all.len() - own, "a glob is no name");
        assert!(asked(&all, &of(&["*", ONE]), false, &()).unwrap().iter().any(|check| check.id == ONE));
        let only: Vec<&'static Check> = all.iter().copied().filter(|check| check.is_of_organization()).collect();
        assert!(asked(&only, &of(&["organizations_*"]), false, &()).is_err());
    }
}
