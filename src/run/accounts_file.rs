//! `--accounts-file`: accounts to scan, one a line, its id and, if you like, its name.

use super::UserError;
use posture_estate::arn::is_account;
use std::path::Path;

/// The accounts of a file: ids with their names, if they have one.
///
/// # Errors
/// When the file cannot be read, names no account, one twice, or something else.
pub(super) fn read(path: &Path) -> Result<Vec<(String, Option<String>)>, UserError> {
    let text = std::fs::read_to_string(path).map_err(|error| UserError::read(path, &error))?;
    let at = path.display();
    let mut accounts: Vec<(String, Option<String>)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (id, name) = line.split_once([',', ' ', '\t']).unwrap_or((line, ""));
        let place = format!("{at}:{}", index + 1);
        if !is_account(id) {
            let what = format!("{place}: {id:?} is not an account number of twelve digits");
            return Err(UserError::new(what, "write one account a line, its number first"));
        }
        if accounts.iter().any(|(other, _)| other == id) {
            return Err(UserError::new(format!("{place}: account {id} is there twice"), "remove one of the lines"));
        }
        accounts.push((id.to_owned(), Some(name.trim().to_owned()).filter(|name| !name.is_empty())));
    }
    if accounts.is_empty() {
        return Err(UserError::new(format!("{at} names no account"), "write one account number a line"));
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("accounts");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string().rsplit('/').next().unwrap().to_owned())
    }

    #[test]
    fn a_file_of_accounts_is_read_line_by_line() {
        let accounts =
            read_text("# ours\n111122223333, production\n\n444455556666 # later\n777788889999 test bed\n").unwrap();
        let names: Vec<_> = accounts.iter().map(|(id, name)| (id.as_str(), name.as_deref())).collect();
        assert_eq!(
            names,
            [("111122223333", Some("production")), ("444455556666", None), ("777788889999", Some("test bed"))]
        );
        let wrong = read_text("111122223333\n1234\n").unwrap_err();
        assert!(wrong.starts_with("accounts:2: \"1234\" is not an account number of twelve digits; "), "{wrong}");
        let twice = read_text("111122223333\n111122223333\n").unwrap_err();
        assert!(twice.starts_with("accounts:2: account 111122223333 is there twice; "), "{twice}");
        assert!(read_text("# none\n").unwrap_err().contains("names no account"));
    }
}
