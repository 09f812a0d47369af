//! The way to the answers: a tape or AWS, the accounts there, and those of the checks that can run in them.

use super::targets::{Search, Targets};
use super::{Answers, Audience, Failure, Request, central};
use crate::catalogue::{self, Check};
use crate::record::Shard;
use crate::scan::Recorded;
use aws_smithy_types::DateTime;
use posture_estate::aws::credentials;
use posture_estate::aws::tape::TapeRecorder;
use posture_estate::aws::transport::{Source, Transport};
use posture_estate::place::Scene;
use posture_estate::text::counted;
use posture_estate::text::safe;
use posture_policy::{Stale, stale_among, stale_tables};
use std::sync::Arc;
use std::time::SystemTime;

/// A scan that can begin.
#[derive(Debug)]
pub(super) struct Connected {
    pub scene: Scene,
    pub targets: Targets,
    /// Those of the selected checks that are part of it.
    pub checks: Vec<&'static Check>,
}

/// Finds the accounts.
///
/// # Errors
/// When nobody gets to them, or no check is left for them.
pub(super) async fn connect(
    request: &Request,
    checks: &[&'static Check],
    started: DateTime,
    audience: &impl Audience,
) -> Result<Connected, Failure> {
    let (force, whom, settings) = (&request.force, &request.whom, Arc::new(request.config.checks.resolved()));
    match &request.answers {
        Answers::Tape(tape) => {
            let reads = catalogue::reads(checks.iter().copied());
            let transport = Transport::new(Source::Tape(tape.clone()), None, reads);
            let scene = Scene { now: tape.time()?, transport, settings };
            let targets = Targets::of_tape(&Recorded::of(tape)?, &scene, &force.regions).await?;
            let checks = central::kept(checks, &force.selection, &targets, audience)?;
            Ok(Connected { scene, targets, checks })
        }
        Answers::Live { limits, record } => {
            let checks = central::asked(checks, &force.selection, whom.organization, audience)?;
            let mut reads = catalogue::reads(checks.iter().copied());
            reads.extend(whom.calls());
            let recorder = record.as_deref().map(TapeRecorder::create).transpose()?;
            let source = Source::Network(credentials::http_client(&force.profiles).await?);
            let transport = Transport::within(limits.clone(), source, recorder, reads);
            let scene = Scene { now: started, transport, settings };
            let search = Search { profiles: &force.profiles, regions: &force.regions, checks: &checks, scene: &scene };
            let targets = whom.find(search, audience).await?;
            let checks = central::kept(&checks, &force.selection, &targets, audience)?;
            Ok(Connected { scene, targets, checks })
        }
    }
}

impl Connected {
    /// The caller's identity first: the wrong account is the first thing that can go wrong. Then what makes the scan blind.
    pub fn introduce(&self, shard: Option<Shard>, audience: &impl Audience) {
        let arn = safe(&self.targets.caller.arn).into_owned();
        let checks = counted(self.checks.len(), "check");
        let only = self.targets.only(|session| {
            let regions = session.account.regions();
            let places = match regions {
                [one] => one.clone(),
                few if few.len() <= 4 => few.join(", "),
                many => format!("{} regions", many.len()),
            };
            let mut lines = vec![format!("account {} as {arn}: {checks}, {places}", session.account.account_id())];
            lines.extend(
                session
                    .regions_gap
                    .as_ref()
                    .map(|gap| format!("warning: the regions of the account could not be listed: {gap}")),
            );
            lines
        });
        let many = || {
            let part = shard.map(|shard| format!(" of shard {shard}")).unwrap_or_default();
            vec![format!("{}{part} as {arn}: {checks}", counted(self.targets.all.len(), "account"))]
        };
        only.unwrap_or_else(many).iter().for_each(|line| audience.note(line));
        old_tables(DateTime::from(SystemTime::now()).secs()).iter().for_each(|line| audience.note(line));
    }
}

/// A warning for each compiled-in table that has grown old by now, whenever the account was recorded.
fn old_tables(now: i64) -> Vec<String> {
    let warn = |stale: Stale| {
        format!(
            "warning: the table of {} is of {}, {} days ago, and newer ones are judged without it: install a newer release of posture",
            stale.what, stale.date, stale.days
        )
    };
    let of_services = stale_among(posture_estate::services::tables(), now);
    stale_tables(now).into_iter().chain(of_services).map(warn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::date_time::Format;

    #[test]
    fn old_tables_are_told_with_the_remedy() {
        let date = posture_policy::actions::table_date();
        let drawn_up = DateTime::from_str(&format!("{date}T00:00:00Z"), Format::DateTime).unwrap().secs();
        let after = |days: i64| old_tables(drawn_up + days * 86_400);
        assert!(after(0).is_empty() && !after(180).iter().any(|w| w.contains(date)));
        let warnings = after(181);
        assert_eq!(
            warnings[0],
            format!(
                "warning: the table of AWS actions and access levels is of {date}, 181 days ago, and newer ones are judged \
                 without it: install a newer release of posture"
            )
        );
    }
}
