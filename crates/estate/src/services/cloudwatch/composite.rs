//! Composite alarms: which go off whenever one of their alarms does.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html>

use super::{Acting, Alarms, CompositeAlarm};

/// What a rule makes of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    /// It goes off whenever the alarm does.
    Always,
    /// It depends on more than the alarm.
    Perhaps,
    Never,
}

impl Alarms {
    /// The alarms that go off with one, first itself, each with why that or its acting is not certain.
    pub fn with<'a>(&'a self, first: Acting<'a>) -> Vec<(Acting<'a>, Option<String>)> {
        let mut all: Vec<(Acting<'a>, Option<String>)> = vec![(first, None)];
        let mut at = 0;
        while let Some((child, doubt)) = all.get(at).cloned() {
            at += 1;
            for composite in &self.composite {
                if all.iter().any(|(known, _)| known.arn == composite.alarm_arn) {
                    continue;
                }
                let why = match composite.follows(&child) {
                    Follows::Never => continue,
                    Follows::Perhaps => Some(format!(
                        "whether composite alarm {} goes off with alarm {} depends on its rule",
                        composite.alarm_name, child.name
                    )),
                    Follows::Always => composite.actions_suppressor.as_ref().map(|suppressor| {
                        format!("alarm {suppressor} may suppress the actions of composite alarm {}", composite.alarm_name)
                    }),
                };
                all.push((composite.acting(), doubt.clone().or(why)));
            }
        }
        all
    }
}

impl CompositeAlarm {
    fn follows(&self, child: &Acting<'_>) -> Follows {
        let words = words(&self.alarm_rule);
        let names = |word: &Word| word.is_name && (word.text == child.name || word.text == child.arn);
        let Some(at) = words.iter().position(names) else { return Follows::Never };
        let is = |word: &Word, what: &str| !word.is_name && word.text.eq_ignore_ascii_case(what);
        let only_or = !words.iter().any(|word| ["AND", "NOT", "AT_LEAST"].iter().any(|other| is(word, other)));
        let in_alarm = words[..at].iter().rev().find(|word| word.text != "(").is_some_and(|word| is(word, "ALARM"));
        if only_or && in_alarm { Follows::Always } else { Follows::Perhaps }
    }
}

struct Word {
    text: String,
    /// Whether it is what `ALARM( … )` and its like ask about.
    is_name: bool,
}

/// The words of a rule, `ALARM ( "name" ) OR …`.
fn words(rule: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut chars = rule.chars().peekable();
    while let Some(c) = chars.next() {
        let asked = words.len() >= 2
            && words[words.len() - 1].text == "("
            && ["ALARM", "OK", "INSUFFICIENT_DATA"]
                .iter()
                .any(|state| words[words.len() - 2].text.eq_ignore_ascii_case(state) && !words[words.len() - 2].is_name);
        match c {
            c if c.is_whitespace() => {}
            '"' => {
                let text: String = chars.by_ref().take_while(|c| *c != '"').collect();
                words.push(Word { text, is_name: true });
            }
            '(' | ')' | ',' => words.push(Word { text: c.to_string(), is_name: false }),
            c => {
                let mut text = c.to_string();
                while let Some(c) = chars.next_if(|c| !matches!(c, '(' | ')' | ',') && (asked || !c.is_whitespace())) {
                    text.push(c);
                }
                words.push(Word { text: text.trim_end().to_owned(), is_name: asked });
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follows(rule: &str) -> Follows {
        let composite = CompositeAlarm {
            alarm_name: "all".into(),
            alarm_arn: "arn:all".into(),
            actions_enabled: true,
            alarm_actions: vec![],
            alarm_rule: rule.into(),
            actions_suppressor: None,
        };
        composite.follows(&Acting { name: "root", arn: "arn:aws:x:alarm:root", enabled: true, actions: &[] })
    }

    #[test]
    fn an_alarm_among_alternatives_is_always_followed() {
        // semantics 148
        for rule in ["ALARM(root)", "ALARM(\"root\")", "alarm ( root ) OR OK(x)", "ALARM(a) OR (ALARM(\"arn:aws:x:alarm:root\"))"] {
            assert_eq!(follows(rule), Follows::Always, "{rule}");
        }
    }

    #[test]
    fn what_depends_on_more_is_not_certain_and_others_do_not_count() {
        for rule in ["ALARM(root) AND ALARM(b)", "NOT ALARM(root)", "OK(root)", "AT_LEAST(2, ALARM, (root, b))"] {
            assert!(follows(rule) != Follows::Always, "{rule}");
        }
        assert_eq!(follows("ALARM(root) AND ALARM(b)"), Follows::Perhaps);
        for rule in ["ALARM(root2)", "ALARM(\"not root\")", "FALSE", "ALARM(OR root)"] {
            assert_eq!(follows(rule), Follows::Never, "{rule}");
        }
    }

    #[test]
    fn chains_are_followed_once_and_doubts_stay() {
        let composite = |name: &str, rule: &str| CompositeAlarm {
            alarm_name: name.into(),
            alarm_arn: format!("composite/{name}"),
            actions_enabled: true,
            alarm_actions: vec![],
            alarm_rule: rule.into(),
            actions_suppressor: (name == "b").then(|| "quiet".into()),
        };
        let alarms = Alarms {
            metric: vec![],
            composite: vec![composite("a", "ALARM(root) OR ALARM(c)"), composite("b", "ALARM(a)"), composite("c", "ALARM(b)")],
        };
        let all = alarms.with(Acting { name: "root", arn: "root", enabled: true, actions: &[] });
        let seen: Vec<(&str, bool)> = all.iter().map(|(one, doubt)| (one.name, doubt.is_some())).collect();
        assert_eq!(seen, [("root", false), ("a", false), ("b", true), ("c", true)]);
    }
}
