//! Who may use a datasource, as a part of its form.

use std::collections::BTreeSet;

use dashboards::domain::{Action, Datasource, Object, Permission, User};
use maud::{Markup, html};

use crate::app::Caller;

/// Who may use a datasource, to be chosen.
pub(super) struct Sharing<'a> {
    permission: Permission,
    people: &'a [User],
    /// Whether the one who looks owns it.
    is_mine: bool,
    may_share: bool,
}

impl<'a> Sharing<'a> {
    pub(super) fn of(caller: &Caller, stored: Option<&Datasource>, people: &'a [User]) -> Self {
        match stored {
            Some(stored) => Self {
                permission: stored.permission.clone(),
                people,
                is_mine: caller.user_id() == Some(&stored.owner),
                may_share: caller.may(Action::Manage, Object::Datasource(stored)),
            },
            // An account is nobody else's until its owner says so.
            None => Self {
                permission: Permission::OnlyNamed {
                    users: BTreeSet::new(),
                    editors: BTreeSet::new(),
                },
                people,
                is_mine: true,
                may_share: true,
            },
        }
    }

    pub(super) fn draw(&self) -> Markup {
        let owner = if self.is_mine { "I" } else { "the owner" };
        let kind = match self.permission {
            Permission::AnyoneEdits => "anyone_edits",
            Permission::SomeEdit { .. } => "some_edit",
            Permission::OnlyNamed { .. } => "only_named",
        };
        let ways = [
            ("only_named", format!("Only {owner} and selected people")),
            (
                "some_edit",
                format!("Anyone can use it; only {owner} and selected people can edit it"),
            ),
            ("anyone_edits", "Anyone can use and edit it".to_owned()),
        ];
        let is_fixed = !self.may_share;
        html! {
            div.field {
                label for="source-who" { "Who may use it" }
                span.chevron {
                    select.select id="source-who" disabled[is_fixed] data-permission aria-describedby="source-who-hint" {
                        @for (value, text) in &ways { option value=(value) selected[*value == kind] { (text) } }
                    }
                }
                p.hint id="source-who-hint" {
                    @if is_fixed { "Only the owner and administrators can change this." }
                    @else { "People who can use it can put its data on dashboards. Administrators always have access." }
                }
                @if self.people.is_empty() { p.hint hidden[kind == "anyone_edits"] data-people { "There are no other people yet." } }
                @else { (self.named(kind)) }
            }
        }
    }

    fn named(&self, kind: &str) -> Markup {
        let may = |user: &User| {
            if self.permission.allows_edit(&user.id) {
                "edit"
            } else if self.permission.allows_use(&user.id) {
                "use"
            } else {
                "none"
            }
        };
        html! {
            ul.named hidden[kind == "anyone_edits"] data-people {
                @for user in self.people {
                    @let may = if kind == "anyone_edits" { "none" } else { may(user) };
                    li {
                        label for={ "may-" (user.id) } { bdi { (user.name) } }
                        span.chevron {
                            select.select id={ "may-" (user.id) } data-person=(user.id) disabled[!self.may_share] {
                                option value="none" selected[may == "none"] { "No access" }
                                option value="use" selected[may == "use"] hidden[kind == "some_edit"] { "Can use it" }
                                option value="edit" selected[may == "edit"] { "Can use and edit it" }
                            }
                        }
                    }
                }
            }
        }
    }
}
