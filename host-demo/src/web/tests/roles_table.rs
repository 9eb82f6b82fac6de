//! Who may ask for what: written by hand, endpoint by endpoint.
//!
//! Whoever adds an endpoint adds a row. Each letter is what one of the columns hears, in the order of [`COLUMNS`]:
//! `+` it is done, `l` log in first, `f` this is not for you, `n` there is no such thing.

/// Who asks, for what the path names.
///
/// Shared is what everybody may use and edit, or what belongs to who asks. Foreign is what only
/// its owner, somebody else, may use. The tokens are an administrator's, each with one scope, and
/// ask for what is foreign.
pub(super) const COLUMNS: [&str; 14] = [
    "nobody",
    "viewer, shared",
    "viewer, foreign",
    "editor, shared",
    "editor, foreign",
    "owner, own",
    "administrator, foreign",
    "token dashboards:read",
    "token dashboards:write",
    "token datasources:read",
    "token datasources:write",
    "token administration",
    "visitor of a public link",
    "administrator, unknown",
];

/// What each of them hears. The groups of a row: nobody; viewer; editor; owner; administrator;
/// tokens; visitor; unknown.
#[rustfmt::skip]
pub(super) const TABLE: &[(&str, &str)] = &[
    // The host.
    ("GET /health",                             "+ ++ ++ + + +++++ + +"),
    ("GET /ready",                              "+ ++ ++ + + +++++ + +"),
    ("GET /assets/{name}",                      "+ ++ ++ + + +++++ + +"),
    ("GET /api/openapi.json",                   "+ ++ ++ + + +++++ + +"),
    ("GET /api/host",                           "l ff ff f + ffff+ l +"),
    ("GET /api/catalog",                        "l ++ ++ + + +ffff l +"),
    ("POST /api/gadgets/{gadget}/resume",       "l ff ff f + ffff+ l +"),
    ("GET /catalog",                            "l ++ ++ + + +ffff l +"),

    // Signing in and out, and what is one's own.
    ("GET /login",                              "+ ++ ++ + + +++++ + +"),
    ("POST /login",                             "+ ++ ++ + + +++++ + +"),
    ("GET /start",                              "+ ++ ++ + + +++++ + +"),
    ("POST /start",                             "+ ++ ++ + + +++++ + +"),
    ("POST /logout",                            "l ++ ++ + + lllll l +"),
    ("GET /account",                            "l ++ ++ + + lllll l +"),
    ("POST /api/session",                       "+ ++ ++ + + +++++ + +"),
    ("POST /api/first-start",                   "+ ++ ++ + + +++++ + +"),
    ("GET /api/session",                        "l ++ ++ + + lllll l +"),
    ("DELETE /api/session",                     "l ++ ++ + + lllll l +"),
    ("POST /api/session/end-others",            "l ++ ++ + + lllll l +"),
    ("GET /api/tokens",                         "l ++ ++ + + lllll l +"),
    ("POST /api/tokens",                        "l ++ ++ + + lllll l +"),
    ("DELETE /api/tokens/{token}",              "l +n +n + + nnnnn l n"),

    // People.
    ("GET /users",                              "l ff ff f + ffff+ l +"),
    ("GET /api/users",                          "l ff ff f + ffff+ l +"),
    ("POST /api/users",                         "l ff ff f + ffff+ l +"),
    ("PATCH /api/users/{user}",                 "l +n +n + + nnnn+ l n"),
    ("PUT /api/users/{user}/password",          "l +n +n + + nnnn+ l n"),
    ("DELETE /api/users/{user}",                "l fn fn f + nnnn+ l n"),

    // Dashboards.
    ("GET /",                                   "l ++ ++ + + +ffff l +"),
    ("GET /dashboards",                         "l ++ ++ + + +ffff l +"),
    ("GET /api/dashboards",                     "l ++ ++ + + +ffff l +"),
    ("POST /api/dashboards",                    "l ff ++ + + f+fff l +"),
    ("POST /api/dashboards/import",             "l ff ++ + + f+fff l +"),
    ("POST /api/templates/{template}/form",     "l ff ++ + + f+fff l +"),
    ("GET /dashboards/new",                     "l ff ++ + + f+fff l +"),
    ("GET /d/{dashboard}",                      "l +n +n + + +nnnn l n"),
    ("GET /d/{dashboard}/wall",                 "l +n +n + + +nnnn l n"),
    ("GET /d/{dashboard}/t/{tile}",             "l +n +n + + +nnnn l n"),
    ("GET /d/{dashboard}/t/{tile}/details",     "l +n +n + + +nnnn l n"),
    ("GET /api/dashboards/{dashboard}",         "l +n +n + + +nnnn l n"),
    ("DELETE /api/dashboards/{dashboard}",      "l fn fn + + f+nnn l n"),
    ("POST /api/dashboards/{dashboard}/restore","l fn fn + + f+nnn l n"),
    ("GET /api/dashboards/{dashboard}/export",  "l +n +n + + +nnnn l n"),
    // Whoever sees it gets this far; whether they may make one is in BEHIND.
    ("POST /api/dashboards/{dashboard}/clone",  "l +n +n + + +nnnn l n"),
    ("GET /api/dashboards/{dashboard}/links",   "l fn +n + + f+nnn l n"),
    ("POST /api/dashboards/{dashboard}/links",  "l fn +n + + f+nnn l n"),
    ("GET /api/dashboards/{dashboard}/changes", "l +n +n + + +nnnn l n"),
    ("POST /api/dashboards/{dashboard}/changes","l fn +n + + f+nnn l n"),
    ("POST /api/dashboards/{dashboard}/undo",   "l fn +n + + f+nnn l n"),
    ("GET /api/dashboards/{dashboard}/events",  "l +n +n + + +nnnn l n"),
    ("POST /api/dashboards/{dashboard}/refresh","l fn +n + + f+nnn l n"),
    ("GET /api/dashboards/{dashboard}/tiles/{tile}/view.json",      "l +n +n + + +nnnn l n"),
    ("GET /api/dashboards/{dashboard}/tiles/{tile}/tile.html",      "l +n +n + + +nnnn l n"),
    ("GET /api/dashboards/{dashboard}/tiles/{tile}/tile.svg",       "l +n +n + + +nnnn l n"),
    ("GET /api/dashboards/{dashboard}/tiles/{tile}/tile.png",       "l +n +n + + +nnnn l n"),
    ("GET /api/dashboards/{dashboard}/tiles/{tile}/table.csv",      "l +n +n + + +nnnn l n"),
    ("GET /api/dashboards/{dashboard}/tiles/{tile}/details.csv",    "l +n +n + + +nnnn l n"),
    ("POST /api/dashboards/{dashboard}/tiles/{tile}/refresh",       "l fn +n + + f+nnn l n"),
    ("POST /api/dashboards/{dashboard}/tiles/{tile}/cancel",        "l fn +n + + f+nnn l n"),
    ("POST /api/dashboards/{dashboard}/tiles/{tile}/form",          "l fn +n + + f+nnn l n"),
    ("POST /api/dashboards/{dashboard}/tiles/{tile}/settings",      "l fn +n + + f+nnn l n"),
    ("POST /api/dashboards/{dashboard}/tiles/{tile}/sharing",       "l fn +n + + f+nnn l n"),

    // Datasources.
    ("GET /datasources",                        "l ff ++ + + ff+ff l +"),
    ("GET /datasources/new",                    "l ff ++ + + fff+f l +"),
    ("GET /datasources/{datasource}",           "l nn +n + + nnf+n l n"),
    ("GET /api/datasources",                    "l ff ++ + + ff+ff l +"),
    ("POST /api/datasources",                   "l ff ++ + + fff+f l +"),
    ("GET /api/datasources/{datasource}",       "l nn +n + + nn+nn l n"),
    ("PUT /api/datasources/{datasource}",       "l nn +n + + nnf+n l n"),
    ("DELETE /api/datasources/{datasource}",    "l nn fn + + nnf+n l n"),
    ("GET /api/datasources/{datasource}/uses",  "l nn +n + + nn+nn l n"),
    ("POST /api/datasource-kinds/{kind}/form",  "l ff ++ + + fff+f l +"),
    ("POST /api/datasource-kinds/{kind}/test",  "l ff ++ + + fff+f l +"),
    ("GET /api/people",                         "l ff ++ + + ff+ff l +"),

    // Public links. The path of one is open to everybody who has its secret.
    ("GET /public/{token}",                     "n +n +n + n nnnnn + n"),
    ("GET /public/{token}/wall",                   "n +n +n + n nnnnn + n"),
    ("GET /public/{token}/events",                 "n +n +n + n nnnnn + n"),
    ("GET /public/{token}/password",               "n +n +n + n nnnnn + n"),
    ("POST /public/{token}/password",              "n +n +n + n nnnnn + n"),
    ("GET /public/{token}/tiles/{tile}/tile.html", "n +n +n + n nnnnn + n"),
    ("GET /embed/{token}",                         "n +n +n + n nnnnn + n"),
    ("DELETE /api/links/{link}",                "l +n +n + + nnnnn l n"),
];

