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
    /// `None` is stdout.
    pub path: Option<PathBuf>,
}

impl Output {
    /// What a scan writes when nothing is asked for.
    pub const DEFAULT: Output = Output { format: Format::Text, path: None };

    /// The same with a relative path made one of this directory.
    #[must_use]
    pub fn in_dir(self, dir: &Path) -> Output {
        Output { path: self.path.map(|path| dir.join(path)), ..self }
    }

    /// `json=report.json`, as it is asked for.
    pub fn spec(&self) -> String {
        let name = Format::ALL.iter().find(|(_, format)| *format == self.format).map_or("", |(name, _)| *name);
        match &self.path {
            Some(path) => format!("{name}={}", path.display()),
            None => name.to_owned(),
        }
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((_, "")) => return Err("the path after = is empty".into()),
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let format = Format::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
        let known: Vec<&str> = Format::ALL.iter().map(|(known, _)| *known).collect();
        let format = format.ok_or_else(|| format!("unknown format {name:?}; there are {}", known.join(", ")))?;
        Ok(Output { format, path })
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}", path.display()),
            None => f.write_str("stdout"),
        }
    }
}

/// Refuses reports that would go to one place.
///
/// # Errors
/// With what to do about it.
pub fn distinct(outputs: &[Output]) -> Result<(), String> {
    if outputs.iter().filter(|output| output.path.is_none()).count() > 1 {
        return Err("only one output can go to stdout; give the others a path, such as json=report.json".into());
    }
    let mut seen = BTreeSet::new();
    for path in outputs.iter().filter_map(|output| output.path.as_deref()) {
        if !seen.insert(path) && path.metadata().map_or(true, |there| there.is_file()) {
            return Err(format!("two outputs go to {}; give each a path of its own", path.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_parsed() {
        assert_eq!("json".parse(), Ok(Output { format: Format::Json, path: None }));
        assert_eq!("text=a=b".parse(), Ok(Output { format: Format::Text, path: Some("a=b".into()) }));
        assert!("jsn".parse::<Output>().unwrap_err().contains("text, json"));
        assert!("json=".parse::<Output>().is_err());
        assert_eq!("text=a=b".parse::<Output>().unwrap().in_dir(Path::new("/c")).spec(), "text=/c/a=b");
        assert_eq!("json".parse::<Output>().unwrap().in_dir(Path::new("/c")).spec(), "json");
    }

    #[test]
    fn one_place_takes_one_report() {
        let all = |specs: &[&str]| specs.iter().map(|spec| spec.parse().unwrap()).collect::<Vec<Output>>();
        assert!(distinct(&all(&["json", "text=/no/a", "json=/no/b"])).is_ok());
        assert!(distinct(&all(&["json", "text"])).unwrap_err().contains("stdout"));
        assert!(distinct(&all(&["json=/no/a", "text=/no/a"])).unwrap_err().contains("/no/a"));
    }
}
