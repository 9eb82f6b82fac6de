//! What a template asks, as one form: each question is a field of the first gadget that has its semantic.

use std::sync::Arc;

use dashboards::{
    domain::{Dashboard, Name, UserId},
    store::StoreError,
};
use gadget_api::{Choice, Choices, Error, FieldPath, GadgetDescription, Template, schema};
use gadget_host::{Call, CallError, ChoiceSource, Form};
use serde_json::{Map, Value, json};

use super::{TemplateAnswers, Templates};
use crate::app::{
    AppError, Caller, blocking, datasources::named, refresh::today, settings_edit::set,
};

/// What a template asks for.
struct Questions {
    asked: Vec<Question>,
}

/// One question; what is answered to it stands under its semantic.
struct Question {
    semantic: String,
    /// The gadget that has the field.
    gadget: GadgetDescription,
    /// Where the gadget has it.
    field: FieldPath,
    is_required: bool,
    /// What the template sets besides, for gadgets that offer something depending on it.
    fixed: Value,
    schema: Map<String, Value>,
    /// The semantics that decide what it offers.
    depends_on: Vec<String>,
    /// Whether a tile is made for each value.
    is_repeated: bool,
}

impl Questions {
    /// Reads the questions of a template; one that no gadget has a field for is not asked.
    fn of(template: &Template, known: impl Fn(&str) -> Option<GadgetDescription>) -> Self {
        let gadgets: Vec<_> = template
            .tiles
            .iter()
            .filter_map(|tile| Some((tile, known(&tile.gadget)?)))
            .collect();
        let asked = template.ask.iter().filter_map(|semantic| {
            let (tile, gadget) = gadgets
                .iter()
                .find(|(_, gadget)| gadget.semantics.contains_key(semantic))?;
            let field = gadget.semantics.get(semantic)?;
            let (found, is_required) = field_at(&gadget.schema, field)?;
            let others = found
                .get(schema::CHOICES)
                .and_then(|choices| choices["dependsOn"].as_array());
            let asked_under = |pointer: &Value| {
                let mut semantics = gadget.semantics.iter();
                let (semantic, _) = semantics.find(|(_, path)| *pointer == path.as_str())?;
                template.ask.contains(semantic).then(|| semantic.clone())
            };
            let repeats = |tile: &gadget_api::TemplateTile| tile.repeat.as_ref() == Some(semantic);
            Some(Question {
                semantic: semantic.clone(),
                depends_on: others
                    .into_iter()
                    .flatten()
                    .filter_map(asked_under)
                    .collect(),
                field: field.clone(),
                is_required,
                fixed: tile.settings.clone().unwrap_or_else(|| json!({})),
                schema: found.clone(),
                is_repeated: template.tiles.iter().any(repeats),
                gadget: gadget.clone(),
            })
        });
        Self {
            asked: asked.collect(),
        }
    }

    /// Returns the schema of the form, before it is resolved.
    fn schema(&self) -> Value {
        let fields = self.asked.iter();
        let fields: Map<String, Value> = fields
            .map(|question| (question.semantic.clone(), question.as_field()))
            .collect();
        let required = self
            .asked
            .iter()
            .filter(|question| question.is_required || question.is_repeated)
            .map(|question| question.semantic.as_str());
        json!({
            "type": "object", "additionalProperties": false,
            "properties": fields, "required": required.collect::<Vec<_>>(),
        })
    }

    /// Returns the kinds of datasources that the gadgets read which are asked for one.
    fn kinds(&self) -> Vec<&str> {
        let of_source = self
            .asked
            .iter()
            .filter(|question| question.semantic == schema::DATASOURCE);
        of_source
            .flat_map(|question| &question.gadget.manifest.datasource_kinds)
            .map(String::as_str)
            .collect()
    }
}

impl Question {
    fn path(&self) -> FieldPath {
        FieldPath::root().child(&self.semantic)
    }

