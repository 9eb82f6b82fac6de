//! Testing a datasource as somebody enters it, with the steps told while they run.

use std::{sync::Arc, time::Duration};

use dashboards::domain::{DatasourceId, Settings};
use gadget_api::{Step, TestReport};
use gadget_host::{Call, CallError, Cancellation};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{Datasources, SecretEdits, input::draft_to_test};
use crate::app::{AppError, Caller, blocking, refresh::today};

/// How long a test may take.
const TEST_TIMEOUT: Duration = Duration::from_secs(90);

/// A connection to test.
pub(crate) struct TestedConnection {
    pub(crate) settings: Settings,
    pub(crate) secrets: SecretEdits,
    /// The datasource whose secrets are used where none are entered.
    pub(crate) datasource: Option<DatasourceId>,
}

/// What a test says while it runs.
pub(crate) enum TestMessage {
    Steps(Vec<Step>),
    End(Result<TestReport, CallError>),
}

/// A running test; it is cancelled when this is dropped.
pub(crate) struct ConnectionTest {
    messages: mpsc::UnboundedReceiver<TestMessage>,
    cancellation: Cancellation,
}

impl ConnectionTest {
    /// Returns what the test says next, if it has not ended.
    pub(crate) async fn next(&mut self) -> Option<TestMessage> {
        self.messages.recv().await
    }
}

impl Drop for ConnectionTest {
    fn drop(&mut self) {
        self.cancellation.cancel();
    }
}

impl Datasources {
    /// Begins to test what was entered.
    pub(crate) async fn test(
        &self,
        caller: &Caller,
        kind: &str,
        tested: TestedConnection,
    ) -> Result<ConnectionTest, AppError> {
        let kind = self.kind(kind)?;
        let stored = self
            .edited(caller, kind, tested.datasource.as_ref())
            .await?;
        let draft = draft_to_test(tested.settings, tested.secrets)?;
        let checked = self.checked(kind, draft, stored.as_ref())?;
        let opened = self.opened_to_test(checked, stored.as_ref()).await?;
        let cancellation = Cancellation::new();
        let call = Call::new(kind.id(), Value::Null, today())
            .with_datasource(Arc::new(opened))
            .within(TEST_TIMEOUT)
            .cancelled_by(&cancellation);
        let (sender, messages) = mpsc::unbounded_channel();
        let engine = Arc::clone(&self.engine);
        blocking::start(move || {
            let report = engine.test(&call, &|progress| {
                // The receiver may be gone; then the call is cancelled.
                let _ = sender.send(TestMessage::Steps(progress.steps.clone()));
            });
            let _ = sender.send(TestMessage::End(report));
        });
        Ok(ConnectionTest {
            messages,
            cancellation,
        })
    }
}
