//! The command line: what can be asked, and how each answer ends.

mod arguments;
mod check;
mod common;
mod exit;
mod gadgets;
mod guarded;
mod log;
mod maintenance;
mod output;
mod progress;
mod render;
mod schema;
mod users;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, error::ErrorKind};

use serde_json::Value;

use self::{
    arguments::{Arguments, Command, CommonOptions, ServeOptions},
    exit::Exit,
};
use crate::app::{Content, Failure, ServerOptions, forbid_dumps};

/// The server, which the command line starts but does not know.
pub(crate) struct Server {
    pub(crate) serve: fn(&ServerOptions) -> Result<(), Failure>,
    pub(crate) api_document: fn() -> Value,
}

/// Does what the command line asks for.
pub(crate) fn run(words: Vec<OsString>, server: &Server) -> ExitCode {
    let arguments = match parsed(words.clone()) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let Some(command) = &arguments.command else {
        return Exit::Other.into();
    };
    log::start(&arguments.common, command);
    forbid_dumps();
    let is_guarded = command.runs_gadgets_once() && guarded::is_guarded();
    if command.runs_gadgets_once() && !is_guarded {
        return guarded::run(&words).unwrap_or_else(|failure| exit::failed(&failure).into());
    }
    if is_guarded {
        guarded::follow_parent();
    }
    let exit = match output::keep_for_answers().and_then(|()| run_command(&arguments, server)) {
        Ok(exit) => exit,
        Err(failure) => exit::failed(&failure),
    };
    if is_guarded {
        return guarded::ended(exit);
    }
    exit.into()
}

fn run_command(arguments: &Arguments, server: &Server) -> Result<Exit, Failure> {
    let Some(command) = &arguments.command else {
        return Ok(Exit::Other);
    };
    match command {
        Command::Gadgets => gadgets::run(&arguments.common),
        Command::Schema(options) => schema::run(&arguments.common, options),
        Command::Render(options) => render::run(&arguments.common, options),
        Command::Check(options) => check::run(&arguments.common, options),
        Command::Backup(options) => maintenance::backup(&arguments.common, options),
        Command::Restore(options) => maintenance::restore(&arguments.common, options),
        Command::Migrate(options) => maintenance::migrate(&arguments.common, options),
        Command::RotateKey(options) => maintenance::rotate_key(&arguments.common, options),
        Command::User(options) => users::run(&arguments.common, options),
        Command::Openapi => output::json(&(server.api_document)()).map(|()| Exit::Fresh),
        Command::Serve(options) => server_options(&arguments.common, options)
            .and_then(|options| (server.serve)(&options))
            .map(|()| Exit::Fresh),
    }
}

fn server_options(
    common: &CommonOptions,
    options: &ServeOptions,
) -> Result<ServerOptions, Failure> {
    Ok(ServerOptions {
        gadgets: common.gadget_options()?,
        data: common.data_directory()?,
        database: options.store.database.clone(),
        listen: options.listen,
        metrics: options.metrics,
        public_url: options.public_url.clone(),
        trusted_proxies: options.trusted_proxy.clone(),
        datasource: options.datasource.clone(),
        content: if options.demo {
            Content::Demonstration
        } else {
            Content::Kept
        },
        announce: output::answer,
    })
}

/// Reads the words; without a command they are those of `serve`.
fn parsed(words: Vec<OsString>) -> Result<Arguments, clap::Error> {
    let as_serve = || {
        let mut words = words.clone();
        words.insert(1.min(words.len()), "serve".into());
        Arguments::try_parse_from(words)
    };
    match Arguments::try_parse_from(words.clone()) {
        Ok(arguments) if arguments.command.is_some() => Ok(arguments),
        Ok(_) => as_serve(),
        Err(error) if error.kind() == ErrorKind::UnknownArgument => as_serve().map_err(|_| error),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command_of(line: &str) -> Result<Command, ErrorKind> {
        let words = std::iter::once("host-demo")
            .chain(line.split_whitespace())
            .map(OsString::from);
        match parsed(words.collect()) {
            Ok(arguments) => arguments.command.ok_or(ErrorKind::MissingSubcommand),
            Err(error) => Err(error.kind()),
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_command_the_words_are_those_of_serve() {
        for line in [
            "",
            "--demo",
            "--trusted-proxy 10.0.0.1 --trusted-proxy 2001:db8::/32",
            "--listen 127.0.0.1:9000 --allow-unsigned",
            "serve",
            "--data x serve",
        ] {
            assert!(matches!(command_of(line), Ok(Command::Serve(_))), "{line}");
        }
        assert!(matches!(
            command_of("gadgets --allow-unsigned"),
            Ok(Command::Gadgets)
        ));
        assert!(matches!(
            command_of("--allow-unsigned gadgets"),
            Ok(Command::Gadgets)
        ));
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        for (line, kind) in [
            ("rendre", ErrorKind::InvalidSubcommand),
            ("render", ErrorKind::MissingRequiredArgument),
            ("render app-users --wat", ErrorKind::UnknownArgument),
            ("--wat", ErrorKind::UnknownArgument),
            ("render x --today 2026-02-30", ErrorKind::ValueValidation),
            ("render x --format pdf", ErrorKind::InvalidValue),
            ("render x --timeout 0", ErrorKind::ValueValidation),
            ("serve --listen here", ErrorKind::ValueValidation),
            (
                "serve --trusted-proxy 10.0.0.0/33",
                ErrorKind::ValueValidation,
            ),
            ("backup", ErrorKind::MissingRequiredArgument),
            ("user add ann", ErrorKind::MissingRequiredArgument),
            ("user add ann --role owner", ErrorKind::InvalidValue),
            ("user", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ] {
            assert_eq!(command_of(line).unwrap_err(), kind, "{line}");
        }
    }
}
