//! The connection test of a datasource, in steps for people.

use gadget_api::{Error, ErrorKind, Progress, Services, Step, StepState, TestReport};

use crate::{
    apps::App,
    client::{Client, DeveloperSpace, ListRequest},
    datasource::Connection,
};

/// The steps, in order.
const STEPS: [(&str, &str); 6] = [
    ("address", "Address answers"),
    ("credentials", "Token is accepted"),
    ("vendor", "Vendor is yours"),
    ("licenses", "Licenses can be read"),
    ("transactions", "Transactions can be read"),
    ("apps", "Apps are listed"),
];

/// Tests whether a datasource works for its vendors.
///
/// The test stops at the first step that fails; missing optional data is only a warning.
///
/// # Errors
///
/// Returns an error only when the test itself is cancelled, or out of time.
pub fn check_access(services: &dyn Services, vendors: &[String]) -> Result<TestReport, Error> {
    let mut check = Check {
        services,
        steps: STEPS.map(|(id, label)| Step::waiting(id, label)).to_vec(),
        at: 0,
    };
    match check.run(vendors) {
        Ok(()) => Ok(TestReport {
            steps: check.steps,
            error: None,
        }),
        Err(error) => {
            if services.is_cancelled() || services.remaining().is_zero() {
                return Err(error);
            }
            check.steps[check.at].state = StepState::Failed;
            check.steps[check.at].detail = error.message().to_owned();
            check.report();
            Ok(TestReport {
                steps: check.steps,
                error: Some(error),
            })
        }
    }
}

struct Check<'a> {
    services: &'a dyn Services,
    steps: Vec<Step>,
    /// The running step.
    at: usize,
}

impl Check<'_> {
    fn run(&mut self, vendors: &[String]) -> Result<(), Error> {
        let client = Client::new(self.services);
        self.start(0);
        let Some((first, others)) = vendors.split_first() else {
            self.start(2);
            return Err(Error::new(
                ErrorKind::Settings,
                "the datasource has no vendor",
            ));
        };
        // One request covers three steps: how it fails says which of them failed.
        let mut spaces = vec![self.first_space(first, client.find_space(first))?];
        self.end(0, StepState::Done, self.host());
        self.end(1, StepState::Done, self.account());
        self.start(2);
        for vendor in others {
            spaces.push(client.space(vendor)?);
        }
        self.end(2, StepState::Done, format!("vendor {}", vendors.join(", ")));
        self.start(3);
        for space in &spaces {
            client.probe(space, ListRequest::RecentLicenses)?;
        }
        self.end(3, StepState::Done, "");
        self.start(4);
        let read = spaces
            .iter()
            .try_for_each(|space| client.probe(space, ListRequest::Transactions));
        match read {
            Ok(()) => self.end(4, StepState::Done, ""),
            Err(error) if error.kind() == ErrorKind::Rights => {
                let detail = "the account is not allowed to read them; users are counted from licenses alone";
                self.end(4, StepState::Warned, detail);
            }
            Err(error) => return Err(error),
        }
        self.start(5);
        let apps: Result<Vec<Vec<App>>, Error> =
            spaces.iter().map(|space| client.apps(space)).collect();
        match apps {
            Ok(apps) => {
                let names: Vec<String> = apps.into_iter().flatten().map(|app| app.name).collect();
                self.end(5, StepState::Done, listed(&names));
            }
            Err(error) => self.end(5, StepState::Warned, error.message()),
        }
        Ok(())
    }

    /// Assigns a failure of the first request to its step.
    fn first_space(
        &mut self,
        vendor: &str,
        space: Result<Option<DeveloperSpace>, Error>,
    ) -> Result<DeveloperSpace, Error> {
        let error = match space {
            Ok(Some(space)) => return Ok(space),
            Ok(None) => {
                let message = format!("Atlassian does not know vendor {vendor}");
                Error::new(ErrorKind::Settings, message)
                    .with_remedy("Look up the number in the address of the partner console.")
            }
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::Credentials => {
                self.end(0, StepState::Done, self.host());
                self.start(1);
            }
            ErrorKind::Rights | ErrorKind::Settings => {
                self.end(0, StepState::Done, self.host());
                self.end(1, StepState::Done, self.account());
                self.start(2);
            }
            _ => {}
        }
        Err(error)
    }

    fn host(&self) -> String {
        let connection = Connection::of(self.services);
        connection.map_or(String::new(), |connection| connection.host().to_owned())
    }

    fn account(&self) -> String {
        let connection = Connection::of(self.services);
        connection.map_or(String::new(), |connection| connection.account)
    }

    fn start(&mut self, at: usize) {
        self.at = at;
        self.steps[at].state = StepState::Running;
        self.report();
    }

    fn end(&mut self, at: usize, state: StepState, detail: impl Into<String>) {
        self.steps[at].state = state;
        self.steps[at].detail = detail.into();
        self.report();
    }

    fn report(&self) {
        let text = self
            .steps
            .iter()
            .find(|step| step.state == StepState::Running);
        self.services.progress(&Progress {
            fraction: None,
            text: text.map_or(String::new(), |step| step.label.clone()),
            steps: self.steps.clone(),
        });
    }
}

