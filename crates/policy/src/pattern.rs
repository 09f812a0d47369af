//! Texts with the wildcards `*` and `?`: does one match, does one cover another, do two overlap?
//!
//! No crate does this part: glob crates treat `/`, braces and brackets as syntax, which a policy does not, and none
//! answers the inclusion question ("is all that this Allow reaches inside that Deny?") that Denies hang on.

/// One element of a compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `${…}`: some text that only a request decides; the name in lower case.
    Variable(String),
}

/// A text with wildcards and policy variables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    text: String,
    tokens: Vec<Token>,
}

impl Pattern {
    /// An action pattern: wildcards, no variables, case does not count.
    pub fn action(text: &str) -> Self {
        Self::build(text, &text.to_ascii_lowercase(), true, false)
    }

    /// A pattern with wildcards; `variables` says whether `${…}` is a policy variable (Version 2012-10-17) or plain text.
    pub fn wild(text: &str, variables: bool) -> Self {
        Self::build(text, text, true, variables)
    }

    /// A text in which wildcards are plain characters (`StringEquals`), variables may still count.
    pub fn plain(text: &str, variables: bool) -> Self {
        Self::build(text, text, false, variables)
    }

    fn build(text: &str, chars: &str, wildcards: bool, variables: bool) -> Self {
        let mut tokens = Vec::new();
        let mut rest = chars;
        while let Some(c) = rest.chars().next() {
            if variables && let Some((variable, after)) = variable(rest) {
                rest = after;
                match variable {
                    // The three escapes for a character that would mean something.
                    "*" | "?" | "$" => tokens.extend(variable.chars().map(Token::Char)),
                    name => {
                        let name = name.split(',').next().unwrap_or(name).trim();
                        tokens.push(Token::Variable(name.to_ascii_lowercase()));
                    }
                }
                continue;
            }
            rest = &rest[c.len_utf8()..];
            match c {
                '*' if wildcards => {
                    if tokens.last() != Some(&Token::Many) {
                        tokens.push(Token::Many);
                    }
                }
                '?' if wildcards => {
                    // `*?` and `?*` mean the same; one order makes them comparable.
                    if tokens.last() == Some(&Token::Many) {
                        tokens.insert(tokens.len() - 1, Token::One);
                    } else {
                        tokens.push(Token::One);
                    }
                }
                c => tokens.push(Token::Char(c)),
            }
        }
        Self { text: text.to_owned(), tokens }
    }

    /// The pattern as the policy writes it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text without wildcard or variable, if that is what the pattern is.
    pub fn fixed(&self) -> Option<String> {
        self.tokens
            .iter()
            .map(|t| match t {
                Token::Char(c) => Some(*c),
                _ => None,
            })
            .collect()
    }

    /// The literal text before the first wildcard or variable.
    pub fn prefix(&self) -> String {
        self.tokens
            .iter()
            .map_while(|t| match t {
                Token::Char(c) => Some(*c),
                _ => None,
            })
            .collect()
    }