    /// Returns the schema of the question: that of the field, or a list of such values.
    fn as_field(&self) -> Value {
        let mut items = self.schema.clone();
        if let Some(choices) = items.get_mut(schema::CHOICES) {
            let others = self.depends_on.iter();
            let others = others.map(|semantic| FieldPath::root().child(semantic).to_string());
            choices["dependsOn"] = others.collect();
        }
        if !self.is_repeated {
            return Value::Object(items);
        }
        let mut list = Map::from_iter([("type".to_owned(), "array".into())]);
        for word in ["title", "description", schema::CHOICES] {
            if let Some(value) = items.shift_remove(word) {
                list.insert(word.to_owned(), value);
            }
        }
        items.shift_remove("default");
        list.insert("uniqueItems".to_owned(), true.into());
        list.insert("minItems".to_owned(), 1.into());
        list.insert("items".to_owned(), Value::Object(items));
        Value::Object(list)
    }

    /// Returns the settings of the gadget with what is answered so far.
    fn settings(&self, answered: &Value) -> Value {
        let mut settings = self.fixed.clone();
        for (semantic, value) in answered.as_object().into_iter().flatten() {
            set(&mut settings, &self.gadget, semantic, value);
        }
        settings
    }
}

/// Finds a field in a schema, in whichever branch; with whether it must be set.
fn field_at<'a>(schema: &'a Value, path: &FieldPath) -> Option<(&'a Map<String, Value>, bool)> {
    fn step<'a>(place: &'a Value, name: &str) -> Option<(&'a Value, bool)> {
        if let Some(found) = place["properties"].get(name) {
            let required = place["required"].as_array();
            return Some((
                found,
                required.is_some_and(|all| all.iter().any(|each| each == name)),
            ));
        }
        let mut branches = place["oneOf"].as_array()?.iter();
        branches.find_map(|branch| step(branch, name))
    }
    let mut place = (schema, false);
    for name in path.parts() {
        place = step(place.0, &name)?;
    }
    Some((place.0.as_object()?, place.1))
}

/// Returns what was answered, by semantic.
fn answers(settings: &Value) -> TemplateAnswers {
    let members = settings.as_object().into_iter().flatten();
    members
        .map(|(semantic, value)| {
            let values = match value {
                Value::Array(values) => values.clone(),
                value => vec![value.clone()],
            };
            (semantic.clone(), values)
        })
        .collect()
}

impl Templates {
    /// Answers the form of what a template asks; a question that has one answer only is answered.
    pub(crate) async fn form(
        self: &Arc<Self>,
        caller: &Caller,
        template: &Template,
        settings: Value,
    ) -> Result<Form, AppError> {
        let questions = Questions::of(template, |gadget| {
            self.engine.description(gadget).ok().cloned()
        });
        let sources = self.usable_sources(caller, &questions.kinds()).await?;
        let templates = Arc::clone(self);
        let form = blocking::run(move || {
            let offered = |question: &Question, settings: Value| {
                let source = named(&question.gadget, &settings);
                let call = Call::new(&question.gadget.manifest.id, settings, today());
                let call = match source {
                    Some(id) => call
                        .with_datasource(templates.bridge.wait(templates.datasources.source(&id))?),
                    None => call,
                };
                templates.engine.choices(&call, &question.field)
            };
            questions.answer(&settings, sources, &offered)
        });
        Ok(form.await?.map_err(Error::from)?)
    }

    /// Makes a dashboard of a template from what the caller answered, not kept yet.
    pub(in crate::app) async fn fill_for(
        self: &Arc<Self>,
        caller: &Caller,
        template: &Template,
        title: Name,
        owner: UserId,
        settings: Value,
    ) -> Result<Dashboard, AppError> {
        let form = self.form(caller, template, settings).await?;
        if !form.problems.is_empty() {
            return Err(AppError::Fields(form.problems));
        }
        self.fill(template, title, owner, answers(&form.settings))
            .await
    }

    /// Returns the datasources of these kinds that somebody may use.
    async fn usable_sources(
        &self,
        caller: &Caller,
        kinds: &[&str],
    ) -> Result<Vec<Choice>, StoreError> {
        let usable = self.datasources.usable(caller).await?;
        let usable = usable.iter();
        Ok(usable
            .filter(|datasource| kinds.contains(&datasource.kind.as_str()))
            .map(|datasource| Choice::new(datasource.id.as_str(), datasource.name.as_str()))
            .collect())
    }
}

