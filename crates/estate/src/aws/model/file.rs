//! A model file as it lies on disk: botocore's vocabulary, without what a client does not need.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct File {
    pub(super) service: String,
    pub(super) id: String,
    pub(super) protocol: String,
    pub(super) version: String,
    pub(super) json_version: Option<String>,
    pub(super) target_prefix: Option<String>,
    #[serde(default)]
    pub(super) query_compatible: bool,
    pub(super) signing_name: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    pub(super) endpoints: Vec<Rule>,
    #[serde(default)]
    pub(super) absent: BTreeSet<String>,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) input: Option<String>,
    pub(super) output: Option<String>,
    pub(super) result_wrapper: Option<String>,
    pub(super) pages: Option<Pages>,
}

/// How an operation is paged. Out of an answer come paths of members (`DistributionList.NextMarker`), into a question go
/// members of the input.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pages {
    pub(super) input: Vec<String>,
    pub(super) output: Vec<String>,
    #[serde(default)]
    pub(super) items: Vec<String>,
    pub(super) more: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) members: Members,
    #[serde(default)]
    pub(super) required: Vec<String>,
    pub(super) payload: Option<String>,
    pub(super) member: Option<Pointer>,
    pub(super) key: Option<Pointer>,
    pub(super) value: Option<Pointer>,
    #[serde(default)]
    pub(super) flattened: bool,
    pub(super) location_name: Option<String>,
    pub(super) timestamp_format: Option<String>,
}

/// Members in the order of the model: XML and query requests keep it.
#[derive(Debug, Default)]
pub(super) struct Members(pub(super) Vec<(String, Pointer)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("members by name")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    members.push(entry);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// A member, an element, a key or a value: the name of its shape or primitive type, and what is said of it in this place.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Said")]
pub(super) struct Pointer {
    pub(super) shape: String,
    pub(super) location: Option<String>,
    pub(super) location_name: Option<String>,
    pub(super) flattened: bool,
    pub(super) xml_attribute: bool,
    pub(super) timestamp_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Shape(String),
    Traits(Traits),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Traits {
    shape: String,
    location: Option<String>,
    location_name: Option<String>,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    xml_attribute: bool,
    timestamp_format: Option<String>,
}

impl From<Said> for Pointer {
    fn from(said: Said) -> Self {
        match said {
            Said::Shape(shape) => Pointer { shape, ..Pointer::default() },
            Said::Traits(Traits { shape, location, location_name, flattened, xml_attribute, timestamp_format }) => {
                Pointer { shape, location, location_name, flattened, xml_attribute, timestamp_format }
            }
        }
    }
}

/// Which of a service's endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Variant {
    #[default]
    Plain,
    Fips,
    DualStack,
    FipsDualStack,
}

impl Variant {
    pub fn of(fips: bool, dual_stack: bool) -> Self {
        match (fips, dual_stack) {
            (false, false) => Variant::Plain,
            (true, false) => Variant::Fips,
            (false, true) => Variant::DualStack,
            (true, true) => Variant::FipsDualStack,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Variant::Plain => "",
            Variant::Fips => "FIPS ",
            Variant::DualStack => "dual-stack ",
            Variant::FipsDualStack => "dual-stack FIPS ",
        }
    }
}

/// One rule of a model file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Rule {
    pub(super) operations: Option<Vec<String>>,
    pub(super) partition: Option<String>,
    pub(super) region: Option<String>,
    #[serde(default)]
    pub(super) variant: Variant,
    pub(super) url: Option<String>,
    pub(super) signing_region: Option<String>,
    pub(super) signing_name: Option<String>,
}
