//! AWS's own accounts and buckets. Older log deliveries come from an account of AWS for each Region, which a policy names by its number as it
//! would name a stranger. They are told from strangers here, but only for what AWS's page tells to grant them: an account of AWS
//! with `s3:*` is nothing that AWS asks for.
//!
//! Services of today deliver as service principals; no account joins these lists, and those that are there stay in use.

use super::pattern::Pattern;

/// The day as of which the lists below were drawn up from the pages they name.
pub(super) const DATE: &str = "2026-11-26";

/// The accounts of one service.
struct Owned {
    service: &'static str,
    /// Account numbers, or canonical user ids.
    ids: &'static [&'static str],
    /// What its page tells to grant.
    actions: &'static [&'static str],
}

const OWNED: &[Owned] = &[
    // <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>, Regions available before
    // August 2022; GovCloud and China by the same page of their documentation.
    Owned {
        service: "Elastic Load Balancing",
        ids: &[
            "127311923021", // us-east-1
            "033677994240", // us-east-2
            "027434742980", // us-west-1
            "797873946194", // us-west-2
            "098369216593", // af-south-1
            "754344448648", // ap-east-1
            "589379963580", // ap-southeast-3
            "718504428378", // ap-south-1
            "383597477331", // ap-northeast-3
            "600734575887", // ap-northeast-2
            "114774131450", // ap-southeast-1
            "783225319266", // ap-southeast-2
            "582318560864", // ap-northeast-1
            "985666609251", // ca-central-1
            "054676820928", // eu-central-1
            "156460612806", // eu-west-1
            "652711504416", // eu-west-2
            "635631232127", // eu-south-1
            "009996457667", // eu-west-3
            "897822967062", // eu-north-1
            "076674570225", // me-south-1
            "507241528517", // sa-east-1
            "048591011584", // us-gov-west-1
            "190560391635", // us-gov-east-1
            "638102146993", // cn-north-1
            "037604701340", // cn-northwest-1
        ],
        actions: &["s3:PutObject"],
    },
    // <https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html>, as it was before Redshift delivered as a service principal;
    // <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-redshift.html>,
    // <https://docs.amazonaws.cn/en_us/redshift/latest/mgmt/db-auditing.html>.
    Owned {
        service: "Amazon Redshift",
        ids: &[
            "193672423079", // us-east-1
            "391106570357", // us-east-2
            "262260360010", // us-west-1
            "902366379725", // us-west-2
            "365689465814", // af-south-1
            "313564881002", // ap-east-1
            "865932855811", // ap-south-1
            "090321488786", // ap-northeast-3
            "760740231472", // ap-northeast-2
            "361669875840", // ap-southeast-1
            "762762565011", // ap-southeast-2
            "404641285394", // ap-northeast-1
            "907379612154", // ca-central-1
            "053454850223", // eu-central-1
            "210876761215", // eu-west-1
            "307160386991", // eu-west-2
            "945612479654", // eu-south-1
            "915173422425", // eu-west-3
            "729911121831", // eu-north-1
            "013126148197", // me-south-1
            "075028567923", // sa-east-1
            "665727464434", // us-gov-east-1, us-gov-west-1
            "111890595117", // cn-north-1
            "660998842044", // cn-northwest-1
        ],
        actions: &["s3:PutObject", "s3:GetBucketAcl"],
    },
    // <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html> ("older policy that
    // specifies CloudTrail account IDs for each Region") and
    // <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html>; GovCloud:
    // <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/verifying-cloudtrail.html>.
    Owned {
        service: "AWS CloudTrail",
        ids: &[
            "086441151436", // us-east-1
            "475085895292", // us-east-2
            "388731089494", // us-west-1
            "113285607260", // us-west-2
            "525921808201", // af-south-1
            "119688915426", // ap-east-1
            "977081816279", // ap-south-1
            "765225791966", // ap-northeast-3
            "492519147666", // ap-northeast-2
            "903692715234", // ap-southeast-1
            "284668455005", // ap-southeast-2
            "216624486486", // ap-northeast-1
            "819402241893", // ca-central-1
            "035351147821", // eu-central-1
            "859597730677", // eu-west-1
            "282025262664", // eu-west-2
            "669305197877", // eu-south-1
            "262312530599", // eu-west-3
            "829690693026", // eu-north-1
            "034638983726", // me-south-1
            "814480443879", // sa-east-1
            "608710470296", // us-gov-east-1, us-gov-west-1
            "193415116832", // cn-north-1
            "681348832753", // cn-northwest-1
        ],
        actions: &["s3:PutObject", "s3:GetBucketAcl", "sns:Publish"],
    },
    // <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/billing-reports-costusage.html>, older reports.
    Owned {
        service: "AWS Billing",
        ids: &["386209384616"],
        actions: &["s3:PutObject", "s3:GetBucketAcl", "s3:GetBucketPolicy"],
    },
    // awslogsdelivery: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html>;
    // China: <https://docs.amazonaws.cn/en_us/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html>.
    Owned {
        service: "Amazon CloudFront",
        ids: &[
            "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
            "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56",
        ],
        actions: &["s3:PutObject", "s3:GetBucketAcl"],
    },
    // Exports of backups and reading them back: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-exporting.html>,
    // <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-seeding-redis.html>; China and GovCloud on the same pages.
    Owned {
        service: "Amazon ElastiCache",
        ids: &[
            "540804c33a284a299d2547575ce1010f2312ef3da9b3a053c8bc45bf233e4353",
            "40fa568277ad703bd160f66ae4f83fc9dfdfd06c2f1b5060ca22442ac3ef8be6",
            "b14d6a125bdf69854ed8ef2e71d8a20b7c490f252229b806e514966e490b8d83",
        ],
        actions: &[
            "s3:PutObject",
            "s3:GetObject",
            "s3:GetObjectAcl",
            "s3:ListBucket",
            "s3:GetBucketAcl",
            "s3:ListMultipartUploadParts",
            "s3:ListBucketMultipartUploads",
        ],
    },
];

