//! Dashboards, tiles, datasources and people, and the rules among them: no IO, no clock.

mod access;
mod change;
mod dashboard;
mod datasource;
mod export;
mod field;
mod history;
mod id;
mod link;
mod name;
mod permission;
mod refusal;
mod settings;
mod tile;
mod token;
mod user;

pub use self::{
    access::{Action, Denied, Object, Principal, may},
    change::{Change, FieldValue, TileSettings},
    dashboard::{Applied, Dashboard, DashboardParts, MAX_TILES},
    datasource::{
        Datasource, DatasourceDraft, DatasourceRefusal, SecretEdit, SecretPlan, same_origin,
    },
    export::{DashboardExport, ExportRefusal, ExportedDatasource, ExportedTile},
    field::Field,
    history::{Record, Undo, undo},
    id::{BadId, DashboardId, DatasourceId, LinkId, TileId, TokenId, UserId},
    link::{LinkState, PublicLink},
    name::{BadName, Name},
    permission::Permission,
    refusal::Refusal,
    settings::{BadSettings, MAX_SETTINGS_BYTES, Settings},
    tile::{BadRefresh, RefreshMinutes, Tile},
    token::{ApiToken, Scope, TokenHash},
    user::{BadPassword, LEAST_PASSWORD_CHARS, PasswordHash, Role, Session, User},
};

pub(crate) use self::export::holds;

#[cfg(test)]
mod tests;
