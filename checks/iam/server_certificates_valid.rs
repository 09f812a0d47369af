//! Certificates uploaded to IAM renew themselves never: an expired one breaks clients or teaches them to click
//! warnings away.

use aws_sdk_iam::types::ServerCertificateMetadata;

use crate::prelude::*;

pub async fn probe(at: &Account) -> Outcome {
    let certificates = at.iam().server_certificates().await?;
    Ok(certificates
        .iter()
        .map(|certificate| {
            let name = certificate.server_certificate_name();
            judge(certificate, at.now()).on(Resource::new(
                certificate.arn(),
                "AWS::IAM::ServerCertificate",
                certificate.server_certificate_id(),
            )
            .name(name))
        })
        .collect())
}

fn judge(certificate: &ServerCertificateMetadata, now: &DateTime) -> Verdict {
    let name = certificate.server_certificate_name();
    let Some(expiry) = certificate.expiration() else {
        return Verdict::undecided(format!("server certificate {name} comes without an expiry date"));
    };
    let left = days(now, expiry);
    match expiry.secs() <= now.secs() {
        true => Verdict::fail("expired", format!("server certificate {name} expired {} days ago", days(expiry, now))),
        false => Verdict::pass(format!("server certificate {name} is valid for {left} more days")),
    }
    .evidence(json!({ "expiration": expiry.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn certificate(expires: Option<i64>) -> ServerCertificateMetadata {
        ServerCertificateMetadata::builder()
            .path("/")
            .server_certificate_name("www")
            .server_certificate_id("ASCAEXAMPLE")
            .arn("arn:aws:iam::111122223333:server-certificate/www")
            .set_expiration(expires.map(DateTime::from_secs))
            .build()
            .unwrap()
    }

    #[test]
    fn the_moment_of_expiry_is_too_late() {
        let status = |expires| judge(&certificate(expires), &DateTime::from_secs(NOW)).status;
        assert_eq!(status(Some(NOW + 1)), Status::Pass);
        assert_eq!(status(Some(NOW)), Status::Fail);
        assert_eq!(status(Some(NOW - 86_400)), Status::Fail);
        assert_eq!(status(None), Status::Unknown);
    }
}
