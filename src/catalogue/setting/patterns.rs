//! Lists of exceptions: whom they name is decided from end to end of a text, never by a part of it.

use crate::finding::Resource;
use crate::policy::Pattern;

/// Texts, exact or with the wildcards `*` and `?`; each has to match from end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns(Vec<Pattern>);

impl Patterns {
    /// # Errors
    /// When one matches everything: that is no exception but the check switched off.
    pub fn parse(texts: &[impl AsRef<str>]) -> Result<Patterns, String> {
        texts.iter().map(|text| pattern(text.as_ref())).collect::<Result<_, _>>().map(Patterns)
    }

    pub fn matches(&self, text: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(text))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they were written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Pattern::text)
    }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    match text.bytes().all(|b| matches!(b, b'*' | b'?')) {
        true => Err(format!("holds {text:?}, which matches everything; name what is meant")),
        false => Ok(Pattern::wild(text, false)),
    }
}

/// Resources by id, by ARN or by a tag; each has to match from end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources(Vec<Named>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    /// An id or an ARN.
    Name(Pattern),
    /// The key is exact.
    Tag { text: String, key: String, value: Pattern },
}

impl Named {
    fn text(&self) -> &str {
        match self {
            Named::Name(pattern) => pattern.text(),
            Named::Tag { text, .. } => text,
        }
    }
}

impl Resources {
    /// # Errors
    /// When one matches everything, or is no `tag:KEY=VALUE`.
    pub fn parse(texts: &[impl AsRef<str>]) -> Result<Resources, String> {
        let named = |text: &str| match text.strip_prefix("tag:") {
            None => pattern(text).map(Named::Name),
            Some(tag) => match tag.split_once('=') {
                Some((key, value)) if !key.is_empty() && !key.contains(['*', '?']) => {
                    Ok(Named::Tag { text: text.to_owned(), key: key.to_owned(), value: Pattern::wild(value, false) })
                }
                _ => Err(format!("holds {text:?}, not tag:KEY=VALUE with a whole key")),
            },
        };
        texts.iter().map(|text| named(text.as_ref())).collect::<Result<_, _>>().map(Resources)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they were written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Named::text)
    }

    /// Whether this resource is one of them.
    pub fn has(&self, resource: &Resource) -> bool {
        self.0.iter().any(|named| match named {
            Named::Name(pattern) => pattern.matches(&resource.id) || pattern.matches(&resource.arn),
            Named::Tag { key, value, .. } => resource.tags.get(key).is_some_and(|text| value.matches(text)),
        })
    }
}
