//! Text for a terminal: Markdown of the cards wrapped to its width, and rows whose last column hangs. Without colour the
//! markup stays, so that what is piped into a file is still Markdown.

use anstyle::{AnsiColor, Style};
use std::borrow::Cow;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

const HEADING: Style = Style::new().bold();
const SUBHEADING: Style = Style::new().underline();
const STRONG: Style = Style::new().bold();
const CODE: Style = AnsiColor::Cyan.on_default();
const FENCE: Style = Style::new().dimmed();

/// The least columns that a hanging column is worth; with fewer it goes below.
const NARROW: usize = 30;

/// Lines of `text`, at most `width` columns each; words that are too long (URLs, ARNs) stay whole, so that they can be copied.
pub fn wrapped<'a>(text: &'a str, first: &str, rest: &str, width: usize) -> Vec<Cow<'a, str>> {
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options)
}

/// A row: `start`, then `end` wrapped beside it, or below it with `below` columns of indent where too little is left.
pub fn row(start: &str, end: &str, below: usize, width: usize) -> String {
    let column = start.chars().count();
    let lines = if column + NARROW <= width {
        wrapped(end, start, &" ".repeat(column), width)
    } else {
        let indent = " ".repeat(below);
        let mut lines = vec![Cow::from(start.trim_end())];
        lines.extend(wrapped(end, &indent, &indent, width));
        lines
    };
    joined(&lines)
}

/// Each line of a plain text on its own, wrapped with an indent that shows where it goes on.
pub fn lines(text: &str, width: usize) -> String {
    let hang = |line: &str| " ".repeat(line.len() - line.trim_start().len() + 2);
    text.lines()
        .map(|line| match line.trim_start() {
            "" => "\n".to_owned(),
            rest => joined(&wrapped(rest, &line[..line.len() - rest.len()], &hang(line), width)),
        })
        .collect()
}

