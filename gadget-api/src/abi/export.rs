//! The library's side: an author's types behind the border.

#![deny(unsafe_code)]

use std::{
    marker::PhantomData,
    mem::ManuallyDrop,
    sync::{Mutex, OnceLock, PoisonError},
};

use abi_stable::{
    library::RootModuleResult,
    prefix_type::PrefixTypeTrait,
    sabi_trait::TD_Opaque,
    std_types::{RErr, ROk, RSlice, RStr, RVec},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    GadgetModule, GadgetModuleRef, HostRef, RawAnswer, RawGadget, RawGadget_TO, RawGadgetBox,
    RawResult, error_json,
    guard::{guarded, quiet_panics},
    services::Borrowed,
};
use crate::{
    CreateContext, DatasourceKind, Error, ErrorKind, Gadget, GadgetDescription, LibraryDescription,
    RefreshContext, RenderContext, Services, Template, Version,
    ops::{self, Part},
    schema,
    view::MAX_VIEW_BYTES,
};

/// Builds the root module: called once, by the static that [`export_gadgets!`](crate::export_gadgets) writes.
pub fn construct(
    build_info: extern "C" fn() -> RawResult<RVec<u8>>,
    gadgets: extern "C" fn() -> RVec<RawGadgetBox>,
) -> GadgetModuleRef {
    quiet_panics();
    GadgetModule {
        build_info,
        gadgets,
        #[cfg(feature = "__abi-newer-minor")]
        newer: newer_field,
    }
    .leak_into_prefix()
}

#[cfg(feature = "__abi-newer-minor")]
extern "C" fn newer_field() -> u64 {
    1
}

/// Returns the library's description.
pub fn description(
    name: &str,
    version: &str,
    templates: impl FnOnce() -> Vec<Template>,
) -> RawResult<RVec<u8>> {
    answer(guarded("the description of the library", || {
        let version: Version = version
            .parse()
            .map_err(|error| Error::new(ErrorKind::Internal, format!("{error}")))?;
        encode(&LibraryDescription {
            name: name.to_owned(),
            version,
            api_version: env!("CARGO_PKG_VERSION").to_owned(),
            datasources: Vec::new(),
            templates: templates(),
        })
    }))
}

/// Returns the parts of the library; none if creating them panicked.
pub fn parts(parts: impl FnOnce() -> Vec<RawGadgetBox>) -> RVec<RawGadgetBox> {
    guarded("the list of gadgets", || Ok(parts()))
        .unwrap_or_default()
        .into()
}

/// Wraps a gadget for the border.
pub fn gadget<G: Gadget>() -> RawGadgetBox {
    RawGadget_TO::from_value(
        Lazy::<G> {
            gadget: OnceLock::new(),
            creating: Mutex::new(()),
        },
        TD_Opaque,
    )
}

/// Wraps a datasource kind for the border.
pub fn datasource<D: DatasourceKind>() -> RawGadgetBox {
    RawGadget_TO::from_value(Kind::<D>(PhantomData), TD_Opaque)
}

/// A gadget that is created before its first call.
struct Lazy<G: Gadget> {
    gadget: OnceLock<ManuallyDrop<G>>,
    creating: Mutex<()>,
}

