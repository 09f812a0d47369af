//! Is a region used? Things are looked for one after the other; one that is there is enough, and only if every list came and all were
//! empty is the region empty.

use crate::prelude::*;

/// What was looked for in a region, and what came of it.
pub(super) struct Found<'a> {
    region: &'a str,
    looked: Vec<&'static str>,
    first: Option<(&'static str, usize)>,
    reasons: Reasons,
}

impl<'a> Found<'a> {
    pub(super) fn new(region: &'a str) -> Self {
        Found { region, looked: Vec::new(), first: None, reasons: Reasons::new() }
    }

    pub(super) fn any(&self) -> bool {
        self.first.is_some()
    }

    pub(super) fn count(&mut self, what: &'static str, count: usize) {
        self.looked.push(what);
        if count > 0 && self.first.is_none() {
            self.first = Some((what, count));
        }
    }

    pub(super) fn answer(&mut self, what: &'static str, count: Result<usize, Gap>) {
        match count {
            Ok(count) => self.count(what, count),
            Err(gap) => self.unseen(&gap),
        }
    }

    pub(super) fn unseen(&mut self, gap: &Gap) {
        self.reasons.unseen(gap);
    }

    pub(super) fn doubt(&mut self, why: &str) {
        self.reasons.doubt(format!("region {} may be empty: {why}", self.region));
    }

    /// One thing is enough to pass; only if every list came and all were empty is the region empty.
    pub(super) fn verdict(self) -> Verdict {
        let region = self.region;
        if let Some((what, count)) = self.first {
            let message = format!("region {region} is opted in and holds at least one {what}");
            return Verdict::pass(message).evidence(json!({ "found": what, "count": count }));
        }
        if !self.reasons.is_empty() {
            return self.reasons.open();
        }
        let looked = self.looked.join(", no ");
        Verdict::fail(
            "region_empty",
            format!(
                "region {region} is opted in, is not on the list of allowed regions and holds no {looked}; other services were not looked at"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("111122223333", "me-south-1", "ec2:DescribeVpcs", GapKind::Denied, "no")
    }

    #[test]
    fn anything_found_justifies_the_region() {
        let mut found = Found::new("me-south-1");
        found.count("bucket", 0);
        found.unseen(&gap());
        found.count("network interface", 2);
        let verdict = found.verdict();
        assert_eq!(verdict.status, Status::Pass);
        assert!(verdict.message.contains("network interface"));
    }

    #[test]
    fn an_empty_region_fails_and_says_what_was_looked_at() {
        let mut found = Found::new("me-south-1");
        found.count("bucket", 0);
        found.count("volume", 0);
        let verdict = found.verdict();
        assert_eq!(verdict.status, Status::Fail);
        assert!(verdict.message.contains("no bucket, no volume"), "{}", verdict.message);
    }

    #[test]
    fn what_was_not_seen_is_not_empty() {
        let mut found = Found::new("me-south-1");
        found.count("bucket", 0);
        found.answer("volume", Err(gap()));
        assert_eq!(found.verdict().status, Status::Unknown);
        let mut found = Found::new("me-south-1");
        found.doubt("a bucket's region is not known");
        assert_eq!(found.verdict().status, Status::Unknown);
    }
}