/// Asks a gadget what it offers, with a datasource that may be used.
type Offered<'a> = &'a dyn Fn(&Question, Value) -> Result<Choices, CallError>;

/// Where the choices of the questions come from.
struct GadgetsOf<'a> {
    questions: &'a Questions,
    sources: &'a [Choice],
    offered: Offered<'a>,
}

impl Questions {
    /// Makes the form.
    fn answer(
        &self,
        settings: &Value,
        sources: Vec<Choice>,
        offered: Offered<'_>,
    ) -> Result<Form, CallError> {
        let gadgets = GadgetsOf {
            questions: self,
            sources: &sources,
            offered,
        };
        let choices = if sources.is_empty() {
            Choices::Waiting("Add a datasource first.".to_owned())
        } else {
            Choices::Offered(sources.clone())
        };
        let own = self.source().map(|question| (question.path(), choices));
        Form::answer(
            &self.schema(),
            settings,
            &own.into_iter().collect(),
            &gadgets,
        )
    }

    /// Returns the question for a datasource, if it is asked.
    fn source(&self) -> Option<&Question> {
        self.asked
            .iter()
            .find(|question| question.semantic == schema::DATASOURCE)
    }

    /// Returns the question that a field of the form asks.
    fn at(&self, field: &FieldPath) -> Option<&Question> {
        self.asked.iter().find(|question| question.path() == *field)
    }
}

impl ChoiceSource for GadgetsOf<'_> {
    fn choices(&self, field: &FieldPath, settings: &Value) -> Result<Choices, CallError> {
        let is_usable = match self.questions.source() {
            None => true,
            Some(_) => self
                .sources
                .iter()
                .any(|source| source.value == settings[schema::DATASOURCE]),
        };
        if !is_usable {
            return Ok(Choices::Waiting("Choose a datasource first.".to_owned()));
        }
        match self.questions.at(field) {
            Some(question) => (self.offered)(question, question.settings(settings)),
            // A field inside of a question: no gadget is asked for it.
            None => Ok(Choices::Offered(Vec::new())),
        }
    }

    fn autofill(&self, field: &FieldPath, choices: &Choices, settings: &mut Value) {
        if let (Some(question), Choices::Offered(offered)) = (self.questions.at(field), choices) {
            fill_only_choice(settings, question, offered);
        }
    }
}

/// Answers a question that has one answer only, where nothing is answered yet.
fn fill_only_choice(settings: &mut Value, question: &Question, offered: &[Choice]) {
    let ([only], true) = (offered, question.is_required) else {
        return;
    };
    let Some(members) = settings.as_object_mut() else {
        return;
    };
    let value = match question.is_repeated {
        true => Value::Array(vec![only.value.clone()]),
        false => only.value.clone(),
    };
    members.entry(question.semantic.clone()).or_insert(value);
}

#[cfg(test)]
mod tests {
    use gadget_api::{ErrorKind, Manifest, TemplateTile, TileSize};

    use std::collections::BTreeMap;

    use super::*;

    fn description(gadget: &str) -> Option<GadgetDescription> {
        let schema = json!({
            "type": "object", "required": ["source", "vendor", "what"],
            "properties": {
                "source": {"type": "string", "title": "Datasource", "x-semantic": "datasource"},
                "vendor": {"type": "string", "title": "Vendor", "x-semantic": "vendor",
                    "x-choices": {"source": "vendors", "dependsOn": ["/source"]}},
                "what": {"oneOf": [{"type": "object", "required": ["app"], "properties": {
                    "app": {"type": "string", "title": "App", "description": "Which one.",
                        "x-semantic": "app", "x-choices": {"source": "apps", "dependsOn": ["/source", "/vendor", "/other"]}},
                }}]},
            },
        });
        let path = |text| FieldPath::parse(text).unwrap();
        let mut manifest = Manifest::new(gadget, "Users", "Counts.");
        manifest.datasource_kinds = vec!["shop".to_owned()];
        (gadget == "app-users").then(|| GadgetDescription {
            manifest,
            schema,
            semantics: BTreeMap::from([
                ("datasource".into(), path("/source")),
                ("vendor".into(), path("/vendor")),
                ("app".into(), path("/what/app")),
            ]),
        })
    }

