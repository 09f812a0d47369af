//! What somebody who looks at a report has before them.

/// How to lay out what a person reads.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Columns.
    pub width: usize,
    pub colour: bool,
}
