//! Whatever a person gives it that cannot work ends with exit 2 and a sentence that names the place and what to do about it.

use crate::support::{Run, posture, repo};

/// What is given, where it is wrong, and the remedy.
type Bad<'a> = (&'a [&'a str], &'a str, &'a str);

const REPLAY: [&str; 4] = ["scan", "--no-config", "--replay", "fixtures/acme"];

const BAD: &[Bad<'static>] = &[
    (&["scan", "--no-config", "--replay", "no/such/dir"], "no/such/dir", "give the directory of a recording"),
    (&["scan", "--no-config", "--replay", "src"], "src is no tape", "record again"),
    (&["scan", "--config", "no.toml"], "no.toml", "give another file with --config"),
    (&["scan", "--no-config", "--shard", "1/2"], "--shard", "it goes with --org"),
    (&["scan", "--no-config", "--exclude-account", "111122223333"], "--exclude-account", "it goes with --org"),
    (&["scan", "--no-config", "--account", "111122223333"], "--account", "name it with --role-name"),
    (&["scan", "--no-config", "--role-name", "audit"], "--role-name", "give --account"),
    (&["scan", "--no-config", "--account", "1234", "--role-name", "audit"], "\"1234\"", "such as 111122223333"),
    (&["scan", "--no-config", "--accounts-file", "no.txt", "--role-name", "audit"], "no.txt", "check the path"),
    (&["scan", "--no-config", "--accounts-file", "src", "--role-name", "audit"], "src", "give a file"),
    (&["scan", "--no-config", "--account", "111122223333", "--role-name", "arn:x"], "\"arn:x\"", "such as audit"),
    (&["scan", "--no-config", "--profile", "nobody"], "\"nobody\"", "there is none"),
    (&["diff", "README.md", "README.md"], "README.md", "give the report of --output json"),
    (&["merge", "no.json"], "no.json", "give the report of --output json"),
    (&["push", "security-hub", "no.json"], "no.json", "give the report of --output json"),
    (&["practices", "--no-config"], "--no-config", "leave them out"),
    (&["practices", "--report", "README.md"], "README.md", "give the report of --output json"),
    (&["policy", "--no-config", "--part", "99"], "--part 99", "give one from 1 to"),
    (&["attest", "init", "--practice", "SEC01-BP02"], "SEC01-BP02", "leave it out"),
    (&["explain", "nothing_of_the_kind"], "nothing_of_the_kind", "`posture list`"),
    (&["config", "check", "no.toml"], "no.toml", "give another file"),
    (&["man", "--dir", "/proc/none"], "/proc/none", "write elsewhere"),
];

/// The same, in a scan of a recorded account.
const BAD_REPLAYS: &[Bad<'static>] = &[
    (&["--baseline", "no.json"], "no.json", "give the report of --output json"),
    (&["--output", "json=/no/such/dir/r.json"], "/no/such/dir/r.json", "make its directory first"),
    (&["--output", "json=src"], "src: it is a directory", "give the path of a file"),
    (&["--output", "json", "--output", "csv"], "stdout", "give the others a path"),
    (&["--check", "iam_root_mfa_enabld"], "\"iam_root_mfa_enabld\"", "iam_root_mfa_enabled"),
    (&["--attestations", "no.toml"], "no.toml", "give another file"),
    (&["--region", "us-east-9"], "us-east-9", "the tape covers"),
    (&["--fail-on", "awful"], "awful", "possible values: critical, high"),
];

#[test]
fn what_cannot_work_names_the_place_and_the_remedy() {
    let replays = BAD_REPLAYS.iter().map(|(more, place, remedy)| ([&REPLAY[..], more].concat(), place, remedy));
    let all = BAD.iter().map(|(args, place, remedy)| (args.to_vec(), place, remedy)).chain(replays);
    let mut wrong = Vec::new();
    for (args, place, remedy) in all {
        let run = Run::of(posture().args(&args).current_dir(repo("")));
        let told = [*place, *remedy].iter().all(|words| run.stderr.contains(words));
        // Nobody's mistake may look like one of ours, or the other way round.
        let blamed = run.stderr.contains("bug") || run.stderr.contains("panicked");
        if run.code != 2 || !run.stdout.is_empty() || !told || blamed {
            wrong.push(format!("{args:?} ({place}; {remedy}): exit {}: {}", run.code, run.stderr));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
