//! Answers from a tape, for any account and region.

use super::access_key;
use super::http::{Request, Response};
use aws_posture::scan::Recorded;
use posture_estate::aws::service::Wire;
use posture_estate::aws::tape::{EXPECTED_OWNER, Reply, Tape, TapeError, params};
use posture_estate::services::named;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;

/// What a request asks, and where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    pub account: String,
    pub region: String,
    /// As in the names of calls: `s3control`.
    pub service: String,
    /// Empty for the REST protocols, where method and path say it.
    pub operation: String,
    pub params: String,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Asked {
        let credential = request.header("authorization").and_then(|value| value.split_once("Credential="));
        let scope = credential.map_or("", |(_, rest)| rest.split([',', ' ']).next().unwrap_or_default());
        let mut parts = scope.split('/');
        let key = parts.next().unwrap_or_default();
        let (region, signed) = (parts.nth(1).unwrap_or_default(), parts.next().unwrap_or_default());
        // What is signed under another name than the service's own.
        let service = match signed {
            _ if request.target.starts_with("/v20180820/") => "s3control",
            "sso" => "sso-admin",
            "elasticfilesystem" => "efs",
            "monitoring" => "cloudwatch",
            "tagging" => "resourcegroupstaggingapi",
            signed => signed,
        };
        let operation = match request.header("x-amz-target") {
            Some(target) => target.rsplit('.').next().unwrap_or_default(),
            None => request.body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default(),
        };
        Asked {
            account: key.strip_prefix(&access_key("")).unwrap_or(key).to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            operation: operation.to_owned(),
            params: params(&request.target, &request.body, request.header(EXPECTED_OWNER)),
        }
    }

    /// The operation; by its path for Account Management, the one REST service whose operations have quotas of their own.
    pub fn operation(&self) -> String {
        if self.service != "account" {
            return self.operation.clone();
        }
        let name = self.params.split(['{', '?']).next().unwrap_or_default();
        let (first, rest) = name.split_at(name.len().min(1));
        first.to_ascii_uppercase() + rest
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {} in {}", self.service, self.operation(), self.params, self.region)
    }
}

/// Region, service, operation (empty for REST), params.
type Key = (String, String, String, String);

/// One recorded account, as which every account of the simulation answers.
#[derive(Debug)]
pub struct Answers {
    account: String,
    /// The region as which those answer that were not recorded.
    other: String,
    replies: HashMap<Key, Reply>,
}

impl Answers {
    /// # Errors
    /// When there is no whole tape.
    pub fn load(dir: &Path) -> Result<Answers, TapeError> {
        let tape = Tape::load(dir)?;
        let recorded = Recorded::of(&tape)?;
        let account = recorded.accounts.first().map(|account| account.id.clone()).unwrap_or_default();
        let mut replies = HashMap::new();
        let mut by_region: HashMap<&str, usize> = HashMap::new();
        for question in tape.questions() {
            let rest = named(&question.service)
                .is_some_and(|service| matches!(service.wire, Wire::S3 | Wire::RestXml | Wire::RestJson));
            let operation = if rest { String::new() } else { question.operation.clone() };
            let key = (question.region.clone(), question.service.clone(), operation, question.params.clone());
            if let Some(reply) = tape.answer(question) {
                replies.insert(key, reply.clone());
            }
            *by_region.entry(&question.region).or_default() += 1;
        }
        let home = recorded.accounts.first().map(|account| account.home_region.as_str());
        let others = by_region.iter().filter(|(region, _)| Some(**region) != home);
        let other = others.max_by_key(|(_, answers)| **answers).map(|(region, _)| (*region).to_owned());
        Ok(Answers { account, other: other.unwrap_or_default(), replies })
    }

    /// The account of the tape.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// What the simulated AWS answers when nothing goes wrong.
    pub fn answer(&self, asked: &Asked) -> Option<Response> {
        if asked.operation == "AssumeRole" {
            return assumed(&asked.params);
        }
        let as_recorded = asked.params.replace(&asked.account, &self.account);
        let find = |region: &str, params: String| {
            self.replies.get(&(region.to_owned(), asked.service.clone(), asked.operation.clone(), params))
        };
        let (reply, region) = match find(&asked.region, as_recorded.clone()) {
            Some(reply) => (reply, asked.region.as_str()),
            None => (find(&self.other, as_recorded.replace(&asked.region, &self.other))?, self.other.as_str()),
        };
        let Reply::Http { status, headers, body } = reply else { return None };
        let here = |text: &str| text.replace(&self.account, &asked.account).replace(region, &asked.region);
        let headers = headers.iter().map(|(name, value)| (name.clone(), here(value))).collect();
        Some(Response { status: *status, headers, body: here(body) })
    }
}

/// `sts:AssumeRole`: credentials that carry the account of the role.
fn assumed(params: &str) -> Option<Response> {
    let role = params.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("RoleArn="))?;
    let role = role.replace("%3A", ":").replace("%2F", "/");
    let (account, name) = (role.split(':').nth(4)?, role.rsplit('/').next()?);
    let key = access_key(account);
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>\
         <Arn>arn:aws:sts::{account}:assumed-role/{name}/posture</Arn><AssumedRoleId>AROASIM:posture</AssumedRoleId>\
         </AssumedRoleUser><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>simulated</SecretAccessKey>\
         <SessionToken>simulated</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    );
    Some(Response { status: 200, headers: Vec::new(), body })
}
