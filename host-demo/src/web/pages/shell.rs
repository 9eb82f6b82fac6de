//! What every page has around its content.

use axum::http::{HeaderMap, header};
use dashboards::domain::{Role, User};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use gadget_draw::{page_patterns, tile::icon};

/// The theme that somebody chose; without a choice the system decides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    /// Reads the choice from the cookie of a request.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        for cookie in cookies.flat_map(|value| value.split(';')) {
            match cookie.trim() {
                "theme=light" => return Self::Light,
                "theme=dark" => return Self::Dark,
                _ => {}
            }
        }
        Self::System
    }

    /// Reads the choice of a page that embeds.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// Where in the host a page is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    Dashboards,
    Catalog,
    Datasources,
    Users,
    Elsewhere,
    /// A page of a public link: nothing leads from it into the host.
    Public,
    /// A page in a frame of another page: it has nothing around its content.
    Embedded,
}

/// A page.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) place: Place,
    pub(super) theme: Theme,
    /// Who looks, if somebody is logged in.
    pub(super) user: Option<&'a User>,
    /// How soon a browser without scripts asks again, in seconds, if something is under way.
    pub(super) again_seconds: Option<u8>,
    pub(super) content: Markup,
}

/// Links the style sheets that everything needs, and others after them.
pub(super) fn stylesheets(more: &[&str]) -> Markup {
    html! {
        @for name in BASE_STYLES.iter().chain(more) {
            link rel="stylesheet" href={ "/assets/" (name) };
        }
    }
}

/// Returns the icons that pages name, and the textures of charts.
pub(super) fn icons() -> Markup {
    PreEscaped(SPRITE.replacen("<defs>", &format!("<defs>{}", page_patterns()), 1))
}

impl Page<'_> {
    pub(super) fn draw(&self) -> Markup {
        let current = |place: Place| (self.place == place).then_some("page");
        let is_administrator = |user: &User| user.role == Role::Administrator;
        let body = html! {
            a.skip href="#main" { "Skip to content" }
            @if self.place != Place::Embedded {
                header.top {
                    @if self.place == Place::Public {
                        span.mark { (PreEscaped(MARK)) }
                    } @else {
                        a.mark href="/" aria-label="Home" { (PreEscaped(MARK)) }
                    }
                    nav aria-label="Main" {
                        @if let Some(user) = self.user {
                            a href="/dashboards" aria-current=[current(Place::Dashboards)] { "Dashboards" }
                            a href="/catalog" aria-current=[current(Place::Catalog)] { "Catalog" }
                            @if user.role >= Role::Editor {
                                a href="/datasources" aria-current=[current(Place::Datasources)] { "Datasources" }
                            }
                            @if is_administrator(user) {
                                a href="/users" aria-current=[current(Place::Users)] { "Users" }
                            }
                        }
                    }
                    div.top__end {
                        (theme_switch())
                        @if let Some(user) = self.user {
                            a.top__user href="/account" title="Your account" { bdi { (user.name) } }
                            form method="post" action="/logout" { button.button."button--text" type="submit" { "Sign out" } }
                        }
                    }
                }
            }
            @if let Some(user) = self.user && is_administrator(user) && user.password.is_none() && asks_for_password() {
                aside.nudge aria-label="Your password" {
                    (icon("warn"))
                    p { "You have no password yet, and cannot sign in again without one. " a href="/account" { "Set a password" } }
                }
            }
            main.page id="main" { (self.content) }
        };
        whole(self.title, self.theme, self.again_seconds, &body)
    }
}

/// Draws a page for somebody who is not signed in yet.
pub(super) fn door(headers: &HeaderMap, title: &str, sheet: &Markup, foot: &str) -> Markup {
    let body = html! {
        div.login {
            main id="main" {
                a.mark href="/" { (PreEscaped(MARK)) "Dashboards" }
                div.sheet { h1 { (title) } (sheet) }
                footer { (foot) }
            }
        }
    };
    whole(title, Theme::of(headers), None, &body)
}

fn whole(title: &str, theme: Theme, again_seconds: Option<u8>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme.attribute()] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="icon" href="data:,";
                (stylesheets(&STYLES))
                script type="module" src="/assets/app.js" {}
                @if let Some(seconds) = again_seconds {
                    noscript { meta http-equiv="refresh" content=(seconds); }
                }
            }
            body { (icons()) (body) }
        }
    }
}

fn theme_switch() -> Markup {
    html! {
        button.button."button--icon" type="button" hidden data-theme-switch aria-label="Switch between light and dark" {
            svg.icon aria-hidden="true" { use href="#i-theme" {} }
        }
    }
}

tokio::task_local! {
    /// Whether an administrator without a password is asked for one while this request is answered.
    static ASKS_FOR_PASSWORD: bool;
}

