//! Which events a trail or an event data store records: basic and advanced event selectors judged alike.
//!
//! A question names a class of events (all S3 object reads in one bucket, all management writes); the answer is whether
//! the selectors record the class whole, in part, or not at all. A field that the question leaves open and a selector
//! narrows (an event name, an event source) makes the answer "in part", never "whole".
//!
//! The rules are those of <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html>: selectors
//! add to each other, fields of one selector all have to match, the positive operators of a field are alternatives and
//! each negative one excludes. Trails add to each other like selectors ([`together`]).

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType};

/// How much of a class of events is recorded.
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
    /// Calls that the policy of a VPC endpoint refused, by event source without its `.amazonaws.com`, such as `s3`.
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
        together([self], events)
    }

    /// Whether any management event is among them. A basic selector has them unless it says otherwise.
    pub fn management(&self) -> bool {
        let advanced = |s: &AdvancedEventSelector| {
            s.field_selectors().iter().any(|f| f.field() == "eventCategory" && f.equals() == ["Management"])
        };
        self.basic.iter().any(|selector| selector.include_management_events() != Some(false))
            || self.advanced.iter().any(advanced)
    }

    fn rules(&self, events: &Events<'_>) -> Vec<Rule<'_>> {
        let basic = self.basic.iter().flat_map(|selector| basic(selector, events));
        basic.chain(self.advanced.iter().filter_map(|selector| advanced(selector, events))).collect()
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

/// How much of `events` the selectors of several trails record between them. Two halves are a whole: every event of the class is
/// asked of all selectors, by one example of each kind of event that they tell apart.
pub fn together<'s>(all: impl IntoIterator<Item = &'s Selectors>, events: &Events<'_>) -> Coverage {
    let rules: Vec<Rule<'_>> = all.into_iter().flat_map(|selectors| selectors.rules(events)).collect();
    coverage(&rules, events)
}

/// What one value of a field is compared with.
#[derive(Clone, Copy)]
enum Like<'a> {
    Equals(&'a str),
    Starts(&'a str),
    Ends(&'a str),
}

impl Like<'_> {
    fn is(self, value: &str) -> bool {
        match self {
            Like::Equals(text) => value == text,
            Like::Starts(text) => value.starts_with(text),
            Like::Ends(text) => value.ends_with(text),
        }
    }
}

/// What a selector asks of one field: one of these, and none of those.
struct Test<'a> {
    field: &'a str,
    one_of: Vec<Like<'a>>,
    none_of: Vec<Like<'a>>,
}

impl<'a> Test<'a> {
    fn one_of(field: &'a str, like: Like<'a>) -> Self {
        Test { field, one_of: vec![like], none_of: Vec::new() }
    }

    fn admits(&self, value: &str) -> bool {
        (self.one_of.is_empty() || self.one_of.iter().any(|like| like.is(value)))
            && !self.none_of.iter().any(|like| like.is(value))
    }
}

/// A selector, as tests that all have to hold.
type Rule<'a> = Vec<Test<'a>>;

fn basic<'a>(selector: &'a EventSelector, events: &Events<'_>) -> Vec<Rule<'a>> {
    let access = || match selector.read_write_type() {
        Some(ReadWriteType::All) => Some(Vec::new()),
        Some(ReadWriteType::ReadOnly) => Some(vec![Test::one_of("readOnly", Like::Equals("true"))]),
        Some(ReadWriteType::WriteOnly) => Some(vec![Test::one_of("readOnly", Like::Equals("false"))]),
        _ => None,
    };
    let with = |test: Test<'a>| access().map(|tests| tests.into_iter().chain([test]).collect());
    match events.category {
        Category::Management if selector.include_management_events() == Some(true) => {
            let left_out = selector.exclude_management_event_sources().iter();
            let none_of = left_out.map(|source| Like::Equals(source)).collect();
            with(Test { field: "eventSource", one_of: Vec::new(), none_of }).into_iter().collect()
        }
        Category::Management | Category::NetworkActivity(_) => Vec::new(),
        Category::Data(kind) => {
            let resources = selector.data_resources().iter().filter(|resource| resource.r#type() == Some(kind));
            let values = resources.flat_map(|resource| resource.values());
            values.filter_map(|value| with(Test::one_of("resources.ARN", begins("resources.ARN", value, events)))).collect()
        }
    }
}

/// `None` for a selector without what CloudTrail requires: it is not one that we understand.
fn advanced<'a>(selector: &'a AdvancedEventSelector, events: &Events<'_>) -> Option<Rule<'a>> {
    let fields = selector.field_selectors();
    let named = |name: &str| fields.iter().any(|field| field.field() == name);
    if !named("eventCategory") || (matches!(events.category, Category::Data(_)) && !named("resources.type")) {
        return None;
    }
    let test = |field: &'a AdvancedFieldSelector| {
        let likes = |equal: &'a [String], start: &'a [String], end: &'a [String]| {
            let equal = equal.iter().map(|value| Like::Equals(value));
            let start = start.iter().map(|value| begins(field.field(), value, events));
            equal.chain(start).chain(end.iter().map(|value| Like::Ends(value))).collect()
        };
        Test {
            field: field.field(),
            one_of: likes(field.equals(), field.starts_with(), field.ends_with()),
            none_of: likes(field.not_equals(), field.not_starts_with(), field.not_ends_with()),
        }
    };
    Some(fields.iter().map(test).collect())
}

