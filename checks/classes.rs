//! Tags that classify data, whatever their spelling.

use posture_estate::text::plain;

/// The tags that classify what something holds, and their values that call for protection; case and separators do not matter.
#[derive(Clone, Copy)]
pub(super) struct Classes<'a> {
    pub tags: &'a [String],
    pub values: &'a [String],
}

impl Classes<'_> {
    /// The tag that calls the data sensitive, as "key=value".
    pub fn sensitive(self, tags: Option<&Vec<(String, String)>>) -> Option<String> {
        let among = |list: &[String], text: &str| list.iter().any(|one| plain(one) == plain(text));
        let found = tags?.iter().find(|(key, value)| among(self.tags, key) && among(self.values, value));
        found.map(|(key, value)| format!("{key}={value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_classifies_whatever_its_spelling() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (keys, values) =
            (list(&["data-classification", "sensitivity", "classification"]), list(&["pii", "highly-confidential"]));
        let standard = |tags: Option<&Vec<_>>| Classes { tags: &keys, values: &values }.sensitive(tags);
        let tags_of = |k: &str, v: &str| Some(vec![(k.to_owned(), v.to_owned())]);
        assert_eq!(
            standard(tags_of("Data-Classification", "PII").as_ref()).as_deref(),
            Some("Data-Classification=PII")
        );
        assert_eq!(
            standard(tags_of("sensitivity", "Highly Confidential").as_ref()).as_deref(),
            Some("sensitivity=Highly Confidential")
        );
        assert_eq!(standard(tags_of("classification", "public").as_ref()), None);
        assert_eq!(standard(tags_of("team", "secret").as_ref()), None);
        assert_eq!(standard(None), None);
    }
}
