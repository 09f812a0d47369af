//! The answer to whether a pattern matches, and how answers are joined.

/// Whether a pattern matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternMatch {
    Yes,
    No,
    /// What was asked does not decide it.
    Perhaps(String),
}

impl PatternMatch {
    pub(super) fn of(known: bool) -> Self {
        if known { PatternMatch::Yes } else { PatternMatch::No }
    }

    pub(super) fn not(self) -> Self {
        match self {
            PatternMatch::Yes => PatternMatch::No,
            PatternMatch::No => PatternMatch::Yes,
            perhaps @ PatternMatch::Perhaps(_) => perhaps,
        }
    }

    /// Yes if one is, else perhaps if one may be.
    pub(super) fn any(all: impl IntoIterator<Item = Self>) -> Self {
        let mut found = PatternMatch::No;
        for one in all {
            match one {
                PatternMatch::Yes => return PatternMatch::Yes,
                PatternMatch::Perhaps(_) if found == PatternMatch::No => found = one,
                PatternMatch::Perhaps(_) | PatternMatch::No => {}
            }
        }
        found
    }

    /// No if one is not, else perhaps if one may not be.
    pub(super) fn all(all: impl IntoIterator<Item = Self>) -> Self {
        PatternMatch::any(all.into_iter().map(PatternMatch::not)).not()
    }
}

pub(super) fn perhaps(why: impl Into<String>) -> PatternMatch {
    PatternMatch::Perhaps(why.into())
}
