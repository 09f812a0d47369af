//! How those that tell a topic are named.

use posture_estate::text::few;

/// A few of them by name.
pub(super) fn some(by: &[String]) -> String {
    few(by, if by.len() > 3 { 2 } else { by.len() })
}

/// What they do: "notify" and "tell", for one or for many.
pub(super) fn verbs(by: &[String]) -> (&'static str, &'static str) {
    if by.len() == 1 { ("notifies", "tells") } else { ("notify", "tell") }
}
