//! The environment as the SDK reads it, looked at before it does: some values it takes for others in silence, and over some it panics.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html>

use std::ffi::OsString;

/// What a value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Part of a signature: letters, digits and signs.
    Key,
    Region,
    /// Of an endpoint.
    Url,
    /// Part of a header.
    Header,
    /// Anything that is text: what is not, the SDK takes for unset.
    Text,
}

/// What every variable of ours has to be. `AWS_ENDPOINT_URL_` and a service is an endpoint, too.
const VARIABLES: &[(&str, Form)] = &[
    ("AWS_ACCESS_KEY_ID", Form::Key),
    ("AWS_SECRET_ACCESS_KEY", Form::Key),
    ("AWS_SESSION_TOKEN", Form::Key),
    ("AWS_SECURITY_TOKEN", Form::Key),
    ("AWS_REGION", Form::Region),
    ("AWS_DEFAULT_REGION", Form::Region),
    ("AWS_ENDPOINT_URL", Form::Url),
    ("AWS_EXECUTION_ENV", Form::Header),
    ("AWS_PROFILE", Form::Text),
    ("AWS_ROLE_ARN", Form::Text),
    ("AWS_ROLE_SESSION_NAME", Form::Text),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", Form::Text),
    ("AWS_CONFIG_FILE", Form::Text),
    ("AWS_SHARED_CREDENTIALS_FILE", Form::Text),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Form::Text),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", Form::Text),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", Form::Text),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Form::Text),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", Form::Text),
    ("AWS_EC2_METADATA_DISABLED", Form::Text),
    ("AWS_USE_FIPS_ENDPOINT", Form::Text),
    ("AWS_USE_DUALSTACK_ENDPOINT", Form::Text),
    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", Form::Text),
    ("AWS_CA_BUNDLE", Form::Text),
    ("HTTPS_PROXY", Form::Text),
    ("https_proxy", Form::Text),
    ("HTTP_PROXY", Form::Text),
    ("http_proxy", Form::Text),
    ("NO_PROXY", Form::Text),
    ("no_proxy", Form::Text),
];

const ENDPOINT_OF: &str = "AWS_ENDPOINT_URL_";

/// Holds the environment against what its variables have to be.
///
/// # Errors
/// A sentence that names the variable and the remedy; a value that is secret is not told.
pub(super) fn check(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<(), String> {
    let mut ours: Vec<(String, Form, OsString)> = Vec::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else { continue };
        let known = VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, form)| *form);
        if let Some(form) = known.or_else(|| name.starts_with(ENDPOINT_OF).then_some(Form::Url)) {
            ours.push((name, form, value));
        }
    }
    let is = |name: &str| ours.iter().find(|(own, ..)| own == name).map(|(.., value)| value);
    let ignores = is("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let other_region = is("AWS_REGION").is_some();
    // The order of the environment is nobody's.
    ours.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, form, value) in &ours {
        let Some(value) = value.to_str() else {
            return Err(format!("{name} is not text in UTF-8; set it again, or unset it"));
        };
        let unread = match form {
            Form::Url => ignores,
            Form::Region => name == "AWS_DEFAULT_REGION" && other_region,
            // What is blank counts as unset.
            Form::Key => value.trim().is_empty(),
            Form::Header | Form::Text => false,
        };
        if !unread {
            form.judge(value).map_err(|wrong| format!("{name} {wrong}, or unset it"))?;
        }
    }
    Ok(())
}

impl Form {
    /// What is wrong with a value and what to do, to be read after the name of what holds it.
    pub(super) fn judge(self, value: &str) -> Result<(), String> {
        match self {
            Form::Key => match flaw(value) {
                None => Ok(()),
                Some(flaw) => {
                    Err(format!("has {flaw} in it, which no credentials have; set it again without, as AWS gave it"))
                }
            },
            Form::Region if value.is_empty() => Err("is empty; give a region such as us-east-1".to_owned()),
            Form::Region if !is_host_label(value) => {
                Err(format!("is {value:?}, which is no region; give one such as us-east-1"))
            }
            Form::Url if value.is_empty() => {
                Err("is empty; give the URL of an endpoint such as https://vpce-1.sts.us-east-1.vpce.amazonaws.com"
                    .to_owned())
            }
            Form::Url if !is_url(value) => {
                Err("is no URL of an endpoint; give one such as https://vpce-1.sts.us-east-1.vpce.amazonaws.com"
                    .to_owned())
            }
            Form::Header if value.chars().any(char::is_control) => {
                Err("has a line break or a control character in it; set it again without".to_owned())
            }
            Form::Region | Form::Url | Form::Header | Form::Text => Ok(()),
        }
    }
}

