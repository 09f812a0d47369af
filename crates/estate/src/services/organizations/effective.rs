//! What management policies (backup, tags, declarative, …) come to on an account: those of the root, the units and the account itself, laid
//! over each other by the operators that they are written in.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html>. What AWS does not say, such as which of two policies
//! of one level wins, is not decided here either.

use crate::finding::{Gap, Reasons, Verdict};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Which operators policies further down may use; without it they may use all.
const CHILDREN: &str = "@@operators_allowed_for_child_policies";
const ALL: &str = "@@all";
const NONE: &str = "@@none";

/// What is in force.
#[derive(Clone, Debug, Default)]
pub struct Effective {
    top: Node,
    /// What keeps it from being certain.
    pub gaps: Vec<Gap>,
    pub doubts: Vec<String>,
}

/// A setting, or a section of settings.
#[derive(Clone, Debug, Default)]
struct Node {
    value: Option<Value>,
    /// Policies of one level that say different things of it.
    contested: bool,
    /// Operators that policies further down may use; `None` where all.
    allowed: Option<BTreeSet<String>>,
    sections: BTreeMap<String, Node>,
}

/// What a setting comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum InForce<'a> {
    Is(&'a Value),
    /// No policy says anything of it.
    Unset,
    Contested,
}

impl InForce<'_> {
    /// The text of it, where it has one.
    pub fn text(&self) -> Option<&str> {
        match self {
            InForce::Is(value) => value.as_str(),
            _ => None,
        }
    }
}

impl Effective {
    /// Nothing yet, and why there may be more than is added.
    pub fn within(gaps: Vec<Gap>) -> Self {
        Self { gaps, ..Self::default() }
    }

    /// Lays the policies of one level over what the levels above it came to.
    pub fn add<'a>(&mut self, level: impl IntoIterator<Item = (&'a str, &'a Value)>) {
        let above = self.top.clone();
        let mut said = BTreeMap::new();
        let mut children = Vec::new();
        for (policy, document) in level {
            let mut walk = Walk { policy, said: &mut said, children: &mut children, doubts: &mut self.doubts };
            walk.section(&mut self.top, Some(&above), document, &mut Vec::new());
        }
        for (path, allowed) in children {
            self.top.at(&path).restrict(allowed);
        }
    }

    /// What a setting comes to, by its path.
    pub fn get(&self, path: &[&str]) -> InForce<'_> {
        match path.iter().try_fold(&self.top, |node, name| node.sections.get(*name)) {
            Some(node) if node.contested => InForce::Contested,
            Some(Node { value: Some(value), .. }) => InForce::Is(value),
            _ => InForce::Unset,
        }
    }

    /// The names of the sections directly in a section that have something to say.
    pub fn sections(&self, path: &[&str]) -> Vec<&str> {
        let found = path.iter().try_fold(&self.top, |node, name| node.sections.get(*name));
        let of = found.into_iter().flat_map(|node| &node.sections).filter(|(_, node)| node.says_something());
        of.map(|(name, _)| name.as_str()).collect()
    }

    /// Whether policies further down may give the setting no other value, or the section nothing new.
    pub fn is_closed(&self, path: &[&str]) -> bool {
        let found = path.iter().try_fold(&self.top, |node, name| node.sections.get(*name));
        found.is_some_and(|node| !node.allows("@@assign"))
    }

    /// What there is to say where something keeps it from being certain.
    pub fn uncertain(&self) -> Option<Verdict> {
        let mut reasons = Reasons::new();
        self.gaps.iter().for_each(|gap| reasons.unseen(gap));
        self.doubts.iter().for_each(|why| reasons.doubt(why.clone()));
        (!reasons.is_empty()).then(|| reasons.open())
    }
}

impl Node {
    fn at(&mut self, path: &[String]) -> &mut Node {
        path.iter().fold(self, |node, name| node.sections.entry(name.clone()).or_default())
    }

    fn says_something(&self) -> bool {
        self.contested || self.value.is_some() || self.sections.values().any(Node::says_something)
    }

