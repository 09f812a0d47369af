//! The fixes on cards are right by their letter: commands as botocore's models have them, Terraform as the provider's schema has it.

use crate::models::run;
use crate::support::repo;
use aws_posture::catalogue::checks;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_command_is_one_of_the_aws_cli() {
    let Some(told) = run("commands.py", &[]) else { return };
    let told = String::from_utf8(told).unwrap();
    let (faults, last) = told.trim_end().rsplit_once('\n').unwrap_or(("", told.trim_end()));
    assert!(faults.is_empty(), "{faults}");
    let count: usize = last.split(' ').next().unwrap().parse().unwrap();
    assert!(count > 250, "{count} commands were read");
}

/// Types by kind, `resource aws_vpc`, each with the names of its arguments and blocks, at every depth.
fn names() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(repo("tests/it/terraform.txt")).unwrap();
    let named = |line: &str| {
        let (kind, names) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
        (kind.to_owned(), names.split(' ').map(str::to_owned).collect())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(named).collect()
}

/// What Terraform has in every block, whatever the provider.
const META: &[&str] = &["count", "depends_on", "for_each", "lifecycle", "provider", "content", "region"];

#[test]
fn every_type_and_argument_is_one_of_the_terraform_provider() {
    let (known, mut seen, mut wrong) = (names(), 0, Vec::new());
    for check in checks() {
        for block in check.card.fix.terraform.split("```hcl\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
            for used in Reader::new(block).blocks() {
                seen += 1;
                let Some(names) = known.get(&used.kind) else {
                    wrong.push(format!(
                        "{}: {} is not in tests/it/terraform.txt: run tests/aws/terraform.py",
                        check.id, used.kind
                    ));
                    continue;
                };
                let strange = used.names.iter().filter(|name| !names.contains(*name) && !META.contains(&name.as_str()));
                wrong.extend(strange.map(|name| format!("{}: {} has no {name}", check.id, used.kind)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "{seen} blocks were read");
}

#[test]
fn terraform_is_read_as_it_is_meant() {
    let text = r#"
# resource "aws_not_this" "one" {}
resource "aws_s3_bucket" "logs" {
  bucket = "a{b" # a comment
  tags   = { Owner = "x", inner = { y = 1 } }
  policy = jsonencode({
    Statement = [{ Effect = "Deny" }]
  })
  dynamic "rule" {
    for_each = var.x
    content {
      id = <<-EOT
        not = "an argument"
      EOT
    }
  }
  lifecycle {
    ignore_changes = [tags]
  }
}
variable "x" { default = 1 }
data "aws_region" "here" {}
"#;
    let blocks = Reader::new(text).blocks();
    assert_eq!(
        blocks.iter().map(|block| block.kind.as_str()).collect::<Vec<_>>(),
        ["resource aws_s3_bucket", "data aws_region"]
    );
    let names: Vec<&str> = blocks[0].names.iter().map(String::as_str).collect();
    assert_eq!(names, ["bucket", "content", "for_each", "id", "lifecycle", "policy", "rule", "tags"]);
}

/// A resource or a data source, and the names in it.
#[derive(Debug)]
struct Block {
    kind: String,
    names: BTreeSet<String>,
}

/// Reads as much of HCL as cards have. <https://developer.hashicorp.com/terraform/language/syntax/configuration>
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Reader { rest: text }
    }

    fn blocks(mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        while let Some((name, labels)) = self.statement() {
            let Some(labels) = labels else { continue };
            let mut names = BTreeSet::new();
            self.inside(&mut names);
            if let ("resource" | "data", Some(kind)) = (name, labels.first().filter(|kind| kind.starts_with("aws_"))) {
                blocks.push(Block { kind: format!("{name} {kind}"), names });
            }
        }
        blocks
    }

    /// The names up to the end of a block that has begun.
    fn inside(&mut self, names: &mut BTreeSet<String>) {
        while let Some((name, labels)) = self.statement() {
            match (name, labels) {
                ("lifecycle", Some(_)) => {
                    names.insert(name.to_owned());
                    self.inside(&mut BTreeSet::new());
                }
                ("dynamic", Some(labels)) => {
                    names.extend(labels);
                    self.inside(names);
                }
                (_, Some(_)) => {
                    names.insert(name.to_owned());
                    self.inside(names);
                }
                (_, None) => drop(names.insert(name.to_owned())),
            }
        }
    }

    /// The next name, with the labels of the block that it begins; `None` at the end of a block. What is assigned is passed over.
    fn statement(&mut self) -> Option<(&'a str, Option<Vec<String>>)> {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(comment) = self.rest.strip_prefix('#').or_else(|| self.rest.strip_prefix("//")) {
                self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return None;
            }
            let end = self
                .rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
                .unwrap_or(self.rest.len());
            if end == 0 {
                assert!(self.rest.is_empty(), "no HCL: {}", self.rest.lines().next().unwrap());
                return None;
            }
            let name;
            (name, self.rest) = self.rest.split_at(end);
            let mut labels = Vec::new();
            loop {
                self.rest = self.rest.trim_start_matches(' ');
                if let Some(rest) = self.rest.strip_prefix('"') {
                    let (label, rest) = rest.split_once('"').unwrap();
                    labels.push(label.to_owned());
                    self.rest = rest;
                } else if let Some(rest) = self.rest.strip_prefix('{') {
                    self.rest = rest;
                    return Some((name, Some(labels)));
                } else {
                    self.rest =
                        self.rest.strip_prefix('=').unwrap_or_else(|| panic!("no HCL after {name}: {}", self.rest));
                    self.expression();
                    return Some((name, None));
                }
            }
        }
    }

    /// Passes over what is assigned: up to the end of the line, or the brace that ends the block on it.
    fn expression(&mut self) {
        let (mut depth, mut characters, mut quoted) = (0, self.rest.char_indices(), false);
        while let Some((at, c)) = characters.next() {
            match c {
                '\\' if quoted => drop(characters.next()),
                '"' => quoted = !quoted,
                _ if quoted => {}
                '<' if self.rest[at..].starts_with("<<") => {
                    let after = self.rest[at..].trim_start_matches(['<', '-']);
                    let word = after.lines().next().unwrap().trim();
                    let end = after.match_indices(word).nth(1).unwrap_or_else(|| panic!("no end of {word}")).0;
                    self.rest = &after[end + word.len()..];
                    return;
                }
                '(' | '[' | '{' => depth += 1,
                '}' if depth == 0 => {
                    self.rest = &self.rest[at..];
                    return;
                }
                ')' | ']' | '}' => depth -= 1,
                '\n' if depth == 0 => {
                    self.rest = &self.rest[at..];
                    return;
                }
                _ => {}
            }
        }
        self.rest = "";
    }
}
