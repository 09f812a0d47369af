//! Is a success answer whole? Asked of every body before the SDK sees it.
//!
//! The SDK's XML readers end a list where the body ends, and its JSON readers take an empty body for `{}`: an answer cut
//! off on the way would read as "there is nothing", which is how scanners pass what they never saw. So an empty body, one
//! that is neither complete XML nor complete JSON, and an S3 answer under another root element are errors here.

use super::fault::{Fault, causes};
use super::service::Service;
use quick_xml::events::Event;
use std::collections::HashMap;

/// The connection ended before the body did.
pub(super) fn cut_off(error: &(dyn std::error::Error + 'static)) -> Fault {
    let why = causes(error).last().map(ToString::to_string).unwrap_or_default();
    Fault::malformed(format!("the body was cut off: {why}"))
}

/// The body is no text, though every answer of AWS is.
pub(super) fn no_text(error: &std::string::FromUtf8Error) -> Fault {
    Fault::malformed(format!("a body that is no UTF-8: {error}"))
}

/// What stands in for the answer of AWS behind a proxy that wants a login, or blocks.
const WEB_PAGE: &str = "a web page instead of an answer; is there a proxy in between?";

/// Holds the body of a success answer to `service:operation` against the above. HEAD answers have no body.
///
/// # Errors
/// A malformed [`Fault`] with what is wrong, in words for the report.
pub fn check(service: &Service, operation: &str, body: &[u8]) -> Result<(), Fault> {
    if operation.starts_with("Head") {
        return Ok(());
    }
    let start = body.iter().find(|byte| !byte.is_ascii_whitespace());
    match start {
        None => Err(Fault::malformed("an empty body")),
        Some(b'{' | b'[') => {
            let broken = |error| Fault::malformed(format!("JSON that does not parse: {error}"));
            serde_json::from_slice::<serde::de::IgnoredAny>(body).map_err(broken)?;
            let mut always = service.always.iter().filter(|(name, _)| *name == operation).peekable();
            if always.peek().is_none() {
                return Ok(());
            }
            let members: HashMap<String, serde::de::IgnoredAny> = serde_json::from_slice(body).map_err(broken)?;
            match always.find(|(_, member)| !members.contains_key(*member)) {
                Some((_, member)) => Err(Fault::malformed(format!("the answer has no {member}"))),
                None => Ok(()),
            }
        }
        Some(b'<') => {
            let text = std::str::from_utf8(body).map_err(|error| Fault::malformed(error.to_string()))?;
            let head = text.trim_start().get(..14).unwrap_or(text).to_ascii_lowercase();
            if head.starts_with("<html") || head.starts_with("<!doctype html") {
                return Err(Fault::malformed(WEB_PAGE));
            }
            if service.wire.is_json() {
                return Err(Fault::malformed("XML where JSON was expected"));
            }
            let root = xml_root(text).map_err(|error| Fault::malformed(format!("XML that does not parse: {error}")))?;
            let expected = service.roots.iter().find(|(name, _)| *name == operation);
            match expected {
                // Emulators name the root after the operation.
                Some((name, expected))
                    if *expected != root && !root.starts_with(name) && !root.starts_with("ListAllMyBuckets") =>
                {
                    Err(Fault::malformed(format!("<{root}> where <{expected}> was expected")))
                }
                _ => Ok(()),
            }
        }
        Some(_) => Err(Fault::malformed("a body that is neither XML nor JSON")),
    }
}

/// The body with the root element that AWS gives it. Emulators name the root after the operation (`GetBucketVersioningResponse`),
/// which some of the SDK's readers take for another document; AWS never does, so nothing of its answers is touched.
pub fn with_root(service: &Service, operation: &str, body: String) -> String {
    let Some((_, expected)) = service.roots.iter().find(|(name, _)| *name == operation) else { return body };
    let emulated = format!("{operation}Response");
    let is_root = |text: &str| xml_root(text).is_ok_and(|root| root == emulated);
    if *expected == emulated || !body.contains(&emulated) || !is_root(&body) {
        return body;
    }
    let renamed = body.replacen(&format!("<{emulated}"), &format!("<{expected}"), 1);
    match renamed.rsplit_once(&format!("</{emulated}>")) {
        Some((content, after)) => format!("{content}</{expected}>{after}"),
        None => renamed,
    }
}

/// Reads the document to its end and gives the local name of its one root element.
fn xml_root(body: &str) -> Result<String, String> {
    let mut reader = quick_xml::Reader::from_str(body);
    let (mut root, mut depth) = (None, 0_usize);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(element) => {
                enter(&mut root, depth, element.local_name().as_ref())?;
                depth += 1;
            }
            Event::Empty(element) => enter(&mut root, depth, element.local_name().as_ref())?,
            Event::End(_) => depth = depth.checked_sub(1).ok_or("an end tag too many")?,
            Event::Text(text) if depth == 0 && !text.trim().is_empty() => {
                return Err("text outside of the root element".into());
            }
            Event::Eof if depth > 0 => return Err("it ends inside an element".into()),
            Event::Eof => return root.ok_or_else(|| "no root element".into()),
            _ => {}
        }
    }
}

