//! What the fields of a form offer: asked once a minute at most, because a preview asks for every tile.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use gadget_api::{Choices, ErrorKind, FieldPath};
use gadget_host::{Call, CallError, Form, dynamic_fields};
use serde_json::Value;

use super::Site;

/// How long an answer is taken for the same question.
const FRESH_FOR: Duration = Duration::from_secs(60);
/// More answers than these are not kept.
const MOST_ANSWERS: usize = 1_000;

/// Who was asked what: the gadget, the space of the datasource that it was given, the field, and the values that the
/// answer depends on.
///
/// Settings may name a datasource that whoever asks may not use; then the gadget is given none.
type Question = (String, Option<String>, FieldPath, Vec<Value>);

/// The answers of the last minute.
#[derive(Default)]
pub(super) struct Answers(Mutex<HashMap<Question, (Instant, Choices)>>);

impl Answers {
    fn all(&self) -> MutexGuard<'_, HashMap<Question, (Instant, Choices)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, question: &Question) -> Option<Choices> {
        let all = self.all();
        let (at, choices) = all.get(question)?;
        (at.elapsed() < FRESH_FOR).then(|| choices.clone())
    }

    fn keep(&self, question: Question, choices: &Choices) {
        let mut all = self.all();
        if all.len() >= MOST_ANSWERS {
            all.retain(|_, (at, _)| at.elapsed() < FRESH_FOR);
        }
        if all.len() < MOST_ANSWERS {
            all.insert(question, (Instant::now(), choices.clone()));
        }
    }

    /// Forgets every answer: what they came from has changed.
    pub(super) fn forget(&self) {
        self.all().clear();
    }
}

impl Site {
    /// Answers a whole form; `own` are the choices that the host itself offers. It waits for the gadget.
    pub(super) fn form_now(
        &self,
        gadget: &str,
        call: &Call,
        settings: &Value,
        own: &BTreeMap<FieldPath, Choices>,
    ) -> Result<Form, CallError> {
        let schema = &self.engine.catalog().gadget(gadget)?.description().schema;
        let mut choices = own.clone();
        for field in dynamic_fields(schema) {
            if choices.contains_key(&field) {
                continue;
            }
            let question = (
                gadget.to_owned(),
                call.datasource().map(|source| source.space().to_owned()),
                field.clone(),
                depended_on(schema, &field, settings),
            );
            let answer = match self.answers.known(&question) {
                Some(known) => known,
                None => match self.engine.choices(call, &field) {
                    Ok(choices) => {
                        self.answers.keep(question, &choices);
                        choices
                    }
                    Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                    // The form is drawn all the same, and says so at the field.
                    Err(error) => Choices::Waiting(error.to_string()),
                },
            };
            choices.insert(field, answer);
        }
        self.engine.form(call, &choices)
    }
}

/// Returns the values of the fields that the choices of a field depend on.
fn depended_on(schema: &Value, field: &FieldPath, settings: &Value) -> Vec<Value> {
    let pointer: String = field
        .parts()
        .map(|part| format!("/properties/{}", part.replace('~', "~0").replace('/', "~1")))
        .collect();
    let others = schema
        .pointer(&pointer)
        .and_then(|field| field.pointer("/x-choices/dependsOn"))
        .and_then(Value::as_array);
    let Some(others) = others else {
        // Nothing says what they depend on: on everything, then.
        return vec![settings.clone()];
    };
    others
        .iter()
        .filter_map(Value::as_str)
        .map(|other| settings.pointer(other).cloned().unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_question_is_the_same_when_what_it_depends_on_is() {
        let schema = json!({"properties": {
            "vendor": {"x-choices": {"source": "vendors", "dependsOn": ["/datasource"]}},
            "other": {"x-choices": {"source": "others"}},
        }});
        let path = |text| FieldPath::parse(text).unwrap();
        let settings = json!({"datasource": "d", "vendor": "7"});
        assert_eq!(
            depended_on(&schema, &path("/vendor"), &settings),
            [json!("d")]
        );
        assert_eq!(
            depended_on(&schema, &path("/other"), &settings),
            std::slice::from_ref(&settings)
        );
        assert_eq!(
            depended_on(&schema, &path("/none/at/all"), &settings),
            [settings]
        );
    }

    #[test]
    fn an_answer_is_taken_again_until_it_is_forgotten() {
        let answers = Answers::default();
        let question = |source: Option<&str>| {
            let source = source.map(str::to_owned);
            ("g".to_owned(), source, FieldPath::root(), vec![json!(1)])
        };
        answers.keep(question(Some("d")), &Choices::Offered(Vec::new()));
        assert!(answers.known(&question(Some("d"))).is_some());
        assert!(answers.known(&question(None)).is_none());
        answers.forget();
        assert!(answers.known(&question(Some("d"))).is_none());
    }
}