    fn allows(&self, operator: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(operator))
    }

    /// What a policy above has taken away no policy below gives back.
    fn restrict(&mut self, allowed: BTreeSet<String>) {
        if allowed.contains(ALL) {
            return;
        }
        let allowed: BTreeSet<String> = allowed.into_iter().filter(|one| one != NONE).collect();
        self.allowed = Some(match self.allowed.take() {
            Some(own) => own.intersection(&allowed).cloned().collect(),
            None => allowed,
        });
    }
}

/// One policy on its way through the tree.
struct Walk<'a> {
    policy: &'a str,
    /// What policies of this level have said, by path and operator.
    said: &'a mut BTreeMap<(Vec<String>, String), Value>,
    /// What this level leaves to the ones below.
    children: &'a mut Vec<(Vec<String>, BTreeSet<String>)>,
    doubts: &'a mut Vec<String>,
}

impl Walk<'_> {
    /// `above`: the section as the levels above left it; what they closed binds this one.
    fn section(&mut self, into: &mut Node, above: Option<&Node>, document: &Value, path: &mut Vec<String>) {
        let Value::Object(members) = document else {
            self.doubts.push(format!("policy {} has a value without an operator at {}", self.policy, path.join(".")));
            return;
        };
        for (name, value) in members {
            match name.as_str() {
                CHILDREN => self.leaves(value, path),
                operator if operator.starts_with("@@") => {
                    if above.is_none_or(|above| above.allows(operator)) {
                        self.value(into, operator, value, path);
                    }
                }
                _ => {
                    let known = above.and_then(|above| above.sections.get(name));
                    // A closed section takes nothing new.
                    if known.is_none() && above.is_some_and(|above| !above.allows("@@assign")) {
                        continue;
                    }
                    path.push(name.clone());
                    self.section(into.sections.entry(name.clone()).or_default(), known, value, path);
                    path.pop();
                }
            }
        }
    }

    fn leaves(&mut self, value: &Value, path: &[String]) {
        let listed = value.as_array().map(|all| all.iter().map(|one| one.as_str().map(str::to_owned)).collect());
        match listed {
            Some(Some(allowed)) => self.children.push((path.to_vec(), allowed)),
            _ => self.doubts.push(format!("what policy {} leaves to others cannot be read", self.policy)),
        }
    }

    fn value(&mut self, into: &mut Node, operator: &str, value: &Value, path: &[String]) {
        let before = self.said.insert((path.to_vec(), operator.to_owned()), value.clone());
        match operator {
            // The same level does not know which comes first.
            "@@assign" if before.is_some() => into.contested |= before.as_ref() != Some(value),
            "@@assign" => {
                let said = |other: &str| self.said.contains_key(&(path.to_vec(), other.to_owned()));
                into.contested = said("@@append") || said("@@remove");
                into.value = Some(value.clone());
            }
            "@@append" | "@@remove" => {
                if self.said.contains_key(&(path.to_vec(), "@@assign".to_owned())) {
                    into.contested = true;
                }
                let items = |value: &Value| match value {
                    Value::Array(all) => all.clone(),
                    Value::Null => Vec::new(),
                    one => vec![one.clone()],
                };
                let (mut own, more) = (into.value.as_ref().map_or_else(Vec::new, items), items(value));
                own.retain(|one| !more.contains(one));
                if operator == "@@append" {
                    own.extend(more);
                }
                into.value = Some(Value::Array(own));
            }
            other => self.doubts.push(format!("policy {} uses the unknown operator {other}", self.policy)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Status;
    use serde_json::json;

    const PATH: [&str; 3] = ["services", "default", "opt_out_policy"];

    fn of(levels: &[&[Value]]) -> Effective {
        let mut effective = Effective::default();
        for level in levels {
            effective.add(level.iter().map(|document| ("p", document)));
        }
        effective
    }

    fn one(policy: &Value) -> &[Value] {
        std::slice::from_ref(policy)
    }

    fn value(operator: &str, value: Value) -> Value {
        json!({ "services": { "default": { "opt_out_policy": { operator: value } } } })
    }

    fn closed(of: &Value) -> Value {
        let mut document = of.clone();
        document["services"]["default"]["opt_out_policy"][CHILDREN] = json!([NONE]);
        document
    }

    #[test]
    fn the_lower_level_wins_unless_the_upper_one_closes_it() {
        let (out, back) = (value("@@assign", json!("optOut")), value("@@assign", json!("optIn")));
        assert_eq!(of(&[one(&out)]).get(&PATH).text(), Some("optOut"));
        assert_eq!(of(&[one(&out), &[], one(&back)]).get(&PATH).text(), Some("optIn"));
        let kept = of(&[&[closed(&out)], one(&back)]);
        assert_eq!(kept.get(&PATH).text(), Some("optOut"));
        assert!(kept.is_closed(&PATH) && !kept.is_closed(&["services"]));
        // What one level closes binds those below it, not itself, and is not opened again.
        let mut open = out.clone();
        open["services"]["default"]["opt_out_policy"][CHILDREN] = json!([ALL]);
        assert_eq!(of(&[&[closed(&out)], &[open], &[back]]).get(&PATH).text(), Some("optOut"));
        assert_eq!(of(&[]).get(&PATH), InForce::Unset);
    }

    #[test]
    fn a_closed_section_takes_no_new_ones() {
        // semantics 158
        let mut top = value("@@assign", json!("optOut"));
        let more = json!({ "services": { "lex": { "opt_out_policy": { "@@assign": "optIn" } } } });
        assert_eq!(of(&[one(&top), one(&more)]).sections(&["services"]), ["default", "lex"]);
        top["services"][CHILDREN] = json!([NONE]);
        assert_eq!(of(&[&[top], &[more]]).sections(&["services"]), ["default"]);
    }

    #[test]
    fn lists_are_added_to_and_taken_from() {
        let list = |effective: &Effective| match effective.get(&PATH) {
            InForce::Is(value) => value.to_string(),
            other => format!("{other:?}"),
        };
        let start = value("@@assign", json!(["a", "b"]));
        assert_eq!(list(&of(&[one(&start), &[value("@@append", json!(["c"]))]])), r#"["a","b","c"]"#);
        assert_eq!(list(&of(&[one(&start), &[value("@@remove", json!(["a"]))]])), r#"["b"]"#);
        let mut only = start;
        only["services"]["default"]["opt_out_policy"][CHILDREN] = json!(["@@append"]);
        assert_eq!(list(&of(&[&[only], &[value("@@remove", json!(["a"])), value("@@append", json!("c"))]])), r#"["a","b","c"]"#);
    }

    #[test]
    fn two_policies_of_one_level_that_differ_decide_nothing() {
        // semantics 158
        let (out, back) = (value("@@assign", json!("optOut")), value("@@assign", json!("optIn")));
        assert_eq!(of(&[&[out.clone(), back.clone()]]).get(&PATH), InForce::Contested);
        assert_eq!(of(&[&[out.clone(), out.clone()]]).get(&PATH).text(), Some("optOut"));
        assert_eq!(of(&[&[out.clone(), back.clone(), back.clone()]]).get(&PATH), InForce::Contested);
        assert_eq!(of(&[&[out.clone(), back.clone()], &[back]]).get(&PATH).text(), Some("optIn"));
        assert_eq!(of(&[&[out, value("@@append", json!("x"))]]).get(&PATH), InForce::Contested);
    }

    #[test]
    fn what_cannot_be_read_is_a_doubt() {
        for document in [
            json!({ "services": { "default": { "opt_out_policy": "optOut" } } }),
            value("@@enforce", json!(1)),
            value(CHILDREN, json!("@@none")),
        ] {
            let effective = of(&[std::slice::from_ref(&document)]);
            assert_eq!(effective.uncertain().map(|verdict| verdict.status), Some(Status::Unknown), "{document}");
        }
    }
}