fn enter(root: &mut Option<String>, depth: usize, name: &str) -> Result<(), String> {
    if depth == 0 && root.replace(name.to_owned()).is_some() {
        return Err("two root elements".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::named;

    fn checked(service: &str, operation: &str, body: &[u8]) -> Result<(), Fault> {
        check(named(service).unwrap(), operation, body)
    }

    #[test]
    fn an_emulators_root_is_read_as_aws_s() {
        let fixed = |service, operation, body: &str| with_root(named(service).unwrap(), operation, body.to_owned());
        assert_eq!(
            fixed("s3", "GetBucketVersioning", "<?xml?><GetBucketVersioningResponse xmlns=\"x\"/>"),
            "<?xml?><VersioningConfiguration xmlns=\"x\"/>"
        );
        assert_eq!(
            fixed(
                "s3",
                "GetBucketVersioning",
                "<GetBucketVersioningResponse><Status>Enabled</Status></GetBucketVersioningResponse>\n"
            ),
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>\n"
        );
        assert_eq!(fixed("s3control", "ListAccessPoints", "<ListAccessPointsResponse/>"), "<ListAccessPointsResult/>");
        for same in [
            "<VersioningConfiguration/>",
            "<html>GetBucketVersioningResponse</html>",
            "<GetBucketVersioningResponse>",
            "",
        ] {
            assert_eq!(fixed("s3", "GetBucketVersioning", same), same);
        }
        let other = "<DescribeVolumesResponse/>";
        assert_eq!(fixed("ec2", "DescribeVolumes", other), other);
    }

    #[test]
    fn whole_documents_pass() {
        for (service, operation, body) in [
            (
                "ec2",
                "DescribeVolumes",
                "<?xml version=\"1.0\"?>\n<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>\n",
            ),
            ("kms", "ListKeys", r#"{"Keys":[],"Truncated":false}"#),
            (
                "s3",
                "GetBucketVersioning",
                r#"<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>"#,
            ),
            (
                "s3",
                "GetBucketVersioning",
                "<GetBucketVersioningResponse><Status>Enabled</Status></GetBucketVersioningResponse>",
            ),
            ("s3", "GetBucketPolicy", r#"{"Statement":[]}"#),
            ("access-analyzer", "ListAnalyzers", r#"{"analyzers":[]}"#),
            ("s3", "HeadBucket", ""),
        ] {
            assert!(checked(service, operation, body.as_bytes()).is_ok(), "{operation}");
        }
    }

    #[test]
    fn cut_garbled_and_foreign_bodies_do_not() {
        for (service, operation, body) in [
            ("kms", "ListKeys", ""),
            ("kms", "ListKeys", r#"{"Keys":[{"KeyId":"#),
            ("kms", "ListKeys", r#"{"Keys":[]}}"#),
            ("ec2", "DescribeVolumes", "<DescribeVolumesResponse><volumeSet><item>"),
            ("ec2", "DescribeVolumes", "<DescribeVolumesResponse><volumeSet></DescribeVolumesResponse>"),
            ("ec2", "DescribeVolumes", "<a/><b/>"),
            ("ec2", "DescribeVolumes", "\u{1}\u{2}garbage"),
            ("s3", "GetBucketVersioning", "<html><body/></html>"),
            ("kms", "ListKeys", "<ListKeysResponse/>"),
            ("kms", "GetKeyRotationStatus", "{}"),
        ] {
            assert!(checked(service, operation, body.as_bytes()).is_err(), "{operation}: {body}");
        }
    }

    #[test]
    fn a_web_page_is_called_one() {
        for (service, body) in
            [("kms", "\n<html><p>log in"), ("ec2", "<!DOCTYPE html><html></html>"), ("s3", "<HTML/>")]
        {
            let broken = checked(service, "ListKeys", body.as_bytes()).unwrap_err().message;
            assert!(broken.contains("a web page"), "{broken}");
        }
    }
}
