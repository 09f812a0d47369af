//! No variable and no file of AWS's tools makes the program panic: what cannot be used is named with the remedy, and ends with exit 2.

use crate::network::{Server, Speaks};
use crate::support::{Run, posture};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

/// All that the SDK and we read and that can be hostile.
const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_KMS",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CA_BUNDLE",
    "AWS_EXECUTION_ENV",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HOME",
];

/// Those that nothing should come of, whatever they hold; all at once.
const IDLE: &[&str] = &[
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_SDK_UA_APP_ID",
    "AWS_ACCOUNT_ID",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    "AWS_DEFAULTS_MODE",
    "AWS_SIGV4A_SIGNING_REGION_SET",
    "AWS_AUTH_SCHEME_PREFERENCE",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
    "AWS_DISABLE_REQUEST_COMPRESSION",
    "AWS_LAMBDA_FUNCTION_NAME",
    "_X_AMZN_TRACE_ID",
    "POSTURE_LOG",
    "COLUMNS",
    "NO_COLOR",
];

/// Those by which credentials come, where none are in the environment.
const SOURCES: &[&str] = &[
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
];

fn hostile() -> Vec<OsString> {
    let mut values: Vec<OsString> = [
        "",
        "x\n",
        "\nx",
        " a b ",
        "a\u{1}b\u{7f}",
        "é☃",
        "0",
        "http://[",
        "http://127.0.0.1:99999/",
        "/no/such/file",
        "/",
    ]
    .map(OsString::from)
    .to_vec();
    #[cfg(unix)]
    values.push(std::os::unix::ffi::OsStringExt::from_vec(vec![0xff, 0xfe]));
    values
}

/// A scan of what answers at `endpoint`; it needs nobody else.
fn scan(endpoint: &str, keys: bool) -> Command {
    let mut command = posture();
    command
        .args(["scan", "--no-config", "--region", "us-east-1", "--check", "kms_key_rotation_enabled"])
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", "us-east-1");
    if keys {
        command.env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    }
    command
}

/// What is wrong with the end of a run, if anything.
fn odd(run: &Run) -> Option<String> {
    let sentence = run.stderr.trim_end().lines().count() == 1 && run.stderr.starts_with("error: ");
    let blamed = ["panic", "bug", "unwrap", "RUST_BACKTRACE"].iter().any(|word| run.stderr.contains(word));
    let fine = matches!(run.code, 0 | 3) || (run.code == 2 && sentence);
    (!fine || blamed).then(|| format!("exit {}: {}", run.code, run.stderr))
}

fn sweep(jobs: Vec<(String, Command)>) {
    let jobs = std::sync::Mutex::new(jobs);
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((label, mut command)) = jobs.lock().unwrap().pop() else { break };
                    let told = odd(&Run::of(&mut command)).map(|odd| format!("{label}: {odd}"));
                    wrong.lock().unwrap().extend(told);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_variable_makes_it_panic() {
    // semantics 125
    let aws = Server::start(Speaks::Http);
    let endpoint = format!("http://127.0.0.1:{}", aws.port);
    let mut jobs = Vec::new();
    for value in hostile() {
        let mut command = scan(&endpoint, true);
        command.envs(IDLE.iter().map(|name| (name, &value)));
        jobs.push((format!("the idle ones = {value:?}"), command));
    }
    for (names, keys) in [(VARIABLES, true), (SOURCES, false)] {
        for name in names {
            for value in hostile() {
                let mut command = scan(&endpoint, keys);
                if name.starts_with("AWS_EC2") {
                    // Nobody listens there, wherever the test runs.
                    command
                        .env_remove("AWS_EC2_METADATA_DISABLED")
                        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
                }
                if *name == "AWS_DEFAULT_REGION" {
                    command.env_remove("AWS_REGION");
                }
                if name.starts_with("AWS_CONTAINER_AUTHORIZATION") {
                    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/");
                }
                if name.starts_with("AWS_ROLE") {
                    command
                        .env("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/x")
                        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "/dev/null");
                }
                command.env(name, &value);
                jobs.push((
                    format!("{name}={:?}", value.to_string_lossy().chars().take(20).collect::<String>()),
                    command,
                ));
            }
        }
    }
    sweep(jobs);
}

