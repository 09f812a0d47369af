//! What of an answer is not kept on a tape: the texts of members that may hold secrets, whatever is below them.

use crate::text::secret;
use serde_json::Value;
use std::borrow::Cow;

/// The members of a service's answers, as its row names them.
#[derive(Clone, Copy, Debug)]
pub struct Redaction {
    pub secrets: &'static [&'static str],
    pub encoded: &'static [&'static str],
    pub texts: &'static [&'static str],
    pub variables: &'static [(&'static str, &'static str)],
}

/// How a text is taken out.
#[derive(Clone, Copy)]
enum How {
    Whole,
    Encoded,
    Inside,
}

impl How {
    fn keep(self, text: &str) -> Cow<'_, str> {
        match self {
            How::Whole => secret::whole(text).into(),
            How::Encoded => secret::whole_encoded(text).into(),
            How::Inside => secret::inside(text),
        }
    }
}

/// Whether a member is meant, `userData`, or `userData.value` for that of one that is somewhere below `userData`.
fn meant(names: &[&str], above: &[String], member: &str) -> bool {
    names.iter().any(|name| match name.split_once('.') {
        Some((parent, child)) => child == member && above.iter().any(|one| one == parent),
        None => *name == member,
    })
}

impl Redaction {
    /// `beside` is what the member beside it says that names it.
    fn how(self, above: &[String], member: &str, beside: Option<&str>) -> Option<How> {
        if self.variables.iter().any(|(_, value)| *value == member) {
            // One whose name was not seen may be any.
            return Some(if beside.is_some_and(|name| !secret::is_named(name)) { How::Inside } else { How::Whole });
        }
        let lists = [(self.secrets, How::Whole), (self.encoded, How::Encoded), (self.texts, How::Inside)];
        lists.into_iter().find(|(names, _)| meant(names, above, member)).map(|(_, how)| how)
    }

    /// Whether a body has a member of them at all, as the wire writes its name.
    fn concerns(self, body: &str, written: impl Fn(&str) -> String) -> bool {
        let values = self.variables.iter().map(|(_, value)| value);
        let all = [self.secrets, self.encoded, self.texts].into_iter().flatten().chain(values);
        all.map(|name| name.rsplit('.').next().unwrap_or(name)).any(|member| body.contains(&written(member)))
    }

    /// Whether a member names the one beside it.
    fn names(self, member: &str) -> bool {
        self.variables.iter().any(|(name, _)| *name == member)
    }

    /// Of JSON. What does not parse is not kept.
    pub fn json(self, body: String) -> String {
        if !self.concerns(&body, |member| format!("\"{member}\"")) {
            return body;
        }
        serde_json::from_str(&body).map_or_else(
            |_| String::new(),
            |mut value| {
                self.within(&mut value, &mut Vec::new(), None);
                value.to_string()
            },
        )
    }

    fn within(self, value: &mut Value, above: &mut Vec<String>, how: Option<How>) {
        match value {
            Value::String(text) => {
                if let Some(how) = how {
                    *text = how.keep(text).into_owned();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.within(item, above, how)),
            Value::Object(object) => {
                let beside = object.iter().find(|(name, _)| self.names(name)).and_then(|(_, value)| value.as_str());
                let beside = beside.map(str::to_owned);
                for (name, value) in object {
                    let how = how.or_else(|| self.how(above, name, beside.as_deref()));
                    above.push(name.clone());
                    self.within(value, above, how);
                    above.pop();
                }
            }
            _ => {}
        }
    }

    /// Of XML. What does not parse is cut off where it stops.
    pub fn xml(self, body: String) -> String {
        use quick_xml::events::Event;
        if !self.concerns(&body, |member| format!("<{member}")) {
            return body;
        }
        let (mut reader, mut out) = (quick_xml::Reader::from_str(&body), quick_xml::Writer::new(Vec::new()));
        let (mut above, mut hows): (Vec<String>, Vec<Option<How>>) = (Vec::new(), Vec::new());
        // A text comes in pieces, with what is escaped between them.
        let mut text = String::new();
        // Of each element that is open, what a member of it has said so far that names another.
        let mut said: Vec<Option<String>> = vec![None];
        while let Ok(event) = reader.read_event() {
            match &event {
                Event::Start(start) => {
                    let name = start.local_name().as_ref().to_owned();
                    let beside = said.last().and_then(Option::as_deref);
                    let how = hows.last().copied().flatten().or_else(|| self.how(&above, &name, beside));
                    above.push(name);
                    hows.push(how);
                    said.push(None);
                }
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    if hows.last().copied().flatten().is_some() {
                        text.push_str(&plain(&event));
                        continue;
                    }
                    let names = above.last().is_some_and(|member| self.names(member));
                    if let Some(parent) = said.len().checked_sub(2).filter(|_| names) {
                        said[parent].get_or_insert_default().push_str(&plain(&event));
                    }
                }
                _ => {}
            }
            if let Some(how) = hows.last().copied().flatten().filter(|_| !text.is_empty()) {
                let kept = if text.trim().is_empty() { text.as_str().into() } else { how.keep(&text) };
                if out.write_event(Event::Text(quick_xml::events::BytesText::new(&kept))).is_err() {
                    break;
                }
                text.clear();
            }
            if matches!(event, Event::End(_)) {
                above.pop();
                hows.pop();
                said.pop();
            }
            if matches!(event, Event::Eof) || out.write_event(event).is_err() {
                break;
            }
        }
        String::from_utf8(out.into_inner()).unwrap_or_default()
    }
}

