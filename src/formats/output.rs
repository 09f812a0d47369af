//! Which format goes where: `FORMAT[=PATH]` of `--output` and of the configuration file.

use super::Format;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One report of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub format: Format,
    pub place: Destination,
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    Stdout,
    File(PathBuf),
    /// `s3://bucket/key`; a key that ends with a slash is a prefix, below which the report gets a name of its own.
    S3 {
        bucket: String,
        key: String,
    },
}

impl Output {
    /// What a scan writes when nothing is asked for.
    pub const DEFAULT: Output = Output { format: Format::Text, place: Destination::Stdout };

    /// The same with a relative path made one of this directory.
    #[must_use]
    pub fn in_dir(self, dir: &Path) -> Output {
        let place = match self.place {
            Destination::File(path) => Destination::File(dir.join(path)),
            other => other,
        };
        Output { place, ..self }
    }

    /// `json=report.json`, as it is asked for.
    pub fn spec(&self) -> String {
        let name = Format::ALL.iter().find(|(_, format)| *format == self.format).map_or("", |(name, _)| *name);
        match &self.place {
            Destination::Stdout => name.to_owned(),
            place => format!("{name}={place}"),
        }
    }

    /// The file, if it goes to one.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Destination::File(path) => Some(path),
            Destination::Stdout | Destination::S3 { .. } => None,
        }
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, place) = match text.split_once('=') {
            Some((_, "")) => return Err("the path after = is empty".into()),
            Some((name, path)) => (name, path.parse()?),
            None => (text, Destination::Stdout),
        };
        let format = Format::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
        let known: Vec<&str> = Format::ALL.iter().map(|(known, _)| *known).collect();
        let format = format.ok_or_else(|| format!("unknown format {name:?}; there are {}", known.join(", ")))?;
        Ok(Output { format, place })
    }
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("s3://") else { return Ok(Destination::File(PathBuf::from(text))) };
        match rest.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Destination::S3 { bucket: bucket.to_owned(), key: key.to_owned() })
            }
            _ => Err(format!("{text:?} is not s3://bucket/prefix/ or s3://bucket/key")),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Stdout => f.write_str("stdout"),
            Destination::File(path) => write!(f, "{}", path.display()),
            Destination::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

/// Refuses reports that would go to one place.
///
/// # Errors
/// With what to do about it.
pub fn distinct(outputs: &[Output]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for Output { place, format } in outputs {
        // Below a prefix each format has a name of its own; a device takes any number.
        let shared = match place {
            Destination::S3 { key, .. } if key.ends_with('/') => {
                !seen.insert((place.clone(), Format::extension(*format)))
            }
            Destination::File(path) => {
                !seen.insert((Destination::File(whole(path)), ""))
                    && path.metadata().map_or(true, |there| there.is_file())
            }
            Destination::Stdout | Destination::S3 { .. } => !seen.insert((place.clone(), "")),
        };
        match place {
            Destination::Stdout if shared => {
                return Err("only one output can go to stdout; give the others a path, such as json=report.json".into());
            }
            _ if shared => return Err(format!("two outputs go to {place}; give each a path of its own")),
            _ => {}
        }
    }
    Ok(())
}

/// Whether both name one file.
pub fn same_file(a: &Path, b: &Path) -> bool {
    whole(a) == whole(b)
}

/// The file, however its name is spelt.
fn whole(path: &Path) -> PathBuf {
    if let Ok(there) = path.canonicalize() {
        return there;
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (parent.canonicalize(), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_parsed() {
        assert_eq!("json".parse(), Ok(Output { format: Format::Json, place: Destination::Stdout }));
        assert_eq!("text=a=b".parse(), Ok(Output { format: Format::Text, place: Destination::File("a=b".into()) }));
        assert!("jsn".parse::<Output>().unwrap_err().contains("text, json"));
        assert!("json=".parse::<Output>().is_err());
        let s3 = "json=s3://audit/2026/".parse::<Output>().unwrap();
        assert_eq!(s3.place, Destination::S3 { bucket: "audit".into(), key: "2026/".into() });
        assert_eq!(s3.in_dir(Path::new("/c")).spec(), "json=s3://audit/2026/");
        assert!("json=s3://audit".parse::<Output>().is_err() && "json=s3:///key".parse::<Output>().is_err());
        assert_eq!("text=a=b".parse::<Output>().unwrap().in_dir(Path::new("/c")).spec(), "text=/c/a=b");
        assert_eq!("json".parse::<Output>().unwrap().in_dir(Path::new("/c")).spec(), "json");
    }

    #[test]
    fn one_place_takes_one_report() {
        let all = |specs: &[&str]| specs.iter().map(|spec| spec.parse().unwrap()).collect::<Vec<Output>>();
        assert!(distinct(&all(&["json", "text=/no/a", "json=/no/b"])).is_ok());
        assert!(distinct(&all(&["json", "text"])).unwrap_err().contains("stdout"));
        assert!(distinct(&all(&["json=/no/a", "text=/no/a"])).unwrap_err().contains("/no/a"));
        assert!(distinct(&all(&["json=a.out", "csv=./a.out"])).is_err(), "one file, spelt in two ways");
        assert!(distinct(&all(&["json=s3://b/p/", "text=s3://b/p/", "json=s3://b/q/"])).is_ok());
        assert!(distinct(&all(&["json=s3://b/p/", "json=s3://b/p/"])).is_err());
    }
}
