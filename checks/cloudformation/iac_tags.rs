//! Tags by which a resource shows what made it.

use posture_estate::services::resourcegroupstaggingapi::TaggedWith;

/// Whether a tag is the one that is wanted, `KEY` or `KEY=VALUE`.
pub(super) fn is_it(tag: &TaggedWith, wanted: &str) -> bool {
    tag.key == wanted || wanted.split_once('=').is_some_and(|(key, value)| tag.key == key && tag.value == value)
}
