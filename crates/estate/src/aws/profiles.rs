//! The shared files of AWS's tools: what the SDK would skip in silence is told, and what it would panic over.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>

use super::environment::Form;
use super::fault::whole;
use aws_config::profile::{Profile, ProfileSet};
use std::io;
use std::path::{Path, PathBuf};

/// The variables that name the files, and where these are otherwise, below the home directory.
const FILES: &[(&str, &str)] =
    &[("AWS_CONFIG_FILE", ".aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")];

const NO_TEXT: &str = "is not text in UTF-8; save it as that, or name another file";

/// What signs, in a profile and in those that it draws on.
const KEYS: &[&str] = &["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

/// What else a setting of a profile has to be, and the variables that take its place.
const SETTINGS: &[(&str, Form, &[&str])] = &[
    ("region", Form::Region, &["AWS_REGION", "AWS_DEFAULT_REGION"]),
    ("sso_region", Form::Region, &[]),
    ("endpoint_url", Form::Url, &["AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]),
];

/// All profiles.
///
/// # Errors
/// When a file is there and cannot be read.
pub(super) async fn all() -> Result<ProfileSet, String> {
    let mut once = false;
    for (variable, below_home) in FILES {
        let Some((named, path)) = place(variable, below_home) else { continue };
        once |= is_pipe(&path);
        let wrong = readable(&path);
        // What nobody named and nobody may read counts as empty, too.
        if !named && wrong != Err(NO_TEXT.to_owned()) {
            continue;
        }
        let path = path.display();
        let told = if named { format!("{variable} ({path})") } else { path.to_string() };
        wrong.map_err(|wrong| format!("{told} {wrong}"))?;
    }
    if once {
        return Ok(ProfileSet::default());
    }
    let (fs, env) = (aws_types::os_shim_internal::Fs::real(), aws_types::os_shim_internal::Env::real());
    let files = aws_runtime::env_config::file::EnvConfigFiles::default();
    aws_config::profile::load(&fs, &env, &files, None).await.map_err(|error| {
        format!(
            "the AWS configuration cannot be read: {}; mend the file, or name another one with AWS_CONFIG_FILE",
            whole(&error)
        )
    })
}

/// Where a file is, and whether the environment says so.
fn place(variable: &str, below_home: &str) -> Option<(bool, PathBuf)> {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    match std::env::var(variable).ok().filter(|path| !path.is_empty()) {
        Some(path) => {
            let below = path.strip_prefix("~/").and_then(|rest| Some(home()?.join(rest)));
            Some((true, below.unwrap_or_else(|| path.into())))
        }
        None => Some((false, home()?.join(below_home))),
    }
}

/// Whether a file can be read once only, which is the SDK's to do.
fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    let is_pipe = |there: std::fs::Metadata| std::os::unix::fs::FileTypeExt::is_fifo(&there.file_type());
    #[cfg(not(unix))]
    let is_pipe = |_| false;
    std::fs::metadata(path).is_ok_and(is_pipe)
}

/// What is not there counts as empty, as AWS's tools have it.
fn readable(path: &Path) -> Result<(), String> {
    let remedy = "give the path of a file, or unset it";
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(format!("cannot be read: {error}; make it readable"))
        }
        Ok(there) if there.is_dir() => Err(format!("is a directory; {remedy}")),
        Ok(there) if there.is_file() => match std::fs::read(path) {
            Err(error) => Err(format!("cannot be read: {error}; make it readable")),
            Ok(content) if std::str::from_utf8(&content).is_err() => Err(NO_TEXT.to_owned()),
            Ok(_) => Ok(()),
        },
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Whether the SDK can work with a profile and those that it draws on.
///
/// # Errors
/// A sentence that names the profile and the setting.
pub(super) fn check(profiles: &ProfileSet, name: &str) -> Result<(), String> {
    judge(profiles, name, |variable| std::env::var(variable).is_ok_and(|value| !value.trim().is_empty()))?;
    let Some(section) = profiles.get_profile(name).and_then(|profile| profile.get("services")) else { return Ok(()) };
    let text = FILES.first().and_then(|(variable, below)| std::fs::read_to_string(place(variable, below)?.1).ok());
    for (service, url) in endpoints(&text.unwrap_or_default(), section) {
        Form::Url.judge(url).map_err(|wrong| format!("endpoint_url of {service} in services {section:?} {wrong}"))?;
    }
    Ok(())
}

/// What a section of services says of endpoints, which the SDK does not let anybody list.
fn endpoints<'a>(text: &'a str, section: &str) -> Vec<(&'a str, &'a str)> {
    let (mut inside, mut service, mut found) = (false, "", Vec::new());
    for line in text.lines() {
        if let Some(head) = line.strip_prefix('[') {
            let head = head.split(']').next().unwrap_or_default();
            inside = head.split_whitespace().eq(["services", section]);
        } else if let Some((key, value)) = line.split_once('=').filter(|_| inside) {
            match line.starts_with([' ', '\t']) {
                true if key.trim() == "endpoint_url" => found.push((service, value.trim())),
                true => {}
                false => service = key.trim(),
            }
        }
    }
    found
}

fn judge(profiles: &ProfileSet, name: &str, is_set: impl Fn(&str) -> bool) -> Result<(), String> {
    let one = |profile: &Profile, setting: &str, form: Form| {
        let value = profile.get(setting).unwrap_or_default();
        let told = |wrong| format!("{setting} of profile {:?} {wrong}", profile.name());
        if profile.get(setting).is_none() || (form == Form::Key && value.trim().is_empty()) {
            return Ok(());
        }
        form.judge(value).map_err(told)
    };
    let Some(profile) = profiles.get_profile(name) else { return Ok(()) };
    for (setting, form, instead) in SETTINGS {
        if !instead.iter().any(|variable| is_set(variable)) {
            one(profile, setting, *form)?;
        }
    }
    // Keys of the environment come first.
    let mut next = Some(profile).filter(|profile| profile.get("role_arn").is_some() || !is_set("AWS_ACCESS_KEY_ID"));
    let mut seen = Vec::new();
    while let Some(profile) = next.filter(|profile| !seen.contains(&profile.name())) {
        seen.push(profile.name());
        KEYS.iter().try_for_each(|setting| one(profile, setting, Form::Key))?;
        next = profile.get("source_profile").and_then(|name| profiles.get_profile(name));
    }
    Ok(())
}

/// The profile that is in force: that of the command line, of the environment, or the one by that name.
pub(super) fn in_force(given: Option<&str>) -> String {
    given.map(str::to_owned).or_else(of_environment).unwrap_or_else(|| "default".to_owned())
}

fn of_environment() -> Option<String> {
    std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty())
}

