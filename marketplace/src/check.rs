//! The test of a datasource, in steps that a person understands.

use gadget_api::{Error, ErrorKind, Progress, Services, Step, StepState, TestReport};

use crate::{
    client::{Client, ListRequest, Space},
    wire::App,
};

/// The steps, in their order.
const STEPS: [(&str, &str); 6] = [
    ("address", "Address answers"),
    ("credentials", "Token is accepted"),
    ("vendor", "Vendor is yours"),
    ("licenses", "Licenses can be read"),
    ("transactions", "Transactions can be read"),
    ("apps", "Apps are listed"),
];

/// Looks whether a datasource works for its vendors.
///
/// It stops at the first step that fails; what is only missed is told and does not stop it.
///
/// # Errors
///
/// Returns an error only when the test itself cannot run: it is cancelled, or out of time.
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
            check.tell();
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
    /// The step that runs.
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
                "the datasource names no vendor",
            ));
        };
        // One request answers three questions; how it fails tells how far it came.
        let mut spaces = vec![self.first_space(client.space(first))?];
        self.end(0, StepState::Done, self.address());
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
                let detail = "the account may not read them; users are counted from licenses alone";
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

    /// Puts the failure of the first request where it belongs.
    fn first_space(&mut self, space: Result<Space, Error>) -> Result<Space, Error> {
        let Err(error) = space else { return space };
        match error.kind() {
            ErrorKind::Credentials => {
                self.end(0, StepState::Done, self.address());
                self.start(1);
            }
            ErrorKind::Rights | ErrorKind::Settings => {
                self.end(0, StepState::Done, self.address());
                self.end(1, StepState::Done, self.account());
                self.start(2);
            }
            ErrorKind::Datasource if error.message().contains("(404") => {
                self.end(0, StepState::Done, self.address());
                self.end(1, StepState::Done, self.account());
                self.start(2);
            }
            _ => {}
        }
        Err(error)
    }

    fn setting(&self, name: &str) -> String {
        let settings = self
            .services
            .datasource()
            .map(|datasource| datasource.settings);
        let text = settings
            .ok()
            .and_then(|settings| Some(settings.get(name)?.as_str()?.to_owned()));
        text.unwrap_or_default()
    }

    /// Returns the host of the base address.
    fn address(&self) -> String {
        let address = self.setting("base_url");
        let rest = address
            .split_once("://")
            .map_or(address.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().to_owned()
    }

    fn account(&self) -> String {
        self.setting("email")
    }

    fn start(&mut self, at: usize) {
        self.at = at;
        self.steps[at].state = StepState::Running;
        self.tell();
    }

    fn end(&mut self, at: usize, state: StepState, detail: impl Into<String>) {
        self.steps[at].state = state;
        self.steps[at].detail = detail.into();
        self.tell();
    }

    fn tell(&self) {
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
