//! What do reviews attest of the practices that no API decides? A choice that a person selected in a milestone is a dated statement, worth
//! as much as who made it; one that this program selected is none.

use super::choices::{CHOICES, LATER, Said, is_ours, said};
use super::{or_none, per_workload, without_framework};
use crate::prelude::*;
use posture_estate::day::rfc3339;
use posture_estate::services::wellarchitected::{AnswerSummary, Milestone, ReviewAnswer, WorkloadSummary, latest};
use posture_estate::text::counted;
use std::collections::BTreeMap;

/// Days that a milestone may be old to date its answers.
const MAX_AGE_DAYS: Setting<i64> = setting!(answers_attest_practices.max_age_days);

pub async fn probe(at: &Region) -> Outcome {
    let most = *at.setting(MAX_AGE_DAYS);
    let findings = per_workload(at, |one| async move {
        if let Some(verdict) = without_framework(&one) {
            return Ok(verdict);
        }
        let milestones = at.wellarchitected().milestones(&one.workload_id).await?;
        let Some(milestone) = latest(&milestones) else { return Ok(undated(&one, "has no milestone")) };
        let age = days(&milestone.recorded_at, at.now());
        if age > most {
            return Ok(undated(&one, &format!("has its latest milestone from {age} days ago, more than {most}")));
        }
        let answers = at.wellarchitected().security_answers(&one.workload_id, Some(milestone.number)).await?;
        let asked = answers.iter().filter(|answer| says_something(answer)).map(async |answer| {
            let question = answer.question_id.clone();
            let notes = at.wellarchitected().answer(&one.workload_id, milestone.number, &question).await;
            (question, notes)
        });
        let notes: BTreeMap<String, Answer<ReviewAnswer>> = join_all(asked).await.into_iter().collect();
        Ok(judge(&one.workload_name, milestone, &answers, &notes))
    })
    .await?;
    Ok(or_none(at, findings))
}

fn undated(one: &WorkloadSummary, why: &str) -> Verdict {
    Verdict::fail(
        "undated",
        format!("workload {} {why}, so that nothing dates what its answers attest", one.workload_name),
    )
}

fn says_something(answer: &AnswerSummary) -> bool {
    CHOICES.iter().any(|choice| matches!(said(answer, *choice), Some((_, Said::Selected))))
}