/// What only the body says, so that the handler itself has to look: the request, the body, who
/// asks, and what they hear.
#[rustfmt::skip]
pub(super) const BEHIND: &[(&str, &str, &str, char)] = &[
    ("POST /api/dashboards/{dashboard}/clone", CLONE, "viewer, shared", 'f'),
    ("POST /api/dashboards/{dashboard}/clone", CLONE, "editor, shared", '+'),
    ("POST /api/dashboards/{dashboard}/clone", CLONE, "token dashboards:read", 'f'),
    ("POST /api/dashboards/{dashboard}/changes", PERMISSION, "editor, shared", 'f'),
    ("POST /api/dashboards/{dashboard}/changes", PERMISSION, "owner, own", '+'),
    ("POST /api/dashboards/{dashboard}/changes", PERMISSION, "administrator, foreign", '+'),
    ("PATCH /api/users/{user}", r#"{"name": "Zoe"}"#, "viewer, shared", '+'),
    ("PATCH /api/users/{user}", ROLE, "viewer, shared", 'f'),
    ("PATCH /api/users/{user}", ROLE, "editor, shared", 'f'),
    ("PATCH /api/users/{user}", ROLE, "owner, own", 'f'),
    ("PATCH /api/users/{user}", ROLE, "administrator, foreign", '+'),
    ("PATCH /api/users/{user}", ROLE, "token administration", '+'),
];

const CLONE: &str = r#"{"title": "Copy"}"#;
const PERMISSION: &str = r#"{"revision": 0, "change": {"kind": "set_permission", "permission": {"kind": "some_edit", "editors": []}}}"#;
const ROLE: &str = r#"{"role": "administrator"}"#;