/// Buckets of AWS's own, `{}` for the Region, that its pages tell to allow through an endpoint for S3:
/// <https://docs.aws.amazon.com/linux/al2023/ug/update-repo.html>,
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms>,
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html#ssm-agent-minimum-s3-permissions>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html>,
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/vpc-endpoints.html>.
const BUCKETS: &[&str] = &[
    "al2023-repos-{}-de612dc2",
    "amazonlinux-2-repos-{}",
    "amazonlinux.{}.amazonaws.com",
    "packages.{}.amazonaws.com",
    "repo.{}.amazonaws.com",
    "prod-{}-starport-layer-bucket",
    "aws-windows-downloads-{}",
    "amazon-ssm-{}",
    "amazon-ssm-packages-{}",
    "{}-birdwatcher-prod",
    "aws-ssm-distributor-file-{}",
    "aws-ssm-document-attachments-{}",
    "aws-ssm-{}",
    "aws-patchmanager-macos-{}",
    "patch-baseline-snapshot-{}",
    "cloudformation-custom-resource-response-{}",
    "cloudformation-waitcondition-{}",
    "aws-codedeploy-{}",
    "amazoncloudwatch-agent-{}",
];

/// Whether a bucket is AWS's own; CloudFormation writes the Region without hyphens in the first of its names.
pub(super) fn is_bucket(name: &str, region: &str) -> bool {
    let short = region.replace('-', "");
    BUCKETS.iter().any(|form| [region, short.as_str()].iter().any(|region| form.replace("{}", region) == name))
}

/// The service of AWS whose account (number or canonical user id) this is, if its page tells to grant it all of these actions.
pub(super) fn granted(id: &str, actions: &Pattern) -> Option<&'static str> {
    let documented = |owned: &Owned| owned.actions.iter().any(|action| Pattern::action(action).covers(actions));
    OWNED.iter().find(|owned| owned.ids.contains(&id) && documented(owned)).map(|owned| owned.service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{arn::is_account, knows_action};
    use std::collections::BTreeSet;

    #[test]
    fn each_id_is_well_formed_and_listed_once() {
        let mut seen = BTreeSet::new();
        for owned in OWNED {
            for id in owned.ids {
                let canonical = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
                assert!(is_account(id) || canonical, "{}: {id}", owned.service);
                assert!(seen.insert(id), "{id} twice");
            }
        }
    }

    #[test]
    fn each_action_is_one_of_the_table() {
        for action in OWNED.iter().flat_map(|owned| owned.actions) {
            assert!(knows_action(action), "{action}");
        }
    }

    #[test]
    fn a_bucket_of_aws_is_known_by_its_whole_name() {
        assert!(is_bucket("al2023-repos-eu-west-1-de612dc2", "eu-west-1"));
        assert!(is_bucket("cloudformation-custom-resource-response-euwest1", "eu-west-1"));
        for other in ["al2023-repos-eu-west-2-de612dc2", "aws-ssm-eu-west-1-mine", "aws-ssm-", "aws-ssm-*"] {
            assert!(!is_bucket(other, "eu-west-1"), "{other}");
        }
    }

    #[test]
    fn an_account_of_aws_is_known_for_what_its_page_grants_and_no_more() {
        let asked = |id, action| granted(id, &Pattern::action(action));
        for id in ["127311923021", "048591011584", "190560391635", "638102146993", "037604701340", "589379963580"] {
            assert_eq!(asked(id, "s3:putobject"), Some("Elastic Load Balancing"), "{id}");
            for more in ["s3:GetObject", "s3:*", "s3:Put*", "s3:PutObject*", "kms:Decrypt", "sts:AssumeRole"] {
                assert_eq!(asked(id, more), None, "{id} {more}");
            }
        }
        assert_eq!(asked("193672423079", "s3:GetBucketAcl"), Some("Amazon Redshift"));
        assert_eq!(asked("665727464434", "s3:PutObject"), Some("Amazon Redshift"));
        assert_eq!(asked("475085895292", "s3:PutObject"), Some("AWS CloudTrail"));
        assert_eq!(asked("444455556666", "s3:PutObject"), None);
    }
}