/// A piece of text as it is meant.
fn plain(event: &quick_xml::events::Event<'_>) -> String {
    use quick_xml::events::Event;
    match event {
        Event::Text(text) => (**text).to_owned(),
        Event::CData(text) => (**text).to_owned(),
        Event::GeneralRef(name) => {
            let written = format!("&{};", &**name);
            quick_xml::escape::unescape(&written).map(Cow::into_owned).unwrap_or(written)
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: Redaction = Redaction {
        secrets: &["key", "vars.value"],
        encoded: &["userData.value"],
        texts: &["script"],
        variables: &[("Key", "Value")],
    };

    #[test]
    fn secrets_are_taken_out_of_json() {
        let body = r#"{"name":"x","key":{"a":"hunter2","b":["hunter3",1]}}"#;
        assert_eq!(STORE.json(body.into()), r#"{"key":{"a":"redacted","b":["redacted",1]},"name":"x"}"#);
        assert_eq!(STORE.json(r#"{"name": "x"}"#.into()), r#"{"name": "x"}"#);
        assert_eq!(STORE.json(r#"{"key":{"a":"hunter2""#.into()), "", "cut");
    }

    #[test]
    fn a_member_is_meant_below_its_parent_only() {
        let body = r#"{"tags":[{"key2":"k","value":"kept"}],"vars":[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"A","value":"/path"}]}"#;
        let kept = STORE.json(body.into());
        assert!(kept.contains("kept") && kept.contains("DB_PASSWORD"), "{kept}");
        assert!(kept.contains(r#""value":"redacted""#) && kept.contains(r#""value":"redacted:reference""#), "{kept}");
    }

    #[test]
    fn of_a_text_only_the_credentials_are_taken_out() {
        // semantics 143
        let kept = STORE.json(r#"{"script":"make\nexport DB_PASSWORD=hunter2\nmake install"}"#.into());
        assert_eq!(kept, r#"{"script":"make\nexport DB_PASSWORD=redacted:secret_value\nmake install"}"#);
    }

    #[test]
    fn secrets_are_taken_out_of_xml() {
        let body = "<a><key>hunter2</key><b/><key>hunter&amp;3</key><name>x &lt; y</name></a>";
        let kept = STORE.xml(body.into());
        assert_eq!(kept, "<a><key>redacted</key><b/><key>redacted</key><name>x &lt; y</name></a>");
        assert!(!STORE.xml("<a><key>hunter2".into()).contains("hunter2"), "cut");
        let data = aws_smithy_types::base64::encode(b"export DB_PASSWORD=hunter2\n");
        let body = format!("<a><userData><value>{data}</value></userData><value>{data}</value></a>");
        let kept = STORE.xml(body);
        assert!(kept.starts_with("<a><userData><value>redacted:secret_value</value></userData><value>ZX"), "{kept}");
        assert_eq!(STORE.xml("<a> <name>x</name></a>".into()), "<a> <name>x</name></a>");
    }

    #[test]
    fn a_variable_is_taken_out_whole_where_its_name_says_so() {
        let xml = |outputs: &str| STORE.xml(format!("<a>{outputs}</a>"));
        let kept =
            xml("<o><Key>DbPassword</Key><Value>hunter2</Value></o><o><Key>Version</Key><Value>hunter21</Value></o>");
        assert_eq!(
            kept,
            "<a><o><Key>DbPassword</Key><Value>redacted</Value></o><o><Key>Version</Key><Value>hunter21</Value></o></a>"
        );
        let kept = xml(
            "<o><Key>Url</Key><Value>https://a:hunter2@host/</Value></o><o><Value>hunter2</Value><Key>DbPassword</Key></o>",
        );
        assert!(!kept.contains("hunter2"), "{kept}");
        let body = r#"{"o":[{"Value":"hunter2","Key":"DbPassword"},{"Value":"hunter21","Key":"Version"},{"Value":"hunter2"}]}"#;
        let kept = STORE.json(body.into());
        assert!(kept.contains("hunter21") && !kept.contains(r#""hunter2""#), "{kept}");
    }
}
