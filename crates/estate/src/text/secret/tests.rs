//! What is a credential in a text and what only looks like one.

use super::*;
use std::io::Write;

fn kinds(text: &str) -> Vec<&'static str> {
    found(text).into_iter().map(|found| found.kind).collect()
}

fn private_key(kind: &str) -> String {
    format!("-----BEGIN {kind}{0} KEY-----\n{1}\n{1}\n-----END {kind}{0} KEY-----", "PRIVATE", "hunter2/".repeat(8))
}

/// A text of each form, put together here so that no scanner of repositories takes it for a leak.
fn samples() -> Vec<(&'static str, String)> {
    let long = |length: usize| "aB3".repeat(length).chars().take(length).collect::<String>();
    vec![
        ("aws_access_key", format!("AKIA{}", "IOSFODNN7EXAMPLE")),
        ("bedrock_api_key", format!("ABSK{}", long(70))),
        ("private_key", private_key("RSA ")),
        ("private_key", private_key("").replace('\n', "\\n")),
        ("private_key", private_key("OPENSSH ").rsplit_once('\n').unwrap().0.to_owned()),
        ("authorization_header", format!("Authorization: Bearer {}", long(20))),
        ("github_token", format!("ghp_{}", long(36))),
        ("github_token", format!("github_pat_{}", long(40))),
        ("gitlab_token", format!("glpat-{}", long(20))),
        ("slack_token", format!("xoxb-{}", "123456789012-abcdef")),
        ("slack_webhook", format!("https://hooks.slack.com/services/{}", "T00000000/B00000000/abcdefgh")),
        ("stripe_key", format!("sk_live_{}", long(24))),
        ("google_api_key", format!("AIza{}", long(35))),
        ("npm_token", format!("npm_{}", long(36))),
        ("pypi_token", format!("pypi-{}", long(60))),
        ("model_api_key", format!("sk-ant-{}", long(30))),
        ("sendgrid_key", format!("SG.{}.{}", long(22), long(43))),
        ("vault_token", format!("hvs.{}", long(24))),
        ("json_web_token", format!("eyJ{}.eyJ{}.{}", long(20), long(20), long(20))),
        ("password_in_url", "postgres://admin:hunter2@db.example.com/app".to_owned()),
        ("password_in_url", "https://:hunter2@github.com/acme/app.git".to_owned()),
        ("password_in_command", "echo 'ec2-user:hunter2' | sudo chpasswd".to_owned()),
        ("password_in_command", "echo hunter2 | docker login -u acme --password-stdin registry.example.com".to_owned()),
        ("password_in_command", "mysql -u root -phunter2 shop".to_owned()),
        ("password_in_command", "sshpass -p 'hunter2' ssh host".to_owned()),
        ("password_in_command", "net user admin hunter2 /add".to_owned()),
        ("password_in_command", "ConvertTo-SecureString 'hunter2' -AsPlainText -Force".to_owned()),
        ("token_in_url", format!("https://{}@github.com/acme/app.git", long(40))),
    ]
}

#[test]
fn every_form_is_found_and_its_mark_is_found_again() {
    // semantics 143
    let mut seen = BTreeSet::new();
    for (kind, text) in samples() {
        let text = format!("first line\n  x {text} y");
        assert_eq!(found(&text), [Found { line: 2, kind }], "{text}");
        assert_eq!(found(&inside(&text)), found(&text), "{}", inside(&text));
        assert_eq!(kinds(&whole(&text)), [kind]);
        assert_eq!(in_variable("x", &text), in_variable("x", &whole(&text)));
        seen.insert(kind);
    }
    assert_eq!(seen, FORMS.iter().map(|form| form.kind).collect());
}

#[test]
fn a_literal_behind_a_name_that_says_so_is_found() {
    for text in [
        "export DB_PASSWORD=foobar123",
        "DB_PASSWORD=hunter",
        "password = 'test12345'",
        r#"{"dbPassword": "correct horse"}"#,
        r#"{\"dbPassword\": \"correct-horse\"}"#,
        "db.password: s3cr3t!",
        "mysql --password hunter2 -h db",
        "mysql --password=hunter2",
        "api_key => 'abcd1234'",
        "MYSQLPASSWORD: rootpw1",
        "x-api-key: 0123456789abcdef",
        "DB_PASSWORD=!hunter2",
        "password: '@hunter2'",
        "password: hunter2,hunter3&hunter4",
        "ENV DB_PASSWORD hunter2",
        "machine github.com login bot password hunter2",
        "vault write secret --token hunter2",
        r"line\ntoken=hunter2\nline",
        "${DB_PASSWORD:-hunter2}",
        r#"{"name": "DB_PASSWORD", "value": "hunter2"}"#,
        r#"{\"name\":\"DB_PASSWORD\",\"value\":\"hunter2\"}"#,
        "- name: DB_PASSWORD\n  value: hunter2",
        "ParameterKey=DbPassword,ParameterValue=hunter2",
        "mysqladmin -u root password 'hunter2'",
        "Environment: password=hunter2",
    ] {
        assert_eq!(kinds(text), [NAMED], "{text}");
        let kept = inside(text);
        assert_eq!(kinds(&kept), [NAMED], "{kept}");
        assert!(
            !["foobar", "hunter", "horse", "test12345", "s3cr3t", "0123"].iter().any(|value| kept.contains(value)),
            "{kept}"
        );
    }
}

