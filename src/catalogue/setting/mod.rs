//! One setting of a check, as its card declares it: a type, a default, a range and a line on what it does.

mod handle;
mod patterns;
mod value;

pub use handle::{Setting, SettingType};
pub use patterns::{Patterns, Resources};
pub use value::Value;

use serde::{Deserialize, Serialize};

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
    /// One line.
    pub doc: String,
}

/// `[settings.NAME]` of a card.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    #[serde(rename = "type")]
    kind: Kind,
    default: Option<toml::Value>,
    min: Option<i64>,
    max: Option<i64>,
    doc: String,
}

impl Raw {
    /// # Errors
    /// When the declaration contradicts itself.
    pub(super) fn declared(self) -> Result<Declared, String> {
        let range = match (self.kind, self.min, self.max) {
            (Kind::Integer, Some(min), Some(max)) if min < max => Some((min, max)),
            (Kind::Integer, ..) => return Err("an integer needs min and max, min below max".into()),
            (_, None, None) => None,
            _ => return Err("only an integer has min and max".into()),
        };
        let doc = self.doc.trim().to_owned();
        if doc.is_empty() || doc.contains('\n') || doc.ends_with('.') {
            return Err("doc is one line that does not end with a full stop".into());
        }
        let default = match (self.kind, self.default) {
            (Kind::Date, None) => Value::Date(None),
            (_, None) => return Err("it has no default".into()),
            (kind, Some(default)) => Value::parse(kind, range, &default)?,
        };
        Ok(Declared { kind: self.kind, default, range, doc })
    }
}
