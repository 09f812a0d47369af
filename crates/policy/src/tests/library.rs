//! The table of ways, held against the public library of ways and against the table of actions.

use super::paths::{allow, ways};
use super::*;
use crate::paths::{Need, WAYS};
use std::collections::BTreeSet;

/// Each way that pathfinding.cloud lists, by its actions on everything, but those that `out` lines name (with why) and those on one's own.
#[test]
fn the_public_library_is_covered() {
    // semantics 66
    let library = [
        "iam:CreatePolicyVersion", "iam:CreateAccessKey", "iam:CreateAccessKey iam:DeleteAccessKey", "iam:CreateLoginProfile", "iam:PutRolePolicy",
        "iam:UpdateLoginProfile", "iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy", "iam:PutGroupPolicy",
        "iam:UpdateAssumeRolePolicy", "iam:AddUserToGroup", "iam:AttachRolePolicy sts:AssumeRole", "iam:AttachUserPolicy iam:CreateAccessKey",
        "iam:CreatePolicyVersion sts:AssumeRole", "iam:PutRolePolicy sts:AssumeRole", "iam:PutUserPolicy iam:CreateAccessKey",
        "iam:AttachRolePolicy iam:UpdateAssumeRolePolicy", "iam:CreatePolicyVersion iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy iam:UpdateAssumeRolePolicy",
        "iam:DeleteRolePermissionsBoundary sts:AssumeRole", "sts:AssumeRole",
        "iam:PassRole amplify:CreateApp amplify:CreateBranch amplify:StartJob",
        "iam:PassRole apprunner:CreateService", "apprunner:UpdateService",
        "iam:PassRole batch:RegisterJobDefinition batch:SubmitJob", "batch:SubmitJob",
        "iam:PassRole batch:CreateComputeEnvironment batch:CreateJobQueue batch:RegisterJobDefinition batch:SubmitJob",
        "iam:PassRole bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter",
        "bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter",
        "iam:PassRole bedrock-agentcore:CreateAgentRuntime bedrock-agentcore:InvokeAgentRuntimeCommand", "bedrock-agentcore:InvokeAgentRuntimeCommand",
        "iam:PassRole bedrock-agentcore:CreateHarness bedrock-agentcore:InvokeAgentRuntimeCommand",
        "iam:PassRole bedrock-agentcore:CreateBrowser bedrock-agentcore:StartBrowserSession bedrock-agentcore:ConnectBrowserAutomationStream",
        "bedrock-agentcore:StartBrowserSession bedrock-agentcore:ConnectBrowserAutomationStream",
        "iam:PassRole braket:CreateJob",
        "iam:PassRole cloudformation:CreateStack", "cloudformation:UpdateStack", "iam:PassRole cloudformation:CreateStackSet cloudformation:CreateStackInstances",
        "iam:PassRole cloudformation:UpdateStackSet", "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet",
        "iam:PassRole codebuild:CreateProject codebuild:StartBuild", "codebuild:StartBuild", "codebuild:StartBuildBatch",
        "iam:PassRole codebuild:CreateProject codebuild:StartBuildBatch",
        "codedeploy:CreateDeployment codedeploy:RegisterApplicationRevision codedeploy:GetDeploymentConfig",
        "iam:PassRole cognito-identity:SetIdentityPoolRoles",
        "iam:PassRole datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline",
        "iam:PassRole ec2:RunInstances", "ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances", "ec2-instance-connect:SendSSHPublicKey",
        "iam:PassRole ec2:RequestSpotInstances", "ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate",
        "iam:PassRole ecs:CreateCluster ecs:RegisterTaskDefinition ecs:CreateService", "iam:PassRole ecs:CreateCluster ecs:RegisterTaskDefinition ecs:RunTask",
        "iam:PassRole ecs:RegisterTaskDefinition ecs:CreateService", "iam:PassRole ecs:RegisterTaskDefinition ecs:RunTask",
        "iam:PassRole ecs:RegisterTaskDefinition ecs:StartTask", "ecs:ExecuteCommand ecs:DescribeTasks",
        "iam:PassRole ecs:StartTask ecs:RegisterContainerInstance ecs:DeregisterContainerInstance", "iam:PassRole ecs:RunTask", "iam:PassRole ecs:StartTask",
        "iam:PassRole elasticmapreduce:RunJobFlow", "iam:PassRole emr-serverless:CreateApplication emr-serverless:StartJobRun",
        "iam:PassRole gamelift:CreateBuild gamelift:CreateFleet gamelift:RequestUploadCredentials",
        "iam:PassRole glue:CreateDevEndpoint", "glue:UpdateDevEndpoint", "iam:PassRole glue:CreateJob glue:StartJobRun", "iam:PassRole glue:CreateJob glue:CreateTrigger",
        "iam:PassRole glue:UpdateJob glue:StartJobRun", "iam:PassRole glue:UpdateJob glue:CreateTrigger", "iam:PassRole glue:CreateSession glue:RunStatement",
        "iam:PassRole imagebuilder:CreateComponent imagebuilder:CreateImageRecipe imagebuilder:CreateInfrastructureConfiguration imagebuilder:CreateImage",
        "iam:PassRole kinesisanalytics:CreateApplication kinesisanalytics:StartApplication",
        "iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping",
        "lambda:UpdateFunctionCode", "lambda:UpdateFunctionCode lambda:InvokeFunction", "lambda:UpdateFunctionCode lambda:AddPermission",
        "iam:PassRole lambda:CreateFunction lambda:AddPermission",
        "iam:PassRole omics:CreateWorkflow omics:StartRun",
        "iam:PassRole sagemaker:CreateNotebookInstance sagemaker:CreatePresignedNotebookInstanceUrl", "iam:PassRole sagemaker:CreateTrainingJob",
        "iam:PassRole sagemaker:CreateProcessingJob", "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance",
        "iam:PassRole scheduler:CreateSchedule", "ssm:StartSession", "ssm:SendCommand", "iam:PassRole ssm:CreateDocument ssm:StartAutomationExecution",
        "sso:CreatePermissionSet sso:CreateAccountAssignment sso:AttachManagedPolicyToPermissionSet", "sso:AttachManagedPolicyToPermissionSet",
        "sso:PutInlinePolicyToPermissionSet",
        "iam:PassRole states:CreateStateMachine states:StartExecution", "states:UpdateStateMachine states:StartExecution", "states:UpdateStateMachine",
        "iam:PassRole autoscaling:CreateLaunchConfiguration autoscaling:UpdateAutoScalingGroup",
    ];
    for way in library {
        assert!(!ways(&allow(way, "*", "")).is_empty(), "{way}");
        // And each of its actions is needed: AWS knows them all.
        for action in way.split(' ') {
            assert!(knows_action(action), "{action}");
        }
    }
}

