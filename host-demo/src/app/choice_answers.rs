//! What the fields of a form offer: asked once a minute at most, because a preview asks for every tile.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gadget_api::Choices;
use gadget_host::{ChoiceCache, ChoiceQuestion};

/// How long an answer is taken for the same question.
const FRESH_FOR: Duration = Duration::from_secs(60);
/// More answers than these are not kept.
const MOST_ANSWERS: usize = 1_000;

/// The answers of the last minute.
#[derive(Default)]
pub(super) struct ChoiceAnswers(Mutex<HashMap<ChoiceQuestion, (Instant, Choices)>>);

impl ChoiceAnswers {
    fn all(&self) -> MutexGuard<'_, HashMap<ChoiceQuestion, (Instant, Choices)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets every answer: what they came from has changed.
    pub(super) fn forget(&self) {
        self.all().clear();
    }
}

impl ChoiceCache for ChoiceAnswers {
    fn known(&self, question: &ChoiceQuestion) -> Option<Choices> {
        let all = self.all();
        let (at, choices) = all.get(question)?;
        (at.elapsed() < FRESH_FOR).then(|| choices.clone())
    }

    fn keep(&self, question: ChoiceQuestion, choices: &Choices) {
        let mut all = self.all();
        if all.len() >= MOST_ANSWERS {
            all.retain(|_, (at, _)| at.elapsed() < FRESH_FOR);
        }
        if all.len() < MOST_ANSWERS {
            all.insert(question, (Instant::now(), choices.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use gadget_api::FieldPath;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_taken_again_until_it_is_forgotten() {
        let answers = ChoiceAnswers::default();
        let question = |source: Option<&str>| ChoiceQuestion {
            gadget: "g".to_owned(),
            datasource: source.map(str::to_owned),
            field: FieldPath::root(),
            values: vec![json!(1)],
        };
        answers.keep(question(Some("d")), &Choices::Offered(Vec::new()));
        assert!(answers.known(&question(Some("d"))).is_some());
        assert!(answers.known(&question(None)).is_none());
        answers.forget();
        assert!(answers.known(&question(Some("d"))).is_none());
    }
}
