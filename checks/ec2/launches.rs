//! What an instance would be like that is started so: its metadata service, its address and its volumes, with what account and image add
//! where the launch says nothing.

use crate::prelude::*;
use aws_sdk_ec2::types::{DeviceType, Image, InstanceMetadataDefaultsResponse, Snapshot};
use posture_estate::services::ec2::launch::{Disk, Launch, disks_with_image};
use std::collections::BTreeSet;

/// What images of AWS call their root. A launch that encrypts it leaves nothing of an image that cannot be seen to ask for.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html>
const ROOTS: &[&str] = &["/dev/sda1", "/dev/xvda"];

/// What decides where a launch says nothing; each asked for only where one does.
pub(super) struct Surroundings {
    pub defaults: Answer<InstanceMetadataDefaultsResponse>,
    pub encrypted_by_default: Answer<bool>,
    pub images: Answer<Vec<Image>>,
    pub snapshots: Answer<Vec<Snapshot>>,
}

fn tells_tokens(launch: &Launch) -> bool {
    launch.tokens.is_some() || launch.endpoint.as_deref() == Some("disabled")
}

impl Surroundings {
    /// Asks for what these launches leave open; the metadata service only of those that can set it.
    pub(super) async fn of(at: &Region, settable: &[&Launch], others: &[&Launch]) -> Surroundings {
        let all: Vec<&Launch> = settable.iter().chain(others).copied().collect();
        let silent: Vec<&Launch> = settable.iter().copied().filter(|it| !tells_tokens(it)).collect();
        let defaults = async {
            match silent.is_empty() {
                true => Ok(Arc::new(InstanceMetadataDefaultsResponse::builder().build())),
                false => at.ec2().instance_metadata_defaults().await,
            }
        };
        let (defaults, encrypted_by_default) = join!(defaults, at.ec2().ebs_encryption_by_default());
        let untold = defaults.as_ref().is_ok_and(|it| it.http_tokens().is_none());
        let open = encrypted_by_default.as_ref().is_ok_and(|on| !**on);
        let of_images = [(open, &all), (untold, &silent)].into_iter().filter(|(needed, _)| *needed);
        let ids: BTreeSet<String> = of_images.flat_map(|(_, some)| some).filter_map(|it| it.image.clone()).collect();
        let images = async {
            match ids.is_empty() {
                true => Ok(Arc::default()),
                false => at.ec2().images(&Vec::from_iter(ids)).await,
            }
        };
        let from_snapshot = |disk: &Disk| disk.encrypted.is_none() && disk.snapshot.is_some();
        let snapshots = async {
            match open && all.iter().any(|it| it.disks.iter().any(from_snapshot)) {
                true => at.ec2().own_snapshots().await,
                false => Ok(Arc::default()),
            }
        };
        let (images, snapshots) = join!(images, snapshots);
        Surroundings { defaults, encrypted_by_default, images, snapshots }
    }

    /// The image of a launch; `None` where it has none that can be seen, with what was not seen kept.
    fn image<'a>(&'a self, launch: &Launch, reasons: &mut Reasons) -> Option<&'a Image> {
        let id = launch.image.as_deref()?;
        match &self.images {
            Ok(images) => images.iter().find(|image| image.image_id() == Some(id)),
            Err(gap) => {
                reasons.unseen(gap);
                None
            }
        }
    }
}

