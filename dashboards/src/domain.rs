//! Dashboards, tiles, datasources and users, and their rules: no IO, no clock.

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
    access::{Action, Denied, Object, Principal, check_access},
    change::{Change, FieldValue, TileSettings},
    dashboard::{AppliedChange, Dashboard, DashboardParts, MAX_TILES},
    datasource::{
        Datasource, DatasourceDraft, DatasourceRefusal, SecretEdit, SecretPlan, same_origin,
    },
    export::{DashboardExport, ExportRefusal, ExportedDatasource, ExportedTile},
    field::Field,
    history::{ChangeRecord, UndoPlan, undo},
    id::{BadId, DashboardId, DatasourceId, LinkId, TileId, TokenId, UserId},
    link::{LinkState, PublicLink},
    name::{BadName, Name},
    permission::Permission,
    refusal::ChangeRefusal,
    settings::{BadSettings, MAX_SETTINGS_BYTES, Settings},
    tile::{BadRefresh, RefreshMinutes, Tile},
    token::{ApiToken, Scope, TokenHash},
    user::{BadPassword, MIN_PASSWORD_CHARS, PasswordHash, Role, Session, User},
};

pub(crate) use self::export::contains_string;

#[cfg(test)]
mod tests;
