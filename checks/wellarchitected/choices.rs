//! The choices of the practices that no API decides, and what a review says of them.

use posture_estate::services::wellarchitected::{AnswerSummary, ReviewAnswer};

/// The choices of those practices, with their titles for a lens in which the id is another.
pub(super) const CHOICES: [(&str, &str); 11] = [
    ("sec_securely_operate_reduce_management_scope", "Reduce security management scope"),
    ("sec_securely_operate_threat_model", "Identify threats and prioritize mitigations using a threat model"),
    ("sec_incident_response_develop_management_plans", "Develop incident management plans"),
    ("sec_incident_response_playbooks", "Develop and test security incident response playbooks"),
    ("sec_incident_response_run_game_days", "Run simulations"),
    ("sec_incident_response_establish_incident_framework", "Establish a framework for learning from incidents"),
    ("sec_appsec_train_for_application_security", "Train for application security"),
    ("sec_appsec_perform_regular_penetration_testing", "Perform regular penetration testing"),
    ("sec_appsec_manual_code_reviews", "Conduct code reviews"),
    (
        "sec_appsec_build_program_that_embeds_security_ownership_in_teams",
        "Build a program that embeds security ownership in workload teams",
    ),
    (LATER, "Follow established secure coding guidelines"),
];

/// Of an edition after the lens of today, which need not have it.
pub(super) const LATER: &str = "sec11-bp02";

/// How the notes begin that this program writes.
const OURS: &str = "posture:";

/// What an answer says of one of the choices.
pub(super) enum Said {
    Selected,
    NotApplicable,
    Unselected,
}

/// The choice in an answer, by its id or else by its title, and what is said of it.
pub(super) fn said(answer: &AnswerSummary, (id, title): (&str, &str)) -> Option<(String, Said)> {
    let by = |test: &dyn Fn(&str, &str) -> bool| {
        answer.choices.iter().find(|one| test(&one.choice_id, &one.title)).map(|one| one.choice_id.clone())
    };
    let choice = by(&|known, _| known == id).or_else(|| by(&|_, known| known.eq_ignore_ascii_case(title)))?;
    let status = answer.choice_answer_summaries.iter().find(|one| one.choice_id == choice);
    let said = match status.and_then(|one| one.status.as_deref()) {
        Some("NOT_APPLICABLE") => Said::NotApplicable,
        _ if answer.selected_choices.contains(&choice) => Said::Selected,
        // Who marks the question as not applicable says it of every choice.
        _ if answer.is_applicable == Some(false) => Said::NotApplicable,
        _ => Said::Unselected,
    };
    Some((choice, said))
}

/// Whether this program selected the choice, which attests nothing.
pub(super) fn is_ours(answer: &ReviewAnswer, choice: &str) -> bool {
    let notes =
        answer.choice_answers.iter().filter(|one| one.choice_id == choice).filter_map(|one| one.notes.as_deref());
    notes.into_iter().any(|note| note.trim_start().starts_with(OURS))
}