/// Whether the metadata service of the instance would take requests without a token. What the launch says decides, then the account's
/// default, then the image.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html>
pub(super) fn judge_tokens(reasons: &mut Reasons, launch: &Launch, around: &Surroundings) {
    match (launch.endpoint.as_deref(), launch.tokens.as_deref()) {
        (Some("disabled"), _) | (_, Some("required")) => return,
        (_, Some("optional")) => {
            return reasons.broken("imdsv1_allowed", "makes IMDSv2 tokens optional");
        }
        (_, Some(other)) => return reasons.doubt(format!("has the metadata tokens {other}")),
        (_, None) => {}
    }
    let Some(defaults) = reasons.add(around.defaults.clone()) else { return };
    let off = launch.endpoint.is_none() && defaults.http_endpoint().is_some_and(|it| it.as_str() == "disabled");
    match defaults.http_tokens().map(|it| it.as_str()) {
        _ if off => {}
        Some("required") => {}
        Some("optional") => reasons
            .broken("imdsv1_allowed", "says nothing of IMDSv2 tokens, and the account's default makes them optional"),
        Some(other) => reasons.doubt(format!("leaves IMDSv2 tokens to the account's default, which is {other}")),
        None => match around.image(launch, reasons) {
            Some(image) if image.imds_support().is_some_and(|it| it.as_str() == "v2.0") => {}
            Some(image) => reasons.broken(
                "imdsv1_allowed",
                format!(
                    "says nothing of IMDSv2 tokens, and neither the account nor image {} requires them",
                    image.image_id().unwrap_or("unnamed")
                ),
            ),
            None => reasons.doubt(
                "says nothing of IMDSv2 tokens, nor does the account, and its image is not named or not visible",
            ),
        },
    }
}

/// Whether the launch itself asks for a public address.
pub(super) fn judge_address(reasons: &mut Reasons, launch: &Launch, may_be_public: bool) {
    if launch.public && !may_be_public {
        reasons.broken("public_address", "assigns a public address");
    }
}

/// Whether all volumes would be encrypted. Where the account encrypts by default nothing else is possible.
/// <https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html>
pub(super) fn judge_disks(reasons: &mut Reasons, launch: &Launch, around: &Surroundings) {
    let Some(by_default) = reasons.add(around.encrypted_by_default.clone()) else { return };
    if *by_default {
        return;
    }
    let image = around.image(launch, reasons);
    let disks = match image {
        Some(image) => disks_with_image(&launch.disks, image),
        None => launch.disks.clone(),
    };
    for disk in disks.iter().filter(|disk| !disk.none) {
        judge_disk(reasons, disk, image.is_some(), &around.snapshots);
    }
    let root = |disk: &Disk| ROOTS.contains(&disk.device.as_str()) && disk.encrypted == Some(true);
    if !image.is_some_and(tells_disks) && !launch.disks.iter().any(root) {
        reasons.doubt("whether the volumes of its image are encrypted does not show");
    }
}

/// An image without volumes starts from an instance store; of any other it does not show.
fn tells_disks(image: &Image) -> bool {
    !image.block_device_mappings().is_empty() || image.root_device_type() == Some(&DeviceType::InstanceStore)
}

