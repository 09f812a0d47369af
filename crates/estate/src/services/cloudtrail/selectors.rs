//! Which events a trail or an event data store records: basic and advanced event selectors judged alike.
//!
//! A question names a class of events (all S3 object reads in one bucket, all management writes); the answer is whether
//! the selectors record the class whole, in part, or not at all. A field that the question leaves open and a selector
//! narrows (an event name, an event source) makes the answer "in part", never "whole".
//!
//! The rules are those of <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html>: selectors
//! add to each other, fields of one selector all have to match, the positive operators of a field are alternatives and
//! each negative one excludes.

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType};

/// How much of a class of events is recorded. Ordered: the best of several selectors is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// No event of the class.
    Nothing,
    /// Some events, or more cannot be shown.
    Part,
    /// Every event of the class.
    Whole,
}

/// The kind of event, CloudTrail's `eventCategory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Control plane operations.
    Management,
    /// Operations on the content of a resource, by CloudTrail resource type such as `AWS::S3::Object`.
    Data(&'static str),
    /// Calls that the policy of a VPC endpoint refused, by event source such as `s3.amazonaws.com`.
    NetworkActivity(&'static str),
}

/// Reads or writes: CloudTrail's `readOnly`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

impl Access {
    /// Both, in the order in which findings mention them.
    pub const BOTH: [Access; 2] = [Access::Read, Access::Write];

    /// `read` or `write`, as messages and finding sub-keys spell it.
    pub fn word(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
        }
    }
}

/// A class of events: a category, reads or writes, and the resources whose ARN begins with `arn_prefix` (empty: all).
#[derive(Debug, Clone, Copy)]
pub struct Events<'a> {
    pub category: Category,
    pub access: Access,
    pub arn_prefix: &'a str,
}

impl Events<'static> {
    /// Every event of the category with this access.
    pub fn all(category: Category, access: Access) -> Self {
        Events { category, access, arn_prefix: "" }
    }
}

/// The event selectors of one trail or event data store.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Selectors {
    pub basic: Vec<EventSelector>,
    pub advanced: Vec<AdvancedEventSelector>,
}

impl Selectors {
    /// What CloudTrail applies to a trail that never had event selectors set: every management event and nothing else.
    pub fn default_of_a_trail() -> Self {
        let selector = EventSelector::builder().read_write_type(ReadWriteType::All).include_management_events(true);
        Selectors { basic: vec![selector.build()], advanced: Vec::new() }
    }

    /// How much of `events` these selectors record.
    pub fn coverage(&self, events: &Events<'_>) -> Coverage {
        let basic = self.basic.iter().map(|selector| basic(selector, events));
        let advanced = self.advanced.iter().map(|selector| advanced(selector, events));
        basic.chain(advanced).max().unwrap_or(Coverage::Nothing)
    }

    /// The event sources that are left out of management events, such as `kms.amazonaws.com`.
    pub fn excluded_sources(&self) -> Vec<String> {
        let basic = self.basic.iter().flat_map(|s| s.exclude_management_event_sources());
        let advanced = self
            .advanced
            .iter()
            .filter(|s| {
                s.field_selectors().iter().any(|f| f.field() == "eventCategory" && f.equals() == ["Management"])
            })
            .flat_map(|s| s.field_selectors())
            .filter(|f| f.field() == "eventSource")
            .flat_map(|f| f.not_equals());
        let mut sources: Vec<String> = basic.chain(advanced).cloned().collect();
        sources.sort();
        sources.dedup();
        sources
    }
}

