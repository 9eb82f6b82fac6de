//! What belongs to who is signed in: name, password, sessions, API tokens.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Query, State},
    http::HeaderMap,
};
use dashboards::domain::{ApiToken, Denied, MIN_PASSWORD_CHARS, Role, Scope, User};
use maud::{Markup, html};
use serde::Deserialize;

use super::shell::{Page, Place, Theme};
use crate::{
    app::{App, Caller},
    web::problem::Problem,
};
use gadget_draw::{moment, number::counted, tile::icon};

/// What was done a moment ago, by a name of this page's own.
#[derive(Deserialize)]
pub(super) struct Done {
    done: Option<String>,
}

impl Done {
    fn words(&self) -> Option<&'static str> {
        match self.done.as_deref()? {
            "name" => Some("Your name was changed."),
            "password" => {
                Some("Your password was changed, and you were signed out everywhere else.")
            }
            "others" => Some("You were signed out everywhere else."),
            "token" => Some("The token was revoked."),
            _ => None,
        }
    }
}

/// Answers with the page.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Query(done): Query<Done>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let user = caller.user().ok_or(Denied::LogIn)?;
    let sessions = app.sessions.count(&user.id).await?;
    let tokens = app.tokens.own(&caller).await?;
    let content = html! {
        div.people {
            div.head { div.head__text { h1 { "Your account" } p.facts { span { (role_name(user.role)) } span { "added " (moment(&user.created_at.to_rfc3339())) } } } }
            (done_strip(done.words()))
            (scripts_needed())
            (name_sheet(user))
            (password_sheet(user, &tokens))
            (session_sheet(sessions))
            (token_sheet(user, &tokens))
        }
    };
    let page = Page {
        title: "Your account",
        place: Place::Elsewhere,
        theme: Theme::of(&headers),
        user: Some(user),
        again_seconds: None,
        content,
    };
    Ok(page.draw())
}

/// Says what was done, and that it worked.
pub(super) fn done_strip(words: Option<&str>) -> Markup {
    html! {
        @if let Some(words) = words {
            div.strip."strip--plain" role="status" { (icon("check")) p { (words) } }
        }
    }
}

/// Says that nothing can be changed here without scripts; no password is to end up in an address.
pub(super) fn scripts_needed() -> Markup {
    html! { noscript { div.strip { p { "Turn on JavaScript to make changes." } } } }
}

/// Returns what people call a role.
pub(super) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Editor => "Editor",
        Role::Administrator => "Administrator",
    }
}

fn name_sheet(user: &User) -> Markup {
    html! {
        section.sheet aria-labelledby="h-name" {
            h2 id="h-name" { "Name" }
            form.stack method="post" data-send={ "PATCH /api/users/" (user.id) } data-next="/account?done=name" {
                div.field {
                    label for="own-name" { "Sign-in name" }
                    input.input id="own-name" name="name" value=(user.name) autocomplete="username" maxlength="200" required;
                }
                button.button type="submit" disabled { "Save name" }
            }
        }
    }
}

fn password_sheet(user: &User, tokens: &[ApiToken]) -> Markup {
    let has_one = user.password.is_some();
    html! {
        section.sheet aria-labelledby="h-password" {
            h2 id="h-password" { "Password" }
            @if !has_one { p.muted { "You have no password yet. Set one to sign in from any browser." } }
            form.stack method="post" data-send={ "PUT /api/users/" (user.id) "/password" } data-next="/account?done=password" {
                // Password managers look for the name beside the password.
                input type="hidden" autocomplete="username" value=(user.name);
                @if has_one {
                    div.field {
                        label for="old-password" { "Current password" }
                        input.input id="old-password" name="old_password" type="password" autocomplete="current-password" required;
                    }
                }
                (new_password("new-password"))
                (tokens_to_revoke(tokens))
                button.button."button--first" type="submit" disabled { @if has_one { "Change password" } @else { "Set password" } }
            }
        }
    }
}

/// Draws which API tokens end with the old password: all that are not kept.
pub(super) fn tokens_to_revoke(tokens: &[ApiToken]) -> Markup {
    html! {
        @if !tokens.is_empty() {
            fieldset.field {
                legend { "API tokens to revoke" }
                @for token in tokens {
                    label.check { input type="checkbox" name="revoke_tokens" value=(token.id) checked; span { bdi { (token.name) } } }
                }
                p.hint { "A token that stays checked stops working with the old password. Uncheck those that programs still need." }
            }
        }
    }
}

