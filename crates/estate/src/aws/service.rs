//! What the engine has to know of one service: a row, which stands at the head of its file in `services/`.
//!
//! Whatever depends on the service and not on the question is here: how answers look, what IAM calls the operations, how often it may be
//! asked, what must not be kept. Everything that needs it derives it from the row; nothing else lists services.

use super::reading::Reading;
use super::redaction::Redaction;

/// A service.
#[derive(Debug)]
pub struct Service {
    /// As calls name it before the colon, `s3control`: on cards, on tapes, in gaps.
    pub name: &'static str,
    /// As people call it.
    pub title: &'static str,
    pub wire: Wire,
    /// IAM's prefix, where it is not the name.
    pub iam_prefix: &'static str,
    /// Operation and the IAM action that allows it, where that is another word.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
    pub iam: &'static [(&'static str, &'static str)],
    /// Operations that every principal may ask, whatever its policies say.
    pub free: &'static [&'static str],
    /// Operations that are asked of resources of others, who may refuse: whatever stays open by that is open in its finding.
    pub may_refuse: &'static [&'static str],
    /// How often AWS lets an account ask in a region.
    pub quota: Quota,
    /// Operations that have a quota of their own.
    pub quotas: &'static [(&'static [&'static str], Quota)],
    /// Members (in JSON) that AWS always sends and whose absence the SDK takes for false or for an empty list.
    pub always: &'static [(&'static str, &'static str)],
    /// Root elements (in XML) at which the SDK does not look.
    pub roots: &'static [(&'static str, &'static str)],
    /// Members whose texts may be secrets, and are never recorded: by name, or as `parent.member`. Of what is taken out the tape keeps
    /// which kinds of credentials it held, so that a scan of it judges the same.
    pub secrets: &'static [&'static str],
    /// The same, of texts in base64.
    pub encoded: &'static [&'static str],
    /// Members whose texts are needed and in which people leave secrets: only these are taken out.
    pub texts: &'static [&'static str],
    /// CloudFormation types of its resources, and what the Security Hub format calls them.
    /// <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html>
    pub asff: &'static [(&'static str, &'static str)],
    /// What the answers of the model client are read as, by operation. The tests hold each against the wire: what it needs, under another
    /// name or of another type, is malformed.
    pub reads: &'static [(&'static str, Reading)],
    /// Whether AWS does not offer it in a region, as far as botocore knows; those with a crate are everywhere.
    pub lacks: fn(region: &str) -> bool,
}

/// How questions and answers are written. <https://smithy.io/2.0/aws/protocols/index.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    AwsJson,
    RestJson,
    Query,
    Ec2,
    RestXml,
    /// REST and XML with errors that have no `ErrorResponse` around them.
    S3,
}

impl Wire {
    /// Whether a body is JSON; else it is XML.
    pub fn is_json(self) -> bool {
        matches!(self, Wire::AwsJson | Wire::RestJson)
    }
}

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

impl Quota {
    /// AWS counts the service as a whole.
    pub const fn of_service(rate: f64, burst: f64) -> Quota {
        Quota { rate, burst, per_operation: false }
    }

    /// AWS counts each operation for itself.
    pub const fn of_operation(rate: f64, burst: f64) -> Quota {
        Quota { rate, burst, per_operation: true }
    }
}

impl Service {
    /// A service with nothing special. Of most services AWS publishes no rates, and few answers of each are needed: the quota is a
    /// guess, low on purpose.
    pub const fn new(name: &'static str, title: &'static str, wire: Wire) -> Service {
        Service {
            name,
            title,
            wire,
            iam_prefix: name,
            iam: &[],
            free: &[],
            may_refuse: &[],
            quota: Quota::of_service(10.0, 20.0),
            quotas: &[],
            always: &[],
            roots: &[],
            secrets: &[],
            encoded: &[],
            texts: &[],
            asff: &[],
            reads: &[],
            lacks: |_| false,
        }
    }

    /// `s3:GetBucketPolicy`.
    pub fn call(&self, operation: &str) -> String {
        format!("{}:{operation}", self.name)
    }

    /// The IAM action that allows an operation.
    pub fn action(&self, operation: &str) -> String {
        let other = self.iam.iter().find(|(name, _)| *name == operation).map(|(_, action)| *action);
        format!("{}:{}", self.iam_prefix, other.unwrap_or(operation))
    }

    pub fn quota(&self, operation: &str) -> Quota {
        let own = self.quotas.iter().find(|(operations, _)| operations.contains(&operation));
        own.map_or(self.quota, |(_, quota)| *quota)
    }

    /// A body in which what may be secret is replaced.
    pub fn redact(&self, body: String) -> String {
        let kept = Redaction { secrets: self.secrets, encoded: self.encoded, texts: self.texts };
        if self.wire.is_json() { kept.json(body) } else { kept.xml(body) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static STORE: Service = Service {
        iam_prefix: "st",
        iam: &[("ListThings", "ListAllMyThings")],
        quotas: &[(&["GetThing"], Quota::of_operation(1.0, 2.0))],
        ..Service::new("store", "Store", Wire::Query)
    };

    #[test]
    fn a_row_answers_for_its_operations() {
        assert_eq!(STORE.action("ListThings"), "st:ListAllMyThings");
        assert_eq!(STORE.action("GetThing"), "st:GetThing");
        assert_eq!(STORE.call("GetThing"), "store:GetThing");
        assert!(STORE.quota("GetThing").per_operation && !STORE.quota("ListThings").per_operation);
    }
}
