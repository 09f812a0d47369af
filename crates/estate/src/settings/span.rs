//! Ranges of ports.

use std::fmt;

/// Both ends included. Protocols without ports have 0-65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub from: u16,
    pub to: u16,
}

/// Every port.
pub const ALL_PORTS: Span = Span { from: 0, to: u16::MAX };

impl Span {
    pub const fn one(port: u16) -> Span {
        Span { from: port, to: port }
    }

    pub const fn new(from: u16, to: u16) -> Span {
        Span { from, to }
    }

    /// Whether the other is within it.
    pub fn holds(self, other: Span) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// How many ports: 1 to 65,536.
    pub fn count(self) -> u32 {
        u32::from(self.to) - u32::from(self.from) + 1
    }

    /// What is left of `self` outside `others`, in order.
    pub fn outside(self, others: &[Span]) -> Vec<Span> {
        let mut others: Vec<Span> = others.to_vec();
        others.sort_unstable();
        let (mut next, end, mut left) = (u32::from(self.from), u32::from(self.to), Vec::new());
        for other in others {
            let (from, to) = (u32::from(other.from), u32::from(other.to));
            if to < next || from > end {
                continue;
            }
            if from > next {
                left.extend(Span::of(next, from - 1));
            }
            next = next.max(to + 1);
        }
        if next <= end {
            left.extend(Span::of(next, end));
        }
        left
    }

    fn of(from: u32, to: u32) -> Option<Span> {
        Some(Span { from: u16::try_from(from).ok()?, to: u16::try_from(to).ok()? })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{}-{}", self.from, self.to) }
    }
}
