//! Is Allowed AMIs enforced, with criteria that say whose images are trusted? Audit mode only reports, and a
//! criterion by image name alone trusts whoever can type that name.

use crate::prelude::*;
use aws_sdk_ec2::operation::get_allowed_images_settings::GetAllowedImagesSettingsOutput;
use aws_sdk_ec2::types::ImageCriterion;

/// The last day of a planned audit phase: until then audit mode passes.
const AUDIT_UNTIL: Setting<Option<DateTime>> = setting!(allowed_amis_enforced.audit_until);

pub async fn probe(at: &Region) -> Outcome {
    let settings = at.ec2().allowed_images_settings().await?;
    Ok(vec![judge(&settings, at.setting(AUDIT_UNTIL).map(|end| end.secs()), *at.now()).on(at.resource())])
}

fn judge(settings: &GetAllowedImagesSettingsOutput, audit_ends: Option<i64>, now: DateTime) -> Verdict {
    let state = settings.state().unwrap_or("not given");
    let criteria = settings.image_criteria();
    let verdict = match state {
        "disabled" => Verdict::fail("disabled", "allowed AMIs is disabled: instances can start from any public image"),
        "audit-mode" if audit_ends.is_none_or(|end| end < now.secs()) => Verdict::fail(
            "audit_mode",
            "allowed AMIs is in audit mode, without an audit phase that still runs: images are reported, not refused",
        ),
        "enabled" | "audit-mode" => by_criteria(state, criteria),
        other => Verdict::undecided(format!("allowed AMIs is in a state that is not known: {other}")),
    };
    verdict.evidence(json!({
        "state": state,
        "managed_by": settings.managed_by().map(|by| by.as_str()),
        "providers": criteria.iter().map(ImageCriterion::image_providers).collect::<Vec<_>>(),
    }))
}

fn by_criteria(state: &str, criteria: &[ImageCriterion]) -> Verdict {
    let mut reasons = Reasons::new();
    if criteria.is_empty() {
        reasons.broken("no_criteria", format!("allowed AMIs is {state} with no criteria: no image provider is named"));
    }
    for (number, criterion) in (1..).zip(criteria) {
        let named = !criterion.image_providers().is_empty() || !criterion.marketplace_product_codes().is_empty();
        if !named && criterion.image_watermarks().is_empty() {
            reasons.broken(
                "any_provider",
                format!("criterion {number} of allowed AMIs names no image provider: anyone's image can match"),
            );
        } else if !named {
            reasons.doubt(format!("criterion {number} of allowed AMIs trusts watermarks, whose owner is not visible"));
        }
    }
    reasons.or_pass(|| {
        format!("allowed AMIs is {state} and each of its criteria ({}) names its image providers", criteria.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(state: &str, criteria: Vec<ImageCriterion>) -> GetAllowedImagesSettingsOutput {
        GetAllowedImagesSettingsOutput::builder().state(state).set_image_criteria(Some(criteria)).build()
    }

    fn amazon() -> ImageCriterion {
        ImageCriterion::builder().image_providers("amazon").build()
    }

    fn status(state: &str, criteria: Vec<ImageCriterion>, audit_ends: Option<i64>) -> Status {
        judge(&settings(state, criteria), audit_ends, DateTime::from_secs(1000)).status
    }

    #[test]
    fn enabled_with_named_providers_passes() {
        assert_eq!(status("enabled", vec![amazon()], None), Status::Pass);
        let code = ImageCriterion::builder().marketplace_product_codes("abc123").build();
        assert_eq!(status("enabled", vec![amazon(), code], None), Status::Pass);
    }

    #[test]
    fn enabled_without_a_named_provider_fails() {
        assert_eq!(status("enabled", vec![], None), Status::Fail);
        let by_name = ImageCriterion::builder().image_names("golden-*").build();
        assert_eq!(status("enabled", vec![amazon(), by_name], None), Status::Fail);
    }

    #[test]
    fn audit_mode_passes_only_while_the_planned_phase_runs() {
        assert_eq!(status("audit-mode", vec![amazon()], None), Status::Fail);
        assert_eq!(status("audit-mode", vec![amazon()], Some(999)), Status::Fail);
        assert_eq!(status("audit-mode", vec![amazon()], Some(2000)), Status::Pass);
    }

    #[test]
    fn disabled_fails_and_a_new_state_is_unknown() {
        assert_eq!(status("disabled", vec![amazon()], None), Status::Fail);
        assert_eq!(status("paused", vec![amazon()], None), Status::Unknown);
    }
}