/// Who says what `what` is: those of the variables that are set, or else the profile.
pub(super) fn named_by(what: &str, variables: &[&str], profile: Option<&str>) -> String {
    let set: Vec<&str> = variables.iter().copied().filter(|name| std::env::var_os(name).is_some()).collect();
    match set.as_slice() {
        [] => format!("the {what} of profile {:?}", in_force(profile)),
        set => set.join(", "),
    }
}

/// What the environment names and leads nowhere: a file, a profile, a source of credentials.
pub(super) async fn missing(sources: &[&str]) -> Option<String> {
    for (variable, _) in FILES {
        if let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty() && !PathBuf::from(path).exists())
        {
            return Some(format!("{variable} names {}, which is not there", PathBuf::from(path).display()));
        }
    }
    let all = all().await.ok()?;
    if let Some(name) = of_environment().filter(|name| all.get_profile(name).is_none()) {
        return Some(format!("AWS_PROFILE names profile {name:?}, which is not there"));
    }
    let set: Vec<&str> = sources.iter().copied().filter(|name| std::env::var_os(name).is_some()).collect();
    (!set.is_empty()).then(|| format!("{} led to none", set.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use aws_types::os_shim_internal::{Env, Fs};

    async fn told(text: &str, set: &[&str]) -> Result<(), String> {
        let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, text).build();
        let profiles = aws_config::profile::load(&Fs::real(), &Env::from_slice(&[]), &files, None).await.unwrap();
        judge(&profiles, "default", |variable| set.contains(&variable))
    }

    #[tokio::test]
    async fn a_setting_that_cannot_be_used_is_named_with_its_profile() {
        let keys = "[default]\naws_access_key_id = AKIA\u{1}\naws_secret_access_key = x\n";
        let wrong = told(keys, &[]).await.unwrap_err();
        assert!(wrong.starts_with("aws_access_key_id of profile \"default\" has a control character"), "{wrong}");
        assert_eq!(told(keys, &["AWS_ACCESS_KEY_ID"]).await, Ok(()), "it is not read");
        let region = "[default]\nregion = us east 1\n";
        assert!(
            told(region, &[]).await.unwrap_err().starts_with("region of profile \"default\" is \"us east 1\", which")
        );
        assert_eq!(told(region, &["AWS_REGION"]).await, Ok(()), "it is not read");
        assert!(told("[default]\nendpoint_url =\n", &[]).await.unwrap_err().contains("is empty"));
        assert_eq!(told("[default]\nregion = eu-west-1\naws_access_key_id = AKIA\n", &[]).await, Ok(()));
        assert_eq!(told("[profile other]\nregion = us east 1\n", &[]).await, Ok(()), "nobody asks for it");
    }

    #[test]
    fn the_endpoints_of_a_section_of_services_are_found() {
        let text = "[services a]\nsts =\n  endpoint_url =\ns3 =\n  other = 1\n\tendpoint_url = http://a\n\
                    [services b]\nsts =\n  endpoint_url = http://b\n[profile a]\nendpoint_url = http://c\n";
        assert_eq!(endpoints(text, "a"), [("sts", ""), ("s3", "http://a")]);
        assert_eq!(endpoints(text, "b"), [("sts", "http://b")]);
        assert!(endpoints(text, "c").is_empty());
    }

    #[tokio::test]
    async fn the_keys_of_a_source_profile_are_looked_at_and_a_circle_ends() {
        let chain = "[default]\nrole_arn = arn\nsource_profile = b\n[profile b]\naws_session_token = é\n";
        assert!(told(chain, &[]).await.unwrap_err().starts_with("aws_session_token of profile \"b\" has a character"));
        let circle = "[default]\nrole_arn = arn\nsource_profile = b\n[profile b]\nsource_profile = default\n";
        assert_eq!(told(circle, &[]).await, Ok(()), "the SDK says it");
    }
}
