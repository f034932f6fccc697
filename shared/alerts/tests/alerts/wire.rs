//! The wire to Amazon SNS: what is published over it, and how it may fail.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sns::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use futures::future::pending;
use serde_json::Value;
use tokio::sync::Notify;
use url::form_urlencoded;

const TAKEN: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
const NO_TOPIC: &str = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>";

/// What becomes of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Fate {
    /// It is taken, and SNS says so.
    #[default]
    Taken,
    /// SNS refuses it.
    Refused,
    /// It does not arrive, and nobody answers.
    Lost,
    /// It is taken, and nobody answers.
    Unanswered,
}

/// A message that SNS took.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Published {
    pub(crate) topic: String,
    pub(crate) subject: String,
    pub(crate) email: String,
    pub(crate) sms: String,
}

/// The wire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sns {
    state: Arc<Mutex<State>>,
    /// Somebody waits for an answer that does not come.
    pub(crate) silent: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    fate: Fate,
    published: Vec<Published>,
}

impl Sns {
    pub(crate) fn config(&self) -> Builder {
        aws_sdk_sns::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-north-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(self.clone())
    }

    pub(crate) fn becomes(&self, fate: Fate) {
        self.with(|state| state.fate = fate);
    }

    /// What was taken since this was last asked, ordered.
    pub(crate) fn taken(&self) -> Vec<Published> {
        let mut published = self.with(|state| std::mem::take(&mut state.published));
        published.sort_by(|a, b| (&a.topic, &a.subject).cmp(&(&b.topic, &b.subject)));
        published
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn published(request: &HttpRequest) -> Published {
    let form: Vec<(String, String)> = form_urlencoded::parse(request.body().bytes().unwrap())
        .into_owned()
        .collect();
    let value = |name: &str| {
        let found = form.iter().find(|(known, _)| known == name);
        found
            .unwrap_or_else(|| panic!("no {name} in {form:?}"))
            .1
            .clone()
    };
    assert_eq!(value("Action"), "Publish");
    assert_eq!(value("MessageStructure"), "json");
    let bodies: Value = serde_json::from_str(&value("Message")).unwrap();
    let body = |name: &str| bodies[name].as_str().unwrap().to_owned();
    assert_eq!(body("default"), body("email"));
    Published {
        topic: value("TopicArn"),
        subject: value("Subject"),
        email: body("email"),
        sms: body("sms"),
    }
}

impl HttpClient for Sns {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Sns {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move {
            let fate = wire.with(|state| {
                if matches!(state.fate, Fate::Taken | Fate::Unanswered) {
                    state.published.push(published(&request));
                }
                state.fate
            });
            let (status, body) = match fate {
                Fate::Taken => (200, TAKEN),
                Fate::Refused => (404, NO_TOPIC),
                Fate::Lost | Fate::Unanswered => {
                    wire.silent.notify_one();
                    pending().await
                }
            };
            let status = StatusCode::try_from(status).unwrap();
            Ok(HttpResponse::new(status, body.into()))
        })
    }
}
