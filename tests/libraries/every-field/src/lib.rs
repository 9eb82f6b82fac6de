//! Gadgets that no host knows: `every-field` has every kind of field that a form can have and no
//! datasource, `other-kind` has a datasource of a kind of its own.
//!
//! Both show the settings that they were given.

mod every_field;
mod other_kind;
mod shown;

gadget_api::export_gadgets!(
    gadgets: [every_field::EveryField, other_kind::OtherKind],
    datasources: [other_kind::TinyKind],
);