/// `arn:aws:s3`, `arn:aws:s3:::` and `arn:aws:lambda` are how selectors write "all resources of this type".
fn begins<'a>(field: &str, value: &'a str, events: &Events<'_>) -> Like<'a> {
    let mut parts = value.split(':');
    let whole_service =
        parts.next() == Some("arn") && parts.nth(1).is_some_and(|name| !name.is_empty()) && parts.all(str::is_empty);
    let every = field == "resources.ARN" && whole_service && events.arn_prefix.is_empty();
    Like::Starts(if every { "" } else { value })
}

/// The value of a field that all events of the class have in common.
fn known(field: &str, events: &Events<'_>) -> Option<String> {
    let value = match (field, events.category) {
        ("eventCategory", Category::Management) => "Management",
        ("eventCategory", Category::Data(_)) => "Data",
        ("eventCategory", Category::NetworkActivity(_)) => "NetworkActivity",
        ("resources.type", Category::Data(kind)) => kind,
        ("eventSource", Category::NetworkActivity(source)) => return Some(format!("{source}.amazonaws.com")),
        ("errorCode", Category::NetworkActivity(_)) => "VpceAccessDenied",
        ("readOnly", _) if events.access == Access::Read => "true",
        ("readOnly", _) => "false",
        _ => return None,
    };
    Some(value.to_owned())
}

/// What no selector names.
const OTHER: &str = "\u{1}";

/// More examples than this are not asked; then a selector has to record the class alone.
const EXAMPLES: usize = 20_000;

/// One value of the field for each kind of value that the rules tell apart: what they name, what begins or ends as they name,
/// and what they do not name.
fn examples(field: &str, rules: &[Rule<'_>], events: &Events<'_>) -> Vec<String> {
    if let Some(value) = known(field, events) {
        return vec![value];
    }
    let class = if field == "resources.ARN" { events.arn_prefix } else { "" };
    let tests = rules.iter().flatten().filter(|test| test.field == field);
    let likes: Vec<Like<'_>> = tests.flat_map(|test| test.one_of.iter().chain(&test.none_of).copied()).collect();
    let (mut starts, mut ends, mut values) = (vec![class], vec![""], Vec::new());
    for like in likes {
        match like {
            Like::Equals(text) if text.starts_with(class) => values.push(text.to_owned()),
            Like::Starts(text) if text.starts_with(class) => starts.push(text),
            Like::Ends(text) => ends.push(text),
            Like::Equals(_) | Like::Starts(_) => {}
        }
    }
    values.extend(starts.iter().flat_map(|start| ends.iter().map(move |end| format!("{start}{OTHER}{end}"))));
    values.sort();
    values.dedup();
    values
}

fn coverage(rules: &[Rule<'_>], events: &Events<'_>) -> Coverage {
    let mut fields: Vec<&str> = rules.iter().flatten().map(|test| test.field).collect();
    fields.sort_unstable();
    fields.dedup();
    let values: Vec<Vec<String>> = fields.iter().map(|field| examples(field, rules, events)).collect();
    let admitted = |rule: &Rule<'_>, all: bool| {
        rule.iter().all(|test| {
            let of_field = fields.iter().position(|field| *field == test.field).map(|at| &values[at]);
            of_field.is_some_and(|values| {
                let mut admitted = values.iter().map(|value| test.admits(value));
                if all { admitted.all(|one| one) } else { admitted.any(|one| one) }
            })
        })
    };
    if rules.iter().any(|rule| admitted(rule, true)) {
        return Coverage::Whole;
    }
    if !rules.iter().any(|rule| admitted(rule, false)) {
        return Coverage::Nothing;
    }
    let count = values.iter().map(Vec::len).try_fold(1_usize, usize::checked_mul);
    let Some(count) = count.filter(|count| *count <= EXAMPLES) else { return Coverage::Part };
    let example = |number: usize| {
        let mut rest = number;
        let pick = |values: &Vec<String>| {
            let at = rest % values.len();
            rest /= values.len();
            at
        };
        values.iter().map(pick).collect::<Vec<usize>>()
    };
    let recorded = |example: &[usize]| {
        let value = |field: &str| fields.iter().position(|one| *one == field).map(|at| values[at][example[at]].as_str());
        rules.iter().any(|rule| rule.iter().all(|test| value(test.field).is_some_and(|value| test.admits(value))))
    };
    let hits = (0..count).filter(|number| recorded(&example(*number))).count();
    match hits {
        0 => Coverage::Nothing,
        hits if hits == count => Coverage::Whole,
        _ => Coverage::Part,
    }
}

#[cfg(test)]
mod tests;
