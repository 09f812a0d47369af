//! The Markdown of the cards as HTML: paragraphs, lists, tables, code and links, no more. Cards are this project's own text, yet
//! nothing passes unescaped.

use super::escape::push;
use std::fmt::Write as _;

/// Renders a section of a card.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        at += block(&mut out, &lines[at..]);
    }
    out
}

/// Renders the block that the lines begin with; how many it takes.
fn block(out: &mut String, lines: &[&str]) -> usize {
    let first = lines[0];
    if first.trim().is_empty() {
        return 1;
    }
    if first.starts_with("```") {
        let code: Vec<&str> = lines[1..].iter().copied().take_while(|line| !line.starts_with("```")).collect();
        out.push_str("<pre><code>");
        escape(out, &code.join("\n"));
        out.push_str("</code></pre>\n");
        return code.len() + 2;
    }
    if first.starts_with('|') {
        return table(out, lines);
    }
    if let Some(ordered) = item(first).map(|(_, ordered)| ordered) {
        return list(out, lines, ordered);
    }
    if let Some(heading) = first.strip_prefix('#') {
        out.push_str("<p><b>");
        inline(out, heading.trim_start_matches('#').trim());
        out.push_str("</b></p>\n");
        return 1;
    }
    let ends = |line: &&&str| {
        let line = **line;
        line.trim().is_empty() || line.starts_with("```") || line.starts_with('|') || item(line).is_some()
    };
    let taken = 1 + lines[1..].iter().take_while(|line| !ends(line)).count();
    out.push_str("<p>");
    inline(out, &join(&lines[..taken]));
    out.push_str("</p>\n");
    taken
}

/// The text after a bullet or number, and whether it is a number.
fn item(line: &str) -> Option<(&str, bool)> {
    if let Some(text) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((text, false));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| line[digits..].strip_prefix(". ")).flatten().map(|text| (text, true))
}

fn list(out: &mut String, lines: &[&str], ordered: bool) -> usize {
    let tag = if ordered { "ol" } else { "ul" };
    // A write to a string does not fail.
    let _ = writeln!(out, "<{tag}>");
    let mut at = 0;
    while let Some((text, own)) = lines.get(at).and_then(|line| item(line)) {
        if own != ordered {
            break;
        }
        let more: Vec<&str> = lines[at + 1..].iter().copied().take_while(|line| line.starts_with("  ")).collect();
        out.push_str("<li>");
        // What is indented below the item's own text may be a list of its own.
        let nested = more.iter().position(|line| item(line.trim_start()).is_some()).unwrap_or(more.len());
        let own: Vec<&str> = std::iter::once(text).chain(more[..nested].iter().copied()).collect();
        inline(out, &join(&own));
        if nested < more.len() {
            let depth = more[nested].len() - more[nested].trim_start().len();
            let inner: Vec<&str> = more[nested..].iter().map(|line| line.get(depth..).unwrap_or(line.trim())).collect();
            out.push('\n');
            out.push_str(&html(&inner.join("\n")));
        }
        out.push_str("</li>\n");
        at += 1 + more.len();
        // A blank line between two items keeps them one list.
        if lines.get(at).is_some_and(|line| line.trim().is_empty())
            && lines.get(at + 1).is_some_and(|line| item(line).is_some())
        {
            at += 1;
        }
    }
    let _ = writeln!(out, "</{tag}>");
    at
}

fn table(out: &mut String, lines: &[&str]) -> usize {
    let rows: Vec<Vec<&str>> = lines
        .iter()
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim().trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    out.push_str("<table>\n");
    for (index, row) in rows.iter().enumerate() {
        let rule = row.iter().all(|cell| !cell.is_empty() && cell.bytes().all(|byte| matches!(byte, b'-' | b':')));
        if rule || row.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let tag = if index == 0 { "th" } else { "td" };
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<{tag}>");
            inline(out, cell);
            let _ = write!(out, "</{tag}>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
    rows.len()
}

fn join(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        let _ = push(out, c);
    }
}

/// Code, emphasis and links within a line.
fn inline(out: &mut String, text: &str) {
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        if let Some(taken) = span(out, rest, before) {
            before = rest[..taken].chars().next_back().unwrap_or(' ');
            rest = &rest[taken..];
        } else {
            let _ = push(out, c);
            before = c;
            rest = &rest[c.len_utf8()..];
        }
    }
}