fn basic(selector: &EventSelector, events: &Events<'_>) -> Coverage {
    let access = matches!(
        (selector.read_write_type(), events.access),
        (Some(ReadWriteType::All), _)
            | (Some(ReadWriteType::ReadOnly), Access::Read)
            | (Some(ReadWriteType::WriteOnly), Access::Write)
    );
    if !access {
        return Coverage::Nothing;
    }
    match events.category {
        Category::Management if selector.include_management_events() != Some(true) => Coverage::Nothing,
        Category::Management if selector.exclude_management_event_sources().is_empty() => Coverage::Whole,
        Category::Management => Coverage::Part,
        Category::NetworkActivity(_) => Coverage::Nothing,
        Category::Data(kind) => selector
            .data_resources()
            .iter()
            .filter(|resource| resource.r#type() == Some(kind))
            .flat_map(|resource| resource.values())
            .map(|value| within(events.arn_prefix, value))
            .max()
            .unwrap_or(Coverage::Nothing),
    }
}

fn advanced(selector: &AdvancedEventSelector, events: &Events<'_>) -> Coverage {
    let named = |name: &str| selector.field_selectors().iter().any(|f| f.field() == name);
    // CloudTrail requires both; without them the selector is not one that we understand.
    if !named("eventCategory") || (matches!(events.category, Category::Data(_)) && !named("resources.type")) {
        return Coverage::Nothing;
    }
    selector.field_selectors().iter().map(|field| matches(field, events)).min().unwrap_or(Coverage::Nothing)
}

/// What an event class says about one field.
enum Known<'a> {
    /// All events of the class have this value.
    Is(&'a str),
    /// The values of the class are all the strings that begin so.
    BeginsWith(&'a str),
}

fn matches(field: &AdvancedFieldSelector, events: &Events<'_>) -> Coverage {
    let known = match (field.field(), events.category) {
        ("eventCategory", Category::Management) => Known::Is("Management"),
        ("eventCategory", Category::Data(_)) => Known::Is("Data"),
        ("eventCategory", Category::NetworkActivity(_)) => Known::Is("NetworkActivity"),
        ("resources.type", Category::Data(kind)) => Known::Is(kind),
        ("eventSource", Category::NetworkActivity(source)) => Known::Is(source),
        ("errorCode", Category::NetworkActivity(_)) => Known::Is("VpceAccessDenied"),
        ("readOnly", _) => Known::Is(if events.access == Access::Read { "true" } else { "false" }),
        ("resources.ARN", Category::Data(_)) => Known::BeginsWith(events.arn_prefix),
        _ => Known::BeginsWith(""),
    };
    use Coverage::{Nothing, Part, Whole};
    let equals = |value: &String| match known {
        Known::Is(known) => {
            if known == value {
                Whole
            } else {
                Nothing
            }
        }
        Known::BeginsWith(prefix) => {
            if value.starts_with(prefix) {
                Part
            } else {
                Nothing
            }
        }
    };
    let starts = |value: &String| match known {
        Known::Is(known) => {
            if known.starts_with(value.as_str()) {
                Whole
            } else {
                Nothing
            }
        }
        Known::BeginsWith(prefix) => within(prefix, value),
    };
    let ends = |value: &String| match known {
        Known::Is(known) => {
            if known.ends_with(value.as_str()) {
                Whole
            } else {
                Nothing
            }
        }
        Known::BeginsWith(_) => Part,
    };
    let selected = field.equals().iter().map(equals);
    let selected = selected.chain(field.starts_with().iter().map(starts)).chain(field.ends_with().iter().map(ends));
    let excluded = field.not_equals().iter().map(equals);
    let excluded =
        excluded.chain(field.not_starts_with().iter().map(starts)).chain(field.not_ends_with().iter().map(ends));
    let positive = !field.equals().is_empty() || !field.starts_with().is_empty() || !field.ends_with().is_empty();
    let kept = if positive { selected.max().unwrap_or(Nothing) } else { Whole };
    let left = match excluded.max().unwrap_or(Nothing) {
        Nothing => Whole,
        Part => Part,
        Whole => Nothing,
    };
    kept.min(left)
}

/// How much of the set of ARNs that begin with `prefix` begins with `value`.
fn within(prefix: &str, value: &str) -> Coverage {
    if prefix.starts_with(value) || (prefix.is_empty() && is_whole_service(value)) {
        Coverage::Whole
    } else if value.starts_with(prefix) {
        Coverage::Part
    } else {
        Coverage::Nothing
    }
}

/// `arn:aws:s3`, `arn:aws:s3:::` and `arn:aws:lambda` are how basic selectors write "all resources of this type".
fn is_whole_service(value: &str) -> bool {
    let mut parts = value.split(':');
    parts.next() == Some("arn") && parts.nth(1).is_some_and(|service| !service.is_empty()) && parts.all(str::is_empty)
}

#[cfg(test)]
mod tests;
