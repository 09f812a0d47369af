//! Is root's second factor a device of its own? No API lists root's devices, so two answers are combined: MFA is on
//! (`AccountMFAEnabled`), and none of the virtual devices belongs to root. Root may have eight devices; one virtual
//! among them is enough to sign in, so it fails.

use aws_sdk_iam::types::VirtualMfaDevice;

use crate::prelude::*;

/// Partitions that Security Hub's IAM.6 is not in: GovCloud has no sign-in of root, and China no hardware devices for it.
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/regions-controls.html>
const NOT_JUDGED: [&str; 2] = ["aws-us-gov", "aws-cn"];

pub async fn probe(at: &Account) -> Outcome {
    if NOT_JUDGED.contains(&at.partition()) {
        let why = format!("the root user has no hardware MFA in the {} partition", at.partition());
        return Ok(vec![Verdict::not_applicable(why).on(at.resource())]);
    }
    let verdict = if at.iam().account_summary().await?.root_mfa {
        judge(&at.iam().virtual_mfa_devices().await?, at.account_id())
    } else if at.iam().root_credentials_removed().await? {
        Verdict::pass("the root user has no password, access key or MFA device: its credentials are removed")
    } else {
        Verdict::fail("no_mfa", "the root user has no MFA device at all")
    };
    Ok(vec![verdict.on(at.resource())])
}

fn judge(devices: &[VirtualMfaDevice], account: &str) -> Verdict {
    let serials = |whose: Owner| -> Vec<&str> {
        let of_that_one = devices.iter().filter(|device| owner(device, account) == whose);
        of_that_one.map(VirtualMfaDevice::serial_number).collect()
    };
    let (roots, nobodys) = (serials(Owner::Root), serials(Owner::NotSaid));
    let mut reasons = Reasons::new();
    if !roots.is_empty() {
        let list = roots.join(", ");
        reasons.broken("virtual_mfa", format!("the root user can sign in with a virtual MFA device ({list})"));
    }
    if !nobodys.is_empty() {
        reasons.doubt(format!("AWS does not say whose virtual MFA device {} is", nobodys.join(", ")));
    }
    reasons
        .or_pass(|| "the root user has MFA and none of its devices is virtual".into())
        .evidence(json!({ "root_virtual_devices": roots }))
}

#[derive(Clone, Copy, PartialEq)]
enum Owner {
    Root,
    /// An IAM user, or nobody yet.
    Another,
    /// The device is in use, and its user is missing.
    NotSaid,
}

/// `User` says whose a device is. Its name does not: anybody may call a device `root-account-mfa-device`, as the console calls root's.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_VirtualMFADevice.html>
fn owner(device: &VirtualMfaDevice, account: &str) -> Owner {
    match device.user() {
        Some(user) if user.arn().ends_with(":root") || user.user_id() == account => Owner::Root,
        None if device.enable_date().is_some() => Owner::NotSaid,
        _ => Owner::Another,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::User;

    const ACCOUNT: &str = "111122223333";

    fn device(name: &str, user_arn: &str) -> VirtualMfaDevice {
        let user = User::builder()
            .path("/")
            .user_name("")
            .user_id("AIDAEXAMPLE")
            .arn(user_arn)
            .create_date(DateTime::from_secs(0))
            .build()
            .unwrap();
        VirtualMfaDevice::builder()
            .serial_number(format!("arn:aws:iam::{ACCOUNT}:mfa/{name}"))
            .user(user)
            .build()
            .unwrap()
    }

    #[test]
    fn a_virtual_device_of_root_fails() {
        let root = device("phone", "arn:aws:iam::111122223333:root");
        let alice = device("alice", "arn:aws:iam::111122223333:user/alice");
        assert_eq!(judge(&[alice.clone(), root], ACCOUNT).status, Status::Fail);
        assert_eq!(
            judge(&[alice], ACCOUNT).status,
            Status::Pass,
            "semantics 17: MFA is on and no virtual device is root's"
        );
    }

    #[test]
    fn a_name_is_no_identity() {
        // semantics 85
        let named = || device("root-account-mfa-device", "arn:aws:iam::111122223333:user/alice");
        assert_eq!(judge(&[named()], ACCOUNT).status, Status::Pass, "a user's, whatever its name");
        let unassigned = || VirtualMfaDevice::builder().serial_number(named().serial_number);
        assert_eq!(judge(&[unassigned().build().unwrap()], ACCOUNT).status, Status::Pass, "nobody's");
        let in_use = unassigned().enable_date(DateTime::from_secs(0)).build().unwrap();
        assert_eq!(judge(std::slice::from_ref(&in_use), ACCOUNT).status, Status::Unknown, "in use by somebody");
        let root = device("phone", "arn:aws-us-gov:iam::111122223333:root");
        assert_eq!(judge(&[in_use, root], ACCOUNT).status, Status::Fail, "what is not known hides nothing");
    }

    #[test]
    fn a_user_whose_name_ends_in_root_is_not_root() {
        assert_eq!(judge(&[device("x", "arn:aws:iam::111122223333:user/root")], ACCOUNT).status, Status::Pass);
    }
}
