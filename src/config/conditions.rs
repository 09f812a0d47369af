//! `conditions` of a suppression: it accepts a failure only as long as nothing else is broken than what a person looked at.

use super::value::{Wrong, cut};
use crate::catalogue::checks;
use crate::record::Glob;
use posture_estate::text::closest;
use toml::Spanned;

/// Slugs of the cards, in order and each once.
///
/// # Errors
/// When there are none, or no check that `about` matches has one of them.
pub fn conditions(value: Spanned<Vec<String>>, about: &Glob) -> Result<Vec<String>, Wrong> {
    let (mut slugs, at) = cut(value);
    if slugs.is_empty() {
        return Err((at.start, "conditions is empty; leave it out for whatever is broken".to_owned()));
    }
    let known = || checks().iter().filter(|check| about.is_match(check.id)).flat_map(|check| check.card.reasons.keys());
    if let Some(slug) = slugs.iter().find(|slug| !known().any(|own| own == *slug)) {
        let near = closest(slug, known().map(String::as_str));
        let why = format!(
            "no check that matches {:?} has the condition {slug:?}{near}; `posture explain ID` shows those of a check",
            about.as_str()
        );
        return Err((at.start, why));
    }
    slugs.sort_unstable();
    slugs.dedup();
    Ok(slugs)
}
