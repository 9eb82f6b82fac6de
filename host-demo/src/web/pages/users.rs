//! The people who can sign in, for administrators.

use std::sync::Arc;

use axum::{Extension, extract::State, http::HeaderMap};
use dashboards::domain::{Action, ApiToken, Object, Role, User};
use maud::{Markup, html};

use super::{
    account::{new_password, role_name, scripts_needed, tokens_to_revoke},
    shell::{Page, Place, Theme},
};
use crate::{
    app::{App, Caller},
    web::problem::Problem,
};
use gadget_draw::moment;

/// Answers with the page.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let mut users = Vec::new();
    for user in app.people.all().await? {
        let mut tokens = app.tokens.of(&user.id).await?;
        tokens.retain(|token| caller.may(Action::Manage, Object::ApiToken(token)));
        users.push((user, tokens));
    }
    let content = html! {
        div.people."people--wide" {
            div.head { div.head__text { h1 { "Users" } p.facts { span { "Viewers see dashboards, editors create dashboards and datasources, and administrators manage everything." } } } }
            (scripts_needed())
            section.sheet aria-label="Users" {
                div.scroll tabindex="0" role="group" aria-label="Users" {
                    table.table {
                        thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Password" } th scope="col" { "Added" } th scope="col" { span.sr { "Delete" } } } }
                        tbody { @for (user, tokens) in &users { (row(user, tokens, caller.user())) } }
                    }
                }
            }
            section.sheet aria-labelledby="h-add" {
                h2 id="h-add" { "Add a user" }
                form.stack method="post" data-send="POST /api/users" data-next="/users" {
                    div.field { label for="new-name" { "Name" } input.input id="new-name" name="name" autocomplete="off" maxlength="200" required; }
                    div.field {
                        label for="new-role" { "Role" }
                        span.chevron { select.select id="new-role" name="role" { (roles(Role::Editor)) } }
                    }
                    (new_password("add-password"))
                    button.button."button--first" type="submit" disabled { "Add user" }
                }
            }
        }
    };
    let page = Page {
        title: "Users",
        place: Place::Users,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: None,
        content,
    };
    Ok(page.draw())
}

fn roles(chosen: Role) -> Markup {
    html! {
        @for role in Role::ALL {
            option value=(role.as_str()) selected[role == chosen] { (role_name(role)) }
        }
    }
}

fn row(user: &User, tokens: &[ApiToken], who_looks: Option<&User>) -> Markup {
    let is_own = who_looks.is_some_and(|looking| looking.id == user.id);
    let one = format!("/api/users/{}", user.id);
    html! {
        tr {
            th scope="row" { bdi { (user.name) } @if is_own { span.muted { " (you)" } } }
            td {
                form method="post" data-send={ "PATCH " (one) } data-next="/users" data-at-once {
                    span.chevron { select.select name="role" disabled aria-label={ "Role of " (user.name) } { (roles(user.role)) } }
                }
            }
            td {
                @if is_own { a href="/account" { @if user.password.is_some() { "Change" } @else { "Set password" } } } @else {
                    details.data {
                        summary { @if user.password.is_some() { "New password" } @else { "Not set" } span.sr { " of " (user.name) } }
                        form.stack method="post" data-send={ "PUT " (one) "/password" } data-next="/users" {
                            (new_password(&format!("password-{}", user.id)))
                            (tokens_to_revoke(tokens))
                            button.button type="submit" disabled { "Set password" }
                        }
                    }
                }
            }
            td.line { (moment(&user.created_at.date_naive().to_string())) }
            td {
                form method="post" data-send={ "DELETE " (one) } data-next="/users" {
                    button.button type="submit" disabled data-sure="Delete user?" { "Delete" span.sr { " " (user.name) } }
                }
            }
        }
    }
}
