//! Does somebody hear of refused calls, of sign-ins without MFA and of failed ones?

use super::{kinds, telling};
use crate::prelude::*;

pub async fn probe(at: &Account) -> Outcome {
    telling::judge(at, vec![kinds::unauthorized_calls(), kinds::sign_in_without_mfa(), kinds::failed_sign_ins()]).await
}
