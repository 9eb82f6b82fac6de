//! The command line: what can be asked, and how each answer ends.

mod care;
mod check;
mod gadgets;
mod log;
mod progress;
mod render;
mod schema;
mod users;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, error::ErrorKind};

use crate::program::{
    Exit,
    arguments::{Arguments, Command},
    output,
};

/// Does what the command line asks for.
pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let arguments = match parsed(words) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let Some(command) = &arguments.command else {
        return Exit::Other.into();
    };
    log::start(&arguments.common, command);
    let ended = match command {
        Command::Gadgets => gadgets::run(&arguments.common),
        Command::Schema(options) => schema::run(&arguments.common, options),
        Command::Render(options) => render::run(&arguments.common, options),
        Command::Check(options) => check::run(&arguments.common, options),
        Command::Backup(options) => care::backup(&arguments.common, options),
        Command::Restore(options) => care::restore(&arguments.common, options),
        Command::Migrate(options) => care::migrate(&arguments.common, options),
        Command::RotateKey(options) => care::rotate_key(&arguments.common, options),
        Command::User(options) => users::run(&arguments.common, options),
        Command::Openapi => output::json(&crate::web::openapi()).map(|()| Exit::Fresh),
        Command::Serve(options) => crate::web::serve(&arguments.common, options),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell();
            failure.exit().into()
        }
    }
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
            ("backup", ErrorKind::MissingRequiredArgument),
            ("user add ann", ErrorKind::MissingRequiredArgument),
            ("user add ann --role owner", ErrorKind::InvalidValue),
            ("user", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ] {
            assert_eq!(command_of(line).unwrap_err(), kind, "{line}");
        }
    }
}
