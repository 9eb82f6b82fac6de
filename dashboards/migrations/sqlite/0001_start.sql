-- The number says that the file is ours; see src/store/sqlite_file.rs.
PRAGMA application_id = 1734435956;

CREATE TABLE host (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token BLOB NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    token BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;
CREATE INDEX api_tokens_user ON api_tokens (user_id);

CREATE TABLE dashboards (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    owner TEXT NOT NULL,
    permission TEXT NOT NULL,
    revision INTEGER NOT NULL,
    deleted_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tiles (
    dashboard TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    gadget TEXT NOT NULL,
    gadget_version TEXT NOT NULL,
    name TEXT,
    size TEXT NOT NULL,
    settings TEXT NOT NULL,
    refresh_minutes INTEGER,
    PRIMARY KEY (dashboard, id)
) STRICT;

CREATE TABLE changes (
    dashboard TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    by_user TEXT,
    made_at INTEGER NOT NULL,
    summary TEXT NOT NULL,
    change TEXT NOT NULL,
    touched TEXT NOT NULL,
    inverse TEXT NOT NULL,
    undoes INTEGER,
    PRIMARY KEY (dashboard, revision)
) STRICT;

CREATE TABLE public_links (
    id TEXT NOT NULL PRIMARY KEY,
    dashboard TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    created_by TEXT NOT NULL,
    token BLOB NOT NULL UNIQUE,
    password TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX public_links_dashboard ON public_links (dashboard);

CREATE TABLE datasources (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    permission TEXT NOT NULL,
    settings TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE datasource_secrets (
    datasource TEXT NOT NULL REFERENCES datasources (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    version INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    wrapped_key BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (datasource, field)
) STRICT;

CREATE TABLE blobs (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    bytes BLOB,
    stored_at INTEGER NOT NULL,
    PRIMARY KEY (scope, name)
) STRICT;

CREATE TABLE leases (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    id INTEGER NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (scope, name)
) STRICT;
