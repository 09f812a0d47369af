//! What the checks of a scan are set to.

use super::{Setting, SettingType, Value};
use std::collections::BTreeMap;

/// What checks are set to; by default, what their cards say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckSettings {
    /// Service, name of the check and name of the setting, and its value.
    values: BTreeMap<(&'static str, &'static str, &'static str), Value>,
}

impl CheckSettings {
    /// Sets one.
    pub fn set(&mut self, service: &'static str, check: &'static str, name: &'static str, value: Value) {
        self.values.insert((service, check, name), value);
    }

    /// The value of a setting; that of its card where none was set.
    pub fn get<T: SettingType + ?Sized>(&self, setting: Setting<T>) -> &T {
        let (service, check) = setting.check();
        let value = self.values.get(&(service, check, setting.name)).and_then(T::of);
        value.unwrap_or_else(|| setting.default_value())
    }
}