impl<G: Gadget> Lazy<G> {
    fn gadget(&self, services: &dyn Services) -> Result<&G, Error> {
        let _one_at_a_time = self.creating.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gadget) = self.gadget.get() {
            return Ok(gadget);
        }
        let gadget = G::create(&CreateContext::new(services))?;
        Ok(self.gadget.get_or_init(|| ManuallyDrop::new(gadget)))
    }

    fn invoke(&self, op: &str, json: &[u8], services: &dyn Services) -> Result<Vec<u8>, Error> {
        match op {
            ops::CHECK => {
                let input: ops::CheckInput = decode(json)?;
                encode(&G::check(&settings::<G>(input.settings)?, input.today))
            }
            ops::CHOICES => {
                let input: ops::ChoicesInput = decode(json)?;
                encode(
                    &self
                        .gadget(services)?
                        .choices(&input.field, &input.settings, services)?,
                )
            }
            ops::ADOPT => {
                let input: ops::AdoptInput = decode(json)?;
                encode(&G::adopt(&input.own, &input.shared))
            }
            ops::MIGRATE => {
                let input: ops::MigrateInput = decode(json)?;
                encode(&G::migrate(&input.from, input.settings)?)
            }
            ops::REFRESH => {
                let input: ops::RefreshInput = decode(json)?;
                let context = RefreshContext::new(input.today, input.now, services);
                encode(
                    &self
                        .gadget(services)?
                        .refresh(&settings::<G>(input.settings)?, &context)?,
                )
            }
            ops::DETAILS => {
                let ops::DetailsInput { render, selection } = decode(json)?;
                let context = RenderContext::new(render.today, render.snapshot.as_ref(), services);
                let table = self.gadget(services)?.details(
                    &settings::<G>(render.settings)?,
                    &selection,
                    &context,
                )?;
                bounded(encode(&table.bounded()?)?)
            }
            _ => Err(unknown(op)),
        }
    }
}

impl<G: Gadget> RawGadget for Lazy<G> {
    fn describe(&self) -> RawResult<RVec<u8>> {
        answer(guarded("`manifest`", || {
            let schema = G::settings_schema();
            let semantics = schema::semantics(&schema);
            encode(&Part::Gadget(Box::new(GadgetDescription {
                manifest: G::manifest(),
                schema,
                semantics,
            })))
        }))
    }

    fn render(&self, input: RSlice<'_, u8>, host: HostRef<'_>) -> RawResult<RVec<u8>> {
        answer(guarded("`render`", || {
            let services = Borrowed::new(host);
            let input: ops::RenderInput = decode(input.as_slice())?;
            let context = RenderContext::new(input.today, input.snapshot.as_ref(), &services);
            let view = self
                .gadget(&services)?
                .render(&settings::<G>(input.settings)?, &context)?;
            bounded(encode(&view.bounded()?)?)
        }))
    }

    fn invoke(
        &self,
        op: RStr<'_>,
        json: RSlice<'_, u8>,
        _bulk: RSlice<'_, u8>,
        host: HostRef<'_>,
    ) -> RawResult<RawAnswer> {
        let op = op.as_str();
        answer_with_bulk(guarded(&format!("`{op}`"), || {
            self.invoke(op, json.as_slice(), &Borrowed::new(host))
        }))
    }
}

impl<G: Gadget> Drop for Lazy<G> {
    fn drop(&mut self) {
        if let Some(gadget) = self.gadget.take() {
            // A panic cannot be reported here; it only must not cross the border.
            let _ = guarded("`drop`", || {
                drop(ManuallyDrop::into_inner(gadget));
                Ok(())
            });
        }
    }
}

struct Kind<D>(PhantomData<fn() -> D>);

impl<D: DatasourceKind> RawGadget for Kind<D> {
    fn describe(&self) -> RawResult<RVec<u8>> {
        answer(guarded("`declaration`", || {
            encode(&Part::Datasource(Box::new(D::declaration())))
        }))
    }

    fn render(&self, _input: RSlice<'_, u8>, _host: HostRef<'_>) -> RawResult<RVec<u8>> {
        answer(Err(unknown("render")))
    }

    fn invoke(
        &self,
        op: RStr<'_>,
        _json: RSlice<'_, u8>,
        _bulk: RSlice<'_, u8>,
        host: HostRef<'_>,
    ) -> RawResult<RawAnswer> {
        let op = op.as_str();
        answer_with_bulk(guarded(&format!("`{op}`"), || match op {
            ops::TEST => encode(&D::test(&Borrowed::new(host))?),
            _ => Err(unknown(op)),
        }))
    }
}

fn unknown(op: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("the operation `{op}` is unknown"),
    )
}

fn settings<G: Gadget>(settings: Value) -> Result<G::Settings, Error> {
    serde_json::from_value(settings).map_err(|error| {
        Error::new(
            ErrorKind::Settings,
            format!(
                "failed to read the settings of `{}`: {error}",
                G::manifest().id
            ),
        )
    })
}

