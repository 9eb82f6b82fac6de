//! What a tile takes for some ticks: values that its schema accepts together with the fields that
//! depend on them.

use std::collections::{BTreeMap, BTreeSet};

use gadget_api::FieldError;
use serde_json::Value;

use super::{
    dependencies::Dependencies,
    field,
    offers::Offers,
    reason::{Reason, ReasonKind},
    tile::Setup,
};
use crate::settings;

/// Returns what a gadget finds wrong with settings beyond its schema (`Gadget::check`), given the id of
/// the tile and the settings. It must not send requests.
///
/// It is also called with the previous settings; it returns nothing if the gadget cannot read them.
pub type GadgetCheck<'a> = &'a dyn Fn(&str, &Value) -> Vec<FieldError>;

/// Whether the resulting settings must be complete.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Completeness {
    /// They will be saved.
    Needed,
    /// They only start a form.
    NotNeeded,
}

/// What a tile takes.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The semantics that it takes.
    pub(crate) taken: BTreeSet<String>,
    /// Why it does not take what is ticked, by semantic.
    pub(crate) kept: BTreeMap<String, Reason>,
    /// Why it takes nothing at all.
    pub(crate) nothing: Option<Reason>,
    /// The resulting settings.
    pub(crate) settings: Value,
}

/// Returns what a tile takes when these semantics are ticked.
pub(crate) fn outcome_of(
    offers: &Offers,
    ticked: &BTreeSet<String>,
    completeness: Completeness,
    check: &dyn Fn(&Value) -> Vec<FieldError>,
) -> Outcome {
    let open = |semantic: &String| offers.field(semantic).is_some_and(|field| field.is_open());
    let mut builder = OutcomeBuilder {
        offers,
        dependencies: Dependencies::read(&offers.schema),
        completeness,
        taken: ticked
            .iter()
            .filter(|semantic| open(semantic))
            .cloned()
            .collect(),
        kept: BTreeMap::new(),
        nothing: None,
    };
    // Each round removes at least one semantic, or ends.
    while !builder.taken.is_empty() && !builder.holds(check) {}
    Outcome {
        settings: offers.taking(|semantic| builder.taken.contains(semantic)),
        taken: builder.taken,
        kept: builder.kept,
        nothing: builder.nothing,
    }
}

struct OutcomeBuilder<'a> {
    offers: &'a Offers,
    dependencies: Dependencies,
    completeness: Completeness,
    taken: BTreeSet<String>,
    kept: BTreeMap<String, Reason>,
    nothing: Option<Reason>,
}

