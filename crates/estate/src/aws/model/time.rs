//! A moment in an answer.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Deserializer, de::Error};
use std::ops::Deref;

/// A timestamp, whatever its form on the wire was: between the reader and our structs it is RFC 3339 with all its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub DateTime);

impl Deref for Time {
    type Target = DateTime;
    fn deref(&self) -> &DateTime {
        &self.0
    }
}

impl From<Time> for DateTime {
    fn from(time: Time) -> DateTime {
        time.0
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::from_str(&text, Format::DateTimeWithOffset).map(Time).map_err(D::Error::custom)
    }
}
