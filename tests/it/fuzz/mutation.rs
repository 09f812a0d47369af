//! Policies changed at random: always the same ones for the same seed.

use serde_json::{Map, Value, json};

/// SplitMix64: enough randomness, and the same everywhere.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).expect("below a usize")
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

const WORDS: [&str; 40] = [
    "*",
    "?",
    "",
    "s3:*",
    "S3:gEToBJECT",
    "s3:Get?bject",
    "*:*",
    "sts:AssumeRole",
    "kms:Decrypt",
    "iam:PassRole",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::*",
    "arn:aws:iam::*:root",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:role/${aws:PrincipalTag/a}",
    "arn:aws:sts::444455556666:assumed-role/r/s",
    "AROAJQABLZS4A3QDU576Q",
    "444455556666",
    "111122223333",
    "o-abcdef1234",
    "o-*/r-ab12/*",
    "${aws:PrincipalOrgID}",
    "${aws:ResourceOrgID}",
    "${",
    "${*}",
    "${aws:username, 'x'}",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "203.0.113.7",
    "::/0",
    "true",
    "false",
    "1.2",
    "2030-01-01T00:00:00Z",
    "cloudtrail.amazonaws.com",
    "accounts.google.com",
    "repo:org/name:*",
    "\u{202e}\u{0}é",
    "vpce-1a2b3c4d",
];

const KEYS: [&str; 24] = [
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalTag/team",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceIp",
    "aws:SourceVpce",
    "aws:SecureTransport",
    "aws:ResourceAccount",
    "aws:CurrentTime",
    "aws:userid",
    "s3:TlsVersion",
    "s3:authType",
    "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount",
    "s3:AccessPointNetworkOrigin",
    "kms:ViaService",
    "kms:CallerAccount",
    "my:Unknown",
];

const OPERATORS: [&str; 18] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringEqualsIfExists",
    "StringNotLikeIfExists",
    "ForAnyValue:StringLike",
    "ForAllValues:StringNotLike",
    "ForAllValues:StringEquals",
    "ArnLike",
    "ArnNotEquals",
    "Bool",
    "BoolIfExists",
    "Null",
    "IpAddress",
    "NotIpAddress",
    "NumericLessThan",
];

const FAMILIES: [(&str, &str); 3] =
    [("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")];

/// A document made of statements of the corpus, a few of them changed.
pub(super) fn mutate(dice: &mut Dice, corpus: &[Value]) -> Value {
    let statements = |dice: &mut Dice| loop {
        let of = dice.pick(corpus)["Statement"].as_array().expect("a list").clone();
        if !of.is_empty() {
            return of;
        }
    };
    let mut all = statements(dice);
    all.truncate(4);
    if dice.one_in(2) {
        let other = statements(dice);
        all.push(dice.pick(&other).clone());
    }
    for _ in 0..dice.below(4) {
        let at = dice.below(all.len());
        if let Some(statement) = all[at].as_object_mut() {
            change(dice, statement);
        }
    }
    json!({ "Version": if dice.one_in(10) { "2008-10-17" } else { "2012-10-17" }, "Statement": all })
}

pub(super) fn change(dice: &mut Dice, statement: &mut Map<String, Value>) {
    match dice.below(8) {
        0 => {
            let effect = if statement.get("Effect") == Some(&json!("Allow")) { "Deny" } else { "Allow" };
            statement.insert("Effect".into(), json!(effect));
        }
        1 => {
            let (plain, not) = *dice.pick(&FAMILIES);
            let (from, to) = if statement.contains_key(plain) { (plain, not) } else { (not, plain) };
            if let Some(value) = statement.remove(from) {
                statement.insert(to.into(), value);
            }
        }
        2 => {
            let at = dice.below(statement.len());
            if let Some(name) = statement.keys().nth(at).cloned() {
                statement.remove(&name);
            }
        }
        3..=5 => {
            let key = dice.pick(&KEYS);
            let values: Vec<&str> = (0..=dice.below(3)).map(|_| *dice.pick(&WORDS)).collect();
            let condition = statement.entry("Condition").or_insert_with(|| json!({}));
            if let Some(condition) = condition.as_object_mut() {
                let keys = condition.entry(*dice.pick(&OPERATORS)).or_insert_with(|| json!({}));
                if let Some(keys) = keys.as_object_mut() {
                    keys.insert((*key).to_owned(), json!(values));
                }
            }
        }
        _ => {
            let mut leaves = Vec::new();
            for (name, value) in statement.iter_mut().filter(|(name, _)| *name != "Effect") {
                leaves.extend(strings(value).into_iter().map(|leaf| (name.as_str(), leaf)));
            }
            let at = dice.below(leaves.len());
            if let Some((_, leaf)) = leaves.into_iter().nth(at) {
                *leaf = json!(dice.pick(&WORDS));
                if dice.one_in(3) {
                    *leaf = json!([leaf.take(), dice.pick(&WORDS)]);
                }
            }
        }
    }
}

pub(super) fn strings(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(items) => items.iter_mut().flat_map(strings).collect(),
        Value::Object(members) => members.values_mut().flat_map(strings).collect(),
        Value::String(_) => vec![value],
        _ => vec![],
    }
}

pub(super) fn damage(dice: &mut Dice, text: &mut String) {
    let mut at = dice.below(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    match dice.below(3) {
        0 => text.truncate(at),
        1 => text.insert_str(at, dice.pick::<&str>(&["{", "}", "[", "\"", "\\", "%", "\u{0}", "é", ",", ":", "null"])),
        _ => drop(text.remove(at)),
    }
}