/// The bytes of the code, emphasis or link that the text begins with, rendered.
fn span(out: &mut String, text: &str, before: char) -> Option<usize> {
    if let Some((code, _)) = text.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
        out.push_str("<code>");
        escape(out, code);
        out.push_str("</code>");
        return Some(code.len() + 2);
    }
    for (mark, tag) in [("**", "b"), ("*", "i")] {
        let inner = text.strip_prefix(mark).and_then(|rest| rest.split_once(mark)).map(|(inner, _)| inner);
        let tight = |inner: &&str| {
            !inner.is_empty() && inner.trim() == *inner && !before.is_alphanumeric() && !inner.contains('*')
        };
        if let Some(inner) = inner.filter(tight) {
            let _ = write!(out, "<{tag}>");
            inline(out, inner);
            let _ = write!(out, "</{tag}>");
            return Some(inner.len() + 2 * mark.len());
        }
    }
    let bracketed = text.strip_prefix('<').filter(|rest| rest.starts_with("https://"));
    let url = bracketed.unwrap_or(text);
    if !url.starts_with("https://") {
        return None;
    }
    let end = url.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ')' | '`')).unwrap_or(url.len());
    let url = url[..end].trim_end_matches(['.', ',', ';', ':']);
    out.push_str("<a rel=\"noreferrer\" href=\"");
    escape(out, url);
    out.push_str("\">");
    escape(out, url);
    out.push_str("</a>");
    Some(url.len() + if bracketed.is_some() { 2 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::html;
    use crate::catalogue::checks;

    #[test]
    fn what_cards_use_is_rendered() {
        assert_eq!(html("a `b<c` **d** *e*\nf"), "<p>a <code>b&lt;c</code> <b>d</b> <i>e</i> f</p>\n");
        assert_eq!(html("- a\n  b\n- c"), "<ul>\n<li>a b</li>\n<li>c</li>\n</ul>\n");
        assert_eq!(html("x:\n\n1. a;\n2. b"), "<p>x:</p>\n<ol>\n<li>a;</li>\n<li>b</li>\n</ol>\n");
        assert_eq!(html("```sh\naws x && y\n```"), "<pre><code>aws x &amp;&amp; y</code></pre>\n");
        assert_eq!(html("| | |\n| --- | --- |\n| a | b |"), "<table>\n<tr><td>a</td><td>b</td></tr>\n</table>\n");
        let link = "<a rel=\"noreferrer\" href=\"https://a.b/c\">https://a.b/c</a>";
        assert_eq!(html("<https://a.b/c> and https://a.b/c."), format!("<p>{link} and {link}.</p>\n"));
        assert_eq!(html("s3:* and iam:*, 2 * 3"), "<p>s3:* and iam:*, 2 * 3</p>\n");
    }

    #[test]
    fn markup_is_text() {
        let out = html("<img src=x onerror=alert(1)> **<b>** `</code>` <javascript:x> <https://a\"onclick=x>");
        assert!(!out.contains("<img") && !out.contains("<javascript") && !out.contains("\"onclick"), "{out}");
    }

    #[test]
    fn no_card_keeps_its_markup() {
        for check in checks() {
            let card = &check.card;
            for text in [card.why, card.passes, card.fix.console, card.fix.cli, card.fix.terraform, card.fix.can_break]
            {
                let out = html(text);
                let mut prose = out.as_str();
                while let Some((before, rest)) = prose.split_once("<code>") {
                    assert!(!before.contains("**") && !before.contains('`'), "{}: {before}", check.id);
                    prose = rest.split_once("</code>").unwrap().1;
                }
                assert!(!prose.contains("**") && !prose.contains('`'), "{}: {prose}", check.id);
            }
        }
    }
}
