-- Texts sort by code point, as SQLite does; times are microseconds since 1970 in both.
CREATE TABLE host (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL UNIQUE,
    role TEXT COLLATE "C" NOT NULL,
    password TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    token BYTEA NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    token BYTEA NOT NULL UNIQUE,
    scopes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX api_tokens_user ON api_tokens (user_id);

CREATE TABLE dashboards (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    title TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    permission TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE tiles (
    dashboard TEXT COLLATE "C" NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    gadget TEXT COLLATE "C" NOT NULL,
    gadget_version TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    size TEXT COLLATE "C" NOT NULL,
    settings TEXT COLLATE "C" NOT NULL,
    refresh_minutes BIGINT,
    PRIMARY KEY (dashboard, id)
);

CREATE TABLE changes (
    dashboard TEXT COLLATE "C" NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    by_user TEXT COLLATE "C",
    made_at BIGINT NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    change TEXT COLLATE "C" NOT NULL,
    touched TEXT COLLATE "C" NOT NULL,
    inverse TEXT COLLATE "C" NOT NULL,
    undoes BIGINT,
    PRIMARY KEY (dashboard, revision)
);

CREATE TABLE public_links (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    dashboard TEXT COLLATE "C" NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    created_by TEXT COLLATE "C" NOT NULL,
    token BYTEA NOT NULL UNIQUE,
    password TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX public_links_dashboard ON public_links (dashboard);

CREATE TABLE datasources (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    permission TEXT COLLATE "C" NOT NULL,
    settings TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE datasource_secrets (
    datasource TEXT COLLATE "C" NOT NULL REFERENCES datasources (id) ON DELETE CASCADE,
    field TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    wrapped_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (datasource, field)
);

CREATE TABLE blobs (
    scope TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    bytes BYTEA,
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (scope, name)
);

CREATE TABLE leases (
    scope TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    id BIGINT NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (scope, name)
);