fn decode<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            format!("failed to read a message from the host: {error}"),
        )
    })
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            format!("failed to write an answer: {error}"),
        )
    })
}

fn bounded(json: Vec<u8>) -> Result<Vec<u8>, Error> {
    if json.len() > MAX_VIEW_BYTES {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!(
                "the answer has {} bytes; at most {MAX_VIEW_BYTES} are allowed",
                json.len()
            ),
        ));
    }
    Ok(json)
}

fn answer(result: Result<Vec<u8>, Error>) -> RawResult<RVec<u8>> {
    match result {
        Ok(json) => ROk(json.into()),
        Err(error) => RErr(error_json(&error)),
    }
}

fn answer_with_bulk(result: Result<Vec<u8>, Error>) -> RawResult<RawAnswer> {
    match result {
        Ok(json) => ROk(RawAnswer::new(json, Vec::new())),
        Err(error) => RErr(error_json(&error)),
    }
}

impl RawAnswer {
    pub(super) fn new(json: Vec<u8>, bulk: Vec<u8>) -> Self {
        Self {
            json: json.into(),
            #[cfg(feature = "__abi-changed-layout")]
            between: 0,
            bulk: bulk.into(),
        }
    }
}

/// Creates the function that the root static names from [`construct`]'s answer.
pub fn root_module_result(construct: fn() -> GadgetModuleRef) -> RootModuleResult {
    abi_stable::library::__call_root_module_loader(construct)
}

/// Exports the one symbol that makes a crate a gadget library.
///
/// It takes the gadgets, and if there are any, the datasource kinds and the functions that return
/// dashboard templates. The crate is a `cdylib` and may be an `rlib` besides, for its tests.
///
/// ```
/// # use gadget_api::{CreateContext, Error, Gadget, Manifest, RenderContext, View};
/// # #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
/// # #[serde(deny_unknown_fields)]
/// # pub struct Nothing {}
/// # pub struct Hello;
/// # impl Gadget for Hello {
/// #     type Settings = Nothing;
/// #     fn manifest() -> Manifest { Manifest::new("hello", "Hello", "Greets.") }
/// #     fn create(_: &CreateContext<'_>) -> Result<Self, Error> { Ok(Self) }
/// #     fn render(&self, _: &Nothing, _: &RenderContext<'_>) -> Result<View, Error> { Ok(View::new("Hello")) }
/// # }
/// gadget_api::export_gadgets!(gadgets: [Hello]);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_gadgets {
    (
        gadgets: [$($gadget:ty),* $(,)?]
        $(, datasources: [$($kind:ty),* $(,)?])?
        $(, templates: [$($template:path),* $(,)?])?
        $(,)?
    ) => {
        const _: () = {
            #[cfg(panic = "abort")]
            ::core::compile_error!(
                "a gadget library must unwind: remove `panic = \"abort\"` from the profile, or a panic in a gadget ends its host"
            );

            extern "C" fn build_info() -> $crate::__abi::RawResult<$crate::__abi::Bytes> {
                $crate::__abi::description(
                    ::core::env!("CARGO_PKG_NAME"),
                    ::core::env!("CARGO_PKG_VERSION"),
                    || ::std::vec![$($($template()),*)?],
                )
            }

            extern "C" fn gadgets() -> $crate::__abi::Parts {
                $crate::__abi::parts(|| ::std::vec![
                    $($crate::__abi::gadget::<$gadget>(),)*
                    $($($crate::__abi::datasource::<$kind>(),)*)?
                ])
            }

            extern "C" fn root() -> $crate::__abi::RootModuleResult {
                $crate::__abi::root_module_result(|| $crate::__abi::construct(build_info, gadgets))
            }

            // SAFETY: `root` answers what `construct` made, which is the module that the header names.
            #[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
            static ROOT: $crate::__abi::LibHeader = unsafe {
                $crate::__abi::LibHeader::from_constructor::<$crate::__abi::GadgetModuleRef>(
                    root,
                    $crate::__abi::CheckTypeLayout::Yes,
                )
            };
        };
    };
}
