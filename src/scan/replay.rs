//! The replay of a tape: its accounts, with no network, no credentials and the clock of the recording.

use super::recording::{HeadAccount, Recorded};
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use posture_estate::arn::partition_of;
use posture_estate::aws::credentials::SessionError;
use posture_estate::finding::Gap;
use posture_estate::place::{Account, Origin, Scene};
use posture_estate::regions::{choose_regions, guess_home, known_regions};
use posture_estate::services::sts::Caller;
use posture_estate::session::{Lost, Session};
use std::sync::Arc;

/// The accounts of a tape, and who recorded it. The scene has the tape's transport and clock.
///
/// # Errors
/// When the tape does not hold who asked, or `wanted` names a region that it does not have.
pub async fn replay(
    recorded: &Recorded,
    scene: &Scene,
    wanted: &[String],
) -> Result<(Caller, Vec<Replayed>), SessionError> {
    // An account that nobody got into has none.
    let mut homes = recorded.accounts.iter().map(|account| account.home_region.clone());
    let home_region = &homes.find(|home| !home.is_empty()).unwrap_or_else(|| guess_home(wanted));
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(home_region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "replay", "replay", None, None, "replay",
        )))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::disabled())
        .build();
    let account = |id: &str, partition: &str, home: &str| {
        let (id, partition, home) = (id.to_owned(), partition.to_owned(), home.to_owned());
        Account::new(Origin { id, partition, home, sdk: sdk.clone(), sessions: Vec::new(), scene: scene.clone() })
    };
    let anonymous = account("-", "aws", home_region);
    let caller = anonymous.sts().caller().await.map_err(|gap| {
        SessionError::Credentials(format!("the tape does not say who recorded it: {gap}; record again"))
    })?;
    let partition = partition_of(&caller.arn).unwrap_or("aws").to_owned();
    let mut accounts = Vec::new();
    for head in &recorded.accounts {
        let HeadAccount { id, name, home_region, regions, organization, suspended, lost } = head;
        let organization = *organization;
        if *suspended {
            let session = Err(Lost::unopened(id));
            accounts.push(Replayed { id: id.clone(), name: name.clone(), organization, session });
            continue;
        }
        if let Some(lost) = lost {
            let gap = Gap::new(id, "global", &lost.call, lost.kind, lost.message.clone());
            accounts.push(Replayed { id: id.clone(), name: name.clone(), organization, session: Err(Lost { gap }) });
            continue;
        }
        let known = Ok(regions.iter().map(|name| (name.clone(), true)).collect());
        let chosen = choose_regions(known, wanted, &partition, home_region)
            .map_err(|error| SessionError::Region(format!("{error}; the tape covers {}", regions.join(", "))))?;
        let account = account(id, &partition, home_region);
        if let Some(view) = &recorded.organization {
            account.set_organization(Arc::new(view.clone()));
        }
        account.set_regions(chosen.regions.into_iter().filter(|region| regions.contains(region)).collect());
        // A recording whose list of regions was not readable says so again.
        let regions_gap = if wanted.is_empty() { known_regions(&account).await.err() } else { None };
        let session = Session { account, name: name.clone(), regions_gap, not_enabled: Vec::new() };
        accounts.push(Replayed { id: id.clone(), name: name.clone(), organization, session: Ok(session) });
    }
    Ok(((*caller).clone(), accounts))
}

/// An account of a tape.
#[derive(Debug)]
pub struct Replayed {
    pub id: String,
    pub name: Option<String>,
    /// Whether the checks of the organization ran here.
    pub organization: bool,
    pub session: Result<Session, Lost>,
}
