//! Services that can be used on behalf of anyone (the confused deputy problem).
//!
//! Only services that AWS documents to send `aws:SourceArn` or `aws:SourceAccount` are judged: a condition on keys that a
//! service does not send would lock it out (<https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>).

use super::arn::is_account;
use super::caller::Caller;
use super::cells::{Target, cells};
use super::condition::{Literal, Relation};
use super::decision::{Decision, Zone};
use super::document::{Document, Principal, Principals, Statement};
use super::narrow::{Narrowing, Pin, Rule, narrow};
use super::pattern::Pattern;
use super::remains::{Branch, remains};

/// The day as of which the lists below were drawn up from the services' documentation.
pub(super) const SERVICES_DATE: &str = "2026-11-22";

/// Services whose documentation tells to use the keys in resource policies (buckets, topics, queues, keys, functions), most of them
/// on a page "Cross-service confused deputy prevention" of their guide. For example
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>,
/// <https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html>,
/// <https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/appstream2/latest/developerguide/example-elastic-fleets.html>.
const IN_RESOURCE_POLICIES: &[&str] = &[
    "apigateway",
    "appstream",
    "aps",
    "bcm-data-exports",
    "bedrock",
    "bedrock-agentcore",
    "billingreports",
    "budgets",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codecommit",
    "codestar-notifications",
    "cognito-idp",
    "config",
    "connect",
    "costalerts",
    "delivery.logs",
    "devops-guru",
    "elasticloadbalancing",
    "events",
    "guardduty",
    "inspector2",
    "iot",
    "lambda.alarms.cloudwatch",
    "lex",
    "lexv2",
    "logging.s3",
    "logs",
    "macie",
    "redshift",
    "s3",
    "scheduler",
    "secretsmanager",
    "securitylake",
    "serverlessrepo",
    "ses",
    "sns",
    "ssm",
    "storage-lens.s3",
    "transfer",
];

/// Services whose documentation tells to use the keys in the trust policies of the roles that they take on. For example
/// <https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/frauddetector/latest/ug/confused-deputy-prevention.html>,
/// <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role-automatic-scaling.html>,
/// <https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html> (`sts:ExternalId` instead). Those whose pages show
/// trust policies without the keys are not here: EC2, Lambda, CodePipeline
/// (<https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-service-role-cli.html>), CodeDeploy.
const IN_TRUST_POLICIES: &[&str] = &[
    "amplify",
    "appsync",
    "bedrock",
    "bedrock-agentcore",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "comprehend",
    "config",
    "datasync",
    "dlm",
    "dms",
    "ecs-tasks",
    "elasticmapreduce",
    "events",
    "firehose",
    "fis",
    "forecast",
    "frauddetector",
    "glue",
    "grafana",
    "greengrass",
    "iot",
    "iotsitewise",
    "kendra",
    "kinesisanalytics",
    "lex",
    "lexv2",
    "logs",
    "monitoring.rds",
    "osis",
    "personalize",
    "pipes",
    "qbusiness",
    "rds",
    "rekognition",
    "sagemaker",
    "scheduler",
    "ses",
    "ssm",
    "states",
    "textract",
    "transcribe",
    "transfer",
    "translate",
    "vpc-flow-logs",
];

/// The name of a service without `.amazonaws.com` and without a region.
fn short(principal: &str) -> String {
    let name = principal.trim_end_matches(".cn").trim_end_matches(".amazonaws.com");
    let region = |part: &str| {
        let mut words = part.split('-');
        let last_is_number = part.rsplit('-').next().is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()));
        words.next().is_some_and(|w| w.len() == 2) && words.next().is_some() && last_is_number
    };
    let parts: Vec<&str> = name.split('.').filter(|p| !region(p)).collect();
    parts.join(".")
}

fn sends_keys(principal: &str, allow: &Statement) -> bool {
    let trust = allow.actions.patterns().iter().any(|p| p.prefix().starts_with("sts:"));
    let list = if trust { IN_TRUST_POLICIES } else { IN_RESOURCE_POLICIES };
    list.contains(&short(principal).as_str())
}

/// One decision for each service principal that the policy lets in and that sends the keys.
pub fn confused_deputy(document: &Document, _zone: &Zone) -> Vec<(String, Decision)> {
    let target = Target::guess(document).unwrap_or_default();
    let mut found: Vec<(String, Decision)> = Vec::new();
    for allow in document.allows() {
        let Some(Principals::Only(list)) = &allow.principals else {
            continue;
        };
        for principal in list {
            let Principal::Service(name) = principal else {
                continue;
            };
            if !sends_keys(name, allow) {
                continue;
            }
            let decision = judge(document, allow, principal, &target);
            match found.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) if rank(&decision) > rank(known) => *known = decision,
                Some(_) => {}
                None => found.push((name.clone(), decision)),
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::No(_) => 0,
        Decision::CannotTell(_) => 1,
        Decision::Yes(_) => 2,
    }
}