    /// The names of the policy variables in it, in lower case.
    pub fn variables(&self) -> Vec<&str> {
        self.tokens
            .iter()
            .filter_map(|t| match t {
                Token::Variable(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Whether it has `*` or `?`.
    pub fn has_wildcard(&self) -> bool {
        self.tokens.iter().any(|t| matches!(t, Token::One | Token::Many))
    }

    /// Whether it is `*` alone.
    pub fn is_everything(&self) -> bool {
        self.tokens == [Token::Many]
    }

    /// The parts between colons as patterns of their own, at most `limit` (the last takes the rest).
    pub fn fields(&self, limit: usize) -> Vec<Pattern> {
        let mut parts: Vec<Vec<Token>> = vec![Vec::new()];
        for token in &self.tokens {
            if *token == Token::Char(':') && parts.len() < limit {
                parts.push(Vec::new());
            } else if let Some(last) = parts.last_mut() {
                last.push(token.clone());
            }
        }
        parts.into_iter().map(|tokens| Self { text: show(&tokens), tokens }).collect()
    }

    /// Whether the text is one that the pattern surely matches (a variable matches only by luck, so: not).
    pub fn matches(&self, text: &str) -> bool {
        let other: Vec<Token> = text.chars().map(Token::Char).collect();
        covers(&self.tokens, &other)
    }

    /// Whether everything that `other` matches is matched by this one too. Sound: `true` is certain.
    pub fn covers(&self, other: &Self) -> bool {
        covers(&self.tokens, &other.tokens)
    }

    /// Whether some text is matched by both; a variable counts as any text.
    pub fn overlaps(&self, other: &Self) -> bool {
        let literal = |p: &Self| p.tokens.iter().all(|t| matches!(t, Token::Char(_)));
        let variable = |p: &Self| p.tokens.iter().any(|t| matches!(t, Token::Variable(_)));
        if literal(other) && !variable(self) {
            covers(&self.tokens, &other.tokens)
        } else if literal(self) && !variable(other) {
            covers(&other.tokens, &self.tokens)
        } else {
            overlaps(&self.tokens, &other.tokens)
        }
    }

    /// The pattern with the variables that are known written out; the others stay.
    pub(super) fn resolved(&self, known: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut tokens = Vec::new();
        for token in &self.tokens {
            match token {
                Token::Variable(name) if known(name).is_some() => {
                    tokens.extend(known(name).unwrap_or_default().chars().map(Token::Char));
                }
                other => tokens.push(other.clone()),
            }
        }
        Self { text: self.text.clone(), tokens }
    }

    /// One text that the pattern means, with `filler` for each wildcard; `None` when a variable decides.
    pub(super) fn example(&self, filler: &str) -> Option<String> {
        let mut text = String::new();
        for token in &self.tokens {
            match token {
                Token::Char(c) => text.push(*c),
                Token::One => text.push('x'),
                Token::Many => text.push_str(filler),
                Token::Variable(_) => return None,
            }
        }
        Some(text)
    }

    /// The same pattern in lower case.
    pub fn lower(&self) -> Self {
        let tokens = self
            .tokens
            .iter()
            .map(|t| match t {
                Token::Char(c) => Token::Char(c.to_ascii_lowercase()),
                other => other.clone(),
            })
            .collect();
        Self { text: self.text.clone(), tokens }
    }
}

/// `${name}rest` gives `name` and `rest`.
fn variable(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("${")?.split_once('}')
}

fn show(tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|t| match t {
            Token::Char(c) => c.to_string(),
            Token::One => "?".into(),
            Token::Many => "*".into(),
            Token::Variable(name) => format!("${{{name}}}"),
        })
        .collect()
}

/// Inclusion: a `*` of `inner` is absorbed only by a `*` of `outer`, a `?` by `?` or `*`, a variable by itself or `*`.
fn covers(outer: &[Token], inner: &[Token]) -> bool {
    let (mut o, mut i) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while i < inner.len() {
        match outer.get(o) {
            Some(Token::Many) => {
                retry = Some((o, i));
                o += 1;
                continue;
            }
            Some(Token::One) if matches!(inner[i], Token::Char(_) | Token::One) => {
                o += 1;
                i += 1;
                continue;
            }
            Some(token) if *token == inner[i] && *token != Token::Many => {
                o += 1;
                i += 1;
                continue;
            }
            _ => {}
        }
        match retry {
            Some((star, from)) => {
                retry = Some((star, from + 1));
                o = star + 1;
                i = from + 1;
            }
            None => return false,
        }
    }
    outer[o..].iter().all(|t| *t == Token::Many)
}

/// Intersection, by the table of which suffixes can be matched together.
fn overlaps(a: &[Token], b: &[Token]) -> bool {
    let many = |t: &Token| matches!(t, Token::Many | Token::Variable(_));
    let mut next = vec![false; b.len() + 1];
    next[b.len()] = true;
    for j in (0..b.len()).rev() {
        next[j] = next[j + 1] && many(&b[j]);
    }
    for i in (0..a.len()).rev() {
        let mut row = vec![false; b.len() + 1];
        row[b.len()] = next[b.len()] && many(&a[i]);
        for j in (0..b.len()).rev() {
            row[j] = if many(&a[i]) || many(&b[j]) {
                // Either absorbs the other's element or stops here.
                next[j] || row[j + 1]
            } else {
                let same = a[i] == b[j] || a[i] == Token::One || b[j] == Token::One;
                same && next[j + 1]
            };
        }
        next = row;
    }
    next[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wild(text: &str) -> Pattern {
        Pattern::wild(text, true)
    }

    #[test]
    fn matching_knows_only_two_wildcards() {
        assert!(wild("arn:aws:s3:::b/*").matches("arn:aws:s3:::b/x/y"));
        assert!(!wild("arn:aws:s3:::b/*").matches("arn:aws:s3:::bb"));
        assert!(wild("a?c").matches("abc"));
        assert!(!wild("a?c").matches("ac"));
        assert!(wild("[a]{b}").matches("[a]{b}"));
        assert!(wild("${*}x").matches("*x"));
        assert!(!Pattern::plain("*", true).matches("x"));
        assert!(Pattern::action("S3:get*").covers(&Pattern::action("s3:GetObject")));
    }

    #[test]
    fn inclusion() {
        for (outer, inner, expected) in [
            ("*", "s3:*", true),
            ("s3:*", "*", false),
            ("s3:Get*", "s3:GetObject*", true),
            ("s3:*Object", "s3:GetObject", true),
            ("s3:*Object", "s3:Get*", false),
            ("*?", "?*", true),
            ("**", "*", true),
            ("a*b*c", "a*c", false),
            ("a*c", "a*b*c", true),
            ("b/*", "b/${aws:username}/*", true),
            ("b/${aws:username}/*", "b/${aws:username}/*", true),
            ("b/${aws:username}/*", "b/*", false),
        ] {
            assert_eq!(wild(outer).covers(&wild(inner)), expected, "{outer} {inner}");
        }
    }

    #[test]
    fn intersection() {
        for (a, b, expected) in [
            ("s3:Get*", "s3:*Object", true),
            ("s3:Get*", "s3:Put*", false),
            ("a?", "ab", true),
            ("a?", "a", false),
            ("b/${aws:username}", "b/alice", true),
            ("*", "", true),
            ("x*y", "x*z", false),
            ("*a", "a*", true),
        ] {
            assert_eq!(wild(a).overlaps(&wild(b)), expected, "{a} {b}");
            assert_eq!(wild(b).overlaps(&wild(a)), expected, "{b} {a}");
        }
    }

    #[test]
    fn fields_are_split_at_colons() {
        let fields = wild("arn:aws:s3:::b:c/*").fields(6);
        assert_eq!(fields.len(), 6);
        assert_eq!(fields[5].text(), "b:c/*");
    }
}
