//! What one tile may take: its fields with their old and new values, and what they offer in each case.

use std::collections::BTreeMap;

use gadget_api::{Adoption, Error, GadgetDescription, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    compatibility::{Compatibility, SharedField},
    dependencies::Dependencies,
    field,
    reason::{Reason, ReasonKind},
    tile::{ReceiverForm, Setup},
};

/// The most fields that change and decide what others offer; each doubles the number of cases.
const MAX_DECIDING: usize = 4;

/// What one tile may take.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Offers {
    /// The version of the gadget that the settings are for.
    pub(crate) version: Version,
    /// The schema of the settings as the gadget describes it.
    pub(crate) schema: Value,
    /// The settings now: an object.
    pub(crate) own: Value,
    pub(crate) setup: Setup,
    /// The fields that mean the same as shared ones, in the order of the schema.
    pub(crate) fields: Vec<OfferedField>,
    cases: Vec<Case>,
}

/// A field that means the same as a shared one.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct OfferedField {
    pub(crate) semantic: String,
    pub(crate) member: String,
    pub(crate) old: Option<Value>,
    pub(crate) new: Value,
    /// The value as it was shared, if the gadget converted it.
    pub(crate) shared: Option<Value>,
    /// Whether the field is ticked at first only where it has no value (`x-share`).
    when_unset: bool,
    /// Why the field takes nothing, whatever is ticked.
    pub(crate) closed: Option<Reason>,
}

impl OfferedField {
    /// Tells whether a user can tick the field.
    pub(crate) fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Tells whether the field has a different value that is replaced only on request.
    pub(crate) fn differs_on_purpose(&self) -> bool {
        self.when_unset && self.old.as_ref().is_some_and(|old| *old != self.new)
    }
}

/// The schema with what the fields offer, for some values of the deciding fields.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Case {
    given: Map<String, Value>,
    answer: Answer,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Schema(Value),
    Failed(String),
}

/// A tile before its gadget is asked.
pub(crate) struct Candidate<'a> {
    pub(crate) gadget: &'a GadgetDescription,
    pub(crate) form: &'a dyn ReceiverForm,
    pub(crate) own: &'a Value,
    pub(crate) setup: Setup,
}

impl Candidate<'_> {
    /// Returns the value that a member has, as far as sharing compares it.
    ///
    /// In a tile that is not set up, a default does not count: nobody has chosen it.
    fn old(&self, member: &str) -> Option<Value> {
        match self.setup {
            Setup::Done => field::effective(&self.gadget.schema, self.own, member).cloned(),
            Setup::NotYet => self.own.get(member).cloned(),
        }
    }

    /// Returns the fields of other types, which take nothing.
    fn of_other_types(
        &self,
        compatibility: &Compatibility,
        shared: &BTreeMap<String, Value>,
    ) -> Vec<OfferedField> {
        let mut fields = Vec::new();
        for other in &compatibility.other_types {
            let (Some(member), Some(new)) = (
                field::member(&other.field.to),
                shared.get(&other.field.semantic),
            ) else {
                continue;
            };
            let text = format!(
                "it has a different type: {}, not {}",
                other.own_type, other.shared_type
            );
            fields.push(OfferedField {
                semantic: other.field.semantic.clone(),
                old: self.old(&member),
                when_unset: field::is_shared_when_unset(&self.gadget.schema, &member),
                member,
                new: new.clone(),
                shared: None,
                closed: Some(Reason::new(ReasonKind::OtherType, text)),
            });
        }
        fields
    }

    fn field(&self, shared: &SharedField, value: &Value, adoption: &Adoption) -> OfferedField {
        let member = field::member(&shared.to).unwrap_or_default();
        let taken = adoption.taken.get(&shared.semantic);
        let refused = adoption.refused.get(&shared.semantic);
        let new = taken.unwrap_or(value).clone();
        let old = self.old(&member);
        let closed = match (refused, taken) {
            (Some(why), _) if why.trim().is_empty() => {
                Some(Reason::new(ReasonKind::Refused, "the gadget refuses it"))
            }
            (Some(why), _) => Some(Reason::new(ReasonKind::Refused, why)),
            (None, None) => Some(Reason::new(
                ReasonKind::Refused,
                "the gadget does not take it",
            )),
            (None, Some(_)) if old.as_ref() == Some(&new) => Some(Reason::new(
                ReasonKind::AlreadyEqual,
                "it already has this value",
            )),
            (None, Some(_)) => None,
        };
        OfferedField {
            semantic: shared.semantic.clone(),
            when_unset: field::is_shared_when_unset(&self.gadget.schema, &member),
            member,
            old,
            shared: (new != *value).then(|| value.clone()),
            new,
            closed,
        }
    }
}

