//! Where the next page of an answer is.

use crate::aws::fault::Fault;

/// The marker of the next page. A page that says there is more without saying where is not a whole answer.
pub(super) fn next(is_truncated: bool, marker: Option<String>) -> Result<Option<String>, Fault> {
    match (is_truncated, marker) {
        (false, _) => Ok(None),
        (true, Some(marker)) => Ok(Some(marker)),
        (true, None) => Err(Fault::malformed("a truncated page without a marker")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::GapKind;

    #[test]
    fn a_page_that_promises_more_needs_a_marker() {
        assert_eq!(next(false, None).unwrap(), None);
        assert_eq!(next(true, Some("m".into())).unwrap(), Some("m".into()));
        assert_eq!(next(true, None).unwrap_err().kind, GapKind::Malformed);
    }
}
