//! The values of settings: from TOML, checked for type and range, and back for reports.

use super::Span;
use super::{Kind, Patterns, Resources};
use crate::arn::is_account;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// A value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Integer(i64),
    Text(String),
    Texts(Vec<String>),
    Patterns(Patterns),
    Resources(Resources),
    Ports(Vec<Span>),
    /// The last second of the day.
    Date(Option<DateTime>),
}

impl Value {
    /// Reads a value as TOML has it.
    ///
    /// # Errors
    /// When it is of another type, out of range or cannot be meant; the message goes behind the name of the setting.
    pub fn parse(kind: Kind, range: Option<(i64, i64)>, value: &toml::Value) -> Result<Value, String> {
        let wrong = || format!("is {value}, not {}", kind.form());
        let list = || value.as_array().ok_or_else(wrong);
        let text = |item: &toml::Value| filled(item.as_str().ok_or_else(wrong)?);
        let texts = || -> Result<Vec<String>, String> { list()?.iter().map(text).collect() };
        match kind {
            Kind::Integer => {
                let number = value.as_integer().ok_or_else(wrong)?;
                match range {
                    Some((min, max)) if !(min..=max).contains(&number) => {
                        Err(format!("is {number}; it can be from {min} to {max}"))
                    }
                    _ => Ok(Value::Integer(number)),
                }
            }
            Kind::String => Ok(Value::Text(text(value)?)),
            Kind::Strings => Ok(Value::Texts(texts()?)),
            Kind::Patterns => Ok(Value::Patterns(Patterns::parse(&texts()?)?)),
            Kind::Resources => Ok(Value::Resources(Resources::parse(&texts()?)?)),
            Kind::Ports => ports(list()?.iter().map(|item| port(item).ok_or_else(wrong)).collect::<Result<_, _>>()?),
            Kind::Accounts => {
                let accounts = texts()?;
                match accounts.iter().find(|id| !is_account(id)) {
                    Some(id) => Err(format!("holds {id:?}, which is not an account number of twelve digits")),
                    None => Ok(Value::Texts(accounts)),
                }
            }
            Kind::Regions => {
                let regions = texts()?;
                match regions.iter().find(|name| !is_region(name)) {
                    Some(name) => Err(format!("holds {name:?}, which is no region such as eu-west-1")),
                    None => Ok(Value::Patterns(Patterns::parse(&regions)?)),
                }
            }
            Kind::Date => {
                let text = value.as_datetime().map(ToString::to_string);
                let text = text.or_else(|| value.as_str().map(str::to_owned)).ok_or_else(wrong)?;
                let end = DateTime::from_str(&format!("{text}T23:59:59Z"), Format::DateTime).map_err(|_| wrong())?;
                Ok(Value::Date(Some(end)))
            }
        }
    }

    /// Entries of a list; 1 of what is none.
    pub fn items(&self) -> usize {
        match self {
            Value::Texts(texts) => texts.len(),
            Value::Patterns(patterns) => patterns.texts().count(),
            Value::Resources(resources) => resources.texts().count(),
            Value::Ports(spans) => spans.len(),
            Value::Integer(_) | Value::Text(_) | Value::Date(_) => 1,
        }
    }

    /// Ports of a list of ports.
    pub fn ports(&self) -> u32 {
        match self {
            Value::Ports(spans) => spans.iter().map(|span| u32::from(span.to) - u32::from(span.from) + 1).sum(),
            _ => 0,
        }
    }

    /// The value as a report has it, in the form that `posture.toml` takes.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Value::Integer(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Texts(texts) => texts.iter().map(String::as_str).collect(),
            Value::Patterns(patterns) => patterns.texts().collect(),
            Value::Resources(resources) => resources.texts().collect(),
            Value::Ports(spans) => spans
                .iter()
                .map(|span| match span.from == span.to {
                    true => serde_json::Value::from(span.from),
                    false => format!("{}-{}", span.from, span.to).into(),
                })
                .collect(),
            Value::Date(end) => {
                let text = end.and_then(|end| end.fmt(Format::DateTime).ok());
                text.map_or(serde_json::Value::Null, |text| text.get(..10).unwrap_or(&text).into())
            }
        }
    }
}

fn filled(text: &str) -> Result<String, String> {
    if text.is_empty() || text.trim() != text || text.chars().any(char::is_control) {
        return Err(format!("holds {text:?}, which is empty, has blanks around it or control characters"));
    }
    Ok(text.to_owned())
}

fn port(item: &toml::Value) -> Option<Span> {
    if let Some(number) = item.as_integer() {
        return u16::try_from(number).ok().map(Span::one);
    }
    let text = item.as_str()?;
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (from <= to).then(|| Span::new(from, to))
}

fn ports(mut spans: Vec<Span>) -> Result<Value, String> {
    spans.sort_unstable();
    match spans.windows(2).find(|pair| pair[0].to >= pair[1].from) {
        Some(pair) => Err(format!("names port {} twice", pair[1].from)),
        None => Ok(Value::Ports(spans)),
    }
}

/// `eu-west-1`, or with wildcards.
fn is_region(name: &str) -> bool {
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'*' | b'?');
    name.bytes().all(known) && (name.contains(['*', '?']) || name.split('-').count() >= 3)
}
