//! The host's side: the parts of a loaded library behind safe calls.

#![deny(unsafe_code)]

use std::collections::BTreeMap;

use abi_stable::std_types::{RErr, ROk, RSlice, RStr};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    GadgetModuleRef, RawGadgetBox, RawResult,
    services::{Lent, read_error},
};
use crate::{
    Adoption, Choices, Error, ErrorKind, FieldError, FieldPath, LibraryDescription, Refreshed,
    Selection, Services, SnapshotName, Table, TestReport, Version, View,
    ops::{self, Part},
    view::MAX_VIEW_BYTES,
};

/// The largest size of a description, in bytes.
const MAX_DESCRIPTION_BYTES: usize = 8 * 1024 * 1024;

/// Returns what a library says about itself, and its parts.
///
/// # Errors
///
/// Returns the library's own error, or an error when its description cannot be read.
pub fn module_parts(module: GadgetModuleRef) -> Result<(LibraryDescription, Vec<Exported>), Error> {
    let description = read(module.build_info()())?;
    let parts = module.gadgets()()
        .into_iter()
        .map(|raw| Exported { raw })
        .collect();
    Ok((description, parts))
}

/// A gadget or a datasource kind of a loaded library.
pub struct Exported {
    raw: RawGadgetBox,
}

impl Exported {
    /// Wraps a part of this program as if it came from a library, for tests.
    pub fn local(raw: RawGadgetBox) -> Self {
        Self { raw }
    }

    /// Returns what the part says about itself.
    ///
    /// # Errors
    ///
    /// Returns the part's own error, or an error when its description cannot be read.
    pub fn describe(&self) -> Result<Part, Error> {
        match self.raw.describe() {
            ROk(json) if json.len() > MAX_DESCRIPTION_BYTES => Err(Error::new(
                ErrorKind::TooLarge,
                format!(
                    "the description has {} bytes; at most {MAX_DESCRIPTION_BYTES} are allowed",
                    json.len()
                ),
            )),
            result => read(result),
        }
    }

    /// See [`Gadget::render`](crate::Gadget::render).
    ///
    /// # Errors
    ///
    /// Returns the gadget's error, or an error when its view is refused.
    pub fn render(
        &self,
        settings: &Value,
        today: NaiveDate,
        snapshot: Option<&SnapshotName>,
        services: &dyn Services,
    ) -> Result<View, Error> {
        let input = write(&ops::RenderInput {
            settings: settings.clone(),
            today,
            snapshot: snapshot.cloned(),
        })?;
        let lent = Lent::new(services);
        let view: View = read_bounded(self.raw.render(RSlice::from_slice(&input), lent.lend()))?;
        Ok(view.bounded()?)
    }

    /// See [`Gadget::refresh`](crate::Gadget::refresh).
    ///
    /// # Errors
    ///
    /// Returns the gadget's error.
    pub fn refresh(
        &self,
        settings: &Value,
        today: NaiveDate,
        now: DateTime<Utc>,
        services: &dyn Services,
    ) -> Result<Refreshed, Error> {
        self.invoke(
            ops::REFRESH,
            &ops::RefreshInput {
                settings: settings.clone(),
                today,
                now,
            },
            services,
        )
    }

    /// See [`Gadget::details`](crate::Gadget::details).
    ///
    /// # Errors
    ///
    /// Returns the gadget's error, or an error when its table is refused.
    pub fn details(
        &self,
        settings: &Value,
        selection: &Selection,
        today: NaiveDate,
        snapshot: Option<&SnapshotName>,
        services: &dyn Services,
    ) -> Result<Table, Error> {
        let render = ops::RenderInput {
            settings: settings.clone(),
            today,
            snapshot: snapshot.cloned(),
        };
        let table: Table = self.invoke(
            ops::DETAILS,
            &ops::DetailsInput {
                render,
                selection: selection.clone(),
            },
            services,
        )?;
        Ok(table.bounded()?)
    }

    /// See [`Gadget::check`](crate::Gadget::check).
    ///
    /// # Errors
    ///
    /// Returns an error when the settings cannot be read at all.
    pub fn check(
        &self,
        settings: &Value,
        today: NaiveDate,
        services: &dyn Services,
    ) -> Result<Vec<FieldError>, Error> {
        self.invoke(
            ops::CHECK,
            &ops::CheckInput {
                settings: settings.clone(),
                today,
            },
            services,
        )
    }

    /// See [`Gadget::choices`](crate::Gadget::choices).
    ///
    /// # Errors
    ///
    /// Returns the gadget's error.
    pub fn choices(
        &self,
        field: &FieldPath,
        settings: &Value,
        services: &dyn Services,
    ) -> Result<Choices, Error> {
        self.invoke(
            ops::CHOICES,
            &ops::ChoicesInput {
                field: field.clone(),
                settings: settings.clone(),
            },
            services,
        )
    }

    /// See [`Gadget::adopt`](crate::Gadget::adopt).
    ///
    /// # Errors
    ///
    /// Returns the gadget's error.
    pub fn adopt(
        &self,
        own: &Value,
        shared: &BTreeMap<String, Value>,
        services: &dyn Services,
    ) -> Result<Adoption, Error> {
        self.invoke(
            ops::ADOPT,
            &ops::AdoptInput {
                own: own.clone(),
                shared: shared.clone(),
            },
            services,
        )
    }

    /// See [`Gadget::migrate`](crate::Gadget::migrate).
    ///
    /// # Errors
    ///
    /// Returns the gadget's error.
    pub fn migrate(
        &self,
        from: Version,
        settings: &Value,
        services: &dyn Services,
    ) -> Result<Value, Error> {
        self.invoke(
            ops::MIGRATE,
            &ops::MigrateInput {
                from,
                settings: settings.clone(),
            },
            services,
        )
    }

    /// See [`DatasourceKind::test`](crate::DatasourceKind::test).
    ///
    /// # Errors
    ///
    /// Returns an error when the test itself could not run.
    pub fn test(&self, services: &dyn Services) -> Result<TestReport, Error> {
        self.invoke(ops::TEST, &(), services)
    }

    fn invoke<I: Serialize, O: DeserializeOwned>(
        &self,
        op: &str,
        input: &I,
        services: &dyn Services,
    ) -> Result<O, Error> {
        let json = write(input)?;
        let lent = Lent::new(services);
        match self.raw.invoke(
            RStr::from_str(op),
            RSlice::from_slice(&json),
            RSlice::EMPTY,
            lent.lend(),
        ) {
            ROk(answer) => read_bounded(ROk(answer.json)),
            RErr(error) => Err(read_error(error.as_slice())),
        }
    }
}

fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            format!("failed to write a message to a gadget: {error}"),
        )
    })
}

fn read_bounded<T: DeserializeOwned>(
    result: RawResult<abi_stable::std_types::RVec<u8>>,
) -> Result<T, Error> {
    match result {
        ROk(json) if json.len() > MAX_VIEW_BYTES => Err(Error::new(
            ErrorKind::TooLarge,
            format!(
                "the answer of the gadget has {} bytes; at most {MAX_VIEW_BYTES} are allowed",
                json.len()
            ),
        )),
        result => read(result),
    }
}

fn read<T: DeserializeOwned>(
    result: RawResult<abi_stable::std_types::RVec<u8>>,
) -> Result<T, Error> {
    match result {
        ROk(json) => serde_json::from_slice(json.as_slice()).map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("failed to read the answer of the gadget: {error}"),
            )
        }),
        RErr(error) => Err(read_error(error.as_slice())),
    }
}
