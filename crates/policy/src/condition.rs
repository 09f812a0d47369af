//! Conditions: the operator grammar and what a condition that holds, or does not hold, says about a request.
//!
//! Reference: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>,
//! for the set operators <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.

use super::pattern::Pattern;

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Text,
    TextWithoutCase,
    TextLike,
    /// `ArnEquals` and `ArnLike` behave alike: wildcards within each of the six parts.
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `ForAnyValue:`, `ForAllValues:` or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    One,
    Any,
    All,
}

/// An operator, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    pub name: String,
    pub family: Family,
    pub negated: bool,
    pub quantifier: Quantifier,
    pub if_exists: bool,
}

impl Operator {
    /// `None` when AWS knows no such operator.
    fn parse(text: &str) -> Option<Self> {
        let name = text.to_ascii_lowercase();
        let (quantifier, rest) = match name.split_once(':') {
            None => (Quantifier::One, name.as_str()),
            Some(("foranyvalue", rest)) => (Quantifier::Any, rest),
            Some(("forallvalues", rest)) => (Quantifier::All, rest),
            Some(_) => return None,
        };
        let (rest, if_exists) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (family, negated) = match rest {
            "stringequals" => (Family::Text, false),
            "stringnotequals" => (Family::Text, true),
            "stringequalsignorecase" => (Family::TextWithoutCase, false),
            "stringnotequalsignorecase" => (Family::TextWithoutCase, true),
            "stringlike" => (Family::TextLike, false),
            "stringnotlike" => (Family::TextLike, true),
            "arnequals" | "arnlike" => (Family::Arn, false),
            "arnnotequals" | "arnnotlike" => (Family::Arn, true),
            "numericequals" => (Family::Number(Order::Equal), false),
            "numericnotequals" => (Family::Number(Order::Equal), true),
            "numericlessthan" => (Family::Number(Order::Less), false),
            "numericlessthanequals" => (Family::Number(Order::LessOrEqual), false),
            "numericgreaterthan" => (Family::Number(Order::Greater), false),
            "numericgreaterthanequals" => (Family::Number(Order::GreaterOrEqual), false),
            "dateequals" => (Family::Date(Order::Equal), false),
            "datenotequals" => (Family::Date(Order::Equal), true),
            "datelessthan" => (Family::Date(Order::Less), false),
            "datelessthanequals" => (Family::Date(Order::LessOrEqual), false),
            "dategreaterthan" => (Family::Date(Order::Greater), false),
            "dategreaterthanequals" => (Family::Date(Order::GreaterOrEqual), false),
            "bool" => (Family::Bool, false),
            "binaryequals" => (Family::Binary, false),
            "ipaddress" => (Family::Ip, false),
            "notipaddress" => (Family::Ip, true),
            "null" if !if_exists && quantifier == Quantifier::One => (Family::Null, false),
            _ => return None,
        };
        Some(Self { name, family, negated, quantifier, if_exists })
    }
}

/// One key of a Condition block under one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub operator: Operator,
    /// The key in lower case.
    pub key: String,
    /// The key as the policy writes it.
    pub name: String,
    pub values: Vec<Pattern>,
}

impl Condition {
    /// # Errors
    /// When the operator is unknown or a value is not of its kind.
    pub fn new(operator: &str, key: &str, values: &[String], variables: bool) -> Result<Self, String> {
        let parsed = Operator::parse(operator).ok_or_else(|| format!("unknown condition operator {operator}"))?;
        if key.is_empty() {
            return Err(format!("Condition {operator} has a key without a name"));
        }
        let values = values
            .iter()
            .map(|text| value(&parsed, text, variables).ok_or(text))
            .collect::<Result<_, _>>()
            .map_err(|text| format!("Condition {operator} {key} has the value {text:?}"))?;
        Ok(Self { operator: parsed, key: key.to_ascii_lowercase(), name: key.to_owned(), values })
    }

    /// Whether the condition matches a request whose key has this one value; `None` where that is not decided here.
    pub fn test(&self, value: &str) -> Option<bool> {
        let operator = &self.operator;
        let matched = match operator.family {
            Family::Null => {
                return Some(self.values.iter().any(|v| v.text().eq_ignore_ascii_case("false")));
            }
            Family::Text | Family::TextLike => self.values.iter().any(|v| v.matches(value)),
            Family::TextWithoutCase | Family::Bool => {
                let value = value.to_ascii_lowercase();
                self.values.iter().any(|v| v.matches(&value))
            }
            Family::Arn => self.values.iter().any(|v| arn_matches(v, value)),
            _ => return None,
        };
        let open = self.values.iter().any(|v| !v.variables().is_empty());
        if open && !matched {
            return None;
        }
        Some(matched != operator.negated)
    }

    /// The values as the policy writes them; of a long list the first few.
    pub fn texts(&self) -> String {
        const MOST: usize = 4;
        let texts: Vec<&str> = self.values.iter().map(Pattern::text).take(MOST).collect();
        let rest = self.values.len().saturating_sub(MOST);
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        format!("{}{more}", texts.join(", "))
    }
}

fn value(operator: &Operator, text: &str, variables: bool) -> Option<Pattern> {
    let plain = Pattern::plain(text, variables);
    Some(match operator.family {
        Family::Text => plain,
        Family::TextWithoutCase => plain.lower(),
        Family::TextLike | Family::Arn => Pattern::wild(text, variables),
        Family::Bool | Family::Null => {
            let lower = plain.lower();
            let known = ["true", "false"].iter().any(|b| lower.matches(b));
            if !known && lower.variables().is_empty() {
                return None;
            }
            lower
        }
        Family::Number(_) => {
            if plain.variables().is_empty() {
                text.trim().parse::<f64>().ok()?;
            }
            plain
        }
        Family::Ip => {
            super::cidr::parse(text)?;
            plain
        }
        Family::Date(_) | Family::Binary => plain,
    })
}