#[test]
fn what_names_a_secret_and_holds_none_is_not_found() {
    // semantics 144
    for text in [
        "TOKEN=`curl -X PUT \"http://169.254.169.254/latest/api/token\" -H \"X-aws-ec2-metadata-token-ttl-seconds: 21600\"`",
        "aws ecr get-login-password | docker login --username AWS --password-stdin 111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        "chpasswd:\n  expire: false\n  list: |\n",
        "secrets:\n  database:\n",
        "passwd ec2-user",
        "kubectl get secret app2-db1 -o json",
        "vault kv get -field=password \"secret/db\"",
        "grep password 'access.log'",
        "get_secret \"prod/db1\"",
        "git config credential.helper '!aws codecommit credential-helper $@'",
        "PASS_MIN_LEN=1400",
        "TOKEN_EXPIRES_IN=3600",
        ": \"${DB_PASSWORD:?has to be set}\" \"${TOKEN:-$OTHER}\"",
        "if [ \"$DB_PASSWORD\" = \"changeme\" ]; then",
        "variable \"db_password\" \"x1234\" {",
        "grep -q -- '-----BEGIN PRIVATE KEY-----' /etc/key",
        "cat >key <<E\n-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----\nE",
        "curl -H \"Authorization: Bearer ${TOKEN}\" https://example.com",
        "DB_SECRET=prod/db/credentials",
        "password: <password>",
        "- name: DB_PASSWORD\n  valueFrom: arn:aws:ssm:eu-west-1:111122223333:parameter/db1",
        "- name: STAGE\n  value: prod1",
        "{\"name\": \"DB_PASSWORD\", \"value\": \"${DB_PASSWORD}\"}",
        "echo \"$PASSWORD\" | docker login -u AWS --password-stdin x",
        "aws ecr get-login-password | docker login -u AWS --password-stdin x",
        "mysql -u root -p$PASSWORD shop",
        "mysql -h db -P 3306 -p shop",
        "net user admin /active:no",
        "a net user interface library for forms",
        "password: %DB_PASSWORD%",
        "Password: !Ref DbPassword1",
        "DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id prod/db)",
        "DB_PASSWORD=${PASSWORD}",
        "password: '{{resolve:secretsmanager:prod/db:SecretString:password}}'",
        "SECRET_ARN=arn:aws:secretsmanager:eu-west-1:111122223333:secret:db",
        "DB_PASSWORD_PARAMETER=/prod/db/password",
        "PASSWORD=/run/secrets/db",
        "password_length: 32",
        "MinimumPasswordLength=14",
        "TOKEN_TTL=3600",
        "token: string",
        "password: str = None",
        "password = get_password(user1)",
        "password = os.environ['DB_PASSWORD']",
        "enter the password to go on",
        "token bucket",
        "PASSWORD=********",
        "PASSWORD=",
        "https://github.com/acme/app.git",
        "https://user@github.com/acme/app.git",
        "postgres://${USER}:${PASSWORD}@db/app",
        "METADATA_TOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token)",
    ] {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        assert!(found(&inside(text)).is_empty());
    }
}

#[test]
fn variables_are_judged_by_value_and_by_name() {
    assert_eq!(in_variable("DB_PASSWORD", "hunter2"), Some(NAMED));
    assert_eq!(in_variable("KEY", &samples()[0].1), Some("aws_access_key"));
    for (name, value) in [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "/prod/db/password"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"),
        ("DB_HOST", "db.example.com"),
        ("TOKEN_URL", "https://example.com/token"),
        ("SecretName", "prod-db"),
    ] {
        assert_eq!(in_variable(name, value), None, "{name}={value}");
    }
    for (name, value) in
        [("DB_PASSWORD", "hunter2"), ("DB_PASSWORD", "/prod/db"), ("DB_PASSWORD", ""), ("DB_HOST", "db")]
    {
        assert_eq!(in_variable(name, value).is_some(), in_variable(name, &whole(value)).is_some(), "{name}={value}");
        assert!(value.is_empty() || !whole(value).contains(value));
    }
}

