//! How to fix what a check found: the commands of its card, as far as they can be pasted from a terminal.

use crate::catalogue::Check;

/// Lines of a fix that are shown; `posture explain` has the whole of it.
const FIX_LINES: usize = 8;

/// The card's CLI section: what it says before its commands, and the commands.
pub(super) fn fix(check: &Check) -> (String, Vec<&'static str>) {
    let (mut prose, mut commands, mut fenced) = (Vec::new(), Vec::new(), false);
    for line in check.card.fix.cli.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced && !line.trim().is_empty() {
            commands.push(line);
        } else if commands.is_empty() && !line.is_empty() {
            prose.push(line);
        }
    }
    (prose.join(" ").replace("**", ""), commands)
}

/// The leading commands that can be pasted as they are printed: whole ones, of [`FIX_LINES`] lines together at most, and no
/// here-document, whose end an indented terminal block would hide from the shell.
pub(super) fn pasteable<'a>(lines: &'a [&'static str]) -> &'a [&'static str] {
    let (mut whole, mut open) = (0, false);
    for (index, line) in lines.iter().enumerate().take(FIX_LINES) {
        if line.contains("<<") {
            break;
        }
        let quotes = if line.trim_start().starts_with('#') { 0 } else { line.matches('\'').count() };
        open ^= quotes % 2 == 1;
        if !open && !line.ends_with('\\') {
            whole = index + 1;
        }
    }
    &lines[..whole]
}

#[cfg(test)]
mod tests {
    use super::pasteable;

    #[test]
    fn only_whole_commands_are_shown() {
        assert_eq!(pasteable(&["aws a \\", "  --b", "aws c '{", "}'"]).len(), 4);
        assert_eq!(pasteable(&["aws a", "cat > x <<'JSON'", "{}", "JSON"]), ["aws a"]);
        assert_eq!(pasteable(&["aws a --policy '{", "1", "2", "3", "4", "5", "6", "7", "8}'"]), [""; 0]);
        assert_eq!(pasteable(&["# don't", "aws a"]).len(), 2);
    }
}