/// Returns the number of apps, and the names of the first ones.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let unit = if names.len() == 1 { "app" } else { "apps" };
    let shown = names
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let more = if names.len() > SHOWN { ", …" } else { "" };
    match names.len() {
        0 => "no app".to_owned(),
        count => format!("{count} {unit}: {shown}{more}"),
    }
}

#[cfg(test)]
mod tests {
    use gadget_api::testing::Canned;
    use serde_json::json;

    use super::*;

    const SPACE: &str = "/rest/3/developer-space/vendor/7";
    const REPORTS: &str = "/rest/3/reporting/developer-space/d-7";
    const APPS: &str = "/rest/3/product-listing/developer-space/d-7";

    fn checked(answers: [(&str, u16, &str); 4]) -> TestReport {
        let settings = json!({"base_url": "https://api.atlassian.com/marketplace", "email": "me@acme.example"});
        let services = Canned::default().with_datasource("atlassian-marketplace", settings);
        let services = answers
            .into_iter()
            .fold(services, |services, (path, status, body)| {
                services.with_answer(path, status, body)
            });
        check_access(&services, &["7".to_owned()]).unwrap()
    }

    #[test]
    fn each_step_fails_by_its_own_answer_and_the_test_stops_there() {
        let licenses = format!("{REPORTS}/licenses");
        let transactions = format!("{REPORTS}/sales/transactions");
        let space = r#"{"developerId": "d-7"}"#;
        let apps = r#"{"items": [{"appKey": "a", "appName": "Timeboard"}, {"appKey": "b", "appName": "Docflow"}]}"#;
        let good = [
            (SPACE, 200, space),
            (licenses.as_str(), 200, r#"{"licenses": []}"#),
            (transactions.as_str(), 200, r#"{"transactions": []}"#),
            (APPS, 200, apps),
        ];
        let with = |place: usize, status: u16, body: &'static str| {
            let mut answers = good;
            answers[place] = (good[place].0, status, body);
            answers
        };
        let cases = [
            (good, "dddddd", None),
            (with(0, 503, "{}"), "fwwwww", Some(ErrorKind::Datasource)),
            (
                with(0, 200, "<html>"),
                "fwwwww",
                Some(ErrorKind::Datasource),
            ),
            (with(0, 401, "{}"), "dfwwww", Some(ErrorKind::Credentials)),
            (with(0, 403, "{}"), "ddfwww", Some(ErrorKind::Rights)),
            (with(0, 404, "{}"), "ddfwww", Some(ErrorKind::Settings)),
            (with(1, 403, "{}"), "dddfww", Some(ErrorKind::Rights)),
            (with(2, 403, "{}"), "ddddod", None),
            (with(2, 500, "{}"), "ddddfw", Some(ErrorKind::Datasource)),
            (with(3, 500, "{}"), "dddddo", None),
        ];
        for (answers, states, kind) in cases {
            let report = checked(answers);
            let found: String = report
                .steps
                .iter()
                .map(|step| match step.state {
                    StepState::Done => 'd',
                    StepState::Failed => 'f',
                    StepState::Waiting => 'w',
                    StepState::Warned => 'o',
                    _ => '?',
                })
                .collect();
            assert_eq!(
                (found.as_str(), report.error.map(|error| error.kind())),
                (states, kind)
            );
        }
        let details: Vec<_> = checked(good)
            .steps
            .into_iter()
            .map(|step| step.detail)
            .collect();
        assert_eq!(
            details,
            [
                "api.atlassian.com",
                "me@acme.example",
                "vendor 7",
                "",
                "",
                "2 apps: Timeboard, Docflow"
            ]
        );
    }

    #[test]
    fn a_datasource_without_vendors_and_a_cancelled_test_are_errors() {
        let services = Canned::default();
        let report = check_access(&services, &[]).unwrap();
        assert_eq!(
            report.error.unwrap().message(),
            "the datasource has no vendor"
        );
        services.cancel();
        let error = check_access(&services, &["7".to_owned()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}
