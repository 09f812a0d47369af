//! How those that tell a topic are named.

/// A few of them by name.
pub(super) fn some(by: &[String]) -> String {
    match by {
        [first, second, _, rest @ ..] if !rest.is_empty() => format!("{first}, {second} and {} more", by.len() - 2),
        few => few.join(", "),
    }
}

/// What they do: "notify" and "tell", for one or for many.
pub(super) fn verbs(by: &[String]) -> (&'static str, &'static str) {
    if by.len() == 1 { ("notifies", "tells") } else { ("notify", "tell") }
}
