//! Proxies and certificates: whatever way posture speaks to AWS, it goes by what the environment says.

mod server;

use crate::support::{Run, posture, repo};
pub use server::{Server, Speaks};
use std::path::Path;
use std::process::Command;

const ARGS: [&str; 6] = ["scan", "--no-config", "--region", "us-east-1", "--check", "kms_key_rotation_enabled"];
/// `user:p@ss` as `Proxy-Authorization` has it.
const BASIC: &str = "Basic dXNlcjpwQHNz";

/// A scan with these variables.
fn scan(set: &[(&str, &str)], args: &[&str]) -> Run {
    Run::of(command(set).args(ARGS).args(args))
}

fn command(set: &[(&str, &str)]) -> Command {
    let mut command = posture();
    command
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1")
        .envs(set.iter().copied());
    command
}

fn url(server: &Server) -> String {
    format!("http://127.0.0.1:{}", server.port)
}

fn ca() -> String {
    repo("tests/it/network/ca.pem").to_str().unwrap().to_owned()
}

/// Somebody was asked who we are.
fn got_in(run: &Run) -> bool {
    run.code != 2 && run.stderr.contains("account 111122223333 as arn:aws:")
}

#[test]
fn https_goes_through_a_tunnel_of_the_proxy() {
    // semantics 126
    for variable in ["HTTPS_PROXY", "https_proxy"] {
        let proxy = Server::start(Speaks::Http);
        let at = format!("http://user:p%40ss@127.0.0.1:{}", proxy.port);
        let run = scan(&[(variable, &at), ("HTTP_PROXY", "http://127.0.0.1:1"), ("AWS_CA_BUNDLE", &ca())], &[]);
        assert!(got_in(&run), "{}", run.stderr);
        for host in ["sts", "kms"] {
            let line = format!("CONNECT {host}.us-east-1.amazonaws.com:443 ");
            let head = proxy.seen().into_iter().find(|head| head.starts_with(&line));
            let head = head.unwrap_or_else(|| panic!("{line}: {:?}", proxy.seen()));
            assert!(head.contains(BASIC), "{head}");
        }
        let inside = proxy.seen().into_iter().filter(|head| !head.starts_with("CONNECT "));
        assert!(inside.clone().count() > 0 && inside.clone().all(|head| !head.contains(BASIC)), "AWS saw the password");
    }
}

/// All that speaks: the scan, roles, a report to S3, Security Hub. Nobody listens at the endpoint itself.
#[test]
fn http_goes_by_the_proxy_from_every_part_of_the_program() {
    // semantics 126
    let proxy = Server::start(Speaks::Http);
    let at = format!("user:p%40ss@127.0.0.1:{}", proxy.port);
    let set = [("HTTP_PROXY", at.as_str()), ("AWS_ENDPOINT_URL", "http://127.0.0.1:9")];
    let dir = tempfile::tempdir().unwrap();
    let report = dir.path().join("report.json");
    let json = format!("json={}", report.display());
    let run = scan(&set, &["--output", "json=s3://audit/x/", "--output", &json]);
    assert!(got_in(&run), "{}", run.stderr);
    assert!(
        proxy.saw("POST http://127.0.0.1:9/ ") && proxy.saw("PUT http://127.0.0.1:9/audit/x/"),
        "{:?}",
        proxy.seen()
    );
    assert!(proxy.seen().iter().all(|head| head.contains(BASIC)), "{:?}", proxy.seen());

    let member = scan(&set, &["--account", "111122223333", "--role-name", "audit"]);
    assert!(member.code != 2 && member.stderr.contains("1 account as arn:aws:"), "{}", member.stderr);

    let count = proxy.seen().len();
    let push = Run::of(command(&set).args(["push", "security-hub"]).arg(&report));
    let pushed = proxy.seen().split_off(count);
    assert!(pushed.iter().any(|head| head.contains("/securityhub/")), "{}: {pushed:?}", push.stderr);
}

