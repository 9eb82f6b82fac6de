//! What the host does for a gadget during one call.

pub(crate) use self::{
    call::{CallServices, Fetches},
    file_store::FileStore,
    http_client::HttpClient,
    leases::Leases,
    request_limiter::RequestLimiter,
};

mod body;
mod call;
mod failure;
mod file_store;
mod http_client;
mod json_end;
mod leases;
mod request_limiter;
mod resolver;
mod retry;