fn arn_matches(pattern: &Pattern, arn: &str) -> bool {
    let wanted = pattern.fields(6);
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    wanted.len() == parts.len() && wanted.iter().zip(parts).all(|(w, p)| w.matches(p))
}

/// What a literal says of the key's value when the request has the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It matches one of the values.
    Match,
    /// It matches none (or not all) of them.
    Mismatch,
    /// Nothing more than that it is there (`Null`).
    There,
    /// The key is not there.
    Absent,
    /// Nothing at all.
    Anything,
}

/// A condition that is known to hold, or known not to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal<'a> {
    pub condition: &'a Condition,
    pub holds: bool,
}

impl Literal<'_> {
    /// Whether requests without the key are among those that it means.
    pub fn allows_missing(&self) -> bool {
        let operator = &self.condition.operator;
        if operator.family == Family::Null {
            return matches!(self.relation(), Relation::Absent | Relation::Anything);
        }
        let when_missing = operator.if_exists
            || match operator.quantifier {
                Quantifier::Any => false,
                Quantifier::All => true,
                Quantifier::One => operator.negated,
            };
        when_missing == self.holds
    }

    /// Whether it lets in only requests that have the key, with one of its values. Every judge of a limit asks this: a condition that a
    /// request without the key meets (`…IfExists`, `ForAllValues`, a Deny with `ForAnyValue`) shuts out nobody who leaves it away, unless
    /// the key is in every such request (`present`).
    pub fn demands(&self, present: bool) -> bool {
        self.relation() == Relation::Match && (present || !self.allows_missing())
    }

    /// What it says of the value.
    pub fn relation(&self) -> Relation {
        let condition = self.condition;
        if condition.operator.family == Family::Null {
            let says = |text| condition.values.iter().any(|v| v.matches(text));
            return match (says("true"), says("false"), self.holds) {
                (true, false, true) | (false, true, false) => Relation::Absent,
                (true, false, false) | (false, true, true) => Relation::There,
                _ => Relation::Anything,
            };
        }
        if condition.operator.negated == self.holds { Relation::Mismatch } else { Relation::Match }
    }

    /// For a message: `aws:PrincipalOrgID o-1`, `aws:SecureTransport not false`.
    pub fn describe(&self) -> String {
        let key = &self.condition.name;
        let values = self.condition.texts();
        match self.relation() {
            Relation::Match => match self.condition.operator.family {
                Family::Number(order) | Family::Date(order) => {
                    format!("{key} {}{values}", symbol(order))
                }
                _ => format!("{key} {values}"),
            },
            Relation::Mismatch => format!("{key} not {values}"),
            Relation::There => format!("{key} present"),
            Relation::Absent => format!("{key} absent"),
            Relation::Anything => format!("{key} anything"),
        }
    }
}

fn symbol(order: Order) -> &'static str {
    match order {
        Order::Equal => "",
        Order::Less => "< ",
        Order::LessOrEqual => "<= ",
        Order::Greater => "> ",
        Order::GreaterOrEqual => ">= ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(operator: &str, values: &[&str]) -> Condition {
        let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
        Condition::new(operator, "aws:Key", &values, true).unwrap()
    }

    #[test]
    fn missing_keys() {
        // Operator, and whether it holds for a request without the key (AWS: condition operators, "missing key").
        for (operator, holds) in [
            ("StringEquals", false),
            ("StringNotEquals", true),
            ("StringEqualsIfExists", true),
            ("StringNotEqualsIfExists", true),
            ("ForAnyValue:StringEquals", false),
            ("ForAnyValue:StringNotEquals", false),
            ("ForAllValues:StringEquals", true),
            ("ForAllValues:StringNotEquals", true),
            ("ForAnyValue:StringLikeIfExists", true),
        ] {
            let condition = condition(operator, &["x"]);
            for wanted in [true, false] {
                let literal = Literal { condition: &condition, holds: wanted };
                assert_eq!(literal.allows_missing(), holds == wanted, "{operator}");
            }
        }
    }

    #[test]
    fn null_says_only_presence() {
        let condition = condition("Null", &["true"]);
        let literal = |holds| Literal { condition: &condition, holds };
        assert_eq!(literal(true).relation(), Relation::Absent);
        assert_eq!(literal(false).relation(), Relation::There);
    }

    #[test]
    fn the_grammar_is_closed() {
        // semantics 7
        let values = ["x".to_owned()];
        for wrong in ["StringEqual", "NullIfExists", "ForSome:StringEquals", "BoolNot", ""] {
            assert!(Condition::new(wrong, "k", &values, true).is_err(), "{wrong}");
        }
        assert!(Condition::new("Bool", "k", &values, true).is_err());
        assert!(Condition::new("IpAddress", "k", &values, true).is_err());
        assert!(Condition::new("numericlessthan", "k", &values, true).is_err());
    }

    #[test]
    fn arn_operators_match_part_by_part() {
        let like = condition("ArnLike", &["arn:aws:iam::*:role/x"]);
        assert_eq!(like.test("arn:aws:iam::1:role/x"), Some(true));
        assert_eq!(like.test("arn:aws:iam::1:user/y:role/x"), Some(false));
        let text = condition("StringLike", &["arn:aws:iam::*:role/x"]);
        assert_eq!(text.test("arn:aws:iam::1:user/y:role/x"), Some(true));
    }
}
