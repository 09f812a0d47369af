//! One setting of a check, as its card declares it: a type, a default, a range and a line on what it does.

mod handle;
mod patterns;
mod resolved;
mod span;
mod value;

pub use handle::{Setting, SettingType};
pub use patterns::{Patterns, Resources};
pub use resolved::CheckSettings;
pub use span::{ALL_PORTS, Span};
pub use value::Value;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The types that a card may give a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Integer,
    String,
    Strings,
    Patterns,
    Resources,
    Ports,
    Accounts,
    Regions,
    Date,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Integer => "integer",
            Kind::String => "string",
            Kind::Strings => "strings",
            Kind::Patterns => "patterns",
            Kind::Resources => "resources",
            Kind::Ports => "ports",
            Kind::Accounts => "accounts",
            Kind::Regions => "regions",
            Kind::Date => "date",
        }
    }

    /// What a value of it is, for whoever writes one.
    pub fn form(self) -> &'static str {
        match self {
            Kind::Integer => "a whole number",
            Kind::String => "a text",
            Kind::Strings => "a list of texts",
            Kind::Patterns => "a list of texts, exact or with the wildcards * and ?",
            Kind::Resources => "a list of ids, ARNs (the wildcards * and ? work) or tag:KEY=VALUE",
            Kind::Ports => "a list of ports such as 443 and ranges such as \"8000-8010\"",
            Kind::Accounts => "a list of account numbers in quotes",
            Kind::Regions => "a list of regions, exact or with the wildcards * and ?",
            Kind::Date => "a date such as 2026-12-31",
        }
    }
}

/// A setting as a card declares it.
#[derive(Clone, Debug)]
pub struct Declared {
    pub kind: Kind,
    pub default: Value,
    /// The smallest and the largest integer.
    pub range: Option<(i64, i64)>,
    /// The fewest entries of a list: an empty one would switch the check off and let it pass.
    pub min_items: Option<usize>,
    /// The most ports that a list of ports can name, ranges counted port by port, for the same reason.
    pub max_ports: Option<u32>,
    /// One line.
    pub doc: String,
}

impl Declared {
    /// Reads a value of it as TOML has it.
    ///
    /// # Errors
    /// When it is of another type, out of range, cannot be meant or would switch the check off; the message goes behind the
    /// name of the setting.
    pub fn read(&self, value: &toml::Value) -> Result<Value, String> {
        let value = Value::parse(self.kind, self.range, value)?;
        bounded(&value, self.min_items, self.max_ports)?;
        Ok(value)
    }
}

fn bounded(value: &Value, min_items: Option<usize>, max_ports: Option<u32>) -> Result<(), String> {
    if let Some(least) = min_items
        && value.items() < least
    {
        return Err(format!(
            "names {} of at least {least}, and so would let everything pass; to run without the check, leave it out of the scan",
            value.items()
        ));
    }
    match (max_ports, value.ports()) {
        (Some(most), ports) if ports > most => Err(format!(
            "names {ports} ports, and so would let nearly everything pass; name what is meant, {most} ports at most"
        )),
        _ => Ok(()),
    }
}

/// `[settings.NAME]` of a card.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(rename = "type")]
    kind: Kind,
    default: Option<toml::Value>,
    min: Option<i64>,
    max: Option<i64>,
    min_items: Option<usize>,
    max_ports: Option<u32>,
    doc: String,
}

impl Raw {
    /// # Errors
    /// When the declaration contradicts itself.
    pub fn declared(self) -> Result<Declared, String> {
        let range = match (self.kind, self.min, self.max) {
            (Kind::Integer, Some(min), Some(max)) if min < max => Some((min, max)),
            (Kind::Integer, ..) => return Err("an integer needs min and max, min below max".into()),
            (_, None, None) => None,
            _ => return Err("only an integer has min and max".into()),
        };
        let is_list = !matches!(self.kind, Kind::Integer | Kind::String | Kind::Date);
        if self.min_items.is_some() && !is_list || self.max_ports.is_some() && self.kind != Kind::Ports {
            return Err("only a list has min_items, and only one of ports max_ports".into());
        }
        let doc = self.doc.trim().to_owned();
        if doc.is_empty() || doc.contains('\n') || doc.ends_with('.') {
            return Err("doc is one line that does not end with a full stop".into());
        }
        let default = match (self.kind, self.default) {
            (Kind::Date, None) => Value::Date(None),
            (_, None) => return Err("it has no default".into()),
            (kind, Some(default)) => Value::parse(kind, range, &default)?,
        };
        bounded(&default, self.min_items, self.max_ports)?;
        Ok(Declared { kind: self.kind, default, range, min_items: self.min_items, max_ports: self.max_ports, doc })
    }
}

/// The settings that the front matter of a card declares.
///
/// # Errors
/// When it has none, or a declaration contradicts itself.
pub fn declared(card: &str) -> Result<BTreeMap<String, Declared>, String> {
    #[derive(Deserialize)]
    struct Front {
        #[serde(default)]
        settings: BTreeMap<String, Raw>,
    }
    let front = card.strip_prefix("```toml\n").and_then(|rest| rest.split_once("\n```\n"));
    let (front, _) = front.ok_or("it does not begin with a ```toml fence")?;
    let front: Front = toml::from_str(front).map_err(|error| error.to_string())?;
    front.settings.into_iter().map(|(name, raw)| Ok((name, raw.declared()?))).collect()
}
