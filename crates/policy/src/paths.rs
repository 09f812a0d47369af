//! The known ways from some permissions to more, as published by those who found them.
//!
//! Sources for the facts (which actions together give more power, and which service a role is passed to): Rhino Security
//! Labs' "AWS IAM privilege escalation", NCC Group's PMapper, Datadog's pathfinding.cloud.

use super::pattern::Pattern;

/// The day as of which the paths were drawn up.
pub const DATE: &str = "2026-11-22";

/// On which resources an action must be allowed to be worth something to an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// On any: the attacker makes or picks the resource.
    Any,
    /// On all of a kind (the beginning of the ARN's last part), for which one with more power exists.
    All(&'static str),
    /// On what this pattern means, in any of its spellings.
    On(&'a [Pattern]),
}

/// A way to more power.
pub struct Path {
    pub name: &'static str,
    pub needs: &'static [(&'static str, Need<'static>)],
    /// The service that a role is passed to, where `iam:PassRole` is needed too.
    pub passes_to: Option<&'static str>,
}

const fn path(
    name: &'static str,
    needs: &'static [(&'static str, Need<'static>)],
    passes_to: Option<&'static str>,
) -> Path {
    Path { name, needs, passes_to }
}

/// A way to more power by several actions on one and the same resource, however few resources there are: a role that one
/// can rewrite and take on.
pub struct Same {
    pub name: &'static str,
    /// The beginning of the last part of the resource's ARN.
    pub kind: &'static str,
    pub actions: &'static [&'static str],
}

/// What an action that gives rights must be allowed on to give them to the identity itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    User,
    Role,
    Group,
    /// A policy of the customer's that is attached to the identity.
    Policy,
}

use Need::{All, Any};

