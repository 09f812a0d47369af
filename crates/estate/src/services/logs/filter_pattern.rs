//! Filter patterns of CloudWatch Logs: does a metric filter count a log event?
//!
//! The grammar is that of patterns for JSON, read whole, so that order, quotes, parentheses and line breaks do not matter. An event is
//! asked about by a sample that has what is certain of all events of its kind; what a pattern demands of anything else, and what AWS does
//! not document, is "perhaps", never yes or no.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod expression;
mod parse;
mod regex;

pub use expression::{FilterMatch, LogSample};

/// Whether the pattern matches every event that the sample stands for. An empty pattern matches all.
pub fn matches(pattern: &str, sample: &LogSample) -> FilterMatch {
    let pattern = pattern.trim();
    if pattern.is_empty() {
        return FilterMatch::Yes;
    }
    match parse::expression(pattern) {
        Some(expression) => expression.holds(sample),
        None => expression::perhaps("its pattern is none for JSON that can be read"),
    }
}

#[cfg(test)]
mod tests;
