//! What IAM holds, as resources of findings.

use crate::arn::Arn;
use super::details::{group_name, role_name, user_name};
use super::{Iam, ReportUser};
use crate::finding::Resource;
use crate::place::Account;
use aws_sdk_iam::types::{GroupDetail, RoleDetail, Tag, UserDetail};

impl Iam<'_, Account> {
    pub fn iam_user(self, user: &UserDetail) -> Resource {
        let name = user_name(user);
        let arn = user.arn().map_or_else(|| self.arn("iam", &format!("user/{name}")), str::to_owned);
        Resource::new(arn, "AWS::IAM::User", name).name(name).tags(pairs(user.tags()))
    }

    /// The user of a row of the credential report, which knows no tags.
    pub fn iam_report_user(self, user: &ReportUser) -> Resource {
        Resource::new(&user.arn, "AWS::IAM::User", &user.name).name(&user.name)
    }

    pub fn iam_group(self, group: &GroupDetail) -> Resource {
        let name = group_name(group);
        let arn = group.arn().map_or_else(|| self.arn("iam", &format!("group/{name}")), str::to_owned);
        Resource::new(arn, "AWS::IAM::Group", name).name(name)
    }

    pub fn iam_role(self, role: &RoleDetail) -> Resource {
        let name = role_name(role);
        let arn = role.arn().map_or_else(|| self.arn("iam", &format!("role/{name}")), str::to_owned);
        Resource::new(arn, "AWS::IAM::Role", name).name(name).tags(pairs(role.tags()))
    }

    /// The ARN of an AWS managed policy in this account's partition.
    pub fn aws_policy_arn(self, name: &str) -> String {
        Arn::iam(self.partition(), "aws", &format!("policy/{name}")).to_string()
    }
}

fn pairs(tags: &[Tag]) -> impl Iterator<Item = (String, String)> {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone()))
}
