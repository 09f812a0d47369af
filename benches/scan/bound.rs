//! The time that a scan takes at least, however it is written: what latency and quotas impose.
//!
//! Three bounds, and the largest counts. *Chain*: a question whose parameters come out of an answer waits for it, and each
//! link takes the latency once; who waits for whom is read off the questions and answers themselves. *Quota*: the requests of
//! one account to one service in one region, over the share of AWS's quota that a scan takes. *In flight*: all requests over
//! the places in flight.

use crate::aws::{Answers, Asked, Seen};
use posture_estate::aws::transport::{API_SHARE, IN_FLIGHT};
use posture_estate::services::of_call;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

#[derive(Debug)]
pub struct Bound {
    pub time: Duration,
    /// Which of the three it is, in words.
    pub by: String,
}

/// `calls` are those of all accounts, `seen` those of one of them; `left` is how much of AWS's quotas others have left.
pub fn of(answers: &Answers, seen: &[Seen], calls: usize, latency: Duration, left: f64) -> Bound {
    let share = left.min(f64::from(API_SHARE) / 100.0);
    let mut once = BTreeSet::new();
    let unique: Vec<&Asked> =
        seen.iter().map(|seen| &seen.asked).filter(|asked| once.insert(asked.to_string())).collect();
    let (links, last) = chain(answers, &unique);
    let (quota_time, bucket) = quotas(&unique, share);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let in_flight = latency * count(calls) / count(IN_FLIGHT);
    let bounds = [
        Bound { time: latency * count(links), by: format!("a chain of {links} to {last}") },
        Bound { time: quota_time + latency, by: format!("{:.0} % of the quota of {bucket}", share * 100.0) },
        Bound { time: in_flight, by: format!("{calls} calls, {IN_FLIGHT} in flight") },
    ];
    let [first, second, third] = bounds;
    let larger = |a: Bound, b: Bound| if b.time > a.time { b } else { a };
    larger(larger(first, second), third)
}

fn quotas(asked: &[&Asked], share: f64) -> (Duration, String) {
    let mut counts: HashMap<(String, &str), (f64, f64)> = HashMap::new();
    for asked in asked {
        let operation = asked.operation();
        let call = format!("{}:{operation}", asked.service);
        let Some((service, _)) = of_call(&call) else { continue };
        let quota = service.quota(&operation);
        let what = if quota.per_operation { format!("{}:{operation}", asked.service) } else { asked.service.clone() };
        // Tokens missing at the start, and the rate at which they come.
        let (missing, rate) =
            counts.entry((what, &asked.region)).or_insert((-(quota.burst * share).max(1.0), quota.rate * share));
        *missing += 1.0;
        debug_assert!(*rate > 0.0);
    }
    let times = counts.into_iter().map(|((what, region), (missing, rate))| {
        (Duration::from_secs_f64((missing / rate).max(0.0)), format!("{what} in {region}"))
    });
    times.max().unwrap_or_default()
}

/// The length of the longest chain of questions, and its last.
fn chain(answers: &Answers, asked: &[&Asked]) -> (usize, String) {
    let bodies: Vec<String> =
        asked.iter().map(|asked| answers.answer(asked).map(|answer| answer.body).unwrap_or_default()).collect();
    let mut holders: HashMap<String, Vec<usize>> = HashMap::new();
    let words: Vec<Vec<String>> = asked.iter().map(|asked| words(asked)).collect();
    for word in words.iter().flatten() {
        if !holders.contains_key(word) {
            let held = bodies.iter().enumerate().filter(|(_, body)| body.contains(word)).map(|(index, _)| index);
            holders.insert(word.clone(), held.collect());
        }
    }
    // Nobody is known before the caller is, and no region but the home before the list of regions is whole.
    let pages = asked.iter().filter(|asked| asked.operation() == "ListRegions").count();
    let base = |asked: &Asked| match asked.service.as_str() {
        "sts" => 1,
        "account" if asked.operation() == "ListRegions" => 1 + pages,
        "account" | "iam" | "s3" => 2,
        _ => 2 + pages,
    };
    let mut depths: Vec<Option<usize>> = vec![None; asked.len()];
    // Every round settles what depends on what the round before has settled.
    for _ in 0..asked.len() {
        let before = depths.clone();
        for (index, question) in asked.iter().enumerate() {
            depths[index] =
                depth(index, question, &words[index], &holders, &before, asked).map(|after| base(question).max(after));
        }
        if depths == before {
            break;
        }
    }
    let deepest = depths.iter().enumerate().filter_map(|(index, depth)| Some((depth.as_ref()?, index))).max();
    deepest.map_or((0, String::new()), |(depth, index)| (*depth, asked[index].to_string()))
}

/// When this question can be asked at the earliest, as far as is settled.
fn depth(
    index: usize,
    question: &Asked,
    words: &[String],
    holders: &HashMap<String, Vec<usize>>,
    depths: &[Option<usize>],
    asked: &[&Asked],
) -> Option<usize> {
    let mut after = 0;
    for word in words {
        let held = holders.get(word).map(Vec::as_slice).unwrap_or_default();
        let held: Vec<usize> = held.iter().copied().filter(|holder| *holder != index).collect();
        if held.is_empty() {
            continue;
        }
        after = after.max(held.iter().filter_map(|holder| depths[*holder]).min()?);
    }
    if question.operation == "GetCredentialReport" {
        let made = asked.iter().position(|asked| asked.operation == "GenerateCredentialReport");
        if let Some(made) = made {
            after = after.max(depths[made]?);
        }
    }
    Some(after + 1)
}

/// Names and ids among the parameters.
fn words(asked: &Asked) -> Vec<String> {
    let text = asked.params.replace("%3A", ":").replace("%2F", "/");
    let word = |word: &&str| {
        let name = word.len() >= 6 && word.contains(['-', '_']) || word.len() >= 8 && word.contains(char::is_numeric);
        name && *word != asked.account && *word != asked.region && !word.starts_with("v20180820")
    };
    let parts = text.split(|c: char| !c.is_alphanumeric() && !"-_.".contains(c));
    parts.filter(word).map(str::to_owned).collect()
}