#[test]
fn roles_and_sso_of_a_profile_go_by_the_proxy() {
    let home = tempfile::tempdir().unwrap();
    let config = write(
        home.path(),
        "config",
        "[profile role]\nrole_arn = arn:aws:iam::111122223333:role/audit\nsource_profile = keys\nregion = us-east-1\n\
         [profile keys]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n\
         [profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n\
         sso_account_id = 111122223333\nsso_role_name = audit\nregion = us-east-1\n",
    );
    let cache = home.path().join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).unwrap();
    // The name is the SHA-1 of the start URL.
    write(
        &cache,
        "e8be5486177c5b5392bd9aa76563515b29358e6e.json",
        r#"{"accessToken":"t","expiresAt":"2100-01-01T00:00:00Z","region":"us-east-1","startUrl":"https://example.awsapps.com/start"}"#,
    );
    for (profile, host) in [("role", "sts.us-east-1.amazonaws.com"), ("sso", "portal.sso.us-east-1.amazonaws.com")] {
        let proxy = Server::start(Speaks::Http);
        let run = Run::of(
            posture()
                .args(ARGS)
                .args(["--profile", profile])
                .env("HOME", home.path())
                .env("AWS_CONFIG_FILE", &config)
                .env("HTTPS_PROXY", url(&proxy))
                .env("AWS_CA_BUNDLE", ca()),
        );
        assert!(got_in(&run), "{profile}: {}", run.stderr);
        assert!(proxy.saw(&format!("CONNECT {host}:443")), "{profile}: {:?}", proxy.seen());
        assert!(proxy.saw("CONNECT kms."), "{profile}: {:?}", proxy.seen());
    }
}

#[test]
fn no_proxy_and_the_agent_of_a_container_are_asked_directly() {
    let (aws, agent) = (Server::start(Speaks::Http), Server::start(Speaks::Http));
    let endpoint = url(&aws);
    for no in ["127.0.0.1", "localhost, 127.0.0.0/8", "*"] {
        let set = [("HTTP_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", no), ("AWS_ENDPOINT_URL", &endpoint)];
        assert!(got_in(&scan(&set, &[])), "{no}");
    }
    let (proxy, path) = (Server::start(Speaks::Http), format!("{}/agent", url(&agent)));
    let mut command = posture();
    command.args(ARGS).env("AWS_REGION", "us-east-1").env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let run = Run::of(command.env("HTTP_PROXY", url(&proxy)).env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &path));
    assert!(got_in(&run), "{}", run.stderr);
    assert!(agent.saw("GET /agent") && !proxy.saw("/agent"), "{:?}", proxy.seen());
    assert!(proxy.saw("POST http://127.0.0.1:9/"), "{:?}", proxy.seen());
}

#[test]
fn a_proxy_that_does_not_work_is_named_and_its_password_is_not() {
    let refusing = Server::start(Speaks::Refusal);
    let refusing = format!("http://user:sesame@127.0.0.1:{}", refusing.port);
    let bad = [
        ("http://user:sesame@127.0.0.1:1", "by the proxy 127.0.0.1:1 of HTTPS_PROXY"),
        (&refusing, "no connection to sts.us-east-1.amazonaws.com by the proxy 127.0.0.1:"),
        ("http://user:sesame@127.0.0.1:99999", "HTTPS_PROXY is no URL of a proxy; give one such as"),
        ("http://user:sesame@", "HTTPS_PROXY is no URL of a proxy; give one such as"),
        ("socks5://user:sesame@127.0.0.1:1", "HTTPS_PROXY names a proxy of kind \"socks5\"; give one"),
    ];
    for (value, told) in bad {
        for flags in [&[][..], &["-vv"]] {
            let run = scan(&[("HTTPS_PROXY", value)], flags);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{value}: {}", run.stderr);
            assert!(run.stderr.contains(told), "{value}: {}", run.stderr);
            assert!(!run.stderr.contains("sesame"), "{value}: {}", run.stderr);
        }
    }
}

