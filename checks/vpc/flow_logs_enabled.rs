//! Every VPC has a flow log that works: active, delivering without error, and recording what is rejected. A log of one
//! subnet or interface, one that only sees accepted traffic and one whose delivery fails do not count.

use crate::prelude::*;
use aws_sdk_ec2::types::{FlowLog, TrafficType, Vpc};

pub async fn probe(at: &Region) -> Outcome {
    let vpcs = at.ec2().vpcs().await?;
    if !vpcs.iter().any(|vpc| at.ec2().owns(vpc.owner_id())) {
        return Ok(vpcs.iter().map(|vpc| foreign(vpc).on(at.ec2().vpc(vpc))).collect());
    }
    let logs = at.ec2().flow_logs().await;
    let judged = |vpc: &Vpc| {
        if !at.ec2().owns(vpc.owner_id()) {
            return foreign(vpc);
        }
        logs.as_ref().map_or_else(Verdict::unseen, |logs| judge(vpc, logs))
    };
    Ok(vpcs.iter().map(|vpc| judged(vpc).on(at.ec2().vpc(vpc))).collect())
}

/// The flow logs of a shared VPC are its owner's; a participant sees none of them.
fn foreign(vpc: &Vpc) -> Verdict {
    let owner = vpc.owner_id().unwrap_or("another account");
    Verdict::not_applicable(format!("vpc {} belongs to {owner}, who logs it", vpc.vpc_id().unwrap_or("?")))
}

fn judge(vpc: &Vpc, logs: &[FlowLog]) -> Verdict {
    let name = format!("vpc {}", vpc.vpc_id().unwrap_or("?"));
    let own: Vec<&FlowLog> =
        logs.iter().filter(|l| l.resource_id().is_some() && l.resource_id() == vpc.vpc_id()).collect();
    if own.is_empty() {
        return Verdict::fail("no_flow_log", format!("{name} has no flow log"));
    }
    let mut all = Reasons::new();
    for log in &own {
        let id = log.flow_log_id().unwrap_or("?");
        let mut reasons = Reasons::new();
        match log.flow_log_status() {
            Some("ACTIVE") => {}
            Some(other) => reasons.broken("not_active", format!("flow log {id} of {name} is {other}")),
            None => reasons.doubt(format!("flow log {id} of {name} has no status")),
        }
        match log.deliver_logs_status() {
            Some("SUCCESS") => {}
            Some(_) => {
                let why = log.deliver_logs_error_message().map(|why| format!(": {why}")).unwrap_or_default();
                reasons.broken("delivery_fails", format!("flow log {id} of {name} fails to deliver{why}"));
            }
            None => reasons.doubt(format!("flow log {id} of {name} has delivered nothing yet")),
        }
        match log.traffic_type() {
            Some(TrafficType::All | TrafficType::Reject) => {}
            Some(TrafficType::Accept) => {
                reasons
                    .broken("accepted_traffic_only", format!("flow log {id} of {name} records accepted traffic only"));
            }
            _ => reasons.doubt(format!("flow log {id} of {name} does not say what it records")),
        }
        let traffic = log.traffic_type().map_or("?", TrafficType::as_str);
        let verdict = reasons.or_pass(|| format!("flow log {id} of {name} records {traffic} and delivers"));
        match verdict.status {
            // One that works is enough, whatever the others do.
            Status::Pass => return verdict,
            _ => all.join(verdict),
        }
    }
    // One of which it is not known may be the one that works.
    let verdict = all.open();
    if own.iter().any(|log| undecided(log)) { verdict.in_doubt() } else { verdict }
}

/// Nothing is known to be wrong with the log, but something is missing.
fn undecided(log: &FlowLog) -> bool {
    log.flow_log_status().is_none_or(|s| s == "ACTIVE")
        && log.deliver_logs_status().is_none_or(|s| s == "SUCCESS")
        && log.traffic_type() != Some(&TrafficType::Accept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vpc() -> Vpc {
        Vpc::builder().vpc_id("vpc-1").owner_id("1").build()
    }

    fn log(status: &str, delivery: Option<&str>, traffic: TrafficType) -> FlowLog {
        FlowLog::builder()
            .flow_log_id("fl-1")
            .resource_id("vpc-1")
            .flow_log_status(status)
            .set_deliver_logs_status(delivery.map(str::to_owned))
            .traffic_type(traffic)
            .build()
    }

    fn status(logs: &[FlowLog]) -> Status {
        judge(&vpc(), logs).status
    }

    #[test]
    fn one_that_works() {
        assert_eq!(status(&[log("ACTIVE", Some("SUCCESS"), TrafficType::All)]), Status::Pass);
        assert_eq!(status(&[log("ACTIVE", Some("SUCCESS"), TrafficType::Reject)]), Status::Pass);
        let bad = log("ACTIVE", Some("FAILED"), TrafficType::All);
        assert_eq!(status(&[bad, log("ACTIVE", Some("SUCCESS"), TrafficType::All)]), Status::Pass);
    }

    #[test]
    fn none_that_works() {
        // semantics 31
        let reasons = |logs: &[FlowLog]| judge(&vpc(), logs).reasons;
        assert_eq!(reasons(&[]), ["no_flow_log"]);
        let failed = log("ACTIVE", Some("FAILED"), TrafficType::All);
        let accepted = log("ACTIVE", Some("SUCCESS"), TrafficType::Accept);
        assert_eq!(reasons(&[log("INACTIVE", Some("SUCCESS"), TrafficType::All)]), ["not_active"]);
        assert_eq!(reasons(&[failed, accepted.clone(), accepted]), ["delivery_fails", "accepted_traffic_only"]);
        let mut subnet = log("ACTIVE", Some("SUCCESS"), TrafficType::All);
        subnet.resource_id = Some("subnet-1".into());
        assert_eq!(status(&[subnet]), Status::Fail);
    }

    #[test]
    fn not_known_yet() {
        assert_eq!(status(&[log("ACTIVE", None, TrafficType::All)]), Status::Unknown);
        let bad = log("ACTIVE", Some("FAILED"), TrafficType::All);
        let open = judge(&vpc(), &[bad, log("ACTIVE", None, TrafficType::All)]);
        assert_eq!((open.status, open.reasons.len()), (Status::Unknown, 0));
        assert_eq!(status(&[log("ACTIVE", None, TrafficType::Accept)]), Status::Fail);
    }

    #[test]
    fn a_shared_vpc_is_its_owners() {
        // semantics 31
        assert_eq!(foreign(&vpc()).status, Status::NotApplicable);
    }
}
