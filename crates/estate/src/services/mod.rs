//! A file per service: a row at its head with all that the engine knows of it, and a method for each question that a check asks.

use crate::aws::service::Service;

/// Declares the files, and collects their rows. This list is the only one of services.
macro_rules! services {
    ($($file:ident),+ $(,)?) => {
        $(pub mod $file;)+

        /// The row of every service.
        pub static SERVICES: &[&Service] = &[$(&$file::SERVICE),+];
    };
}

services! {
    access_analyzer,
    account,
    autoscaling,
    backup,
    cloudformation,
    cloudtrail,
    cloudwatch,
    codeartifact,
    codebuild,
    codepipeline,
    config,
    dynamodb,
    ec2,
    ecr,
    efs,
    events,
    guardduty,
    iam,
    identitystore,
    inspector2,
    kms,
    lambda,
    logs,
    macie2,
    organizations,
    rds,
    resource_explorer,
    resourcegroupstaggingapi,
    s3,
    s3control,
    secretsmanager,
    securityhub,
    sns,
    ssm,
    ssm_incidents,
    sso_admin,
    sts,
    wellarchitected,
}

/// The dated tables of what AWS offers: what each holds and the day (`YYYY-MM-DD`) as of which it was drawn up.
pub fn tables() -> [(&'static str, &'static str); 2] {
    [
        ("services whose network activity events CloudTrail records", cloudtrail::network_events::SOURCES_DATE),
        ("Regions where Inspector scans the code of functions", inspector2::CODE_REGIONS_DATE),
    ]
}

/// The service and the operation of a call, `s3:GetBucketPolicy`.
pub fn of_call(call: &str) -> Option<(&'static Service, &str)> {
    let (name, operation) = call.split_once(':')?;
    Some((named(name)?, operation))
}

/// The service that calls name so.
pub fn named(name: &str) -> Option<&'static Service> {
    SERVICES.iter().copied().find(|service| service.name == name)
}

/// The IAM action that allows a call; `None` where every principal may make it, and for a call of no service.
pub fn iam_action(call: &str) -> Option<String> {
    let (service, operation) = of_call(call)?;
    (!service.free.contains(&operation)).then(|| service.action(operation))
}

/// What the Security Hub format calls a CloudFormation type; `None` where it has no name for it.
pub fn asff_type(cloudformation: &str) -> Option<&'static str> {
    let mut all = SERVICES.iter().flat_map(|service| service.asff);
    all.find(|(known, _)| *known == cloudformation).map(|(_, asff)| *asff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_policy::knows_action;

    #[test]
    fn names_are_unique_and_what_is_translated_needs_it_and_exists() {
        let names: std::collections::BTreeSet<&str> = SERVICES.iter().map(|service| service.name).collect();
        assert_eq!(names.len(), SERVICES.len());
        for service in SERVICES {
            for (operation, _) in service.iam {
                assert!(knows_action(&service.action(operation)), "{}", service.call(operation));
                assert!(
                    !knows_action(&format!("{}:{operation}", service.iam_prefix)) || service.iam_prefix != service.name
                );
            }
        }
        assert_eq!(iam_action("s3:ListBuckets").as_deref(), Some("s3:ListAllMyBuckets"));
        assert_eq!(iam_action("s3control:GetPublicAccessBlock").as_deref(), Some("s3:GetAccountPublicAccessBlock"));
        assert_eq!(iam_action("s3control:GetAccessPoint").as_deref(), Some("s3:GetAccessPoint"));
        assert_eq!(iam_action("sts:GetCallerIdentity"), None);
    }

    #[test]
    fn a_row_and_its_model_agree() {
        let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let mut seen = 0;
        for service in SERVICES {
            let Ok(text) = std::fs::read_to_string(models.join(format!("{}.json", service.name))) else { continue };
            let model = crate::aws::model::Model::parse(&text).unwrap();
            assert_eq!((model.service(), model.wire()), (service.name, service.wire));
            seen += 1;
        }
        assert!(seen >= 6, "{seen}");
    }

    #[test]
    fn every_quota_lets_something_through() {
        for service in SERVICES {
            let quotas = service.quotas.iter().map(|(_, quota)| quota).chain([&service.quota]);
            assert!(quotas.into_iter().all(|quota| quota.rate >= 1.0 && quota.burst >= quota.rate), "{}", service.name);
        }
    }
}