/// Every path; a name is the actions, joined by `+`.
#[rustfmt::skip]
pub const PATHS: &[Path] = &[
    // Policies.
    path("iam:CreatePolicyVersion", &[("iam:CreatePolicyVersion", All("policy/"))], None),
    path("iam:SetDefaultPolicyVersion", &[("iam:SetDefaultPolicyVersion", All("policy/"))], None),
    path("iam:AttachUserPolicy", &[("iam:AttachUserPolicy", All("user/"))], None),
    path("iam:AttachGroupPolicy", &[("iam:AttachGroupPolicy", All("group/"))], None),
    path("iam:AttachRolePolicy", &[("iam:AttachRolePolicy", All("role/"))], None),
    path("iam:PutUserPolicy", &[("iam:PutUserPolicy", All("user/"))], None),
    path("iam:PutGroupPolicy", &[("iam:PutGroupPolicy", All("group/"))], None),
    path("iam:PutRolePolicy", &[("iam:PutRolePolicy", All("role/"))], None),
    // Credentials and membership.
    path("iam:CreateAccessKey", &[("iam:CreateAccessKey", All("user/"))], None),
    path("iam:CreateLoginProfile", &[("iam:CreateLoginProfile", All("user/"))], None),
    path("iam:UpdateLoginProfile", &[("iam:UpdateLoginProfile", All("user/"))], None),
    path("iam:AddUserToGroup", &[("iam:AddUserToGroup", All("group/"))], None),
    path("iam:UpdateAssumeRolePolicy", &[("iam:UpdateAssumeRolePolicy", All("role/"))], None),
    path("sts:AssumeRole", &[("sts:AssumeRole", All("role/"))], None),
    path("sso:CreateAccountAssignment", &[("sso:CreateAccountAssignment", Any)], None),
    path("sso:PutInlinePolicyToPermissionSet", &[("sso:PutInlinePolicyToPermissionSet", Any)], None),
    path("sso:AttachManagedPolicyToPermissionSet", &[("sso:AttachManagedPolicyToPermissionSet", Any)], None),
    path("identitystore:CreateGroupMembership", &[("identitystore:CreateGroupMembership", Any)], None),
    // A role passed to something new.
    path("iam:PassRole+ec2:RunInstances", &[("ec2:RunInstances", Any)], Some("ec2.amazonaws.com")),
    path("iam:PassRole+ec2:RequestSpotInstances", &[("ec2:RequestSpotInstances", Any)], Some("ec2.amazonaws.com")),
    path("iam:PassRole+ec2:AssociateIamInstanceProfile", &[("ec2:AssociateIamInstanceProfile", Any)], Some("ec2.amazonaws.com")),
    path("iam:PassRole+ec2:ReplaceIamInstanceProfileAssociation", &[("ec2:ReplaceIamInstanceProfileAssociation", Any)], Some("ec2.amazonaws.com")),
    path("iam:PassRole+autoscaling:CreateLaunchConfiguration+autoscaling:CreateAutoScalingGroup", &[("autoscaling:CreateLaunchConfiguration", Any), ("autoscaling:CreateAutoScalingGroup", Any)], Some("ec2.amazonaws.com")),
    path("iam:PassRole+lambda:CreateFunction+lambda:InvokeFunction", &[("lambda:CreateFunction", Any), ("lambda:InvokeFunction", Any)], Some("lambda.amazonaws.com")),
    path("iam:PassRole+lambda:CreateFunction+lambda:AddPermission", &[("lambda:CreateFunction", Any), ("lambda:AddPermission", Any)], Some("lambda.amazonaws.com")),
    path("iam:PassRole+lambda:CreateFunction+lambda:CreateEventSourceMapping", &[("lambda:CreateFunction", Any), ("lambda:CreateEventSourceMapping", Any)], Some("lambda.amazonaws.com")),
    path("iam:PassRole+lambda:CreateFunction+lambda:CreateFunctionUrlConfig", &[("lambda:CreateFunction", Any), ("lambda:CreateFunctionUrlConfig", Any)], Some("lambda.amazonaws.com")),
    path("iam:PassRole+cloudformation:CreateStack", &[("cloudformation:CreateStack", Any)], Some("cloudformation.amazonaws.com")),
    path("iam:PassRole+cloudformation:UpdateStack", &[("cloudformation:UpdateStack", Any)], Some("cloudformation.amazonaws.com")),
    path("iam:PassRole+cloudformation:CreateChangeSet+cloudformation:ExecuteChangeSet", &[("cloudformation:CreateChangeSet", Any), ("cloudformation:ExecuteChangeSet", Any)], Some("cloudformation.amazonaws.com")),
    path("iam:PassRole+cloudformation:CreateStackSet+cloudformation:CreateStackInstances", &[("cloudformation:CreateStackSet", Any), ("cloudformation:CreateStackInstances", Any)], Some("cloudformation.amazonaws.com")),
    path("iam:PassRole+glue:CreateDevEndpoint", &[("glue:CreateDevEndpoint", Any)], Some("glue.amazonaws.com")),
    path("iam:PassRole+glue:CreateJob+glue:StartJobRun", &[("glue:CreateJob", Any), ("glue:StartJobRun", Any)], Some("glue.amazonaws.com")),
    path("iam:PassRole+glue:CreateJob+glue:CreateTrigger", &[("glue:CreateJob", Any), ("glue:CreateTrigger", Any)], Some("glue.amazonaws.com")),
    path("iam:PassRole+glue:UpdateJob+glue:StartJobRun", &[("glue:UpdateJob", Any), ("glue:StartJobRun", Any)], Some("glue.amazonaws.com")),
    path("iam:PassRole+glue:CreateSession+glue:RunStatement", &[("glue:CreateSession", Any), ("glue:RunStatement", Any)], Some("glue.amazonaws.com")),
    path("iam:PassRole+datapipeline:CreatePipeline+datapipeline:PutPipelineDefinition+datapipeline:ActivatePipeline", &[("datapipeline:CreatePipeline", Any), ("datapipeline:PutPipelineDefinition", Any), ("datapipeline:ActivatePipeline", Any)], Some("datapipeline.amazonaws.com")),
    path("iam:PassRole+sagemaker:CreateNotebookInstance+sagemaker:CreatePresignedNotebookInstanceUrl", &[("sagemaker:CreateNotebookInstance", Any), ("sagemaker:CreatePresignedNotebookInstanceUrl", Any)], Some("sagemaker.amazonaws.com")),
    path("iam:PassRole+sagemaker:CreateTrainingJob", &[("sagemaker:CreateTrainingJob", Any)], Some("sagemaker.amazonaws.com")),
    path("iam:PassRole+sagemaker:CreateProcessingJob", &[("sagemaker:CreateProcessingJob", Any)], Some("sagemaker.amazonaws.com")),
    path("iam:PassRole+codebuild:CreateProject+codebuild:StartBuild", &[("codebuild:CreateProject", Any), ("codebuild:StartBuild", Any)], Some("codebuild.amazonaws.com")),
    path("iam:PassRole+codebuild:UpdateProject+codebuild:StartBuild", &[("codebuild:UpdateProject", Any), ("codebuild:StartBuild", Any)], Some("codebuild.amazonaws.com")),
    path("iam:PassRole+ecs:RegisterTaskDefinition+ecs:RunTask", &[("ecs:RegisterTaskDefinition", Any), ("ecs:RunTask", Any)], Some("ecs-tasks.amazonaws.com")),
    path("iam:PassRole+ecs:RegisterTaskDefinition+ecs:StartTask", &[("ecs:RegisterTaskDefinition", Any), ("ecs:StartTask", Any)], Some("ecs-tasks.amazonaws.com")),
    path("iam:PassRole+ecs:RegisterTaskDefinition+ecs:CreateService", &[("ecs:RegisterTaskDefinition", Any), ("ecs:CreateService", Any)], Some("ecs-tasks.amazonaws.com")),
    path("iam:PassRole+ecs:RegisterTaskDefinition+ecs:UpdateService", &[("ecs:RegisterTaskDefinition", Any), ("ecs:UpdateService", Any)], Some("ecs-tasks.amazonaws.com")),
    path("iam:PassRole+batch:RegisterJobDefinition+batch:SubmitJob", &[("batch:RegisterJobDefinition", Any), ("batch:SubmitJob", Any)], Some("ecs-tasks.amazonaws.com")),
    path("iam:PassRole+apprunner:CreateService", &[("apprunner:CreateService", Any)], Some("tasks.apprunner.amazonaws.com")),
    path("iam:PassRole+apprunner:UpdateService", &[("apprunner:UpdateService", Any)], Some("tasks.apprunner.amazonaws.com")),
    path("iam:PassRole+states:CreateStateMachine+states:StartExecution", &[("states:CreateStateMachine", Any), ("states:StartExecution", Any)], Some("states.amazonaws.com")),
    path("iam:PassRole+states:UpdateStateMachine+states:StartExecution", &[("states:UpdateStateMachine", Any), ("states:StartExecution", Any)], Some("states.amazonaws.com")),
    path("iam:PassRole+scheduler:CreateSchedule", &[("scheduler:CreateSchedule", Any)], Some("scheduler.amazonaws.com")),
    path("iam:PassRole+ssm:StartAutomationExecution", &[("ssm:StartAutomationExecution", Any)], Some("ssm.amazonaws.com")),
    path("iam:PassRole+elasticmapreduce:RunJobFlow", &[("elasticmapreduce:RunJobFlow", Any)], Some("elasticmapreduce.amazonaws.com")),
    path("iam:PassRole+bedrock-agentcore:CreateCodeInterpreter+bedrock-agentcore:InvokeCodeInterpreter", &[("bedrock-agentcore:CreateCodeInterpreter", Any), ("bedrock-agentcore:InvokeCodeInterpreter", Any)], Some("bedrock-agentcore.amazonaws.com")),
    // Something that runs with a role already.
    path("lambda:UpdateFunctionCode", &[("lambda:UpdateFunctionCode", All("function:"))], None),
    path("lambda:UpdateFunctionConfiguration", &[("lambda:UpdateFunctionConfiguration", All("function:"))], None),
    path("glue:UpdateDevEndpoint", &[("glue:UpdateDevEndpoint", All("devEndpoint/"))], None),
    path("cloudformation:UpdateStack", &[("cloudformation:UpdateStack", All("stack/"))], None),
    path("cloudformation:CreateChangeSet+cloudformation:ExecuteChangeSet", &[("cloudformation:CreateChangeSet", All("stack/")), ("cloudformation:ExecuteChangeSet", All("stack/"))], None),
    path("codebuild:StartBuild", &[("codebuild:StartBuild", All("project/"))], None),
    path("sagemaker:CreatePresignedNotebookInstanceUrl", &[("sagemaker:CreatePresignedNotebookInstanceUrl", All("notebook-instance/"))], None),
    path("ssm:SendCommand", &[("ssm:SendCommand", All("instance/"))], None),
    path("ssm:StartSession", &[("ssm:StartSession", All("instance/"))], None),
    path("ec2-instance-connect:SendSSHPublicKey", &[("ec2-instance-connect:SendSSHPublicKey", All("instance/"))], None),
    path("ec2:ModifyInstanceAttribute+ec2:StopInstances+ec2:StartInstances", &[("ec2:ModifyInstanceAttribute", All("instance/")), ("ec2:StopInstances", All("instance/")), ("ec2:StartInstances", All("instance/"))], None),
    path("ecs:ExecuteCommand", &[("ecs:ExecuteCommand", All("task/"))], None),
];