#[test]
fn suspected_ways_are_ways() {
    // semantics 66
    for way in [
        "iam:PassRole emr-serverless:StartJobRun", "iam:PassRole sagemaker:CreateHyperParameterTuningJob", "iam:PassRole ec2:CreateLaunchTemplate ec2:CreateFleet",
        "iam:PassRole codepipeline:CreatePipeline", "iam:PassRole rolesanywhere:CreateTrustAnchor rolesanywhere:CreateProfile", "iam:UpdateSAMLProvider",
        "ssm:CreateAssociation",
    ] {
        assert!(!ways(&allow(way, "*", "")).is_empty(), "{way}");
        for action in way.split(' ').filter(|_| way.contains(' ')) {
            let rest: Vec<&str> = way.split(' ').filter(|a| *a != action).collect();
            assert_eq!(ways(&allow(&rest.join(" "), "*", "")), [""; 0], "{way} without {action}");
        }
    }
}

#[test]
fn the_table_of_ways_is_sound() {
    let mut names = BTreeSet::new();
    for path in &WAYS.paths {
        assert!(names.insert(&path.name), "{} is there twice", path.name);
        for step in &path.needs {
            assert!(knows_action(step.action), "{}", step.action);
            if let Need::All(kind) = step.need {
                let kinds = actions::kinds(step.action).unwrap();
                let fits = |k: &actions::Kind| k.arn.last().is_some_and(|r| r.text().starts_with(kind));
                assert!(kinds.iter().any(fits), "{} is not on {kind}", step.action);
            }
        }
    }
    for same in WAYS.same.iter().chain(&WAYS.passed) {
        assert!(same.actions.iter().all(|action| knows_action(action)), "{}", same.name);
    }
    let cited = |why: &&(&str, &str)| why.1.len() < 20;
    assert!(!WAYS.left_out.is_empty() && !WAYS.left_out.iter().any(|why| cited(&why)));
}
