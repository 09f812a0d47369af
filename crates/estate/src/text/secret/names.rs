//! Names that say that a value is secret, and values that can be one.

/// Words of a name that say so; two in a row are joined, `api` and `key`.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "pass",
    "secret",
    "secrets",
    "token",
    "apikey",
    "apitoken",
    "accesskey",
    "secretkey",
    "privatekey",
    "authkey",
    "accountkey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "credential",
    "credentials",
    "creds",
    "pat",
];

/// Last words of names of something about a secret.
const ABOUT: &[&str] = &[
    "age",
    "arn",
    "arns",
    "bucket",
    "class",
    "count",
    "days",
    "description",
    "disabled",
    "enabled",
    "endpoint",
    "exists",
    "expiration",
    "expiry",
    "field",
    "file",
    "filename",
    "format",
    "header",
    "hint",
    "host",
    "id",
    "ids",
    "kind",
    "label",
    "length",
    "lifetime",
    "limit",
    "location",
    "manager",
    "max",
    "min",
    "minutes",
    "name",
    "names",
    "namespace",
    "parameter",
    "path",
    "paths",
    "policy",
    "prefix",
    "provider",
    "ref",
    "reference",
    "region",
    "required",
    "reset",
    "role",
    "rotation",
    "seconds",
    "source",
    "store",
    "suffix",
    "table",
    "timeout",
    "ttl",
    "type",
    "types",
    "uri",
    "url",
    "usage",
    "username",
    "user",
    "validity",
    "version",
    "versions",
];

/// Values that are none: what programs and templates write where there is no secret.
const WORDS: &[&str] = &[
    "any",
    "auto",
    "bool",
    "boolean",
    "bytes",
    "default",
    "disabled",
    "dynamic",
    "empty",
    "enabled",
    "env",
    "false",
    "generate",
    "generated",
    "input",
    "int",
    "integer",
    "nil",
    "no",
    "none",
    "null",
    "number",
    "object",
    "off",
    "on",
    "optional",
    "plaintext",
    "prompt",
    "required",
    "self",
    "str",
    "string",
    "text",
    "true",
    "undefined",
    "yes",
    "securestring",
    "noecho",
    "stringlist",
    "secretstring",
];

/// The words of a name, lower-case: `dbPassword`, `DB_PASSWORD`, `db.password`.
fn words(name: &str) -> Vec<String> {
    let (mut all, mut word, mut lower) = (Vec::new(), String::new(), false);
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            all.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase() || c.is_ascii_digit();
    }
    all.extend(Some(word).filter(|word| !word.is_empty()));
    all
}

/// Whether a name says that its value is a secret: `DB_PASSWORD`, `apiKey`, and not `PasswordLength` or `SECRET_ARN`.
pub fn is_named(name: &str) -> bool {
    let words = words(name);
    if words.last().is_none_or(|last| ABOUT.contains(&last.as_str())) {
        return false;
    }
    let says = |word: &str| {
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        SECRET.contains(&stem) || ["password", "passwd", "secret"].iter().any(|end| stem.ends_with(end))
    };
    words.iter().any(|word| says(word)) || words.windows(2).any(|two| says(&two.concat()))
}

/// Whether a value can be a secret itself: no reference to where one is kept, no ARN, path or address, no word of a language, no mask.
pub fn is_literal(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'', '`']);
    let lower = value.to_ascii_lowercase();
    let references = [
        "$",
        "{{",
        "<",
        "%",
        "!",
        "@",
        "arn:",
        "/",
        "./",
        "~",
        "ssm:",
        "vault:",
        "secretsmanager:",
        "env:",
        "file:",
        "fn::",
        "redacted:",
    ];
    let calls = ["os.environ", "process.env", "getenv", "resolve:", "valuefrom", "${", "{{", "$("];
    !(value.chars().count() < 4
        || references.iter().any(|start| lower.starts_with(start))
        || calls.iter().any(|part| lower.contains(part))
        || WORDS.contains(&lower.as_str())
        || is_address(&lower)
        || value.chars().all(|c| ['*', 'x', 'X', '.', '-', '_', '#', '?'].contains(&c)))
}

/// `https://…` without a password in it, which the form of those finds.
fn is_address(value: &str) -> bool {
    value
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c)))
}

/// Whether a name in a text is given this value. Without quotes a value may be the code that makes one, or the next word of a sentence.
pub fn is_assigned(name: &str, by: &str, value: &str, bare: bool) -> bool {
    if !is_literal(value) {
        return false;
    }
    let by_space = by.chars().all(char::is_whitespace);
    if by_space {
        // `--password hunter2`; words of a sentence have no digit, and options begin with a dash.
        return !value.starts_with('-')
            && (!bare
                || (value.chars().any(|c| c.is_ascii_digit())
                    && name.len() >= 4
                    && !value.contains(['(', '[', '{', '=', ':'])));
    }
    if !bare {
        return true;
    }
    let shouted = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let odd = value.chars().any(|c| c.is_ascii_digit() || !(c.is_alphanumeric() || "._-".contains(c)));
    !value.contains(['(', '[', '{']) && (shouted || odd)
}
