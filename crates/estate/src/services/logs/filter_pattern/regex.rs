//! The regular expressions of filter patterns: no groups, so that a set of positions is all that has to be carried along.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use std::iter::Peekable;
use std::str::Chars;

/// A regular expression: ways, of which one has to be found somewhere.
#[derive(Debug, PartialEq)]
pub(super) struct Regex(Vec<Vec<Item>>);

#[derive(Debug, PartialEq)]
struct Item {
    atom: Atom,
    least: usize,
    most: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
enum Atom {
    Start,
    End,
    Any,
    /// One of these, from first to last; or none of them.
    OneOf {
        not: bool,
        ranges: Vec<(char, char)>,
    },
}

/// No pattern is longer, and no text of a sample is.
const MOST: usize = 1024;

impl Regex {
    /// What is between two `%`; `None` when it is not understood.
    pub(super) fn read(text: &str) -> Option<Regex> {
        let mut chars = text.chars().peekable();
        let mut ways = vec![Vec::new()];
        while let Some(c) = chars.next() {
            if c == '|' {
                ways.push(Vec::new());
                continue;
            }
            let atom = match c {
                '^' => Atom::Start,
                '$' => Atom::End,
                '.' => Atom::Any,
                '[' => class(&mut chars)?,
                '\\' => escaped(chars.next()?)?,
                '(' | ')' | '*' | '+' | '?' | '{' | '}' | ']' => return None,
                c => just(c),
            };
            let (least, most) = times(&mut chars)?;
            ways.last_mut()?.push(Item { atom, least, most });
        }
        Some(Regex(ways))
    }

    /// Whether it is found in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.0.iter().any(|items| {
            let all = vec![true; text.len() + 1];
            items.iter().fold(all, |reached, item| item.after(&reached, &text)).contains(&true)
        })
    }
}

impl Item {
    /// The positions after it, from those before it.
    fn after(&self, before: &[bool], text: &[char]) -> Vec<bool> {
        let mut at = before.to_vec();
        for _ in 0..self.least {
            at = self.atom.step(&at, text);
        }
        let mut reached = at.clone();
        // Nothing is longer than the text.
        let more = self.most.map_or(text.len(), |most| most.saturating_sub(self.least)).min(text.len());
        for _ in 0..more {
            at = self.atom.step(&at, text);
            reached.iter_mut().zip(&at).for_each(|(reached, now)| *reached |= now);
        }
        reached
    }
}

impl Atom {
    fn step(&self, at: &[bool], text: &[char]) -> Vec<bool> {
        let mut next = vec![false; at.len()];
        for position in (0..at.len()).filter(|position| at[*position]) {
            match self {
                Atom::Start => next[position] |= position == 0,
                Atom::End => next[position] |= position == text.len(),
                Atom::Any | Atom::OneOf { .. } => {
                    if text.get(position).is_some_and(|c| self.is(*c)) {
                        next[position + 1] = true;
                    }
                }
            }
        }
        next
    }

    fn is(&self, c: char) -> bool {
        match self {
            Atom::Start | Atom::End => false,
            Atom::Any => true,
            Atom::OneOf { not, ranges } => *not != ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)),
        }
    }
}

fn just(c: char) -> Atom {
    Atom::OneOf { not: false, ranges: vec![(c, c)] }
}

fn escaped(c: char) -> Option<Atom> {
    let ranges = |letter: char| match letter {
        'd' => Some(vec![('0', '9')]),
        'w' => Some(vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')]),
        's' => Some(vec![(' ', ' '), ('\t', '\r')]),
        _ => None,
    };
    match ranges(c.to_ascii_lowercase()) {
        Some(ranges) => Some(Atom::OneOf { not: c.is_ascii_uppercase(), ranges }),
        None if c.is_alphanumeric() => None,
        None => Some(just(c)),
    }
}

/// What is left of `[…]`.
fn class(chars: &mut Peekable<Chars<'_>>) -> Option<Atom> {
    let not = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let first = match chars.next()? {
            ']' => break,
            '\\' => match chars.next()? {
                // Whole classes and codes inside a class.
                c if c.is_alphanumeric() => match escaped(c)? {
                    Atom::OneOf { not: false, ranges: more } => {
                        ranges.extend(more);
                        continue;
                    }
                    _ => return None,
                },
                c => c,
            },
            c => c,
        };
        let last = match chars.next_if_eq(&'-') {
            Some(_) if chars.peek() == Some(&']') => {
                ranges.push(('-', '-'));
                first
            }
            Some(_) => chars.next()?,
            None => first,
        };
        ranges.push((first, last));
    }
    (!ranges.is_empty()).then_some(Atom::OneOf { not, ranges })
}

/// How often what stands before may come.
fn times(chars: &mut Peekable<Chars<'_>>) -> Option<(usize, Option<usize>)> {
    match chars.peek() {
        Some('?') => drop(chars.next()),
        Some('*') => {
            chars.next();
            return Some((0, None));
        }
        Some('+') => {
            chars.next();
            return Some((1, None));
        }
        Some('{') => {
            chars.next();
            let inner: String = chars.by_ref().take_while(|c| *c != '}').collect();
            let (least, most) = match inner.split_once(',') {
                Some((least, "")) => (least.parse().ok()?, None),
                Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
                None => (inner.parse().ok()?, Some(inner.parse().ok()?)),
            };
            return (least <= MOST).then_some((least, most));
        }
        _ => return Some((1, Some(1))),
    }
    Some((0, Some(1)))
}
