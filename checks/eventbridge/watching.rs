//! The rules that take some of the events that are to be watched, and whether they start anything.

use crate::prelude::*;
use posture_estate::services::events::EventRule;
use posture_estate::services::events::pattern::{EventSample, PatternMatch};

/// A rule that takes some of the events, and whether it starts anything.
pub(super) type Watching = (EventRule, Result<bool, Gap>);

/// The rules of the Region that may take one of the events.
pub(super) async fn watching(at: &Region, samples: &[&EventSample]) -> Result<Vec<Watching>, Gap> {
    let rules = at.events().rules().await?;
    let takes = |rule: &&EventRule| {
        !rule.is_a_services_own() && samples.iter().any(|sample| rule.fires_on(sample) != PatternMatch::No)
    };
    let asked = rules.iter().filter(takes).map(async |rule| {
        let targets = at.events().targets(&rule.name).await.map(|targets| !targets.is_empty());
        (rule.clone(), targets)
    });
    Ok(join_all(asked).await)
}

/// Whether a rule that starts something takes the event.
pub(super) fn takes(sample: &EventSample, rules: &[Watching]) -> PatternMatch {
    let mut found = PatternMatch::No;
    for (rule, targets) in rules {
        match (rule.fires_on(sample), targets) {
            (_, Ok(false)) | (PatternMatch::No, _) => {}
            (PatternMatch::Yes, Ok(true)) => return PatternMatch::Yes,
            (PatternMatch::Yes, Err(_)) => found = PatternMatch::Perhaps(format!("the targets of {}", rule.name)),
            (perhaps @ PatternMatch::Perhaps(_), _) => found = perhaps,
        }
    }
    found
}