fn joined(lines: &[Cow<'_, str>]) -> String {
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A part of a Markdown text.
#[derive(Debug, PartialEq, Eq)]
enum Block<'a> {
    /// A line that stays as it is: of a table, or empty.
    Verbatim(&'a str),
    Heading(&'a str),
    /// From one line of backticks to the other, both with it.
    Fence(Vec<&'a str>),
    /// A paragraph or an item: what stands before its first line, and its words.
    Text(&'a str, String),
}

/// Markdown wrapped to a width; with colour, headings and code are styled in the place of their markup.
pub fn markdown(text: &str, width: usize, colour: bool) -> String {
    let mut out = String::new();
    for block in blocks(text) {
        match block {
            Block::Verbatim(line) => out.push_str(&format!("{line}\n")),
            Block::Heading(line) if colour => {
                let style = if line.starts_with("###") { SUBHEADING } else { HEADING };
                out.push_str(&format!("{}\n", painted(style, line.trim_start_matches('#').trim_start())));
            }
            Block::Heading(line) => out.push_str(&format!("{line}\n")),
            Block::Fence(lines) => {
                let last = lines.len() - 1;
                for (index, line) in lines.into_iter().enumerate() {
                    let style = if index == 0 || index == last { FENCE } else { CODE };
                    let line = if colour { painted(style, line) } else { line.to_owned() };
                    out.push_str(&format!("{line}\n"));
                }
            }
            Block::Text(marker, words) => {
                let lines = wrapped(&words, marker, &" ".repeat(marker.chars().count()), width);
                let lines = joined(&lines);
                out.push_str(&if colour { inline(&lines) } else { lines });
            }
        }
    }
    out
}

fn painted(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let bare = line.trim_start();
        if bare.starts_with("```") {
            let mut fence = vec![line];
            for line in lines.by_ref() {
                fence.push(line);
                if line.trim() == "```" {
                    break;
                }
            }
            blocks.push(Block::Fence(fence));
        } else if line.starts_with('#') {
            blocks.push(Block::Heading(line));
        } else if bare.is_empty() || bare.starts_with('|') {
            blocks.push(Block::Verbatim(line));
        } else if let Some(length) = marker(bare) {
            let (marker, words) = line.split_at(line.len() - bare.len() + length);
            blocks.push(Block::Text(marker, words.to_owned()));
        } else if let Some(Block::Text(_, words)) = blocks.last_mut() {
            words.push(' ');
            words.push_str(line.trim());
        } else {
            blocks.push(Block::Text("", bare.to_owned()));
        }
    }
    blocks
}

/// The bytes of the mark that an item begins with.
fn marker(line: &str) -> Option<usize> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && line[digits..].starts_with(". ") {
        return Some(digits + 2);
    }
    (line.starts_with("- ") || line.starts_with("* ")).then_some(2)
}

/// Code and strong words in styles in the place of their marks; a style ends with its line and goes on in the next.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let (mut style, mut rest) = (None::<Style>, text);
    while let Some(c) = rest.chars().next() {
        let mark = match (c, style) {
            ('`', None | Some(CODE)) => Some((1, CODE)),
            ('*', None | Some(STRONG)) if rest.starts_with("**") => Some((2, STRONG)),
            _ => None,
        };
        // A mark without its end is a character as any.
        let mark = mark.filter(|(length, _)| style.is_some() || rest[*length..].contains(&rest[..*length]));
        match (mark, style) {
            (Some((length, own)), None) => {
                out.push_str(&own.to_string());
                (style, rest) = (Some(own), &rest[length..]);
            }
            (Some((length, own)), Some(_)) => {
                out.push_str(&format!("{own:#}"));
                (style, rest) = (None, &rest[length..]);
            }
            (None, Some(own)) if c == '\n' => {
                let indent = rest[1..].len() - rest[1..].trim_start_matches(' ').len();
                out.push_str(&format!("{own:#}\n{}{own}", &rest[1..=indent]));
                rest = &rest[1 + indent..];
            }
            (None, _) => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::checks;

    const CARD: &str = "# Title\n\n## Why\nOne two three\nfour five six.\n- an item that\n  goes on\n- other\n1. first of\n   all\n\n\
                        ```sh\naws  s3 ls \\\n  --a-very-long-flag-that-is-not-wrapped\n```\nAfter.\n| a | b |\n";

    #[test]
    fn paragraphs_and_items_are_wrapped_and_fences_are_not() {
        assert_eq!(
            markdown(CARD, 14, false),
            "# Title\n\n## Why\nOne two three\nfour five six.\n- an item that\n  goes on\n- other\n1. first of\n   all\n\n\
             ```sh\naws  s3 ls \\\n  --a-very-long-flag-that-is-not-wrapped\n```\nAfter.\n| a | b |\n"
        );
        let wide = markdown(CARD, 80, false);
        assert!(wide.contains("One two three four five six.\n- an item that goes on\n- other\n1. first of all\n"));
    }

    #[test]
    fn with_colour_styles_take_the_place_of_marks() {
        let text = markdown("# A title\nUse `a b` and **that now**; 2 * 3 ** 4 ` 5\n```sh\nls `x`\n```\n", 13, true);
        let plain = unstyled(&text);
        assert_eq!(plain, "A title\nUse a b and\nthat now;\n2 * 3 ** 4 `\n5\n```sh\nls `x`\n```\n");
        for line in text.lines() {
            assert_eq!(line.matches("\u{1b}[0m").count() * 2, line.matches('\u{1b}').count(), "open style: {line:?}");
        }
        assert_eq!(inline("a `b\n  c` d\n"), format!("a {CODE}b{CODE:#}\n  {CODE}c{CODE:#} d\n"));
    }

    /// The text without styles.
    fn unstyled(text: &str) -> String {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |all, part| all + part.split_once('m').map_or("", |(_, rest)| rest))
    }

    #[test]
    fn no_card_loses_a_word_at_any_width() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for check in checks() {
            let prose = check.card.prose();
            for width in [50, 80, 160] {
                let text = markdown(prose, width, false);
                assert_eq!(words(&text), words(prose), "{}", check.id);
                let mut fenced = false;
                for line in text.lines() {
                    fenced ^= line.starts_with("```");
                    let whole = line.trim().trim_start_matches("- ").split(' ').count() == 1;
                    let free = fenced || line.starts_with(['#', '|', '`']);
                    assert!(free || whole || line.chars().count() <= width, "{}: {line}", check.id);
                }
            }
        }
    }

    #[test]
    fn the_last_column_hangs_or_goes_below() {
        assert_eq!(
            row("id  ", "some words that are too many for one", 2, 35),
            "id  some words that are too many\n    for one\n"
        );
        assert_eq!(row("a-long-id  ", "some words", 2, 40), "a-long-id\n  some words\n");
        assert_eq!(lines("a: one two three\n\n  - b c d\n", 10), "a: one two\n  three\n\n  - b c d\n");
    }
}
