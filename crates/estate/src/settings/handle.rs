//! The handle by which a probe reads a setting of its card.
//!
//! A probe writes `const MAX_AGE_DAYS: Setting<i64> = setting!(access_keys_rotated.max_age_days);`. That does not compile
//! unless `access_keys_rotated.md` declares `max_age_days` with a type that is an `i64`; a test sees to the other direction.

use super::Span;
use super::{Patterns, Resources, Value};
use aws_smithy_types::DateTime;
use std::marker::PhantomData;

/// What a probe reads a setting as.
pub trait SettingType: 'static {
    /// The types on cards that are read so.
    const KINDS: &'static [&'static str];
    fn of(value: &Value) -> Option<&Self>;
}

macro_rules! read_as {
    ($($rust:ty, $variant:ident, $kinds:expr;)+) => {
        $(impl SettingType for $rust {
            const KINDS: &'static [&'static str] = &$kinds;
            fn of(value: &Value) -> Option<&Self> {
                match value {
                    Value::$variant(value) => Some(value),
                    _ => None,
                }
            }
        })+
    };
}

read_as! {
    i64, Integer, ["integer"];
    str, Text, ["string"];
    [String], Texts, ["strings", "accounts"];
    Patterns, Patterns, ["patterns", "regions"];
    Resources, Resources, ["resources"];
    [Span], Ports, ["ports"];
    Option<DateTime>, Date, ["date"];
}

/// A probe's handle on a setting of its own card; made by [`setting!`](crate::setting).
#[derive(Debug)]
pub struct Setting<T: ?Sized> {
    /// `posture_checks::iam::access_keys_rotated`
    module: &'static str,
    card: &'static str,
    pub(super) name: &'static str,
    read_as: PhantomData<fn(&T)>,
}

impl<T: ?Sized> Clone for Setting<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Setting<T> {}

impl<T: SettingType + ?Sized> Setting<T> {
    /// Use [`setting!`](crate::setting).
    ///
    /// # Panics
    /// While compiling, when `card` is not that of the module or does not declare the setting with a fitting type.
    pub const fn new(module: &'static str, stem: &str, card: &'static str, name: &'static str) -> Setting<T> {
        assert!(ends_with(module.as_bytes(), stem.as_bytes()), "a probe reads the settings of its own card");
        assert!(
            declares(card.as_bytes(), name.as_bytes(), T::KINDS),
            "the card declares no such setting of such a type"
        );
        Setting { module, card, name, read_as: PhantomData }
    }

    /// The service and the name of the check.
    pub(super) fn check(&self) -> (&'static str, &'static str) {
        let mut parts = self.module.rsplit("::");
        let (name, service) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        (service, name)
    }

    /// What the card says.
    ///
    /// # Panics
    /// Never: a card without the setting does not compile, and a test reads the settings of every card.
    pub fn default_value(self) -> &'static T {
        let declared = super::declared(self.card).ok().and_then(|mut all| all.remove(self.name));
        match declared.and_then(|declared| T::of(Box::leak(Box::new(declared.default)))) {
            Some(value) => value,
            None => panic!("the card declares no {} of this type", self.name),
        }
    }
}

/// The handle of a probe on a setting of its own card: `setting!(access_keys_rotated.max_age_days)`.
#[macro_export]
macro_rules! setting {
    ($card:ident.$name:ident) => {
        $crate::settings::Setting::new(
            module_path!(),
            stringify!($card),
            include_str!(concat!(stringify!($card), ".md")),
            stringify!($name),
        )
    };
}

/// Whether a card has the line `[settings.NAME]` and below it `type = "KIND"`.
const fn declares(card: &[u8], name: &[u8], kinds: &[&str]) -> bool {
    let mut at = 0;
    while at < card.len() {
        let mut kind = 0;
        while kind < kinds.len() {
            let end = follows(card, at, b"\n[settings.");
            let end = follows(card, end, name);
            let end = follows(card, end, b"]\ntype = \"");
            let end = follows(card, end, kinds[kind].as_bytes());
            if follows(card, end, b"\"\n") != NOWHERE {
                return true;
            }
            kind += 1;
        }
        at += 1;
    }
    false
}

const NOWHERE: usize = usize::MAX;

/// Where `part` ends when it stands at `at`.
const fn follows(text: &[u8], at: usize, part: &[u8]) -> usize {
    if at == NOWHERE || text.len() - at < part.len() {
        return NOWHERE;
    }
    let mut i = 0;
    while i < part.len() {
        if text[at + i] != part[i] {
            return NOWHERE;
        }
        i += 1;
    }
    at + part.len()
}

const fn ends_with(text: &[u8], end: &[u8]) -> bool {
    text.len() > end.len()
        && text[text.len() - end.len() - 1] == b':'
        && follows(text, text.len() - end.len(), end) != NOWHERE
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "```toml\nscope = \"account\"\n\n[settings.days]\ntype = \"integer\"\ndefault = 1\n```\n";

    #[test]
    fn a_card_declares_by_name_and_type() {
        let declared = |name: &str, kinds| declares(CARD.as_bytes(), name.as_bytes(), kinds);
        assert!(declared("days", &["integer"]) && declared("days", &["string", "integer"]));
        assert!(!declared("day", &["integer"]) && !declared("days_", &["integer"]) && !declared("ays", &["integer"]));
        assert!(!declared("days", &["string"]) && !declared("days", &["integ"]) && !declared("", &["integer"]));
    }

    #[test]
    fn a_module_is_one_check() {
        assert!(ends_with(b"aws_posture::checks::iam::a_b", b"a_b"));
        assert!(!ends_with(b"aws_posture::checks::iam::a_b", b"b") && !ends_with(b"a_b", b"a_b"));
        let setting: Setting<i64> = Setting::new("x::checks::iam::a_b", "a_b", CARD, "days");
        assert_eq!(setting.check(), ("iam", "a_b"));
    }
}
