//! What stands between quotes.

/// String literals with nothing but commas, brackets and white space between them, as lists have them.
pub fn literals_side_by_side(text: &str) -> Vec<Vec<String>> {
    let mut runs: Vec<Vec<String>> = vec![Vec::new()];
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (index, part) in line.split('"').enumerate() {
            if index % 2 == 1 {
                if let Some(run) = runs.last_mut() {
                    run.push(part.to_owned());
                }
            } else if part.contains(|c: char| !c.is_whitespace() && !",&()[]|".contains(c)) {
                runs.push(Vec::new());
            }
        }
    }
    runs.retain(|run| run.len() > 1);
    runs
}

#[test]
fn a_list_is_seen_over_lines_and_a_sentence_is_none() {
    let of = |text: &str| literals_side_by_side(text);
    assert_eq!(of("let a = [\"x\", \"y\",\n    \"z\"];"), [["x", "y", "z"]]);
    assert_eq!(of("match a { \"x\" | \"y\" => f(\"z\"), }"), [["x", "y"]]);
    assert!(of("f(\"x\"); g(\"y\");").is_empty());
}
