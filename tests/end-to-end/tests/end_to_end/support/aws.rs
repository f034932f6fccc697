//! The emulator's services by plain HTTP: what an SDK would send, without an SDK per service.

use std::time::Duration;

use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
use reqwest::RequestBuilder;
use serde_json::Value;

use super::emulator::Emulator;

/// An access key id of twelve digits is the account, in this emulator.
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "eu-north-1";

/// A caller of the emulator's services.
#[derive(Clone, Debug)]
pub(crate) struct Aws {
    pub(crate) emulator: &'static Emulator,
    http: reqwest::Client,
}

impl Aws {
    pub(crate) fn new(emulator: &'static Emulator) -> Self {
        // The emulator closes a connection that is not used for five seconds, and packaging takes as long on a
        // busy machine; a large body that is sent into that is not sent again.
        let http = reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(2));
        Self {
            emulator,
            http: http.build().unwrap(),
        }
    }

    /// Where DynamoDB is and with which credentials, for its SDK.
    pub(crate) fn dynamodb(&self) -> Builder {
        aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new(ACCOUNT, "test", None, None, "test"))
            .endpoint_url(&self.emulator.endpoint)
    }

    /// An action of a service that speaks JSON; `target` is its `X-Amz-Target`.
    pub(crate) async fn action(&self, service: &str, target: &str, body: &Value) -> Value {
        let request = self.request(service, reqwest::Method::POST, "/");
        let request = request
            .header("X-Amz-Target", target)
            .header("Content-Type", "application/x-amz-json-1.1");
        let answer = text(target, request.body(body.to_string())).await;
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// An action of a service that speaks forms and answers in XML.
    pub(crate) async fn form(&self, service: &str, fields: &[(&str, &str)]) -> String {
        let address = reqwest::Url::parse_with_params(&self.emulator.endpoint, fields).unwrap();
        let request = self.request(service, reqwest::Method::POST, "/");
        let request = request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(address.query().unwrap().to_owned());
        text(fields[0].1, request).await
    }

    /// Reads something, at a service that speaks REST.
    pub(crate) async fn get(&self, service: &str, path: &str) -> Value {
        let request = self.request(service, reqwest::Method::GET, path);
        serde_json::from_str(&text(path, request).await).unwrap()
    }

    /// Makes something, at a service that speaks REST.
    pub(crate) async fn post(&self, service: &str, path: &str, body: &Value) {
        let request = self.request(service, reqwest::Method::POST, path);
        text(path, request.body(body.to_string())).await;
    }

    /// Puts bytes, at a service that speaks REST.
    pub(crate) async fn put(&self, service: &str, path: &str, body: Vec<u8>) {
        let request = self.request(service, reqwest::Method::PUT, path);
        text(path, request.body(body)).await;
    }

    /// The ARN of something of this account.
    pub(crate) fn arn(service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
    }

    /// A request whose signature is well formed but signs nothing: the emulator reads account, region
    /// and service from it and checks no more.
    pub(crate) fn request(
        &self,
        service: &str,
        method: reqwest::Method,
        path: &str,
    ) -> RequestBuilder {
        let signed = format!(
            "AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261120/{REGION}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        self.http
            .request(method, format!("{}{path}", self.emulator.endpoint))
            .header("Authorization", signed)
    }
}

/// The answer, which must be a good one.
async fn text(what: &str, request: RequestBuilder) -> String {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(
        status.is_success(),
        "{what}: the emulator answered {status}: {text}"
    );
    text
}
