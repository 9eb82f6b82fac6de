//! `user`: who can sign in, for whoever has the machine.

use std::io::{self, Read};

use chrono::Utc;
use dashboards::{
    domain::{MIN_PASSWORD_CHARS, Name, PasswordHash, Role, User, UserId},
    store::{Store, hash_password, new_id_bytes, new_secret},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    arguments::{CommonOptions, PasswordOptions, RoleOption, UserCommand, UserOptions},
    exit::Exit,
    maintenance::{failed, with_store},
    output::answer,
};
use crate::app::{DataDirectory, Failure};
use gadget_draw::text::{clean, padded};

/// More than a password ever has.
const MOST_BYTES: u64 = 4096;

/// Does one of the commands.
pub(super) fn run(common: &CommonOptions, options: &UserOptions) -> Result<Exit, Failure> {
    let directory = DataDirectory::below(&common.data_directory()?)?;
    let said = match &options.command {
        UserCommand::Add {
            name,
            role,
            password,
            store,
        } => {
            let name = parsed(name)?;
            let password = Password::of(*password)?;
            let user = User {
                id: UserId::from_bytes(new_id_bytes()),
                name,
                role: (*role).into(),
                password: Some(password.proof()?),
                created_at: Utc::now(),
            };
            with_store(&directory, store, async |store| {
                store.create_user(&user).await.map_err(failed)
            })?;
            let (name, role) = (&user.name, user.role.as_str());
            format!(
                "added {} as {role}\n{}",
                clean(name.as_str()),
                password.said()
            )
        }
        UserCommand::List(store) => {
            let users = with_store(&directory, store, async |store| {
                store.users().await.map_err(failed)
            })?;
            listing(&users)
        }
        UserCommand::Password {
            name,
            revoke_tokens,
            password,
            store,
        } => {
            let name = parsed(name)?;
            let password = Password::of(*password)?;
            let proof = password.proof()?;
            let tokens = with_store(&directory, store, async |store| {
                let user = find(store, &name).await?;
                let set = store.set_password(&user.id, Some(&proof));
                set.await.map_err(failed)?;
                let tokens = store.api_tokens_of(&user.id).await.map_err(failed)?;
                for token in tokens.iter().filter(|_| *revoke_tokens) {
                    store.revoke_api_token(&token.id).await.map_err(failed)?;
                }
                Ok(tokens.len())
            })?;
            let name = clean(name.as_str());
            let tokens = match (tokens, revoke_tokens) {
                (0, _) => String::new(),
                (count, true) => format!("revoked API tokens: {count}\n"),
                (count, false) => {
                    format!("API tokens that still work: {count}; `--revoke-tokens` revokes them\n")
                }
            };
            format!(
                "set a new password for {name} and ended all sessions\n{tokens}{}",
                password.said()
            )
        }
        UserCommand::Remove { name, store } => {
            let name = parsed(name)?;
            with_store(&directory, store, async |store| {
                let user = find(store, &name).await?;
                store.delete_user(&user.id).await.map_err(failed)
            })?;
            format!("removed {}\n", clean(name.as_str()))
        }
    };
    answer(&said)?;
    Ok(Exit::Fresh)
}

fn parsed(name: &str) -> Result<Name, Failure> {
    Name::parse(name).map_err(Failure::usage)
}

async fn find(store: &Store, name: &Name) -> Result<User, Failure> {
    let found = store.user_named(name).await.map_err(failed)?;
    found.ok_or_else(|| {
        Failure::usage(format!("there is no user `{name}`"))
            .with_remedy("`host-demo user list` lists the users.")
    })
}

fn listing(users: &[User]) -> String {
    if users.is_empty() {
        return "no users yet\n".to_owned();
    }
    let names = users.iter().map(|user| clean(user.name.as_str()));
    let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
    let lines = users.iter().map(|user| {
        let name = padded(&clean(user.name.as_str()), width);
        let role = padded(user.role.as_str(), "administrator".len());
        let line = match user.password {
            Some(_) => format!("{name}  {role}"),
            None => format!("{name}  {role}  no password"),
        };
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

/// A new password, and whether the user knows it already.
enum Password {
    Given(SecretString),
    Made(SecretString),
}

impl Password {
    /// Reads a password, or makes one.
    fn of(options: PasswordOptions) -> Result<Self, Failure> {
        if !options.password_stdin {
            return Ok(Self::Made(new_secret().0));
        }
        let mut text = String::new();
        let read = io::stdin()
            .lock()
            .take(MOST_BYTES)
            .read_to_string(&mut text);
        read.map_err(|error| Failure::usage(format!("failed to read the password: {error}")))?;
        // What ends a line is not part of it.
        Ok(Self::Given(text.trim_end_matches(['\n', '\r']).into()))
    }

    fn proof(&self) -> Result<PasswordHash, Failure> {
        let (Self::Given(password) | Self::Made(password)) = self;
        hash_password(password, MIN_PASSWORD_CHARS).map_err(Failure::usage)
    }

    fn said(&self) -> String {
        match self {
            Self::Given(_) => String::new(),
            Self::Made(password) => {
                format!("the password is {}\n", password.expose_secret())
            }
        }
    }
}

impl From<RoleOption> for Role {
    fn from(option: RoleOption) -> Self {
        match option {
            RoleOption::Viewer => Self::Viewer,
            RoleOption::Editor => Self::Editor,
            RoleOption::Administrator => Self::Administrator,
        }
    }
}
