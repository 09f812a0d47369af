//! Is root's second factor a device of its own? No API lists root's devices, so two answers are combined: MFA is on
//! (`AccountMFAEnabled`), and none of the virtual devices belongs to root. Root may have eight devices; one virtual
//! among them is enough to sign in, so it fails.

use aws_sdk_iam::types::VirtualMfaDevice;

use crate::prelude::*;

pub async fn probe(at: &Account) -> Outcome {
    if at.partition() != "aws" {
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
    let virtual_devices: Vec<&str> =
        devices.iter().filter(|device| is_roots(device, account)).map(VirtualMfaDevice::serial_number).collect();
    match virtual_devices.as_slice() {
        [] => Verdict::pass("the root user has MFA and none of its devices is virtual"),
        serials => Verdict::fail(
            "virtual_mfa",
            format!("the root user can sign in with a virtual MFA device ({})", serials.join(", ")),
        ),
    }
    .evidence(json!({ "root_virtual_devices": virtual_devices }))
}

/// The assigned user is root, or the device has the name that the console gives to root's.
fn is_roots(device: &VirtualMfaDevice, account: &str) -> bool {
    let user_is_root = device.user().is_some_and(|user| user.arn().ends_with(":root") || user.user_id() == account);
    user_is_root || device.serial_number().ends_with(":mfa/root-account-mfa-device")
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
        assert_eq!(judge(&[device("root-account-mfa-device", "")], ACCOUNT).status, Status::Fail);
        assert_eq!(
            judge(&[alice], ACCOUNT).status,
            Status::Pass,
            "semantics 17: MFA is on and no virtual device is root's"
        );
    }

    #[test]
    fn a_user_whose_name_ends_in_root_is_not_root() {
        assert_eq!(judge(&[device("x", "arn:aws:iam::111122223333:user/root")], ACCOUNT).status, Status::Pass);
    }
}
