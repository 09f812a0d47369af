//! Errors in the words of each protocol.

use super::Asked;
use super::http::Response;
use posture_estate::aws::service::Wire;
use posture_estate::services::named;

#[derive(Clone, Copy, Debug)]
pub enum Error {
    Throttled,
    Internal,
    /// No tape has an answer.
    NotSimulated,
}

pub fn error(asked: &Asked, error: Error) -> Response {
    let service = asked.service.as_str();
    let wire = named(service).map_or(Wire::RestJson, |service| service.wire);
    let (status, code) = match (error, wire) {
        (Error::Throttled, Wire::Ec2) => (503, "RequestLimitExceeded"),
        (Error::Throttled, Wire::S3 | Wire::RestXml) => (503, "SlowDown"),
        (Error::Throttled, Wire::Query) => (400, "Throttling"),
        (Error::Throttled, Wire::AwsJson) => (400, "ThrottlingException"),
        (Error::Throttled, Wire::RestJson) => (429, "TooManyRequestsException"),
        (Error::Internal, Wire::Ec2 | Wire::S3 | Wire::RestXml) => (500, "InternalError"),
        (Error::Internal, _) => (500, "InternalFailure"),
        (Error::NotSimulated, _) => (501, "NotImplemented"),
    };
    let text = "simulated";
    let (headers, body) = match wire {
        Wire::Ec2 => {
            let error = format!("<Error><Code>{code}</Code><Message>{text}</Message></Error>");
            (Vec::new(), format!("<Response><Errors>{error}</Errors><RequestID>simulated</RequestID></Response>"))
        }
        Wire::S3 => (Vec::new(), format!("<Error><Code>{code}</Code><Message>{text}</Message></Error>")),
        Wire::Query | Wire::RestXml => {
            let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>");
            (Vec::new(), format!("<ErrorResponse>{error}<RequestId>simulated</RequestId></ErrorResponse>"))
        }
        Wire::AwsJson => (Vec::new(), format!(r#"{{"__type":"{code}","message":"{text}"}}"#)),
        Wire::RestJson => {
            let kind = ("x-amzn-errortype".to_owned(), code.to_owned());
            (vec![kind], format!(r#"{{"message":"{text}"}}"#))
        }
    };
    Response { status, headers, body }
}
