//! What this process asks of the system: no dumps of its memory, and files enough.

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};

/// With fewer files than these a busy host refuses connections.
const ENOUGH_FILES: u64 = 1024;

/// Keeps what is in memory, secrets too, out of core dumps and from other processes of the same user.
pub(crate) fn forbid_dumps() {
    let no_core = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let forbidden = setrlimit(Resource::Core, no_core)
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable));
    if let Err(error) = forbidden {
        tracing::warn!(%error, "failed to forbid core dumps, which would contain secrets");
    }
}

/// Raises the limit of open files as far as the system allows; returns how many there may be.
pub(crate) fn raise_file_limit() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "failed to raise the limit of open files");
            limit.current
        }
    };
    let files = files.unwrap_or(u64::MAX);
    if files < ENOUGH_FILES {
        tracing::warn!(
            files,
            "few files can be open at once, so few connections are accepted; raise the limit to {ENOUGH_FILES} (`ulimit -n`)"
        );
    }
    files
}

#[cfg(test)]
mod tests {
    use rustix::process::dumpable_behavior;

    use super::*;

    #[test]
    fn no_dump_is_written_and_as_many_files_as_allowed_can_be_open() {
        forbid_dumps();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
        let allowed = getrlimit(Resource::Nofile).maximum;
        assert_eq!(raise_file_limit(), allowed.unwrap_or(u64::MAX));
        assert_eq!(getrlimit(Resource::Nofile).current, allowed);
    }
}