#[test]
fn what_is_encoded_is_looked_into() {
    let plain = "#!/bin/bash\nexport DB_PASSWORD=foobar123\n# and so on, for a while\n";
    let encode = |bytes: &[u8]| aws_smithy_types::base64::encode(bytes);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(plain.as_bytes()).unwrap();
    for encoded in [encode(plain.as_bytes()), encode(&gzip.finish().unwrap())] {
        assert_eq!(decoded(&encoded).as_deref(), Some(plain));
        assert_eq!(kinds(&format!("Content-Transfer-Encoding: base64\n\n{encoded}\n")), [NAMED]);
        assert_eq!(decoded(&whole_encoded(&encoded)).map(|text| kinds(&text)), Some(vec![NAMED]));
    }
    let lines = encode(plain.as_bytes())
        .as_bytes()
        .chunks(60)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect::<Vec<_>>();
    assert_eq!(kinds(&lines.join("\r\n")), [NAMED]);
    let binary = encode(&[0, 159, 146, 150, 0, 1, 2, 3]);
    assert_eq!(decoded(&binary), None);
    assert_eq!(decoded(&whole_encoded(&binary)), None, "still not to be read");
    assert!(kinds("sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08").is_empty());
}

#[test]
fn a_mark_stays_a_mark() {
    for text in ["", "plain", "/a/path", "DB_PASSWORD=foobar123", "two\nPASSWORD=hunter2\nTOKEN=abcdefg1"] {
        assert_eq!(whole(&whole(text)), whole(text));
        assert_eq!(inside(&inside(text)), inside(text));
    }
}

#[test]
fn a_reference_is_no_secret_although_a_part_of_it_looks_like_one() {
    for reference in [
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3",
        "{{resolve:secretsmanager:db:SecretString:password}}",
    ] {
        assert_eq!(in_variable("DbPassword", reference), None, "{reference}");
        assert_eq!(found(&format!("DB_SECRET={reference}\n\"secret\": \"{reference}\"")), [], "{reference}");
    }
    assert_eq!(found("arn:aws:s3:::b secret: hunter21").len(), 1, "what stands behind one is judged");
}

#[test]
fn nothing_of_a_credential_is_left_behind_its_mark() {
    // semantics 143
    let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    let long = "hunter2/".repeat(100);
    for text in [
        private_key("RSA "),
        private_key("").replace('\n', "\n      "),
        private_key("").replace('\n', r"\n"),
        private_key("").replace("-----\nhunter", "-----\nProc-Type: 4,ENCRYPTED\nComment: a@b\n\nhunter"),
        private_key("").split("-----END").next().unwrap().to_owned(),
        format!("SECRET={key}:hunter2"),
        format!("TOKEN={long}"),
        format!("token: \"{long}\""),
        format!(r"a\n{}", private_key("")),
        format!("{}and_more", private_key("")),
    ] {
        let kept = inside(&text);
        assert!(!kept.contains("hunter"), "{kept}");
        assert_eq!(found(&kept), found(&text), "{text}");
        assert_eq!(inside(&kept), kept);
    }
}

#[test]
fn what_stands_behind_a_credential_keeps_its_line() {
    // semantics 143
    let blob =
        aws_smithy_types::base64::encode("export DB_PASSWORD=foobar123 # and a comment that goes on for a while\n");
    let wrapped = format!("{}\r\n    {}", &blob[..60], &blob[60..]);
    for first in [private_key("RSA "), wrapped] {
        let text = format!("{first}\nDB_PASSWORD=hunter2\n");
        assert_eq!(found(&text).len(), 2, "{text}");
        assert_eq!(found(&inside(&text)), found(&text), "{}", inside(&text));
    }
}

#[test]
fn a_line_break_that_is_escaped_hides_nothing() {
    for (kind, text) in samples() {
        let text = format!(r#"{{"script": "first\n{text}\n"}}"#);
        assert_eq!(kinds(&text), [kind], "{text}");
        assert_eq!(kinds(&inside(&text)), [kind], "{}", inside(&text));
    }
}

#[test]
fn a_line_behind_what_is_encoded_does_not_hide_it() {
    let plain = "export DB_PASSWORD=foobar123 # and a comment ";
    for length in 0..3 {
        let blob = aws_smithy_types::base64::encode(format!("{plain}{}", "x".repeat(length)));
        assert_eq!(kinds(&format!("base64 -d <<EOF\n{blob}\nEOF\n")), [NAMED], "{blob}");
    }
}

#[test]
fn a_name_of_the_cdk_ends_before_its_hash() {
    assert!(is_named("DbPassword") && is_named("ExportsOutputRefDbPassword1A2B3C4D5E6F7A8B"));
    assert!(!is_named("ExportsOutputRefTokenTable1A2B3C4D5E6F7A8B") && !is_named("SecretName12345678"));
}

#[test]
fn the_next_command_is_no_part_of_a_value() {
    let kept = inside("SONAR_TOKEN=hunter2;sonar-scanner\nDB_PASSWORD=hunter2&&trivy fs .|tee x").into_owned();
    assert_eq!(
        kept,
        "SONAR_TOKEN=redacted:secret_value;sonar-scanner\nDB_PASSWORD=redacted:secret_value&&trivy fs .|tee x"
    );
}