const fn same(name: &'static str, kind: &'static str, actions: &'static [&'static str]) -> Same {
    Same { name, kind, actions }
}

/// Every path on one resource. A new role can trust its maker; a role that is there is taken on or told whom to trust.
#[rustfmt::skip]
pub const SAME: &[Same] = &[
    same("iam:CreateRole+iam:PutRolePolicy", "role/", &["iam:CreateRole", "iam:PutRolePolicy"]),
    same("iam:CreateRole+iam:AttachRolePolicy", "role/", &["iam:CreateRole", "iam:AttachRolePolicy"]),
    same("iam:PutRolePolicy+sts:AssumeRole", "role/", &["iam:PutRolePolicy", "sts:AssumeRole"]),
    same("iam:AttachRolePolicy+sts:AssumeRole", "role/", &["iam:AttachRolePolicy", "sts:AssumeRole"]),
    same("iam:PutRolePolicy+iam:UpdateAssumeRolePolicy", "role/", &["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"]),
    same("iam:AttachRolePolicy+iam:UpdateAssumeRolePolicy", "role/", &["iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"]),
    same("iam:PutUserPolicy+iam:CreateAccessKey", "user/", &["iam:PutUserPolicy", "iam:CreateAccessKey"]),
    same("iam:AttachUserPolicy+iam:CreateAccessKey", "user/", &["iam:AttachUserPolicy", "iam:CreateAccessKey"]),
    same("iam:PutUserPolicy+iam:CreateLoginProfile", "user/", &["iam:PutUserPolicy", "iam:CreateLoginProfile"]),
    same("iam:AttachUserPolicy+iam:CreateLoginProfile", "user/", &["iam:AttachUserPolicy", "iam:CreateLoginProfile"]),
    same("iam:PutUserPolicy+iam:UpdateLoginProfile", "user/", &["iam:PutUserPolicy", "iam:UpdateLoginProfile"]),
    same("iam:AttachUserPolicy+iam:UpdateLoginProfile", "user/", &["iam:AttachUserPolicy", "iam:UpdateLoginProfile"]),
];

/// Rights for a role, which then is passed to a service: with one of [`PATHS`] that passes a role.
pub const PASSED: &[Same] = &[
    same("iam:PutRolePolicy+iam:PassRole", "role/", &["iam:PutRolePolicy", "iam:PassRole"]),
    same("iam:AttachRolePolicy+iam:PassRole", "role/", &["iam:AttachRolePolicy", "iam:PassRole"]),
];

/// Every path on what is the identity's own: the name, the action, on what.
pub const OWN: &[(&str, &str, Own)] = &[
    ("iam:PutUserPolicy on itself", "iam:PutUserPolicy", Own::User),
    ("iam:AttachUserPolicy on itself", "iam:AttachUserPolicy", Own::User),
    ("iam:PutRolePolicy on itself", "iam:PutRolePolicy", Own::Role),
    ("iam:AttachRolePolicy on itself", "iam:AttachRolePolicy", Own::Role),
    ("iam:PutGroupPolicy on its own group", "iam:PutGroupPolicy", Own::Group),
    ("iam:AttachGroupPolicy on its own group", "iam:AttachGroupPolicy", Own::Group),
    ("iam:CreatePolicyVersion of its own policy", "iam:CreatePolicyVersion", Own::Policy),
];
