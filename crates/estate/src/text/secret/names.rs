//! Names that say that a value is secret, and values that can be one.

/// Words of a name that say so; two in a row are joined, `api` and `key`.
const SECRET: &str = "\
    password passwd passphrase passcode pwd pass secret secrets token apikey apitoken accesskey secretkey \
    privatekey authkey accountkey encryptionkey signingkey masterkey credential credentials creds pat";

/// Last words of names of something about a secret.
const ABOUT: &str = "\
    age algorithm arn arns attachment audience auth authentication bucket change class complexity config \
    configuration count days description dir directory disabled domain duration enabled endpoint env exists \
    expiration expire expired expires expiry field file filename format function group handler header helper hint \
    host hour hours id ids in index interval issuer kind label lambda len length lifespan lifetime limit list \
    location manager max method min minutes mode name names namespace parameter path paths pattern plugin policy \
    prefix provider ref reference regex region required reset role rotation scope scopes seconds server service \
    size source stack state status stdin stdout store suffix table tag tags template timeout title topic ttl type \
    types uri url usage user username validity var version versions";

/// First words of commands and functions that do something to a secret.
const VERBS: &str = "\
    check create decrypt delete describe download ensure fetch find generate get is list load lookup read refresh \
    remove retrieve revoke rotate store update validate verify wait write";

/// Values that are none: what programs and templates write where there is no secret.
const WORDS: &str = "\
    any auto bool boolean bytes default disabled dynamic empty enabled env false generate generated input int \
    integer nil no none null number object off on optional plaintext prompt required self str string text true \
    undefined yes securestring noecho stringlist secretstring";

/// Whether a word is in a list.
fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// The words of a name, lower-case: `dbPassword`, `DB_PASSWORD`, `db.password`.
fn words(name: &str) -> Vec<String> {
    let name = without_hash(name);
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

/// Without the eight digits that the CDK puts behind a name, once or twice.
fn without_hash(mut name: &str) -> &str {
    let hash =
        |end: &str| end.chars().any(|c| c.is_ascii_digit()) && end.chars().all(|c| matches!(c, '0'..='9' | 'A'..='F'));
    while let Some((rest, end)) = name.len().checked_sub(8).and_then(|at| name.split_at_checked(at)) {
        if rest.is_empty() || !hash(end) {
            break;
        }
        name = rest;
    }
    name
}

/// Whether a name says that its value is a secret: `DB_PASSWORD`, `apiKey`, and not `PasswordLength` or `SECRET_ARN`.
pub fn is_named(name: &str) -> bool {
    let words = words(name);
    if words.last().is_none_or(|last| has(ABOUT, last)) {
        return false;
    }
    let says = |word: &str| {
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        has(SECRET, stem) || ["password", "passwd", "secret"].iter().any(|end| stem.ends_with(end))
    };
    words.iter().any(|word| says(word)) || words.windows(2).any(|two| says(&two.concat()))
}

/// Whether a value can be a secret itself: no reference to where one is kept, no ARN, path or address, no word of a language, no mask.
pub fn is_literal(value: &str) -> bool {
    // A shell runs what stands in backticks.
    if value.trim().trim_start_matches(['"', '\'']).starts_with('`') {
        return false;
    }
    let value = value.trim().trim_matches(['"', '\'', '`']);
    let lower = value.to_ascii_lowercase();
    let references = [
        "$",
        "{{",
        "%(",
        "%{",
        "@{",
        "@/",
        "@./",
        "@microsoft.",
        "arn:",
        "/",
        "./",
        "~/",
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
        || has(WORDS, &lower)
        || is_address(&lower)
        || is_placeholder(value)
        || is_path(value)
        || value.chars().all(|c| ['*', 'x', 'X', '.', '-', '_', '#', '?'].contains(&c)))
}

/// `<password>`, `%PASSWORD%`, `!Ref Password`, `@option.password@`; and not `!QAZ2wsx`.
fn is_placeholder(value: &str) -> bool {
    let within = |start: char, end: char| {
        value.strip_prefix(start).is_some_and(|rest| rest.ends_with(end) || rest.starts_with([start, end]))
    };
    let function = |name: &str| value.split_whitespace().next() == Some(name);
    within('<', '>')
        || within('%', '%')
        || within('@', '@')
        || ["!Ref", "!Sub", "!GetAtt", "!ImportValue", "!Join", "!Select", "!FindInMap", "!If", "!Base64", "!reference"]
            .into_iter()
            .any(function)
}

/// `prod/db/credentials`, as secrets and files are called: what is random has letters of both cases.
fn is_path(value: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    value.contains('/') && value.split('/').all(part)
}

/// `https://…` without a password in it, which the form of those finds.
fn is_address(value: &str) -> bool {
    value
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c)))
}

/// A name in a text and what seems to be its value.
pub struct Given<'a> {
    pub name: &'a str,
    /// A quote stands behind the name.
    pub closed: bool,
    pub by: &'a str,
    pub value: &'a str,
    /// Without quotes a value may be the code that makes one, or the next word of a sentence.
    pub bare: bool,
    /// The line up to the name.
    pub before: &'a str,
}

impl Given<'_> {
    pub fn is_secret(&self) -> bool {
        if self.before.ends_with("${") {
            // Of `${TOKEN:-hunter2}` the default.
            let default = self.value.strip_prefix(['-', '=']).map(|value| value.trim_end_matches('}'));
            return default.is_some_and(is_literal);
        }
        if !is_literal(self.value) || (self.closed && self.before.ends_with('$')) {
            return false;
        }
        if self.by.trim().is_empty() {
            return self.is_behind_a_space();
        }
        if !self.bare {
            return true;
        }
        let (name, value) = (self.name, self.value);
        let shouted = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        let odd = value.chars().any(|c| c.is_ascii_digit() || !(c.is_alphanumeric() || "._-".contains(c)));
        // A value that ends so is the next name.
        !value.contains(['(', '[', '{']) && !value.ends_with(':') && (shouted || odd)
    }

    /// `--password hunter2`, `ENV DB_PASSWORD hunter2`, `login bot password hunter2`; a word of a sentence or of a command, as in
    /// `passwd ec2-user` and `get_secret "prod/db"`, is none.
    fn is_behind_a_space(&self) -> bool {
        let (name, value) = (self.name, self.value);
        let option = self.before.ends_with('-');
        let command = words(name).first().is_some_and(|first| has(VERBS, first));
        let named = option
            || (name.contains('_') && !command)
            || self.before.contains("login ")
            || self.before.contains("mysqladmin ");
        named
            && !self.closed
            && !value.starts_with('-')
            && !value.starts_with("id=")
            && (!self.bare || (value.chars().any(|c| c.is_ascii_digit()) && !value.contains(['(', '[', '{', '=', ':'])))
    }
}
