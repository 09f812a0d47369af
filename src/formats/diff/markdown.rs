//! A comparison for a job summary or a review: Markdown in which everything from AWS stands in code spans, so that no name can
//! bring a link, a mention or markup of its own.

use super::summary::{DiffSummary, counted};
use crate::gate::{DeltaKind, Diff};
use crate::record::Counts;
use crate::report::Head;
use posture_estate::text::safe;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) fn write(diff: &Diff<'_>, seen: &DiffSummary, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## What changed: {}\n", counted(seen))?;
    let which = |head: &Head| format!("{}, {}", head.accounts(), head.scan.finished_at);
    writeln!(out, "From {} to {}.", code(&which(&diff.before.head)), code(&which(&diff.after.head)))?;
    for difference in &diff.differences {
        writeln!(out, "\n> **Warning:** {}", code(difference))?;
    }
    if seen.is_empty() {
        writeln!(out, "\nNo finding differs.")?;
    }
    for (kind, count, lines) in seen.kinds() {
        let title = kind.as_str();
        // What got better is folded.
        let open = kind.is_worse() || kind == DeltaKind::BecameUnknown;
        if open {
            writeln!(out, "\n### {count} {title}\n")?;
        } else {
            writeln!(out, "\n<details><summary>{count} {title}</summary>\n")?;
        }
        for line in &lines {
            let (severity, check) = (line.severity.0.as_str(), code(&line.check_id));
            writeln!(out, "- **{severity}** {check} {}<br>{}", code(&line.arn), code(&line.message))?;
        }
        let more = count.saturating_sub(lines.len() as u64);
        if more > 0 {
            writeln!(out, "- … and {more} more")?;
        }
        if !open {
            writeln!(out, "\n</details>")?;
        }
    }
    only(out, "only the earlier scan ran", &diff.only_before)?;
    only(out, "only the later scan ran", &diff.only_after)
}

fn only(out: &mut dyn Write, title: &str, checks: &BTreeMap<String, Counts>) -> io::Result<()> {
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n<details><summary>{} that {title}; not compared</summary>\n",
        posture_estate::text::counted(checks.len(), "check")
    )?;
    for (check, counts) in checks {
        writeln!(out, "- {}: {} failed, {} unknown", code(check), counts.fail, counts.unknown)?;
    }
    writeln!(out, "\n</details>")
}

/// A code span that its text cannot end.
fn code(text: &str) -> String {
    let text = safe(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn no_text_ends_its_code_span() {
        assert_eq!(code("plain @all <b>"), "`plain @all <b>`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code("a\nb"), "`a\\nb`");
        assert_eq!(code(""), "`  `");
    }
}