fn judge_disk(reasons: &mut Reasons, disk: &Disk, image: bool, snapshots: &Answer<Vec<Snapshot>>) {
    let device = &disk.device;
    let plain = || format!("maps {device} without encryption");
    match (disk.encrypted, &disk.snapshot) {
        (Some(true), _) => {}
        (Some(false), _) => reasons.broken("volume_not_encrypted", plain()),
        (None, Some(id)) => match snapshots {
            Err(gap) => reasons.unseen(gap),
            Ok(all) => match all.iter().find(|one| one.snapshot_id() == Some(id)).and_then(|one| one.encrypted()) {
                Some(true) => {}
                Some(false) => reasons.broken("volume_not_encrypted", format!("{}, from snapshot {id}", plain())),
                None => reasons.doubt(format!("maps {device} from snapshot {id}, which is not of this account")),
            },
        },
        // A device that the image has too is the image's in what is not said here.
        (None, None) if image => reasons.broken("volume_not_encrypted", plain()),
        (None, None) => {
            reasons.doubt(format!("maps {device} and does not say whether it is encrypted, which its image may"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::InstanceMetadataEndpointState;
    use aws_sdk_ec2::types::{BlockDeviceMapping, EbsBlockDevice, HttpTokensState, ImdsSupportValues};
    use posture_estate::finding::GapKind;

    fn gap() -> Gap {
        Gap::new("1", "eu-west-1", "ec2:GetEbsEncryptionByDefault", GapKind::Denied, "no")
    }

    fn image(encrypted: bool, v2: bool) -> Image {
        let ebs = EbsBlockDevice::builder().encrypted(encrypted).snapshot_id("snap-9").build();
        let root = BlockDeviceMapping::builder().device_name("/dev/xvda").ebs(ebs).build();
        let support = v2.then_some(ImdsSupportValues::V20);
        Image::builder().image_id("ami-1").set_imds_support(support).block_device_mappings(root).build()
    }

    fn around(by_default: Answer<bool>, images: Vec<Image>) -> Surroundings {
        Surroundings {
            defaults: Ok(Arc::new(InstanceMetadataDefaultsResponse::builder().build())),
            encrypted_by_default: by_default,
            images: Ok(Arc::new(images)),
            snapshots: Ok(Arc::new(vec![
                Snapshot::builder().snapshot_id("snap-1").encrypted(true).build(),
                Snapshot::builder().snapshot_id("snap-2").encrypted(false).build(),
            ])),
        }
    }

    fn on(yes: bool) -> Answer<bool> {
        Ok(Arc::new(yes))
    }

    fn tokens(launch: &Launch, around: &Surroundings) -> Verdict {
        let mut reasons = Reasons::new();
        judge_tokens(&mut reasons, launch, around);
        reasons.or_pass(|| "fine".into())
    }

    fn disks(disks: &[(&str, Option<bool>, Option<&str>)], around: &Surroundings) -> Verdict {
        let disk = |(device, encrypted, snapshot): &(&str, Option<bool>, Option<&str>)| Disk {
            device: (*device).to_owned(),
            encrypted: *encrypted,
            snapshot: snapshot.map(str::to_owned),
            none: false,
        };
        let launch =
            Launch { image: Some("ami-1".into()), disks: disks.iter().map(disk).collect(), ..Launch::default() };
        let mut reasons = Reasons::new();
        judge_disks(&mut reasons, &launch, around);
        reasons.or_pass(|| "fine".into())
    }

    fn saying(tokens: Option<&str>, endpoint: Option<&str>) -> Launch {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Launch { image: Some("ami-1".into()), tokens: text(tokens), endpoint: text(endpoint), ..Launch::default() }
    }

    #[test]
    fn a_launch_that_says_nothing_gets_what_account_or_image_say() {
        // semantics 47
        let silent = saying(None, None);
        let with = |tokens: Option<HttpTokensState>, images| {
            let defaults = InstanceMetadataDefaultsResponse::builder().set_http_tokens(tokens).build();
            super::tests::tokens(
                &silent,
                &Surroundings { defaults: Ok(Arc::new(defaults)), ..around(on(true), images) },
            )
        };
        assert_eq!(with(Some(HttpTokensState::Required), vec![]).status, Status::Pass);
        assert_eq!(with(Some(HttpTokensState::Optional), vec![image(true, true)]).reasons, ["imdsv1_allowed"]);
        assert_eq!(with(Some(HttpTokensState::from("often")), vec![]).status, Status::Unknown);
        assert_eq!(with(None, vec![image(true, true)]).status, Status::Pass);
        assert_eq!(with(None, vec![image(true, false)]).reasons, ["imdsv1_allowed"]);
        assert_eq!(with(None, vec![]).status, Status::Unknown, "the image is not seen");
        let refused = Surroundings { defaults: Err(gap()), ..around(on(true), vec![]) };
        assert_eq!(tokens(&silent, &refused).status, Status::Unknown);
        let off = InstanceMetadataDefaultsResponse::builder().http_endpoint(InstanceMetadataEndpointState::Disabled);
        let off = Surroundings { defaults: Ok(Arc::new(off.build())), ..around(on(true), vec![]) };
        assert_eq!(tokens(&silent, &off).status, Status::Pass);
    }

    #[test]
    fn what_a_launch_says_decides() {
        // semantics 47
        let around = around(on(true), vec![]);
        assert_eq!(tokens(&saying(Some("required"), Some("enabled")), &around).status, Status::Pass);
        assert_eq!(tokens(&saying(Some("optional"), Some("disabled")), &around).status, Status::Pass);
        assert_eq!(tokens(&saying(Some("optional"), None), &around).reasons, ["imdsv1_allowed"]);
        assert_eq!(tokens(&saying(Some("often"), None), &around).status, Status::Unknown);
    }

    #[test]
    fn an_address_is_public_only_where_the_launch_asks_for_it() {
        let of = |public, listed| {
            let mut reasons = Reasons::new();
            judge_address(&mut reasons, &Launch { public, ..Launch::default() }, listed);
            reasons.or_pass(|| "fine".into()).status
        };
        assert_eq!((of(false, false), of(true, false), of(true, true)), (Status::Pass, Status::Fail, Status::Pass));
    }

    #[test]
    fn volumes_are_encrypted_by_launch_account_image_or_snapshot() {
        let off = |images| around(on(false), images);
        let root = |encrypted| [("/dev/xvda", encrypted, None)];
        assert_eq!(disks(&root(Some(true)), &off(vec![])).status, Status::Pass);
        assert_eq!(disks(&root(Some(false)), &off(vec![])).reasons, ["volume_not_encrypted"]);
        assert_eq!(disks(&root(Some(false)), &around(on(true), vec![])).status, Status::Pass, "the account encrypts");
        assert_eq!(disks(&root(None), &off(vec![image(true, true)])).status, Status::Pass);
        assert_eq!(disks(&root(None), &off(vec![image(false, true)])).reasons, ["volume_not_encrypted"]);
        assert_eq!(disks(&[], &off(vec![image(false, true)])).reasons, ["volume_not_encrypted"]);
        assert_eq!(disks(&[], &off(vec![])).status, Status::Unknown);
        let more = |snapshot| [("/dev/xvda", Some(true), None), ("/dev/sdf", None, Some(snapshot))];
        assert_eq!(disks(&more("snap-1"), &off(vec![image(true, true)])).status, Status::Pass);
        assert_eq!(disks(&more("snap-2"), &off(vec![image(true, true)])).reasons, ["volume_not_encrypted"]);
        assert_eq!(disks(&more("snap-3"), &off(vec![image(true, true)])).status, Status::Unknown);
        let empty = [("/dev/xvda", Some(true), None), ("/dev/sdf", None, None)];
        assert_eq!(disks(&empty, &off(vec![image(true, true)])).reasons, ["volume_not_encrypted"]);
        assert_eq!(disks(&empty, &off(vec![])).status, Status::Unknown, "what the image has there does not show");
    }

    #[test]
    fn what_is_mapped_encrypted_says_nothing_of_a_root_that_is_not_mapped() {
        let data = [("/dev/sdf", Some(true), None)];
        assert_eq!(disks(&data, &around(on(false), vec![image(false, true)])).reasons, ["volume_not_encrypted"]);
        assert_eq!(disks(&data, &around(on(false), vec![image(true, true)])).status, Status::Pass);
        assert_eq!(disks(&data, &around(on(false), vec![])).status, Status::Unknown);
    }

    #[test]
    fn a_default_or_an_image_that_was_not_seen_decides_nothing() {
        let refused = around(Err(gap()), vec![]);
        assert_eq!(disks(&[("/dev/xvda", None, None)], &refused).status, Status::Unknown);
        let bare = || Image::builder().image_id("ami-1");
        assert_eq!(disks(&[], &around(on(false), vec![bare().build()])).status, Status::Unknown);
        let store = bare().root_device_type(DeviceType::InstanceStore).build();
        assert_eq!(disks(&[], &around(on(false), vec![store])).status, Status::Pass);
        let unread = Surroundings { images: Err(gap()), ..around(on(false), vec![]) };
        assert_eq!(disks(&[], &unread).status, Status::Unknown);
    }
}
