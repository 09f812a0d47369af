//! Does an output of a stack hold a credential? Everyone who may look at stacks reads it. The value itself is never told.

use super::per_stack;
use crate::prelude::*;
use posture_estate::services::cloudformation::Stack;
use posture_estate::text::{counted, secret};

pub async fn probe(at: &Region) -> Outcome {
    per_stack(at, "the Region has no stack", |stack| Some(judge(stack))).await
}

fn judge(stack: &Stack) -> Verdict {
    let name = &stack.name;
    let held = stack.outputs.iter().filter_map(|one| Some((&one.key, secret::in_variable(&one.key, &one.value)?)));
    let held: Vec<_> = held.collect();
    if held.is_empty() {
        let outputs = counted(stack.outputs.len(), "output");
        return Verdict::pass(format!("stack {name} has {outputs} and no credential in them"));
    }
    let told: Vec<String> = held.iter().map(|(key, kind)| format!("{key} ({})", kind.replace('_', " "))).collect();
    let outputs: Vec<_> = held.iter().map(|(key, kind)| json!({ "output": key, "kind": kind })).collect();
    let message = format!(
        "stack {name} has what looks like a credential in {}: {}",
        counted(held.len(), "output"),
        told.join(", ")
    );
    Verdict::fail("secret_in_output", message).evidence(json!({ "outputs": outputs }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudformation::stack;

    fn of(pairs: &[(&str, &str)]) -> Verdict {
        let outputs: Vec<_> =
            pairs.iter().map(|(key, value)| json!({ "OutputKey": key, "OutputValue": value })).collect();
        judge(&stack("shop", &json!({ "Outputs": outputs })))
    }

    #[test]
    fn a_credential_is_known_by_its_form_or_by_its_name() {
        for (key, value) in [
            ("Deploy", "AKIAIOSFODNN7EXAMPLQ"),
            ("DbPassword", "tr0ub4dor-and-3"),
            ("Url", "postgres://app:tr0ub4dor@db.example.com/shop"),
        ] {
            let verdict = of(&[("Size", "3"), (key, value)]);
            assert_eq!(verdict.reasons, ["secret_in_output"], "{key}");
            let told = format!("{} {}", verdict.message, verdict.evidence);
            assert!(told.contains(key) && !told.contains(value), "{told}");
        }
    }

    #[test]
    fn a_reference_is_none() {
        for (key, value) in [
            ("DbPassword", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3"),
            ("DbPassword", "{{resolve:secretsmanager:db}}"),
            ("SecretArn", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3"),
            ("BootstrapVersion", "21"),
            ("BucketName", "shop-assets"),
        ] {
            assert_eq!(of(&[(key, value)]).status, Status::Pass, "{key}");
        }
        assert_eq!(of(&[]).message, "stack shop has 0 outputs and no credential in them");
    }
}
