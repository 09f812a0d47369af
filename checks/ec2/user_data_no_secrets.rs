//! Does the user data of an instance, a launch template or a launch configuration hold credentials? Whatever runs on the instance may read it, and so
//! may everybody who may describe what it was launched from. What is found is told by its kind alone.

use super::template_data::of_versions;
use crate::prelude::*;
use aws_sdk_ec2::types::{Instance, LaunchTemplateVersion};
use posture_estate::services::ec2::launch::are_all;
use posture_estate::services::ec2::{exists, instance_id, of_each};
use posture_estate::text::secret::{decoded, found};
use std::collections::{BTreeMap, BTreeSet};

/// What EC2 answers for what is gone.
const GONE: &[&str] = &["InvalidInstanceID.NotFound", "InvalidLaunchTemplateId.NotFound"];

pub async fn probe(at: &Region) -> Outcome {
    let (mut findings, templates, configurations) =
        join!(instances(at), templates(at), at.autoscaling().launch_configurations());
    findings.extend(templates);
    findings.extend(of_each(at, "launch-configurations", configurations, |one| {
        let what = format!("launch configuration {}", one.name);
        let verdict = judge(&what, &[(String::new(), one.user_data.as_deref())]);
        Some(verdict.on(at.autoscaling().launch_configuration_resource(one)))
    }));
    if findings.is_empty() {
        return Ok(vec![Verdict::not_applicable("there is nothing that has user data").on(at.resource())]);
    }
    Ok(findings)
}

async fn instances(at: &Region) -> Vec<Finding> {
    let instances = match at.ec2().instances().await {
        Ok(instances) => instances,
        Err(gap) => return vec![Verdict::unseen(&gap).sub("instances").on(at.resource())],
    };
    let each = instances
        .iter()
        .filter(|i| exists(i))
        .map(|i| (at.ec2().instance(i), format!("instance {}", instance_id(i)), i));
    per(each, GONE, async |i: &Instance| {
        let id = instance_id(i);
        let data = at.ec2().user_data(id).await?;
        Ok(judge(&format!("instance {id}"), &[(String::new(), data.there().map(String::as_str))]))
    })
    .await
}

/// One finding for each template, on all its versions.
async fn templates(at: &Region) -> Vec<Finding> {
    let ends = match at.ec2().launch_template_versions().await {
        Ok(ends) => ends,
        Err(gap) => return vec![Verdict::unseen(&gap).sub("launch-templates").on(at.resource())],
    };
    let mut by_id: BTreeMap<&str, Vec<&LaunchTemplateVersion>> = BTreeMap::new();
    for version in ends.iter() {
        by_id.entry(version.launch_template_id().unwrap_or_default()).or_default().push(version);
    }
    let each = by_id.into_iter().filter_map(|(id, ends)| {
        let first = *ends.first()?;
        let name = first.launch_template_name().unwrap_or(id);
        Some((at.ec2().launch_template(first), format!("launch template {name}"), (id, name, ends)))
    });
    per(each, GONE, async |(id, name, ends): (&str, &str, Vec<&LaunchTemplateVersion>)| {
        let what = format!("launch template {name}");
        if are_all(&ends) {
            return Ok(judge(&what, &of_versions(ends)));
        }
        let versions = at.ec2().template_versions(id).await?;
        Ok(judge(&what, &of_versions(versions.iter().collect())))
    })
    .await
}

/// Each part with its name, where there are several, and its user data in base64.
fn judge(what: &str, parts: &[(String, Option<&str>)]) -> Verdict {
    let mut reasons = Reasons::new();
    let mut any = false;
    for (part, data) in parts {
        let Some(data) = data.filter(|data| !data.is_empty()) else { continue };
        any = true;
        let of = if part.is_empty() { what.to_owned() } else { format!("{part} of {what}") };
        let Some(plain) = decoded(data) else {
            reasons.doubt(format!("the user data of {of} is no text that can be read"));
            continue;
        };
        let kinds: BTreeSet<&str> = found(&plain).into_iter().map(|one| one.kind).collect();
        if !kinds.is_empty() {
            let kinds = Vec::from_iter(kinds).join(", ");
            reasons.broken("credential", format!("the user data of {of} holds credentials: {kinds}"));
        }
    }
    reasons.or_pass(|| match any {
        true => format!("the user data of {what} holds no credential"),
        false => format!("{what} has no user data"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::ResponseLaunchTemplateData;

    fn encoded(text: &str) -> String {
        aws_smithy_types::base64::encode(text)
    }

    fn of(data: Option<&str>) -> Verdict {
        judge("instance i-1", &[(String::new(), data)])
    }

    #[test]
    fn credentials_are_told_by_kind_alone() {
        let leaky = of(Some(&encoded("#!/bin/bash\nexport DB_PASSWORD=foobar123\n")));
        assert_eq!(leaky.reasons, ["credential"]);
        assert!(leaky.message.ends_with("secret_value") && !leaky.message.contains("foobar"), "{}", leaky.message);
        assert_eq!(of(Some(&encoded("#!/bin/bash\nyum -y update\n"))).status, Status::Pass);
        assert_eq!((of(None).status, of(Some("")).status), (Status::Pass, Status::Pass));
    }

    #[test]
    fn parts_of_a_message_are_looked_into() {
        let part = encoded("#cloud-config\nwrite_files:\n  - content: |\n      password: hunter2hunter2\n");
        let mime = format!(
            "Content-Type: multipart/mixed; boundary=\"x\"\n\n--x\nContent-Transfer-Encoding: base64\n\n{part}\n--x--\n"
        );
        assert_eq!(of(Some(&encoded(&mime))).reasons, ["credential"]);
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let binary = aws_smithy_types::base64::encode([0, 159, 146, 150, 0, 1, 2, 3]);
        assert_eq!(of(Some(&binary)).status, Status::Unknown);
        assert_eq!(of(Some("redacted:unreadable")).status, Status::Unknown, "as on a tape");
    }

    fn version(number: i64, data: &str) -> LaunchTemplateVersion {
        let data = ResponseLaunchTemplateData::builder().user_data(encoded(data)).build();
        LaunchTemplateVersion::builder().version_number(number).launch_template_data(data).build()
    }

    #[test]
    fn every_version_counts() {
        let (old, new) = (version(1, "export API_TOKEN=abcdefgh1234\n"), version(2, "#!/bin/sh\n"));
        let verdict = judge("launch template web", &of_versions(vec![&new, &old, &old]));
        assert_eq!(
            verdict.message,
            "the user data of version 1 of launch template web holds credentials: secret_value"
        );
        assert_eq!(judge("launch template web", &of_versions(vec![&new])).status, Status::Pass);
    }
}