/// What credentials never hold: they are letters, digits and signs of ASCII.
fn flaw(value: &str) -> Option<&'static str> {
    let has = |is: fn(char) -> bool| value.contains(is);
    if has(|c| matches!(c, '\n' | '\r')) {
        Some("a line break")
    } else if has(char::is_control) {
        Some("a control character")
    } else if has(char::is_whitespace) {
        Some("a blank")
    } else if has(|c| !c.is_ascii()) {
        Some("a character outside ASCII")
    } else {
        None
    }
}

/// What the SDK puts into the name of a host.
fn is_host_label(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (1..=63).contains(&name.len()) && name.chars().all(inner) && !name.starts_with('-')
}

fn is_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (place, None),
    };
    let bracketed =
        host.starts_with('[') == host.ends_with(']') && (host.starts_with('[') || !host.contains([':', '[']));
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && !host.is_empty()
        && bracketed
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
        && url.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(set: &[(&str, &str)]) -> Result<(), String> {
        check(set.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))))
    }

    #[test]
    fn credentials_that_would_break_a_header_are_named_and_never_told() {
        // semantics 125
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            for value in [
                "AKIASECRET\n",
                "\nAKIASECRET",
                "AKIA SECRET",
                "AKIASECRET\u{1}",
                "AKIASECRET\u{7f}",
                "AKIASECRETé",
                "AKIASECRET\r",
            ] {
                let told = told(&[(name, value)]).unwrap_err();
                assert!(told.starts_with(&format!("{name} has a ")) && told.contains("; set it again"), "{told}");
                assert!(!told.contains("SECRET\"") && !told.contains("AKIA"), "{told}");
            }
            for value in ["", "  ", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCY=="] {
                assert_eq!(told(&[(name, value)]), Ok(()), "{value:?}");
            }
        }
    }

    #[test]
    fn a_region_is_the_label_of_a_host() {
        for value in ["", " us-east-1", "us-east-1\n", "us east 1", "é", "us-east-1.", "-1", "us_east_1"] {
            let told = told(&[("AWS_REGION", value)]).unwrap_err();
            assert!(
                told.starts_with("AWS_REGION is ") && told.contains("give a region") | told.contains("give one"),
                "{told}"
            );
            assert!(!told.contains('\n'), "{told}");
        }
        for value in ["us-east-1", "eu-wst-1", "local", "EU-WEST-1"] {
            assert_eq!(told(&[("AWS_REGION", value)]), Ok(()), "only AWS knows which there are");
        }
        assert!(told(&[("AWS_DEFAULT_REGION", "")]).is_err());
        assert_eq!(told(&[("AWS_DEFAULT_REGION", ""), ("AWS_REGION", "us-east-1")]), Ok(()), "it is not read");
    }

    #[test]
    fn an_endpoint_is_a_url() {
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_S3_CONTROL"] {
            for value in [
                "",
                "x",
                "sts.us-east-1.amazonaws.com",
                "http://",
                "://",
                "http://[",
                "http://a:99999",
                "http://a b",
                "ftp://a",
                "http://a\n",
                "http://é",
                "http://:80",
            ] {
                let told = told(&[(name, value)]).unwrap_err();
                assert!(told.starts_with(&format!("{name} is ")) && told.ends_with("or unset it"), "{told}");
            }
            for value in ["http://127.0.0.1:4566", "https://[::1]:443/path?x", "HTTPS://a.b", "http://localhost/"] {
                assert_eq!(told(&[(name, value)]), Ok(()), "{value:?}");
            }
            assert_eq!(told(&[(name, ""), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE")]), Ok(()), "it is not read");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_text_is_not_taken_for_unset() {
        use std::os::unix::ffi::OsStringExt as _;
        let value = || OsString::from_vec(vec![0xff, 0xfe]);
        for (name, _) in VARIABLES {
            let told = check([(OsString::from(name), value())]).unwrap_err();
            assert!(told.starts_with(&format!("{name} is not text in UTF-8; ")), "{told}");
        }
        assert_eq!(check([(OsString::from("OTHER"), value()), (value(), value())]), Ok(()));
    }

    #[test]
    fn what_goes_into_a_header_has_no_control_characters() {
        assert!(told(&[("AWS_EXECUTION_ENV", "a\nb")]).is_err());
        assert_eq!(told(&[("AWS_EXECUTION_ENV", "CloudShell é")]), Ok(()));
    }
}
