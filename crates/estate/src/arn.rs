//! ARNs, and the account numbers in them.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

pub use posture_policy::{Arn, is_account};

/// The account of an ARN, `111122223333`.
pub fn account_of(arn: &str) -> Option<&str> {
    Some(Arn::parse(arn)?.account).filter(|id| is_account(id))
}

/// The partition of an ARN: `aws`, `aws-cn`, `aws-us-gov`.
pub fn partition_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').next()
}

/// Whether a name has the form of a region, `us-east-1`.
pub fn looks_like_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    parts.len() >= 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        && parts.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_from_arns() {
        assert_eq!(account_of("arn:aws:iam::111122223333:role/path/audit"), Some("111122223333"));
        assert_eq!(account_of("arn:aws:sts::111122223333:assumed-role/audit/posture"), Some("111122223333"));
        assert_eq!(account_of("arn:aws:s3:::bucket"), None);
        assert_eq!(account_of("audit"), None);
        assert_eq!(partition_of("arn:aws-cn:s3:::bucket"), Some("aws-cn"));
        assert_eq!(partition_of("aws:s3"), None);
    }
}