fn judge(
    name: &str,
    milestone: &Milestone,
    answers: &[AnswerSummary],
    notes: &BTreeMap<String, Answer<ReviewAnswer>>,
) -> Verdict {
    let mut reasons = Reasons::new();
    let (mut attested, mut open) = (Vec::new(), Vec::new());
    for choice in CHOICES {
        let found = answers.iter().find_map(|answer| Some((answer, said(answer, choice)?)));
        match found {
            None if choice.0 == LATER => {}
            None => reasons.doubt(format!("the review of workload {name} has no choice {}", choice.0)),
            Some((_, (id, Said::Unselected))) => open.push(id),
            Some((_, (_, Said::NotApplicable))) => {}
            Some((answer, (id, Said::Selected))) => match notes.get(&answer.question_id) {
                Some(Ok(notes)) if is_ours(notes, &id) => open.push(id),
                Some(Ok(_)) => attested.push(id),
                Some(Err(gap)) => reasons.unseen(gap),
                None => reasons.doubt(format!("who selected {id} in the review of workload {name} was not seen")),
            },
        }
    }
    let date = rfc3339(milestone.recorded_at.0);
    let day = date.get(..10).unwrap_or(&date).to_owned();
    if !open.is_empty() {
        let practices = counted(open.len(), "practice");
        reasons.broken(
            "not_attested",
            format!("the review of workload {name} of {day} attests no more of {practices}: {}", open.join(", ")),
        );
    }
    reasons
        .or_pass(|| match attested.len() {
            0 => String::new(),
            some => format!("the review of workload {name} of {day} attests {}", counted(some, "practice")),
        })
        .evidence(json!({ "attested": attested, "not_attested": open, "milestone": milestone.name, "recorded": date }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use posture_estate::finding::GapKind;

    fn milestone() -> Milestone {
        let one = json!({"MilestoneNumber": 1, "MilestoneName": "m", "RecordedAt": "2026-06-01T08:00:00Z"});
        serde_json::from_value(one).unwrap()
    }

    fn answer(selected: &[&str], not_applicable: &[&str], without: &str) -> AnswerSummary {
        let choices: Vec<_> = CHOICES
            .iter()
            .filter(|(id, _)| *id != LATER && *id != without)
            .map(|(id, title)| json!({"ChoiceId": id, "Title": title}))
            .collect();
        let summaries: Vec<_> =
            not_applicable.iter().map(|id| json!({"ChoiceId": id, "Status": "NOT_APPLICABLE"})).collect();
        serde_json::from_value(json!({
            "QuestionId": "q", "QuestionTitle": "t", "Risk": "NONE", "Choices": choices, "SelectedChoices": selected,
            "ChoiceAnswerSummaries": summaries
        }))
        .unwrap()
    }

    fn of(answer: AnswerSummary, notes: Answer<ReviewAnswer>) -> Verdict {
        judge("shop", &milestone(), &[answer], &[("q".to_owned(), notes)].into())
    }

    fn by_people() -> Answer<ReviewAnswer> {
        Ok(Arc::new(ReviewAnswer { choice_answers: vec![] }))
    }

    fn all() -> Vec<&'static str> {
        CHOICES.iter().map(|(id, _)| *id).filter(|id| *id != LATER).collect()
    }

    #[test]
    fn a_review_attests_what_people_selected_in_it() {
        let verdict = of(answer(&all(), &[], ""), by_people());
        assert_eq!(verdict.status, Status::Pass);
        assert!(verdict.message.contains("of 2026-06-01 attests 10 practices"), "{}", verdict.message);
        assert_eq!(of(answer(&all()[1..], &[], ""), by_people()).reasons, ["not_attested"]);
        assert_eq!(
            of(answer(&all()[1..], &all()[..1], ""), by_people()).status,
            Status::Pass,
            "not applicable is an answer"
        );
        let nothing = of(answer(&[], &all(), ""), by_people());
        assert_eq!(nothing.status, Status::Unknown, "where nothing applies nothing is attested");
    }

    #[test]
    fn a_question_that_does_not_apply_asks_for_no_choice() {
        let (mut first, mut second) = (answer(&all()[..4], &[], ""), answer(&[], &[], ""));
        second.choices.drain(..4);
        first.choices.truncate(4);
        let of = |second: AnswerSummary| {
            judge("shop", &milestone(), &[first.clone(), second], &[("q".to_owned(), by_people())].into())
        };
        assert_eq!(of(AnswerSummary { is_applicable: Some(false), ..second.clone() }).status, Status::Pass);
        assert_eq!(of(AnswerSummary { is_applicable: Some(true), ..second.clone() }).reasons, ["not_attested"]);
        assert_eq!(of(second).reasons, ["not_attested"]);
    }

    #[test]
    fn what_this_program_selected_attests_nothing() {
        // semantics 166
        let note = |text: &str| {
            let one = json!({"ChoiceId": all()[0], "Status": "SELECTED", "Notes": text});
            Ok(Arc::new(serde_json::from_value(json!({ "ChoiceAnswers": [one] })).unwrap()))
        };
        assert_eq!(of(answer(&all(), &[], ""), note("posture: met")).reasons, ["not_attested"]);
        assert_eq!(of(answer(&all(), &[], ""), note("see the wiki")).status, Status::Pass);
    }

    #[test]
    fn a_choice_that_is_not_found_or_notes_that_were_not_seen_are_unknown() {
        assert_eq!(of(answer(&all(), &[], all()[3]), by_people()).status, Status::Unknown);
        let gap = Gap::new("1", "eu-west-1", "wellarchitected:GetAnswer", GapKind::Denied, "no");
        assert_eq!(of(answer(&all(), &[], ""), Err(gap)).status, Status::Unknown);
    }

    #[test]
    fn a_choice_is_found_by_its_title_where_its_id_is_another() {
        let mut renamed = answer(&all()[1..], &[], "");
        renamed.choices[0].choice_id = "sec_threats".into();
        renamed.selected_choices.push("sec_threats".into());
        assert_eq!(of(renamed, by_people()).status, Status::Pass);
    }
}