    fn questions() -> Questions {
        let template = Template {
            id: "partner".into(),
            name: "Partner".into(),
            summary: String::new(),
            ask: ["datasource", "vendor", "app", "unheard-of"]
                .map(String::from)
                .into(),
            tiles: vec![
                TemplateTile::new("absent", TileSize::M),
                TemplateTile::new("app-users", TileSize::M).repeated_for("app"),
            ],
        };
        Questions::of(&template, description)
    }

    fn answered(settings: Value, sources: &[&str]) -> Form {
        let sources = sources.iter().map(|id| Choice::new(*id, id.to_uppercase()));
        let offered = |question: &Question, settings: Value| match question.semantic.as_str() {
            "vendor" => Ok(Choices::Offered(vec![Choice::new("7", "Acme")])),
            _ if settings["vendor"] == "7" => Ok(Choices::Offered(vec![
                Choice::new("a", "A"),
                Choice::new("b", "B"),
            ])),
            _ => Err(Error::new(ErrorKind::Network, "no answer").into()),
        };
        let form = questions().answer(&settings, sources.collect(), &offered);
        form.unwrap()
    }

    #[test]
    fn the_form_has_the_fields_of_the_gadgets_and_a_list_of_what_is_repeated() {
        let form = answered(json!({}), &["one"]);
        assert_eq!(
            form.schema,
            json!({
                "type": "object", "additionalProperties": false,
                "properties": {
                    "datasource": {"type": "string", "title": "Datasource", "x-semantic": "datasource",
                        "oneOf": [{"const": "one", "title": "ONE"}]},
                    "vendor": {"type": "string", "title": "Vendor", "x-semantic": "vendor",
                        "oneOf": [{"const": "7", "title": "Acme"}]},
                    "app": {"type": "array", "title": "App", "description": "Which one.",
                        "uniqueItems": true, "minItems": 1,
                        "items": {"type": "string", "x-semantic": "app",
                            "oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]}},
                },
                "required": ["datasource", "vendor", "app"],
            })
        );
        // What has one answer only is answered.
        assert_eq!(form.settings, json!({"datasource": "one", "vendor": "7"}));
        let depends_on = &form.depends_on[&FieldPath::parse("/app").unwrap()];
        let depends_on: Vec<_> = depends_on.iter().map(FieldPath::as_str).collect();
        assert_eq!(depends_on, ["/datasource", "/vendor"]);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_question() {
        let right = json!({"datasource": "one", "vendor": "7", "app": ["a"]});
        let cases = [
            (json!({}), "/app"),
            (json!({"app": []}), "/app"),
            (json!({"app": ["a", "c"]}), "/app/1"),
            (json!({"app": ["a", "a"]}), "/app"),
            (json!({"vendor": "8"}), "/vendor"),
            (json!({"datasource": "other"}), "/datasource"),
            (json!({"more": 1}), "/more"),
        ];
        for (change, at) in cases {
            let mut settings = right.clone();
            for (name, value) in change.as_object().unwrap() {
                settings[name] = value.clone();
            }
            if change == json!({}) {
                settings.as_object_mut().unwrap().shift_remove("app");
            }
            let form = answered(settings, &["one", "two"]);
            let found = form.problems.iter().map(|problem| problem.path().as_str());
            assert!(
                found.clone().any(|path| path == at),
                "{change}: {:?}",
                form.problems
            );
        }
        assert_eq!(answered(right, &["one", "two"]).problems, []);
    }

    #[test]
    fn no_gadget_is_asked_with_a_datasource_that_somebody_may_not_use() {
        let form = answered(json!({"datasource": "hidden"}), &["one", "two"]);
        let waiting = Choices::Waiting("Choose a datasource first.".to_owned());
        for field in ["/vendor", "/app"] {
            assert_eq!(form.choices[&FieldPath::parse(field).unwrap()], waiting);
        }
    }
}
