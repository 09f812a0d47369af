//! ARNs by their parts, and the account numbers in them. Nothing else takes one apart or puts one together.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::fmt;

/// `arn:partition:service:region:account:resource`. What lies in no region, or in no account, has that part empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    /// All that follows, colons too; policies may end before it.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts; `None` for what is no ARN or ends before the account.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut next = || parts.next();
        let (partition, service, region, account) = (next()?, next()?, next()?, next()?);
        Some(Arn { partition, service, region, account, resource: next().unwrap_or_default() })
    }

    /// Something of IAM: `user/alice`, `root`.
    pub fn iam(partition: &'a str, account: &'a str, resource: &'a str) -> Self {
        Arn { partition, service: "iam", account, resource, ..Arn::default() }
    }

    /// A bucket, or `bucket/key`.
    pub fn s3(partition: &'a str, resource: &'a str) -> Self {
        Arn { partition, service: "s3", resource, ..Arn::default() }
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(out, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// Whether the text is an account number: twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_apart_can_be_put_together() {
        for text in
            ["arn:aws:iam::111122223333:user/a", "arn:aws:s3:::b/c:d", "arn:aws-cn:logs:cn-north-1:1:log-group:g:*"]
        {
            assert_eq!(Arn::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Arn::iam("aws", "111122223333", "root").to_string(), "arn:aws:iam::111122223333:root");
        assert_eq!(Arn::s3("aws", "b").to_string(), "arn:aws:s3:::b");
    }

    #[test]
    fn what_ends_before_the_account_is_none() {
        assert_eq!(Arn::parse("arn:aws:iam::111122223333").unwrap().account, "111122223333");
        assert_eq!((Arn::parse("arn:aws:iam:"), Arn::parse("a:b:c:d:e:f"), Arn::parse("audit")), (None, None, None));
    }
}
