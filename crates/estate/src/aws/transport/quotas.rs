//! What AWS lets one account ask in one region, before anything was learnt by asking: where a bucket of tokens begins.
//!
//! Of what AWS publishes the defaults are here, with the page; where it publishes nothing stands a guess that is low on
//! purpose and says so. A quota that was raised is not used more for that, one that was lowered is noticed by the first
//! throttled answer ([`super::bucket`]).

/// How often a service may be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// Requests per second, for as long as one likes.
    pub rate: f64,
    /// Requests at once after a rest.
    pub burst: f64,
    /// Whether AWS counts each operation for itself, or the service as a whole.
    pub per_operation: bool,
}

const fn service(rate: f64, burst: f64) -> Quota {
    Quota { rate, burst, per_operation: false }
}

const fn operation(rate: f64, burst: f64) -> Quota {
    Quota { rate, burst, per_operation: true }
}

/// For services of which AWS publishes no rates, and of which few answers are needed (AWS Config, S3 Control, IAM Access
/// Analyzer, …).
const UNPUBLISHED: Quota = service(10.0, 20.0);

/// The quota behind a call; the operation matters where AWS counts by operation.
pub fn of(service_name: &str, operation_name: &str) -> Quota {
    match service_name {
        // <https://docs.aws.amazon.com/accounts/latest/reference/quotas.html>
        "account" => match operation_name {
            "GetAlternateContact" | "GetContactInformation" => operation(10.0, 15.0),
            "GetRegionOptStatus" | "ListRegions" => operation(5.0, 5.0),
            _ => operation(3.0, 3.0),
        },
        // Get, describe and list calls together: <https://docs.aws.amazon.com/general/latest/gr/ct.html>
        "cloudtrail" => service(10.0, 10.0),
        // Non-mutating calls. AWS counts each operation for itself; all of them together stay below the quota of one here,
        // and those without filter or page size, which have half of it, are asked once each.
        // <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>
        "ec2" => service(20.0, 100.0),
        // Not published. That of EC2, the one service of its age that publishes its own.
        "iam" => service(20.0, 100.0),
        // <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
        "kms" => match operation_name {
            "DescribeKey" | "ListResourceTags" => operation(2000.0, 2000.0),
            "GetKeyPolicy" | "GetKeyRotationStatus" => operation(1000.0, 1000.0),
            "ListAliases" | "ListKeys" => operation(500.0, 500.0),
            "ListGrants" | "ListKeyPolicies" | "ListKeyRotations" => operation(100.0, 100.0),
            _ => operation(5.0, 5.0),
        },
        // Published for objects only (5,500 reads a second and prefix), not for the settings of buckets.
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>
        "s3" => service(100.0, 200.0),
        // AssumeRole, GetCallerIdentity and four others together.
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
        "sts" => service(600.0, 600.0),
        _ => UNPUBLISHED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_that_aws_counts_for_themselves_have_quotas_of_their_own() {
        assert!(of("kms", "GetKeyPolicy").per_operation && !of("ec2", "DescribeVpcs").per_operation);
        assert_ne!(of("account", "ListRegions"), of("account", "GetAlternateContact"));
        assert_eq!(of("something-new", "ListThings"), UNPUBLISHED);
    }
}
