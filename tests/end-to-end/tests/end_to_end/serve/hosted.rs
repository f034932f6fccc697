//! A `serve` that runs, and how it is called.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::support::{Started, Terminal};

/// A host on this machine, which ends when it is dropped.
pub(super) struct Hosted {
    /// With a slash at its end.
    pub(super) address: String,
    /// The key that it has made, if it made one: called `local`, good for everything.
    pub(super) key: String,
    pub(super) started: Started,
    http: reqwest::Client,
}

impl Hosted {
    /// The first of a terminal, which makes a key.
    pub(super) async fn first(terminal: &Terminal) -> Self {
        Self::first_of(terminal, &["serve"]).await
    }

    /// The same, by other words.
    pub(super) async fn first_of(terminal: &Terminal, words: &[&str]) -> Self {
        let (started, lines) = terminal.start(words, 2).await;
        let [address, key] = lines.try_into().unwrap();
        Self::at(address, key, started)
    }

    /// One where there is a key already.
    pub(super) async fn another(terminal: &Terminal) -> Self {
        let (started, lines) = terminal.start(&["serve"], 1).await;
        let [address] = lines.try_into().unwrap();
        Self::at(address, String::new(), started)
    }

    /// The one that a demo leaves up.
    pub(super) async fn after_demo(terminal: &Terminal) -> Self {
        let demo = [
            "demo",
            "--contacts",
            "100",
            "--certifications",
            "60",
            "--serve",
        ];
        let is_key = |line: &str| line.starts_with("dsk_");
        let (started, mut lines) = terminal.start_until(&demo, is_key).await;
        let key = lines.pop().unwrap();
        let address = lines.pop().unwrap();
        Self::at(address, key, started)
    }

    fn at(address: String, key: String, started: Started) -> Self {
        Self {
            address,
            key,
            started,
            http: reqwest::Client::new(),
        }
    }

    /// A call by nobody.
    pub(super) fn call(&self, method: &Method, path: &str) -> RequestBuilder {
        let path = path.strip_prefix('/').unwrap();
        self.http
            .request(method.clone(), format!("{}{path}", self.address))
    }

    /// A call with the key that it has made.
    pub(super) fn own(&self, method: &Method, path: &str) -> RequestBuilder {
        self.call(method, path).basic_auth("local", Some(&self.key))
    }
}

/// Status and code of a problem, or nothing for the code.
pub(super) async fn told(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body = document(answer).await;
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// The JSON of an answer; null if it is something else.
pub(super) async fn document(answer: Response) -> Value {
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_default()
}
