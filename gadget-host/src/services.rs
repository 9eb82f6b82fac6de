//! What the host does for a gadget during one call.

pub(crate) use self::{
    call::{CallServices, Fetches},
    http::Web,
    room::Room,
    turnstile::Turnstile,
};

mod body;
mod call;
mod failure;
mod http;
mod resolver;
mod retry;
mod room;
mod turnstile;
mod whole;
