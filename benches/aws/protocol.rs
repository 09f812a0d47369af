//! Errors in the words of each protocol.

use super::Asked;
use super::http::Response;

#[derive(Clone, Copy, Debug)]
pub enum Error {
    Throttled,
    Internal,
    /// No tape has an answer.
    NotSimulated,
}

pub fn error(asked: &Asked, error: Error) -> Response {
    let service = asked.service.as_str();
    let json = !asked.operation.is_empty() && !["ec2", "iam", "sts"].contains(&service);
    let (status, code) = match (error, service) {
        (Error::Throttled, "ec2") => (503, "RequestLimitExceeded"),
        (Error::Throttled, "s3" | "s3control") => (503, "SlowDown"),
        (Error::Throttled, "iam" | "sts") => (400, "Throttling"),
        (Error::Throttled, _) if json => (400, "ThrottlingException"),
        (Error::Throttled, _) => (429, "TooManyRequestsException"),
        (Error::Internal, "ec2" | "s3" | "s3control") => (500, "InternalError"),
        (Error::Internal, _) => (500, "InternalFailure"),
        (Error::NotSimulated, _) => (501, "NotImplemented"),
    };
    let text = "simulated";
    let (headers, body) = match service {
        "ec2" => {
            let error = format!("<Error><Code>{code}</Code><Message>{text}</Message></Error>");
            (Vec::new(), format!("<Response><Errors>{error}</Errors><RequestID>simulated</RequestID></Response>"))
        }
        "s3" => (Vec::new(), format!("<Error><Code>{code}</Code><Message>{text}</Message></Error>")),
        "iam" | "sts" | "s3control" => {
            let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>");
            (Vec::new(), format!("<ErrorResponse>{error}<RequestId>simulated</RequestId></ErrorResponse>"))
        }
        _ if json => (Vec::new(), format!(r#"{{"__type":"{code}","message":"{text}"}}"#)),
        _ => {
            let kind = ("x-amzn-errortype".to_owned(), code.to_owned());
            (vec![kind], format!(r#"{{"message":"{text}"}}"#))
        }
    };
    Response { status, headers, body }
}
