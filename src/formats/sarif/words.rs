//! Severities and messages as SARIF has them.

use posture_estate::finding::Severity;
use posture_estate::text::safe;

/// The level of a result; SARIF has three, GitHub adds the `security-severity` of the rule.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// Plain text: what would read as an embedded link or a placeholder in a SARIF message is taken apart.
pub(super) fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let mut before = ' ';
    for c in safe(text).chars() {
        if (before == ']' && c == '(') || (before == '{' && c.is_ascii_digit()) {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    if !out.ends_with('.') {
        out.push('.');
    }
    out
}