#[test]
fn a_bundle_says_who_is_trusted_and_the_variable_comes_before_the_profile() {
    // semantics 127
    let aws = Server::start(Speaks::Tls);
    let (endpoint, dir) = (format!("https://127.0.0.1:{}", aws.port), tempfile::tempdir().unwrap());
    let (good, missing) = (ca(), "/no/such/ca.pem".to_owned());
    let garbage = write(dir.path(), "garbage.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let other = repo("tests/it/network/server.pem").to_str().unwrap().to_owned();
    /// The variable, the profile's setting, and what comes of it.
    type Case<'a> = (Option<&'a str>, Option<&'a str>, Result<(), &'a str>);
    let cases: [Case<'_>; 9] = [
        (Some(&good), None, Ok(())),
        (None, Some(&good), Ok(())),
        (Some(&good), Some(&missing), Ok(())),
        (Some(""), Some(&good), Ok(())),
        (None, None, Err("shows a certificate that is not trusted (invalid peer certificate: UnknownIssuer); ")),
        (Some(&missing), Some(&good), Err("AWS_CA_BUNDLE (/no/such/ca.pem): the file cannot be read")),
        (None, Some(&missing), Err("ca_bundle of profile audit (/no/such/ca.pem): the file cannot be read")),
        (Some(&garbage), None, Err("garbage.pem): certificate 1 of the file cannot be used")),
        (Some(&other), None, Err("not trusted")),
    ];
    for (variable, profile, expected) in cases {
        let bundle = profile.map(|path| format!("ca_bundle = {path}\n")).unwrap_or_default();
        let config = write(dir.path(), "config", &format!("[profile audit]\nregion = us-east-1\n{bundle}"));
        let mut set = vec![("AWS_ENDPOINT_URL", endpoint.as_str()), ("AWS_CONFIG_FILE", &config)];
        set.extend(variable.map(|path| ("AWS_CA_BUNDLE", path)));
        for by_flag in [true, false] {
            let run = match by_flag {
                true => scan(&set, &["--profile", "audit"]),
                false => scan(&[&set[..], &[("AWS_PROFILE", "audit")]].concat(), &[]),
            };
            match expected {
                Ok(()) => assert!(got_in(&run), "{variable:?} {profile:?}: {}", run.stderr),
                Err(told) => {
                    assert_eq!(run.code, 2, "{variable:?} {profile:?}: {}", run.stderr);
                    assert!(run.stderr.contains(told), "{variable:?} {profile:?}: {}", run.stderr);
                    assert!(run.stderr.contains("AWS_CA_BUNDLE") || profile.is_some(), "{}", run.stderr);
                }
            }
        }
    }
}

#[test]
fn a_wrong_region_is_told_with_its_host_and_who_names_it() {
    // semantics 128
    let refusing = Server::start(Speaks::Refusal);
    let (proxy, dir) = (url(&refusing), tempfile::tempdir().unwrap());
    let wrong = ("AWS_REGION", "eu-wst-1");
    let run = scan(&[wrong, ("HTTPS_PROXY", &proxy)], &[]);
    assert_eq!(run.code, 2);
    for part in ["region eu-wst-1 (AWS_REGION)", "sts.eu-wst-1.amazonaws.com"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    let config = write(dir.path(), "config", "[profile audit]\nregion = eu-wst-1\n");
    let mut command = command(&[("HTTPS_PROXY", &proxy), ("AWS_CONFIG_FILE", &config)]);
    let run = Run::of(command.env_remove("AWS_REGION").args(ARGS).args(["--profile", "audit"]));
    assert!(run.stderr.contains("region eu-wst-1 (the region of profile \"audit\")"), "{}", run.stderr);
}

fn write(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}
