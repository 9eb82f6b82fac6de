//! Answers forms: the one loop that asks for the choices of each dynamic field.

use std::collections::BTreeMap;

use gadget_api::{Choices, ErrorKind, FieldPath};
use serde_json::Value;

use super::{Form, declared_dependencies, dependencies, dynamic_fields, resolve};
use crate::{
    Call, CallError,
    settings::{problems, with_defaults},
};

/// Where a form gets its choices from.
pub trait ChoiceSource {
    /// Returns what a field offers, given the settings so far.
    ///
    /// # Errors
    ///
    /// Returns an error when the choices cannot be read. The form then says so at the field, unless
    /// the call was cancelled.
    fn choices(&self, field: &FieldPath, settings: &Value) -> Result<Choices, CallError>;

    /// Changes the settings once the choices of a field are known, before the next field is asked.
    ///
    /// The default changes nothing.
    fn autofill(&self, _field: &FieldPath, _choices: &Choices, _settings: &mut Value) {}
}

/// What a gadget is asked about the choices of a field; equal questions have equal answers.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ChoiceQuestion {
    /// The gadget.
    pub gadget: String,
    /// Where what the gadget reads with its datasource is kept: no other datasource has the same.
    pub datasource: Option<String>,
    /// The field.
    pub field: FieldPath,
    /// The values that decide what the field offers: those it depends on, or all settings if its
    /// schema does not say.
    pub values: Vec<Value>,
}

/// Keeps answers for a while, so that a gadget need not be asked for each form.
pub trait ChoiceCache {
    /// Returns the answer to a question, if it is known and recent enough.
    fn known(&self, question: &ChoiceQuestion) -> Option<Choices>;

    /// Keeps an answer.
    fn keep(&self, question: ChoiceQuestion, choices: &Choices);
}

/// A cache that keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl ChoiceCache for NoCache {
    fn known(&self, _: &ChoiceQuestion) -> Option<Choices> {
        None
    }

    fn keep(&self, _: ChoiceQuestion, _: &Choices) {}
}

impl ChoiceQuestion {
    /// Creates the question for the choices of `field`, for a call of a gadget with this schema.
    pub(crate) fn new(schema: &Value, call: &Call, field: &FieldPath) -> Self {
        let depends_on = declared_dependencies(schema)
            .into_iter()
            .find_map(|(path, depends_on)| (path == *field).then_some(depends_on))
            .flatten();
        Self {
            gadget: call.gadget.clone(),
            datasource: call.datasource().map(|source| source.space().to_owned()),
            field: field.clone(),
            values: match depends_on {
                Some(others) => others
                    .iter()
                    .map(|other| other.value_in(&call.settings).cloned().unwrap_or_default())
                    .collect(),
                None => vec![call.settings.clone()],
            },
        }
    }
}

impl Form {
    /// Answers a form: asks for the choices of each dynamic field, resolves the schema with them, and
    /// validates the settings.
    ///
    /// `own` holds the choices that the host offers itself, such as its datasources; the source is
    /// not asked for those. Fields are asked after the ones that they depend on. A field whose choices cannot be
    /// read says why, and the rest of the form is there.
    ///
    /// # Errors
    ///
    /// Returns an error when the call was cancelled.
    pub fn answer(
        schema: &Value,
        settings: &Value,
        own: &BTreeMap<FieldPath, Choices>,
        source: &dyn ChoiceSource,
    ) -> Result<Self, CallError> {
        let mut settings = with_defaults(schema, settings);
        for (field, known) in own {
            source.autofill(field, known, &mut settings);
        }
        let mut choices = own.clone();
        for field in dynamic_fields(schema) {
            if choices.contains_key(&field) {
                continue;
            }
            let answer = match source.choices(&field, &settings) {
                Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                Err(error) => Choices::Waiting(error.to_string()),
                Ok(answer) => answer,
            };
            source.autofill(&field, &answer, &mut settings);
            choices.insert(field, answer);
        }
        let depends_on = dependencies(schema).into_iter().collect();
        let schema = resolve(schema, &choices);
        Ok(Self {
            problems: problems(&schema, &settings),
            schema,
            choices,
            settings,
            depends_on,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use chrono::NaiveDate;
    use gadget_api::{Choice, Error};
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    fn schema() -> Value {
        json!({"type": "object", "required": ["shop", "shelf"], "properties": {
            "item": {"type": "string", "title": "Item", "default": "", "x-choices": {"source": "items", "dependsOn": ["/shelf"]}},
            "shelf": {"type": "string", "title": "Shelf", "x-choices": {"source": "shelves", "dependsOn": ["/shop"]}},
            "shop": {"type": "string", "title": "Shop"},
        }})
    }

    /// Offers one choice of each field but the item, and remembers what it was asked.
    #[derive(Default)]
    struct Shelves {
        asked: RefCell<Vec<String>>,
        error: Option<ErrorKind>,
    }

    impl ChoiceSource for Shelves {
        fn choices(&self, field: &FieldPath, settings: &Value) -> Result<Choices, CallError> {
            self.asked.borrow_mut().push(format!("{field} {settings}"));
            match (field.as_str(), self.error) {
                ("/item", kind) => {
                    let kind = kind.unwrap_or(ErrorKind::Network);
                    Err(Error::new(kind, "no answer").into())
                }
                _ => Ok(Choices::Offered(vec![Choice::new("s1", "First")])),
            }
        }

        fn autofill(&self, field: &FieldPath, choices: &Choices, settings: &mut Value) {
            if let Choices::Offered(offered) = choices {
                settings[field.as_str().trim_start_matches('/')] = offered[0].value.clone();
            }
        }
    }

    fn shops() -> BTreeMap<FieldPath, Choices> {
        let offered = Choices::Offered(vec![Choice::new("here", "Here")]);
        BTreeMap::from([(path("/shop"), offered)])
    }

    #[test]
    fn each_field_is_asked_with_what_was_filled_in_before_it() {
        let source = Shelves::default();
        let form = Form::answer(&schema(), &json!({}), &shops(), &source).unwrap();
        assert_eq!(
            source.asked.into_inner(),
            [
                r#"/shelf {"item":"","shop":"here"}"#,
                r#"/item {"item":"","shop":"here","shelf":"s1"}"#
            ]
        );
        assert_eq!(
            form.choices[&path("/item")],
            Choices::Waiting("no answer".to_owned())
        );
        assert_eq!(form.problems, []);
        assert_eq!(form.depends_on[&path("/shelf")], [path("/shop")]);
    }

    #[test]
    fn a_cancelled_call_ends_the_form() {
        let source = Shelves {
            error: Some(ErrorKind::Cancelled),
            ..Shelves::default()
        };
        let error = Form::answer(&schema(), &json!({}), &shops(), &source).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }

    #[test]
    fn a_question_is_the_same_when_the_values_it_depends_on_are() {
        let schema = json!({"properties": {
            "vendor": {"x-choices": {"source": "vendors", "dependsOn": ["/source"]}},
            "other": {"x-choices": {"source": "others"}},
            "kind": {"oneOf": [{"properties": {"sub": {"x-choices": {"source": "subs", "dependsOn": []}}}}]},
        }});
        let settings = json!({"source": "d", "vendor": "7"});
        let call = Call::new("g", settings.clone(), NaiveDate::default());
        for (field, values) in [
            ("/vendor", vec![json!("d")]),
            ("/kind/sub", vec![]),
            ("/other", vec![settings.clone()]),
            ("/none/at/all", vec![settings]),
        ] {
            let question = ChoiceQuestion::new(&schema, &call, &path(field));
            assert_eq!(question.values, values, "{field}");
        }
    }
}