/// Answers a request; a demonstration asks nobody for a password.
pub(in crate::web) async fn asking_for_password<T>(
    asks: bool,
    answer: impl Future<Output = T>,
) -> T {
    ASKS_FOR_PASSWORD.scope(asks, answer).await
}

fn asks_for_password() -> bool {
    ASKS_FOR_PASSWORD.try_with(|asks| *asks).unwrap_or(false)
}

const BASE_STYLES: [&str; 3] = ["tokens.css", "app.css", "chart.css"];
const STYLES: [&str; 6] = [
    "form.css",
    "edit.css",
    "board.css",
    "panel.css",
    "boards.css",
    "people.css",
];
const MARK: &str = r#"<svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><path class="mark__ink" d="M2 9h4v5H2zM14 6h4v8h-4z"/><path class="mark__accent" d="M8 3h4v11H8zM2 16h16v1.6H2z"/></svg>"#;

/// Icons, and the textures of keys: a texture of a drawing that is not shown would paint nothing.
const SPRITE: &str = r##"<svg class="sprite" aria-hidden="true"><defs>
<pattern id="key-lines" width="4" height="4" patternUnits="userSpaceOnUse"><path class="c-texture" d="M0 .5H4"/></pattern>
<pattern id="key-dots" width="4" height="4" patternUnits="userSpaceOnUse"><circle class="c-texture-dot" cx="2" cy="2" r="1.15"/></pattern>
<symbol id="i-theme" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6"/><path d="M8 2v12a6 6 0 0 0 0-12" fill="currentColor"/></symbol>
<symbol id="i-warn" viewBox="0 0 16 16"><path d="M8 2.2 14.4 13.4H1.6ZM8 6.5v3.2M8 11.6v.01"/></symbol>
<symbol id="i-check" viewBox="0 0 16 16"><path d="m3 8.5 3.2 3.2L13 4.8"/></symbol>
<symbol id="i-busy" viewBox="0 0 16 16"><path class="spin" d="M8 2a6 6 0 1 1-6 6"/></symbol>
<symbol id="i-wait" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5" stroke-dasharray="1.5 2.8"/></symbol>
<symbol id="i-down" viewBox="0 0 16 16"><path d="M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M3 13.5h10"/></symbol>
<symbol id="i-picture" viewBox="0 0 16 16"><rect x="2" y="3" width="12" height="10" rx="1"/><path d="m2.5 11.5 3.5-4 3 3 2-2 2.5 3M10.6 6h.01"/></symbol>
<symbol id="i-earlier" viewBox="0 0 16 16"><path d="M10 3 5 8l5 5"/></symbol>
<symbol id="i-later" viewBox="0 0 16 16"><path d="m6 3 5 5-5 5"/></symbol>
<symbol id="i-pause" viewBox="0 0 16 16"><path d="M5.5 3v10M10.5 3v10"/></symbol>
<symbol id="i-play" viewBox="0 0 16 16"><path d="M5 3v10l8-5Z"/></symbol>
<symbol id="i-full" viewBox="0 0 16 16"><path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10"/></symbol>
<symbol id="i-screen" viewBox="0 0 16 16"><rect x="2" y="3" width="12" height="8" rx="1"/><path d="M5.5 13.5h5M8 11v2.5"/></symbol>
<symbol id="i-share" viewBox="0 0 16 16"><path d="M8 10V2.5M5 5.3l3-2.8 3 2.8M4.5 8H3v5.5h10V8h-1.5"/></symbol>
<symbol id="i-more" viewBox="0 0 16 16"><path d="M3 8h.01M8 8h.01M13 8h.01" stroke-width="2.4" stroke-linecap="round"/></symbol>
<symbol id="i-grip" viewBox="0 0 16 16"><path d="M5.5 3.5h.01M10.5 3.5h.01M5.5 8h.01M10.5 8h.01M5.5 12.5h.01M10.5 12.5h.01" stroke-width="2.4" stroke-linecap="round"/></symbol>
<symbol id="i-settings" viewBox="0 0 16 16"><path d="M2 4.5h7M13 4.5h1M2 11.5h1M7 11.5h7"/><circle cx="11" cy="4.5" r="1.8"/><circle cx="5" cy="11.5" r="1.8"/></symbol>
<symbol id="i-again" viewBox="0 0 16 16"><path d="M13.2 7A5.3 5.3 0 1 0 12 11.6M13.4 3.2V7H9.6"/></symbol>
</defs></svg>"##;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_is_what_the_cookie_says_and_nothing_else() {
        let of = |cookie: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            Theme::of(&headers)
        };
        for (cookie, theme) in [
            ("theme=dark", Theme::Dark),
            ("a=b; theme=light", Theme::Light),
            ("theme=\"><script>", Theme::System),
            ("xtheme=dark", Theme::System),
        ] {
            assert_eq!(of(cookie), theme, "{cookie}");
        }
    }
}
