//! A card's commands with the names of a finding in place of the card's examples, where they are known and safe to paste.

use crate::record::Record;

/// The end of the ids that cards use as examples, `sg-0123456789abcdef0`.
const EXAMPLE: &str = "-0123456789abcdef0";
/// The account of the cards' examples.
const ACCOUNT: &str = "111122223333";

/// The line for this finding. Names from AWS that a shell could read otherwise stay out of it.
pub(super) fn fill(line: &str, record: &Record) -> String {
    let mut out = String::with_capacity(line.len() + 32);
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| is_word(c)) {
        out.push_str(&rest[..start]);
        let end = rest[start..].find(|c: char| !is_word(c)).map_or(rest.len(), |length| start + length);
        let word = &rest[start..end];
        out.push_str(value(word, record).filter(|value| is_plain(value)).unwrap_or(word));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn value<'a>(word: &str, record: &'a Record) -> Option<&'a str> {
    let resource = &record.resource;
    match word {
        "REGION" => Some(record.region.as_str()).filter(|region| *region != "global"),
        ACCOUNT => Some(&record.account_id),
        "BUCKET" | "LOG_BUCKET" if resource.kind == "AWS::S3::Bucket" => Some(&resource.id),
        "KEY_ID" if resource.kind == "AWS::KMS::Key" => Some(&resource.id),
        "KEY_ARN" if resource.kind == "AWS::KMS::Key" => Some(&resource.arn),
        _ => {
            let prefix = word.strip_suffix(EXAMPLE)?;
            let own = resource.id.strip_prefix(prefix)?.strip_prefix('-')?;
            own.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(&resource.id)
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && !value.starts_with('-')
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::{Resource, Severity, Status};

    fn record(kind: &str, id: &str, arn: &str) -> Record {
        Record {
            fingerprint: String::new(),
            check_id: "x".into(),
            title: "x".into(),
            status: Status::Fail,
            severity: Severity::High,
            practices: Vec::new().into(),
            account_id: "444455556666".into(),
            region: "eu-west-1".into(),
            resource: Resource::new(arn, kind, id),
            sub_key: None,
            message: "x".into(),
            reasons: Vec::new(),
            evidence: serde_json::json!({}),
            gap: None,
            suppression: None,
            change: None,
            gaps: Vec::new(),
        }
    }

    #[test]
    fn examples_give_way_to_the_finding() {
        let group = record("AWS::EC2::SecurityGroup", "sg-0b236fa810843f6a6", "arn");
        assert_eq!(
            fill("aws ec2 revoke --region REGION --group-id sg-0123456789abcdef0 --from sg-0fedcba9876543210", &group),
            "aws ec2 revoke --region eu-west-1 --group-id sg-0b236fa810843f6a6 --from sg-0fedcba9876543210"
        );
        assert_eq!(
            fill("i-0123456789abcdef0 HOME_REGION arn:aws:iam::111122223333:root", &group),
            "i-0123456789abcdef0 HOME_REGION arn:aws:iam::444455556666:root"
        );
        let bucket = record("AWS::S3::Bucket", "acme.logs", "arn:aws:s3:::acme.logs");
        assert_eq!(fill("--bucket BUCKET ACCESS_LOG_BUCKET", &bucket), "--bucket acme.logs ACCESS_LOG_BUCKET");
    }

    #[test]
    fn what_a_shell_could_read_otherwise_stays_out() {
        for hostile in ["a;rm -rf ~", "$(id)", "a b", "-rf", "a'b", ""] {
            assert_eq!(
                fill("--bucket BUCKET", &record("AWS::S3::Bucket", hostile, "arn")),
                "--bucket BUCKET",
                "{hostile}"
            );
        }
    }
}