fn judge(document: &Document, allow: &Statement, principal: &Principal, target: &Target) -> Decision {
    let caller = Caller::Named(principal);
    let mut limit = None;
    let mut unsure = None;
    for cell in cells(document, allow, target, None) {
        let mut settled = |branch: &Branch<'_>| match source(branch, principal) {
            Source::Fixed(text) => {
                limit = Some(text);
                true
            }
            _ => false,
        };
        let branches = match remains(document, allow, &cell, caller, &mut settled) {
            Ok(branches) => branches,
            Err(why) => return Decision::CannotTell(why),
        };
        for branch in &branches {
            match source(branch, principal) {
                Source::Open(notes) => {
                    let actions = allow.actions().join(", ");
                    let mut text = format!("{allow} lets {principal} call {actions} on behalf of any account");
                    for note in notes {
                        text.push_str("; ");
                        text.push_str(&note);
                    }
                    return Decision::Yes(text);
                }
                Source::Unsure(why) => unsure = Some(why),
                Source::Fixed(_) => {}
            }
        }
    }
    if let Some(why) = unsure {
        return Decision::CannotTell(format!("{allow} for {principal}: {why}"));
    }
    Decision::No(match limit {
        Some(limit) => format!("{allow} lets {principal} in only for {limit}"),
        None => format!("what {allow} allows {principal} is denied by another statement"),
    })
}

enum Source {
    Fixed(String),
    Open(Vec<String>),
    Unsure(String),
}

/// Conditions that some services are told to use instead: an encryption context that holds the resource's ARN, an
/// external id. Firehose sets the external id to the account that it works for.
fn context(literal: &Literal<'_>, principal: &Principal) -> Option<Source> {
    let condition = literal.condition;
    let asked = literal.relation() == Relation::Match && !literal.allows_missing();
    let is_context = condition.key.starts_with("kms:encryptioncontext:");
    if !asked || !(is_context || condition.key == "sts:externalid") {
        return None;
    }
    let account = |v: &Pattern| {
        let fields = v.fields(6);
        let account = fields.get(4).and_then(Pattern::fixed);
        account.is_some_and(|a| is_account(&a))
    };
    let is_firehose = matches!(principal, Principal::Service(name) if short(name) == "firehose");
    let is_number = |v: &Pattern| v.fixed().is_some_and(|id| is_account(&id));
    if is_firehose && !is_context && !condition.values.is_empty() && condition.values.iter().all(is_number) {
        return Some(Source::Fixed(literal.describe()));
    }
    if is_context && !condition.values.is_empty() && condition.values.iter().all(account) {
        return Some(Source::Fixed(literal.describe()));
    }
    Some(Source::Unsure(format!("it cannot be told whether {} says for whom the service calls", condition.name)))
}

/// Keys that say for whom a service calls.
const SOURCE_KEYS: [&str; 5] =
    ["aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"];

fn source(branch: &Branch<'_>, principal: &Principal) -> Source {
    let mut notes = Vec::new();
    let mut unsure = None;
    for fact in &branch.facts {
        let literal = &fact.literal;
        let key = literal.condition.key.as_str();
        if let Some(found) = context(literal, principal) {
            match found {
                Source::Unsure(why) => unsure = Some(why),
                fixed => return fixed,
            }
            continue;
        }
        if !SOURCE_KEYS.contains(&key) {
            match narrow(literal, branch.requires(key), Rule::Meaning) {
                Narrowing::Nobody => return Source::Fixed("nobody".into()),
                // Another key that pins an account, as `s3:DataAccessPointAccount` does.
                Narrowing::To(pins) if pins.iter().all(|p| matches!(p, Pin::Account(_) | Pin::Owner)) => {
                    return Source::Fixed(literal.describe());
                }
                Narrowing::Unknown(_) => {
                    unsure = Some(format!("whether {} says for whom the service calls", literal.condition.name));
                }
                _ => {}
            }
            continue;
        }
        match narrow(literal, branch.requires(key), Rule::Meaning) {
            Narrowing::Nobody | Narrowing::To(_) => return Source::Fixed(literal.describe()),
            // With IfExists it depends on whether the service sends this key with this call.
            Narrowing::Nothing(_)
                if literal.condition.operator.if_exists
                    && matches!(narrow(literal, true, Rule::Meaning), Narrowing::To(_) | Narrowing::Nobody) =>
            {
                unsure = Some(format!("{} counts only when the service sends it", literal.condition.name));
            }
            Narrowing::Nothing(note) => notes.extend(note),
            Narrowing::Unknown(why) => unsure = Some(format!("it cannot be told {why}")),
        }
    }
    match unsure {
        Some(why) => Source::Unsure(why),
        None => Source::Open(notes),
    }
}