impl OutcomeBuilder<'_> {
    /// Tells whether the tile can take what is left; if not, removes something.
    fn holds(&mut self, check: &dyn Fn(&Value) -> Vec<FieldError>) -> bool {
        let settings = self.offers.taking(|semantic| self.taken.contains(semantic));
        let schema = match self.offers.resolved(&self.dependencies, &settings) {
            Ok(schema) => schema,
            Err(why) => {
                self.drop_unknown(&why);
                return false;
            }
        };
        let members = self.taken_members();
        let mut faults = settings::problems(schema, &settings);
        faults.retain(|fault| self.matters(fault, &members, &settings, check));
        if faults.is_empty() && self.completeness == Completeness::Needed {
            faults = check(&settings);
            faults.retain(|fault| self.matters(fault, &members, &settings, check));
        }
        if faults.is_empty() {
            return true;
        }
        let is_done = self.drop_not_accepted(&faults, &members, &settings)
            || self.drop_groups(&faults, &members, &settings)
            || self.drop_all(&faults, &settings);
        debug_assert!(is_done, "a fault that matters removes something");
        false
    }

    fn taken_members(&self) -> BTreeSet<String> {
        self.offers
            .fields
            .iter()
            .filter(|field| self.taken.contains(&field.semantic))
            .map(|field| field.member.clone())
            .collect()
    }

    /// Tells whether a problem prevents taking the values.
    ///
    /// An earlier problem of an unrelated field blocks only that field. A tile that is not set up must be
    /// complete before it is saved.
    fn matters(
        &self,
        fault: &FieldError,
        taken: &BTreeSet<String>,
        settings: &Value,
        check: &dyn Fn(&Value) -> Vec<FieldError>,
    ) -> bool {
        let member = field::first_member(fault.path());
        let is_touched = member.as_ref().is_some_and(|member| {
            taken.contains(member) || self.dependencies.depends(member, taken)
        });
        match (self.completeness, self.offers.setup) {
            (Completeness::NotNeeded, _) => {
                let is_set = member.is_some_and(|member| settings.get(&member).is_some());
                is_touched && is_set
            }
            (Completeness::Needed, Setup::NotYet) => true,
            (Completeness::Needed, Setup::Done) => {
                is_touched || !self.faults_before(check).contains(fault)
            }
        }
    }

    fn faults_before(&self, check: &dyn Fn(&Value) -> Vec<FieldError>) -> Vec<FieldError> {
        let own = &self.offers.own;
        match self.offers.resolved(&self.dependencies, own) {
            Ok(schema) => {
                let mut faults = settings::problems(schema, own);
                faults.extend(check(own));
                faults
            }
            Err(_) => Vec::new(),
        }
    }

    /// Removes the fields that decide about choices that could not be read, or all fields.
    fn drop_unknown(&mut self, why: &str) {
        let deciding: BTreeSet<String> = self
            .dependencies
            .deciding()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let members: Vec<String> = self
            .taken_members()
            .intersection(&deciding)
            .cloned()
            .collect();
        let reason = Reason::new(ReasonKind::Unknown, why);
        if members.is_empty() {
            self.taken.clear();
            self.nothing = Some(reason);
            return;
        }
        for member in members {
            self.drop_group(&member, &reason);
        }
    }

    /// Removes the values that their own fields do not accept, deciding fields first.
    fn drop_not_accepted(
        &mut self,
        faults: &[FieldError],
        taken: &BTreeSet<String>,
        settings: &Value,
    ) -> bool {
        let wrong: BTreeSet<String> = faults
            .iter()
            .filter_map(|fault| field::first_member(fault.path()))
            .filter(|member| taken.contains(member))
            .collect();
        let first: Vec<(String, String)> = self
            .offers
            .fields
            .iter()
            .filter(|field| wrong.contains(&field.member))
            .filter(|field| !self.dependencies.depends(&field.member, &wrong))
            .map(|field| (field.semantic.clone(), field.member.clone()))
            .collect();
        for (semantic, member) in &first {
            let reason = self.why_not(member, faults, settings);
            self.taken.remove(semantic);
            self.kept.insert(semantic.clone(), reason);
        }
        !first.is_empty()
    }

    /// Removes the groups in which a kept value would no longer be accepted.
    fn drop_groups(
        &mut self,
        faults: &[FieldError],
        taken: &BTreeSet<String>,
        settings: &Value,
    ) -> bool {
        let dependents: BTreeSet<String> = faults
            .iter()
            .filter_map(|fault| field::first_member(fault.path()))
            .filter(|member| self.dependencies.depends(member, taken))
            // A value that was never set cannot be lost; the tile is only incomplete.
            .filter(|member| self.offers.setup == Setup::Done || settings.get(member).is_some())
            .collect();
        // If one of them decides about another, that one is the reason.
        let first: Vec<&String> = dependents
            .iter()
            .filter(|member| !self.dependencies.depends(member, &dependents))
            .collect();
        for member in &first {
            let why = self.why_not(member, faults, settings);
            // Another field shows this reason, so the text must name the field unless it names the value.
            let text = match why.kind {
                ReasonKind::NotOffered => why.text,
                _ => format!("{}: {}", self.offers.title(member), why.text),
            };
            let reason = Reason::new(ReasonKind::Dependent, text).at(field::path(member));
            self.drop_group(member, &reason);
        }
        !first.is_empty()
    }

    fn drop_group(&mut self, member: &str, reason: &Reason) {
        let group = self.dependencies.group(member);
        for field in &self.offers.fields {
            if group.contains(&field.member) && self.taken.remove(&field.semantic) {
                self.kept.insert(field.semantic.clone(), reason.clone());
            }
        }
    }

    /// Removes everything: the tile could not be saved like this.
    fn drop_all(&mut self, faults: &[FieldError], settings: &Value) -> bool {
        let missing: BTreeSet<String> = faults
            .iter()
            .filter_map(|fault| field::first_member(fault.path()))
            .filter(|member| settings.get(member).is_none())
            .collect();
        let reason = match (faults.first(), missing.first()) {
            (_, Some(first)) if self.offers.setup == Setup::NotYet => {
                let titles: Vec<_> = missing
                    .iter()
                    .map(|member| self.offers.title(member))
                    .collect();
                let text = format!(
                    "it is not set up and also needs {}; set it up in its own form",
                    titles.join(", ")
                );
                Reason::new(ReasonKind::Incomplete, text).at(field::path(first))
            }
            (Some(fault), _) => {
                let text = match field::first_member(fault.path()) {
                    Some(member) => format!("{}: {}", self.offers.title(&member), fault.message()),
                    None => fault.message().to_owned(),
                };
                Reason::new(ReasonKind::NotAccepted, text).at(fault.path().clone())
            }
            (None, _) => return false,
        };
        self.taken.clear();
        self.nothing = Some(reason);
        true
    }

    /// Says why a member does not take its new value.
    fn why_not(&self, member: &str, faults: &[FieldError], settings: &Value) -> Reason {
        let is_dynamic = field::schema(&self.offers.schema, member).is_some_and(field::is_dynamic);
        if let (true, Some(value)) = (is_dynamic, settings.get(member)) {
            let value = self.offers.text(member, &faulty(member, value, faults));
            let mut text = match self.who_offers(member, settings) {
                Some(who) => format!("{who} does not offer {value}"),
                None => format!("{value} is not offered"),
            };
            if let Some(why) = self.why_nothing_is_offered(member, settings) {
                text = format!("{text}: {why}");
            }
            return Reason::new(ReasonKind::NotOffered, text);
        }
        let message = faults
            .iter()
            .find(|fault| field::first_member(fault.path()).as_deref() == Some(member))
            .map_or("it is not accepted", FieldError::message);
        Reason::new(ReasonKind::NotAccepted, message)
    }

    /// Returns why a member offers nothing at all, for example because a datasource does not answer.
    fn why_nothing_is_offered(&self, member: &str, settings: &Value) -> Option<String> {
        let resolved = self.offers.resolved(&self.dependencies, settings).ok()?;
        let field = field::schema(resolved, member)?;
        [field.get("items"), Some(field)]
            .into_iter()
            .flatten()
            .find(|field| {
                field
                    .get("enum")
                    .and_then(Value::as_array)
                    .is_some_and(Vec::is_empty)
            })?
            .get("description")?
            .as_str()
            .map(|why| why.trim_end_matches('.').to_owned())
    }

    /// Returns the text of the value that decides what a member offers: the nearest one that is set.
    fn who_offers(&self, member: &str, settings: &Value) -> Option<String> {
        let on = self.dependencies.of(member);
        let decider = on
            .iter()
            .rev()
            .find(|decider| settings.get(decider).is_some())?;
        Some(self.offers.text(decider, settings.get(decider)?))
    }
}

/// Returns the faulty items of a list, or the whole value if the faults are not about single items.
fn faulty(member: &str, value: &Value, faults: &[FieldError]) -> Value {
    let Value::Array(items) = value else {
        return value.clone();
    };
    let list = field::path(member);
    let is_faulty = |at: usize| {
        let item = list.child(&at.to_string());
        faults.iter().any(|fault| *fault.path() == item)
    };
    let faulty: Vec<Value> = items
        .iter()
        .enumerate()
        .filter(|(at, _)| is_faulty(*at))
        .map(|(_, item)| item.clone())
        .collect();
    if faulty.is_empty() {
        return value.clone();
    }
    Value::Array(faulty)
}