#[test]
fn no_file_of_aws_makes_it_panic() {
    let keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";
    let mut files: Vec<Vec<u8>> = [
        "= x\n",
        "key = value\n",
        "[default\n",
        "[default]\nx\n",
        "[default]\naws_access_key_id =\n a\n b\n",
        "\u{feff}[default]\n",
        "[default]\nrole_arn = x\nsource_profile = default\n",
        "[default]\nrole_arn = x\nsource_profile = none\n",
        "[default]\nrole_arn = x\nsource_profile = b\n[profile b]\nrole_arn = y\nsource_profile = default\n",
        "[default]\nrole_arn = x\ncredential_source = Nothing\n",
        "[default]\nrole_arn = x\ncredential_source = EcsContainer\n",
        "[default]\nmfa_serial = \u{1}\nrole_arn = x\nsource_profile = b\n[profile b]\n",
        "[default]\nsso_session = none\nsso_account_id = 1\nsso_role_name = r\n",
        "[default]\nsso_start_url = \u{1}\nsso_region = a b\nsso_account_id = 1\nsso_role_name = r\n",
        "[default]\nsso_start_url = x\n",
        "[default]\nlogin_session = x\n",
        "[default]\nrole_arn = x\nweb_identity_token_file = /\n",
        "[default]\ncredential_process =\n",
        "[default]\ncredential_process = false\n",
        "[default]\ncredential_process = /no/such/program\n",
        "[default]\ncredential_process = \"unclosed\n",
        "[default]\ncredential_process = printf '\\377'\n",
        "[default]\ncredential_process = echo {}\n",
        r#"[default]
credential_process = printf '%s' '{"Version":1,"AccessKeyId":"a\nb","SecretAccessKey":"x"}'
"#,
        r#"[default]
credential_process = printf '%s' '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"x","SessionToken":"\u0001"}'
"#,
        r#"[default]
role_arn = arn:aws:iam::111122223333:role/x
source_profile = b
[profile b]
credential_process = printf '%s' '{"Version":1,"AccessKeyId":"a\nb","SecretAccessKey":"x"}'
"#,
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    for setting in [
        "aws_session_token = é\u{1}",
        "region = us east 1",
        "region = a\u{1}",
        "region =",
        "endpoint_url =",
        "endpoint_url = ::",
        "ca_bundle = /no/such/file",
        "ca_bundle = /",
        "max_attempts = 0",
        "retry_mode = x",
        "use_fips_endpoint = x",
        "use_dualstack_endpoint = x",
        "sdk_ua_app_id = é b",
        "defaults_mode = x",
        "services = none",
        "account_id_endpoint_mode = x",
        "request_checksum_calculation = x",
        "sigv4a_signing_region_set = \u{1}",
        "s3 =\n  a b",
        "services = s\n[services s]\nsts =\n  endpoint_url =\nkms =\n  endpoint_url = ::",
    ] {
        files.push(format!("[default]\n{keys}{setting}\n").into_bytes());
    }
    for key in ["a\0b", "a\rb", "a\u{1b}b", "aéb", "a b", ""] {
        files.push(format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = x\n").into_bytes());
        files.push(format!("[default]\nrole_arn = \u{1}\nrole_session_name = \u{1} é\nexternal_id = \u{1}\nduration_seconds = x\nsource_profile = b\n[profile b]\naws_access_key_id = {key}\naws_secret_access_key = x\n").into_bytes());
    }
    files.push(b"[default]\naws_access_key_id = \xff\xfe\n".to_vec());

    let (aws, dir) = (Server::start(Speaks::Http), tempfile::tempdir().unwrap());
    let endpoint = format!("http://127.0.0.1:{}", aws.port);
    let mut jobs = Vec::new();
    for (number, content) in files.iter().enumerate() {
        let path = dir.path().join(number.to_string());
        std::fs::write(&path, content).unwrap();
        let label = String::from_utf8_lossy(content).into_owned();
        let at = |name: &str, keys: bool, command: &mut Command| {
            // The settings of the profile, not those of the environment.
            if !keys {
                command.env_remove("AWS_REGION");
            }
            if label.contains("endpoint_url") {
                command.env_remove("AWS_ENDPOINT_URL");
            }
            // Whoever is not asked at the endpoint is not asked at all.
            command.env(name, &path).env("HTTPS_PROXY", "http://127.0.0.1:1");
        };
        for (name, keys) in
            [("AWS_CONFIG_FILE", false), ("AWS_CONFIG_FILE", true), ("AWS_SHARED_CREDENTIALS_FILE", false)]
        {
            let mut command = scan(&endpoint, keys);
            at(name, keys, &mut command);
            jobs.push((format!("{name} {keys} {label}"), command));
        }
    }
    sweep(jobs);
}

/// A sentence that names the variable, and does not tell what is secret.
#[test]
fn what_cannot_be_used_is_named_with_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let latin = dir.path().join("latin");
    std::fs::write(&latin, b"[default]\nregion = \xe9\n").unwrap();
    let run = |name: &str, value: &OsStr| Run::of(scan("http://127.0.0.1:1", true).env(name, value));
    let bad: [(&str, &OsStr, &str); 10] = [
        ("AWS_ACCESS_KEY_ID", OsStr::new("AKIASECRET\n"), "AWS_ACCESS_KEY_ID has a line break in it"),
        ("AWS_SECRET_ACCESS_KEY", OsStr::new("AKIA SECRET"), "AWS_SECRET_ACCESS_KEY has a blank in it"),
        ("AWS_SESSION_TOKEN", OsStr::new("AKIASECRETé"), "AWS_SESSION_TOKEN has a character outside ASCII in it"),
        (
            "AWS_REGION",
            OsStr::new("us-east-1\n"),
            "AWS_REGION is \"us-east-1\\n\", which is no region; give one such as",
        ),
        ("AWS_REGION", OsStr::new(""), "AWS_REGION is empty; give a region such as us-east-1, or unset it"),
        ("AWS_ENDPOINT_URL", OsStr::new(""), "AWS_ENDPOINT_URL is empty; give the URL"),
        ("AWS_ENDPOINT_URL_STS", OsStr::new("sts"), "AWS_ENDPOINT_URL_STS is no URL of an endpoint; give one"),
        ("AWS_CONFIG_FILE", dir.path().as_os_str(), "is a directory; give the path of a file"),
        ("AWS_CONFIG_FILE", latin.as_os_str(), "is not text in UTF-8; save it as that"),
        ("AWS_SHARED_CREDENTIALS_FILE", dir.path().as_os_str(), "AWS_SHARED_CREDENTIALS_FILE ("),
    ];
    for (name, value, told) in bad {
        let run = run(name, value);
        assert!(run.code == 2 && odd(&run).is_none(), "{name}: {}", run.stderr);
        assert!(run.stderr.contains(name) && run.stderr.contains(told), "{name}: {}", run.stderr);
        assert!(!run.stderr.contains("AKIA"), "{}", run.stderr);
    }
    let nobody = |name: &str, value: &Path| {
        let run = Run::of(scan("http://127.0.0.1:1", false).env(name, value));
        assert_eq!(run.code, 2);
        run.stderr
    };
    let gone = nobody("AWS_CONFIG_FILE", Path::new("/no/such/file"));
    assert!(gone.contains("AWS_CONFIG_FILE names /no/such/file, which is not there"), "{gone}");
    let token = nobody("AWS_WEB_IDENTITY_TOKEN_FILE", Path::new("/no/such/token"));
    assert!(token.contains("AWS_WEB_IDENTITY_TOKEN_FILE"), "{token}");
}
