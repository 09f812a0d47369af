//! How a way goes: open, closed, or not to be told.

use super::super::decision::Escalation;

pub enum Walk {
    Open(Escalation),
    Unsure(String),
    Closed,
}

impl Walk {
    /// The way as one on this ARN.
    pub fn on(self, arn: &str) -> Self {
        match self {
            Self::Open(escalation) => Self::Open(Escalation { on: Some(arn.to_owned()), ..escalation }),
            other => other,
        }
    }

    /// This way, and then the other.
    pub fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Closed, _) | (_, Self::Closed) => Self::Closed,
            (Self::Unsure(why), _) | (_, Self::Unsure(why)) => Self::Unsure(why),
            (Self::Open(mut both), Self::Open(next)) => {
                both.actions.extend(next.actions);
                both.via.extend(next.via);
                both.via.sort();
                both.via.dedup();
                Self::Open(both)
            }
        }
    }

    /// The way, if what it leads to is what it seems.
    pub fn given(self, doubt: Option<String>) -> Self {
        match (self, doubt) {
            (Self::Open(_), Some(why)) => Self::Unsure(why),
            (walk, _) => walk,
        }
    }
}

impl Escalation {
    pub(super) fn opens(&self, other: &Self) -> bool {
        let all = self.actions.iter().all(|action| other.actions.contains(action));
        all && (self.on.is_none() || self.on == other.on)
    }
}

/// The first way that is open, else the first that is in doubt.
pub fn first(walks: impl Iterator<Item = Walk>) -> Walk {
    let mut doubt = None;
    for walk in walks {
        match walk {
            Walk::Open(_) => return walk,
            Walk::Unsure(_) => {
                doubt.get_or_insert(walk);
            }
            Walk::Closed => {}
        }
    }
    doubt.unwrap_or(Walk::Closed)
}
