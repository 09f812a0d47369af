//! The domains of repositories, and whom their policies let in.

use super::outsiders::closed;
use crate::prelude::*;
use posture_estate::services::codeartifact::RepositorySources;
use posture_estate::text::counted;
use posture_policy::Zone;

pub(super) fn judge_domain(
    domain: &str,
    sources: &[Answer<Option<RepositorySources>>],
    policy: Result<Option<String>, Gap>,
    zone: &Zone,
) -> Verdict {
    let (mut reasons, mut unseen, mut count, mut fed) = (Reasons::new(), Vec::new(), 0, 0);
    for answer in sources {
        match answer {
            Err(gap) => unseen.push(gap),
            Ok(sources) => {
                let there = sources.there();
                count += usize::from(there.is_some());
                fed += usize::from(
                    there.is_some_and(|one| !one.upstreams.is_empty() || !one.external_connections.is_empty()),
                );
            }
        }
    }
    match fed {
        0 if !unseen.is_empty() => unseen.into_iter().for_each(|gap| reasons.unseen(gap)),
        0 if count == 0 => {
            reasons.doubt(format!("the repositories of domain {domain} were deleted while the scan ran"))
        }
        0 => reasons.broken(
            "no_upstream",
            format!(
                "no repository of the account in domain {domain} has an upstream repository or an external connection"
            ),
        ),
        _ => {}
    }
    if let Some(text) = reasons.add(policy) {
        closed(&format!("domain {domain}"), text.as_deref(), zone, &mut reasons);
    }
    reasons.or_pass(|| {
        format!(
            "{} of domain {domain} draw packages from upstream, and its policy lets in nobody outside",
            counted(fed, "repository")
        )
    })
}