impl Offers {
    /// Asks the gadget what it takes of the shared values, and what its fields offer in each case.
    pub(crate) fn new(
        candidate: &Candidate<'_>,
        compatibility: &Compatibility,
        shared: &BTreeMap<String, Value>,
    ) -> Result<Self, Reason> {
        let own = match candidate.own {
            Value::Object(_) => candidate.own.clone(),
            _ => Value::Object(Map::new()),
        };
        // Values of a different type are not offered to the gadget.
        let offered: BTreeMap<String, Value> = compatibility
            .fields
            .iter()
            .filter_map(|field| {
                Some((field.semantic.clone(), shared.get(&field.semantic)?.clone()))
            })
            .collect();
        let adoption = match candidate.form.adopt(&own, &offered) {
            Ok(adoption) => adoption,
            Err(error) => {
                return Err(unknown(
                    "the gadget could not say which settings it accepts",
                    &error,
                ));
            }
        };
        let mut fields = candidate.of_other_types(compatibility, shared);
        for field in &compatibility.fields {
            if let Some(value) = offered.get(&field.semantic) {
                fields.push(candidate.field(field, value, &adoption));
            }
        }
        let schema = &candidate.gadget.schema;
        let place = |member: &str| field::all(schema).position(|(name, _)| name == member);
        fields.sort_by_key(|field| place(&field.member));
        let mut offers = Self {
            version: candidate.gadget.manifest.version,
            schema: schema.clone(),
            own,
            setup: candidate.setup,
            fields,
            cases: Vec::new(),
        };
        offers.ask(candidate.form)?;
        Ok(offers)
    }

    /// Asks for the schema in each case that ticks can lead to.
    fn ask(&mut self, form: &dyn ReceiverForm) -> Result<(), Reason> {
        let dependencies = Dependencies::read(&self.schema);
        let deciding = dependencies.deciding();
        let changes: Vec<&OfferedField> = self
            .fields
            .iter()
            .filter(|field| field.is_open() && deciding.contains(field.member.as_str()))
            .collect();
        if changes.len() > MAX_DECIDING {
            let text = format!(
                "{} of its fields decide what others offer, and at most {MAX_DECIDING} can be shared at once",
                changes.len()
            );
            return Err(Reason::new(ReasonKind::Unknown, text));
        }
        let cases = (0_u32..1 << changes.len()).map(|case| {
            let is_in = |at: usize| case & (1 << at) != 0;
            let taken = changes.iter().enumerate().filter(|(at, _)| is_in(*at));
            let settings = with(&self.own, taken.map(|(_, field)| *field));
            let answer = match form.resolve(&settings) {
                Ok(schema) => Answer::Schema(schema),
                Err(error) => Answer::Failed(unknown("its choices could not be read", &error).text),
            };
            Case {
                given: given(&dependencies, &settings),
                answer,
            }
        });
        self.cases = cases.collect();
        Ok(())
    }

    /// Returns the settings with the new values of these semantics.
    pub(crate) fn taking(&self, taken: impl Fn(&str) -> bool) -> Value {
        let fields = self.fields.iter().filter(|field| taken(&field.semantic));
        with(&self.own, fields)
    }

    /// Returns the schema with what the fields offer given these settings, or why it could not be read.
    pub(crate) fn resolved(
        &self,
        dependencies: &Dependencies,
        settings: &Value,
    ) -> Result<&Value, String> {
        let given = given(dependencies, settings);
        match self.cases.iter().find(|case| case.given == given) {
            Some(case) => match &case.answer {
                Answer::Schema(schema) => Ok(schema),
                Answer::Failed(why) => Err(why.clone()),
            },
            None => Err("its choices were not read for these values".to_owned()),
        }
    }

    /// Returns the field of a semantic.
    pub(crate) fn field(&self, semantic: &str) -> Option<&OfferedField> {
        self.fields.iter().find(|field| field.semantic == semantic)
    }

    /// Returns what a person calls a member.
    pub(crate) fn title(&self, member: &str) -> String {
        field::title(&self.schema, member)
    }

    /// Returns how a value of a member reads, from the first case that has a title for it.
    pub(crate) fn text(&self, member: &str, value: &Value) -> String {
        let of_cases = self.cases.iter().filter_map(|case| match &case.answer {
            Answer::Schema(schema) => field::schema(schema, member),
            Answer::Failed(_) => None,
        });
        let mut last = field::schema(&self.schema, member);
        for schema in of_cases {
            if let Some(words) = field::words(schema, value) {
                return words;
            }
            last = Some(schema);
        }
        field::text(last.unwrap_or(&Value::Null), value)
    }
}

/// Returns settings with the new values of these fields.
fn with<'a>(own: &Value, fields: impl Iterator<Item = &'a OfferedField>) -> Value {
    let mut settings = own.as_object().cloned().unwrap_or_default();
    for field in fields {
        settings.insert(field.member.clone(), field.new.clone());
    }
    Value::Object(settings)
}

/// Returns the values of the members that decide what others offer.
fn given(dependencies: &Dependencies, settings: &Value) -> Map<String, Value> {
    dependencies
        .deciding()
        .into_iter()
        .filter_map(|member| Some((member.to_owned(), settings.get(member)?.clone())))
        .collect()
}

fn unknown(what: &str, error: &Error) -> Reason {
    Reason::new(ReasonKind::Unknown, format!("{what}: {}", error.message()))
}
