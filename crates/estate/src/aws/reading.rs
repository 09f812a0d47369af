//! What our structs need of an answer, apart from asking for it.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads an answer as the service's file does, and says what is wrong.
pub type Reading = fn(&Value) -> Result<(), String>;

/// An answer that is read whole.
///
/// # Errors
/// When it does not fit.
pub fn whole<T: DeserializeOwned>(answer: &Value) -> Result<(), String> {
    T::deserialize(answer).map(drop).map_err(|error| error.to_string())
}

/// A member of it, by its path: `Policy.Content`.
///
/// # Errors
/// When it is not there or does not fit.
pub fn member<T: DeserializeOwned>(answer: &Value, path: &str) -> Result<(), String> {
    let found = path.split('.').try_fold(answer, |value, name| value.get(name));
    whole::<T>(found.ok_or("no such member")?)
}

/// A list of it.
///
/// # Errors
/// When it is not there or an item does not fit.
pub fn items<T: DeserializeOwned>(answer: &Value, path: &str) -> Result<(), String> {
    member::<Vec<T>>(answer, path)
}
