//! Errors for answers that cannot be used, in words for people.

use gadget_api::{Error, ErrorKind};

use crate::wire::{ArrayError, ResponseError};

/// What to do when something other than the API answers.
pub(super) const CHECK_BASE_ADDRESS: &str = "Check the base address of the datasource: the answer does not seem to come from the Marketplace API.";

const RENEW_TOKEN: &str =
    "Create an API token at id.atlassian.com under Security, and enter it in the datasource.";
const ASK_FOR_RIGHTS: &str = "Ask an administrator of the partner account for the permissions \"View sales reports\" and \"View all other reports\".";

/// Returns the error of a status; `code` is the API's own name for it, or empty.
pub(super) fn status_error(what: &str, status: u16, code: &str) -> Error {
    let named = match code {
        "" => status.to_string(),
        code if code == status.to_string() => code.to_owned(),
        code => format!("{status} {code}"),
    };
    match status {
        401 => Error::new(
            ErrorKind::Credentials,
            format!("Atlassian does not accept the e-mail and API token ({named}): the token is expired or wrong"),
        )
        .with_remedy(RENEW_TOKEN),
        403 => Error::new(ErrorKind::Rights, format!("the account is not allowed to read {what} ({named})"))
            .with_remedy(ASK_FOR_RIGHTS),
        404 => Error::new(ErrorKind::Datasource, format!("the API did not find {what} ({named})"))
            .with_remedy("Check the vendor id and the base address."),
        410 => Error::new(
            ErrorKind::Datasource,
            format!("the API no longer offers {what} ({named})"),
        )
        .with_remedy(CHECK_BASE_ADDRESS),
        429 => Error::new(
            ErrorKind::Datasource,
            format!("the API refused a request for {what}: too many requests ({named})"),
        )
        .with_remedy("Wait a few minutes, then refresh."),
        500..=599 => Error::new(
            ErrorKind::Datasource,
            format!("the API failed to answer a request for {what} ({named})"),
        )
        .with_remedy("Atlassian has a problem. Refresh later."),
        _ => Error::new(
            ErrorKind::Datasource,
            format!("the API refused a request for {what} ({named})"),
        ),
    }
}

/// Returns the error of an answer whose body cannot be used.
pub(super) fn response_error(what: &str, bad: &ResponseError) -> Error {
    let error = Error::new(
        ErrorKind::Datasource,
        format!("the answer to a request for {what} cannot be used: {bad}"),
    );
    match bad {
        ResponseError::Markup | ResponseError::List(ArrayError::Markup) => {
            error.with_remedy(CHECK_BASE_ADDRESS)
        }
        _ => error,
    }
}

/// Returns the start of a message for the log, without anything that could be a credential.
pub(super) fn scrubbed(message: &str) -> String {
    const LONGEST_WORD: usize = 15;
    let is_of_word =
        |each: char| each.is_ascii_alphanumeric() || matches!(each, '+' | '/' | '=' | '-' | '_');
    let mut found = String::new();
    let mut word = String::new();
    for each in message.chars().take(200).chain(['\n']) {
        if is_of_word(each) {
            word.push(each);
            continue;
        }
        let is_short = word.len() <= LONGEST_WORD;
        found.push_str(if is_short { word.as_str() } else { "…" });
        word.clear();
        if !each.is_control() {
            found.push(each);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_kind_and_names_what_was_asked() {
        use ErrorKind::{Credentials, Datasource, Rights};
        let cases = [
            (
                401,
                Credentials,
                "Atlassian does not accept the e-mail and API token (401): the token is expired or wrong",
            ),
            (
                403,
                Rights,
                "the account is not allowed to read licenses (403)",
            ),
            (404, Datasource, "the API did not find licenses (404)"),
            (410, Datasource, "the API no longer offers licenses (410)"),
            (
                400,
                Datasource,
                "the API refused a request for licenses (400)",
            ),
            (
                302,
                Datasource,
                "the API refused a request for licenses (302)",
            ),
            (
                429,
                Datasource,
                "the API refused a request for licenses: too many requests (429)",
            ),
            (
                502,
                Datasource,
                "the API failed to answer a request for licenses (502)",
            ),
        ];
        for (status, kind, message) in cases {
            let error = status_error("licenses", status, "");
            assert_eq!((error.kind(), error.message()), (kind, message));
        }
        assert!(
            status_error("l", 404, "NOT_FOUND")
                .message()
                .ends_with("(404 NOT_FOUND)")
        );
        assert!(status_error("l", 401, "401").message().contains("(401)"));
    }

    #[test]
    fn nothing_that_could_be_a_credential_stays_in_a_message() {
        let cases = [
            ("Must be a date", "Must be a date"),
            (
                "Refused: Authorization: Basic bWVAYWNtZS5leGFtcGxlOnNlY3JldA==",
                "Refused: Authorization: Basic …",
            ),
            (
                "bad\ntoken ATATT3xFfGF0abc_def-ghi=, sorry",
                "badtoken …, sorry",
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(scrubbed(message), expected);
        }
        assert_eq!(scrubbed(&"a b ".repeat(100)).len(), 200);
    }
}
