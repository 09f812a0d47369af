//! The second half of the way: from a metric filter to an alarm, its actions, a topic and who is subscribed.

use crate::prelude::*;
use posture_estate::arn::Arn;
use posture_estate::services::cloudtrail::delivery::one_suffices;
use posture_estate::services::cloudwatch::{Acting, Alarms, Counted, Fires};
use posture_estate::services::events::reach::TargetKind;
use posture_estate::services::logs::MetricFilter;
use posture_estate::services::sns::{Listeners, topic_name};
use std::collections::{BTreeMap, BTreeSet};

/// What a Region shows of its alarms and of the topics that they notify.
pub(super) struct Seen {
    pub account: String,
    pub region: String,
    pub alarms: Answer<Alarms>,
    pub topics: BTreeMap<String, Result<Listeners, Gap>>,
}

impl Seen {
    /// The topics are asked only where an alarm on one of the filters notifies them.
    pub(super) async fn of(at: &Account, region: &str, filters: &[&MetricFilter]) -> Seen {
        let place = at.region(region);
        let alarms = place.cloudwatch().alarms().await;
        let mut topics = BTreeSet::new();
        if let Ok(alarms) = &alarms {
            let counted: Vec<Counted> = filters.iter().flat_map(|filter| counted(filter)).collect();
            let on = |alarm: &&_| counted.iter().any(|counted| is_on(alarm, counted));
            for alarm in alarms.metric.iter().filter(on) {
                let acting = alarms.with(alarm.acting()).into_iter().filter(|(acting, _)| acting.enabled);
                topics.extend(acting.flat_map(|(acting, _)| acting.actions.iter().cloned()));
            }
        }
        topics.retain(|action| own_topic(action, at.account_id()).is_some());
        let asked = join_all(topics.into_iter().map(async |topic| {
            let listeners = place.sns().listeners(&topic).await;
            (topic, listeners)
        }));
        let topics = asked.await.into_iter().collect();
        Seen { account: at.account_id().to_owned(), region: region.to_owned(), alarms, topics }
    }
}

fn is_on(alarm: &posture_estate::services::cloudwatch::MetricAlarm, counted: &Counted) -> bool {
    alarm.fires_on(counted) != Fires::Elsewhere
}

fn own_topic<'a>(action: &'a str, account: &str) -> Option<&'a str> {
    let arn = Arn::parse(action)?;
    (arn.service == "sns" && arn.account == account).then_some(action)
}

fn counted(filter: &MetricFilter) -> Vec<Counted> {
    let of = |one: &posture_estate::services::logs::Transformation| Counted {
        namespace: one.metric_namespace.clone(),
        name: one.metric_name.clone(),
    };
    filter.metric_transformations.iter().map(of).collect()
}

/// Whether what the filter counts makes an alarm go off that somebody hears; `each`: on a single event.
pub(super) fn way(filter: &MetricFilter, seen: &Seen, each: bool) -> Verdict {
    let name = &filter.filter_name;
    let alarms = match &seen.alarms {
        Ok(alarms) => alarms,
        Err(gap) => return Verdict::unseen(gap),
    };
    let mut ways = Vec::new();
    for (transformation, counted) in filter.metric_transformations.iter().zip(counted(filter)) {
        let split = transformation.dimensions.keys().chain(&filter.emit_system_field_dimensions).next();
        let value: Option<f64> = transformation.metric_value.parse().ok();
        for alarm in &alarms.metric {
            let fires = alarm.fires_on(&counted);
            let late = match (fires, split, value) {
                (Fires::Elsewhere, ..) => continue,
                (_, Some(dimension), _) => {
                    ways.push(Verdict::undecided(format!(
                        "metric filter {name} splits its count by {dimension}, and what of it alarm {} sees is not judged",
                        alarm.alarm_name
                    )));
                    continue;
                }
                (_, _, Some(value)) if value <= 0.0 => {
                    ways.push(Verdict::fail(
                        "alarm_never_fires",
                        format!("metric filter {name} counts each event as {}", transformation.metric_value),
                    ));
                    continue;
                }
                (_, _, None) | (_, _, Some(..1.0)) => {
                    let value = &transformation.metric_value;
                    ways.push(Verdict::undecided(format!("metric filter {name} counts each event as {value}")));
                    continue;
                }
                (Fires::Never(why), ..) => {
                    ways.push(Verdict::fail("alarm_never_fires", why));
                    continue;
                }
                (Fires::Late(why), ..) if each => {
                    ways.push(Verdict::fail("alarm_too_late", why));
                    continue;
                }
                (Fires::Perhaps(why), ..) => Some(why),
                (Fires::AtOnce | Fires::Late(_), ..) => None,
            };
            for (acting, doubt) in alarms.with(alarm.acting()) {
                ways.push(match (acts(&acting, name, seen), late.clone().or(doubt)) {
                    (verdict, Some(doubt)) if verdict.status == Status::Pass => Verdict::undecided(doubt),
                    (verdict, _) => verdict,
                });
            }
        }
    }
    let none = format!("no alarm in {} is on what metric filter {name} counts", seen.region);
    one_suffices(ways, Verdict::fail("no_alarm", none))
}

/// Whether somebody hears of the alarm.
fn acts(acting: &Acting<'_>, filter: &str, seen: &Seen) -> Verdict {
    let name = acting.name;
    if !acting.enabled {
        return Verdict::fail("actions_disabled", format!("the actions of alarm {name} are disabled"));
    }
    let none = Verdict::fail("no_topic", format!("alarm {name} tells nobody when it goes off"));
    let judged = acting.actions.iter().filter_map(|action| match Arn::parse(action) {
        Some(arn) if arn.service == "sns" && arn.account != seen.account => Some(Verdict::undecided(format!(
            "alarm {name} notifies topic {} of account {}, whose subscriptions show only there",
            topic_name(action),
            arn.account
        ))),
        Some(arn) if arn.service == "sns" => Some(match seen.topics.get(action) {
            Some(Ok(listeners)) => heard(listeners, action, name, filter),
            Some(Err(gap)) => Verdict::unseen(gap),
            None => Verdict::undecided(format!("topic {action} was not asked for")),
        }),
        // They start, stop and scale, and tell nobody.
        Some(arn) if ["autoscaling", "automate", "swf"].contains(&arn.service) => None,
        _ => Some(match TargetKind::of(action) {
            TargetKind::People(how) => {
                Verdict::pass(format!("metric filter {filter} and alarm {name} tell people by {how}"))
            }
            _ => {
                Verdict::undecided(format!("alarm {name} starts {action}, and whether that tells somebody is not seen"))
            }
        }),
    });
    one_suffices(judged.collect(), none)
}

fn heard(listeners: &Listeners, topic: &str, alarm: &str, filter: &str) -> Verdict {
    let topic = topic_name(topic);
    match listeners.lack() {
        Some(lack) => Verdict::fail("no_subscriber", format!("alarm {alarm} notifies topic {topic}, {lack}")),
        None => {
            Verdict::pass(format!("metric filter {filter} and alarm {alarm} notify the subscribers of topic {topic}"))
        }
    }
}
