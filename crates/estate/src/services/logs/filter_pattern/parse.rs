//! Reads a filter pattern for JSON: `{ ($.a = "x") && ($.b != y*) || ($.c NOT EXISTS) }`, where `&&` binds closer than `||`.

use super::expression::{Comparison, Expression, Property, Step, Test};
use super::regex::Regex;

/// The pattern; `None` when it is none for JSON, or one that is not understood.
pub(super) fn expression(pattern: &str) -> Option<Expression> {
    let inner = pattern.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut reader = Reader { rest: inner };
    let expression = reader.any()?;
    reader.skip_space();
    reader.rest.is_empty().then_some(expression)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes this next, if it is there.
    fn take(&mut self, what: &str) -> bool {
        self.skip_space();
        let after = self.rest.strip_prefix(what);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Takes a word next, whatever its case.
    fn take_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let found = self.rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !self.rest[word.len()..].starts_with(|c: char| c.is_alphanumeric());
        if found {
            self.rest = &self.rest[word.len()..];
        }
        found
    }

    fn take_while(&mut self, holds: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c: char| !holds(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken.to_owned()
    }

    fn any(&mut self) -> Option<Expression> {
        let mut parts = vec![self.all()?];
        while self.take("||") {
            parts.push(self.all()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self) -> Option<Expression> {
        let mut parts = vec![self.one()?];
        while self.take("&&") {
            parts.push(self.one()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self) -> Option<Expression> {
        if self.take("(") {
            let inner = self.any()?;
            return self.take(")").then_some(inner);
        }
        Some(Expression::Is(self.property()?, self.test()?))
    }

    fn property(&mut self) -> Option<Property> {
        self.skip_space();
        let before = self.rest;
        if !self.take("$") {
            return None;
        }
        let mut steps = Vec::new();
        loop {
            if self.rest.starts_with('.') && !self.rest.starts_with(".[") {
                self.rest = &self.rest[1..];
                let name = self.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '@'));
                steps.push(Step::Name(Some(name).filter(|name| !name.is_empty())?));
            } else if self.rest.starts_with('[') || self.rest.starts_with(".[") {
                self.rest = self.rest.trim_start_matches('.').strip_prefix('[')?;
                let (inner, rest) = self.rest.split_once(']')?;
                self.rest = rest;
                steps.push(step(inner.trim())?);
            } else {
                break;
            }
        }
        let text = before[..before.len() - self.rest.len()].to_owned();
        (!steps.is_empty()).then_some(Property { text, steps })
    }

    fn test(&mut self) -> Option<Test> {
        if self.take_word("IS") {
            let words = [("NULL", Test::IsNull), ("TRUE", Test::IsTrue), ("FALSE", Test::IsFalse)];
            return words.into_iter().find(|(word, _)| self.take_word(word)).map(|(_, test)| test);
        }
        if self.take_word("NOT") {
            return self.take_word("EXISTS").then_some(Test::NotExists);
        }
        let signs = [
            ("!=", Comparison::NotEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<=", Comparison::LessOrEqual),
            ("=", Comparison::Equal),
            (">", Comparison::Greater),
            ("<", Comparison::Less),
        ];
        let (_, how) = signs.into_iter().find(|(sign, _)| self.take(sign))?;
        self.skip_space();
        match (how, self.value()?) {
            (_, Operand::Number(number)) => Some(Test::Number(how, number)),
            (Comparison::Equal, Operand::Text(text)) => Some(Test::Text(text)),
            (Comparison::NotEqual, Operand::Text(text)) => Some(Test::NotText(text)),
            (Comparison::Equal, Operand::Regex(regex)) => Some(Test::Matches(regex)),
            (Comparison::NotEqual, Operand::Regex(regex)) => Some(Test::NotMatches(regex)),
            _ => None,
        }
    }

    fn value(&mut self) -> Option<Operand> {
        if let Some(rest) = self.rest.strip_prefix('"') {
            self.rest = rest;
            return self.quoted().map(Operand::Text);
        }
        if let Some(rest) = self.rest.strip_prefix('%') {
            let (inner, rest) = rest.split_once('%')?;
            self.rest = rest;
            return Regex::read(inner).map(Operand::Regex);
        }
        let text = self.take_while(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '&' | '|' | '"' | '='));
        if text.is_empty() {
            return None;
        }
        // `inf` and `nan` are words.
        let number = text.parse().ok().filter(|_| text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)));
        Some(number.map_or(Operand::Text(text), Operand::Number))
    }

    /// The rest of a text in quotes, in which a backslash takes the next character as it is.
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                '\\' => text.push(chars.next()?.1),
                _ => text.push(c),
            }
        }
        None
    }
}

enum Operand {
    Text(String),
    Number(f64),
    Regex(Regex),
}

/// What is between brackets: `0`, `*`, `'a.b'`.
fn step(inner: &str) -> Option<Step> {
    let quoted = |quote: char| inner.strip_prefix(quote)?.strip_suffix(quote);
    match (quoted('\'').or_else(|| quoted('"')), inner) {
        (Some(name), _) => Some(Step::Name(name.to_owned())),
        (None, "*") => Some(Step::Every),
        (None, _) => inner.parse().ok().map(Step::Index),
    }
}