/// Draws the field for a new password.
pub(super) fn new_password(id: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { "New password" }
            input.input id=(id) name="password" type="password" autocomplete="new-password" minlength=(MIN_PASSWORD_CHARS) required aria-describedby={ (id) "-hint" };
            p.hint id={ (id) "-hint" } { "At least " (MIN_PASSWORD_CHARS) " characters. A few random words are easy to remember." }
        }
    }
}

fn session_sheet(sessions: u64) -> Markup {
    let others = sessions.saturating_sub(1);
    html! {
        section.sheet aria-labelledby="h-sessions" {
            h2 id="h-sessions" { "Where you are signed in" }
            @if others == 0 { p { "Only in this browser." } } @else {
                p { "In this browser and in " (counted(i64::try_from(others).unwrap_or(i64::MAX), "other browser", "other browsers")) "." }
                form.stack method="post" data-send="POST /api/session/end-others" data-next="/account?done=others" {
                    button.button type="submit" disabled { "Sign out everywhere else" }
                }
            }
        }
    }
}

fn token_sheet(user: &User, tokens: &[ApiToken]) -> Markup {
    let offered = Scope::ALL
        .into_iter()
        .filter(|scope| is_of_use(user, *scope));
    html! {
        section.sheet aria-labelledby="h-tokens" {
            h2 id="h-tokens" { "API tokens" }
            p.muted { "A token lets a program use the " a href="/api/openapi.json" { "HTTP API" } " on your behalf, within its scopes and your role." }
            @if !tokens.is_empty() {
                div.scroll tabindex="0" role="group" aria-label="Your tokens" {
                    table.table {
                        thead { tr { th scope="col" { "Name" } th scope="col" { "Scopes" } th scope="col" { "Expires" } th scope="col" { span.sr { "Revoke" } } } }
                        tbody {
                            @for token in tokens {
                                tr {
                                    th scope="row" { bdi { (token.name) } }
                                    td { @for scope in &token.scopes { code { (scope.as_str()) } " " } }
                                    td.line { @if let Some(end) = token.expires_at { (moment(&end.date_naive().to_string())) } @else { "Never" } }
                                    td {
                                        form method="post" data-send={ "DELETE /api/tokens/" (token.id) } data-next="/account?done=token" {
                                            button.button type="submit" disabled data-sure="Revoke token?" { "Revoke" span.sr { " " (token.name) } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            details.data {
                summary { "New token" }
                form.stack method="post" data-send="POST /api/tokens" data-shows="secret" {
                    div.field { label for="token-name" { "What is the token for?" } input.input id="token-name" name="name" maxlength="200" required; }
                    fieldset.field {
                        legend { "Scopes" }
                        @for scope in offered {
                            label.check { input type="checkbox" name="scopes" value=(scope.as_str()) data-list; span { (scope_words(scope)) } }
                        }
                    }
                    div.field {
                        label for="token-end" { "Expires on (optional)" }
                        input.input id="token-end" name="expires_at" type="date" aria-describedby="token-end-hint";
                        p.hint id="token-end-hint" { "Without a date, the token is valid until you revoke it." }
                    }
                    button.button type="submit" disabled { "Create token" }
                }
                div.strip."strip--plain" role="status" hidden data-shown {
                    (icon("check"))
                    div { p { "Copy your token now. It will not be shown again." } p { code data-secret {} } p { a href="/account" { "Done" } } }
                }
            }
        }
    }
}

/// Tells whether a scope opens anything to a program of this user.
fn is_of_use(user: &User, scope: Scope) -> bool {
    let least = match scope {
        Scope::DashboardsRead => Role::Viewer,
        Scope::DashboardsWrite | Scope::DatasourcesRead | Scope::DatasourcesWrite => Role::Editor,
        Scope::Administration => Role::Administrator,
    };
    user.role >= least
}

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::DashboardsRead => "View dashboards and what their gadgets show",
        Scope::DashboardsWrite => "Create and edit dashboards",
        Scope::DatasourcesRead => "View datasources, without their secrets",
        Scope::DatasourcesWrite => "Create and edit datasources",
        Scope::Administration => "Administer this host",
    }
}
