//! The settings of a scan: what the tables `[check.ID]` of `posture.toml` change, on top of what the cards declare.

use super::setting::{Setting, SettingType, Value};
use super::{Check, checks, closest, find};
use std::borrow::Cow;
use std::collections::BTreeMap;
use toml::Spanned;

/// The tables `[check.ID]`, with the places of what they say.
pub type Tables = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<toml::Value>>>;

/// Values that differ from the defaults, by check id and name, as reports have them.
pub type Changed = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

/// What checks are set to; by default, what their cards say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckSettings {
    /// Only what differs from the card.
    changed: BTreeMap<&'static str, BTreeMap<&'static str, Value>>,
}

impl CheckSettings {
    /// Reads the tables of a file.
    ///
    /// # Errors
    /// The byte offset and the reason of the first thing that is wrong: an unknown check or setting, a value of another
    /// type or out of range.
    pub fn parse(tables: Tables) -> Result<CheckSettings, (usize, String)> {
        let mut settings = CheckSettings::default();
        let mut wrong: Vec<(usize, String)> = Vec::new();
        for (id, values) in tables {
            let Some(check) = find(id.get_ref()) else {
                wrong.push((id.span().start, unknown_check(id.get_ref())));
                continue;
            };
            for (name, value) in values {
                let Some((known, declared)) = check.card.settings.get_key_value(name.get_ref()) else {
                    wrong.push((name.span().start, unknown_setting(check, name.get_ref())));
                    continue;
                };
                match Value::parse(declared.kind, declared.range, value.get_ref()) {
                    Ok(value) if value == declared.default => {}
                    Ok(value) => {
                        settings.changed.entry(check.id).or_default().insert(known, value);
                    }
                    Err(why) => wrong.push((value.span().start, format!("{known} of {} {why}", check.id))),
                }
            }
        }
        match wrong.into_iter().min_by_key(|(at, _)| *at) {
            Some(first) => Err(first),
            None => Ok(settings),
        }
    }

    /// The value of a setting.
    ///
    /// # Panics
    /// Never: a [`Setting`] that its card does not declare does not compile.
    pub fn get<T: SettingType + ?Sized>(&self, setting: Setting<T>) -> &T {
        let id = setting.check();
        let changed = self.changed.get(id.as_str()).and_then(|of_check| of_check.get(setting.name));
        match changed.or_else(|| default(&id, setting.name)).and_then(T::of) {
            Some(value) => value,
            None => panic!("the card of {id} declares no {} of this type", setting.name),
        }
    }

    /// What differs from the cards.
    pub fn changed(&self) -> Changed {
        let of_check = |values: &BTreeMap<&'static str, Value>| {
            values.iter().map(|(name, value)| ((*name).to_owned(), value.json())).collect()
        };
        self.changed.iter().map(|(id, values)| ((*id).to_owned(), of_check(values))).collect()
    }

    /// The same, of these checks only.
    pub fn changed_of(&self, checks: &[&'static Check]) -> Changed {
        let mut changed = self.changed();
        changed.retain(|id, _| checks.iter().any(|check| check.id == id));
        changed
    }

    /// The title of a check, with the number that it is set to in place of the one on its card.
    pub fn title(&self, check: &'static Check) -> Cow<'static, str> {
        let mut title = Cow::Borrowed(check.card.title);
        for (name, value) in self.changed.get(check.id).into_iter().flatten() {
            if let (Value::Integer(now), Some(Value::Integer(card))) = (value, default(check.id, name)) {
                let card = card.to_string();
                let words = title.split(' ').map(|word| if word == card { now.to_string() } else { word.to_owned() });
                title = Cow::Owned(words.collect::<Vec<_>>().join(" "));
            }
        }
        title
    }
}

impl<T: SettingType + ?Sized> Setting<T> {
    /// What the card says.
    pub fn default_value(self) -> &'static T {
        static DEFAULTS: CheckSettings = CheckSettings { changed: BTreeMap::new() };
        DEFAULTS.get(self)
    }
}

fn default(id: &str, name: &str) -> Option<&'static Value> {
    find(id)?.card.settings.get(name).map(|declared| &declared.default)
}

fn unknown_check(id: &str) -> String {
    let with = checks().iter().filter(|check| !check.card.settings.is_empty()).map(|check| check.id);
    let near = match closest(id, with) {
        near if near.is_empty() => closest(id, checks().iter().map(|check| check.id)),
        near => near,
    };
    format!("no check {id:?}{near}; `posture list` shows them all")
}

fn unknown_setting(check: &Check, name: &str) -> String {
    let known: Vec<&str> = check.card.settings.keys().map(String::as_str).collect();
    if known.is_empty() {
        return format!("{} has no settings", check.id);
    }
    let near = closest(name, known.iter().copied());
    format!("{} has no setting {name:?}{near}; it has {}", check.id, known.join(", "))
}
