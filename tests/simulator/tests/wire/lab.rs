//! A running simulator with a client that holds a token.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clock::ManualClock;
use dynamics_simulator::{Options, Running, Simulator};
use reqwest::{Method, Response};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

/// A row as received: every value's text untouched.
pub(crate) type WireRow = BTreeMap<String, Box<RawValue>>;

/// Rows by key.
pub(crate) type Table = BTreeMap<String, WireRow>;

pub(crate) struct Lab {
    pub(crate) simulator: Simulator,
    pub(crate) http: reqwest::Client,
    running: Running,
    token: String,
}

/// A page of rows.
#[derive(serde::Deserialize)]
pub(crate) struct Page {
    #[serde(rename = "@odata.nextLink")]
    pub(crate) next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    pub(crate) delta_link: Option<String>,
    #[serde(rename = "@odata.count")]
    pub(crate) count: Option<u64>,
    pub(crate) value: Vec<WireRow>,
}

pub(crate) fn small() -> Options {
    Options {
        contacts: 230,
        certifications: 60,
        accounts: 20,
        users: 6,
        ..Options::default()
    }
}

impl Lab {
    pub(crate) async fn start(options: Options) -> Result<Self> {
        let clock = ManualClock::at("2026-11-01T03:00:00Z".parse()?);
        let simulator = Simulator::new(options, Arc::new(clock));
        let running = simulator.start().await?;
        let mut lab = Self {
            simulator,
            // Lengths are looked at here.
            http: reqwest::Client::builder().no_gzip().build()?,
            running,
            token: String::new(),
        };
        lab.sign_in().await?;
        Ok(lab)
    }

    pub(crate) fn base(&self) -> String {
        self.running.base_url()
    }

    pub(crate) fn api(&self) -> String {
        format!("{}/api/data/v9.2", self.base())
    }

    /// The token request's form, all correct.
    pub(crate) fn form(&self) -> BTreeMap<&'static str, String> {
        let credentials = self.simulator.credentials();
        BTreeMap::from([
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", credentials.client_id.clone()),
            ("client_secret", credentials.client_secret.clone()),
            ("scope", format!("{}/.default", self.base())),
        ])
    }

    /// Status and body of a token request.
    pub(crate) async fn ask_token(
        &self,
        tenant: &str,
        form: &BTreeMap<&'static str, String>,
    ) -> Result<(u16, Json)> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let response = self
            .http
            .post(format!("{}/{tenant}/oauth2/v2.0/token", self.base()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await?;
        let status = response.status().as_u16();
        Ok((status, serde_json::from_str(&response.text().await?)?))
    }

    pub(crate) async fn sign_in(&mut self) -> Result<()> {
        let tenant = self.simulator.credentials().tenant_id.clone();
        let (status, body) = self.ask_token(&tenant, &self.form()).await?;
        let Some(token) = body.get("access_token").and_then(Json::as_str) else {
            bail!("no token: {status} {body}");
        };
        self.token = token.to_owned();
        Ok(())
    }

    /// Sends a request below the API, or to an absolute address.
    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&'static str, &str)],
        body: Option<Json>,
    ) -> Result<Response, reqwest::Error> {
        let url = if target.starts_with("http") {
            target.to_owned()
        } else {
            format!("{}/{target}", self.api())
        };
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json; charset=utf-8")
                .body(body.to_string());
        }
        request.send().await
    }

    /// The bearer token that every request carries.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) async fn get(&self, target: &str) -> Result<(u16, Json)> {
        let response = self.send(Method::GET, target, &[], None).await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        let body = if text.is_empty() {
            Json::Null
        } else {
            serde_json::from_str(&text)?
        };
        Ok((status, body))
    }

    /// Status, code and message of a refusal.
    pub(crate) async fn refused(
        &self,
        target: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<(u16, String, String)> {
        let response = self.send(Method::GET, target, headers, None).await?;
        refusal(response).await
    }

    pub(crate) async fn page(&self, target: &str, prefer: &str) -> Result<Page> {
        let headers = [("prefer", prefer)];
        let response = self.send(Method::GET, target, &headers, None).await?;
        let status = response.status();
        let text = response.text().await?;
        serde_json::from_str(&text).with_context(|| format!("{target}: {status} {text}"))
    }

    /// Follows nextLinks to the end.
    pub(crate) async fn pages(&self, target: &str, prefer: &str) -> Result<Vec<Page>> {
        let mut pages = vec![self.page(target, prefer).await?];
        while let Some(link) = pages.last().and_then(|page| page.next_link.clone()) {
            pages.push(self.page(&link, prefer).await?);
        }
        Ok(pages)
    }
}

pub(crate) async fn refusal(response: Response) -> Result<(u16, String, String)> {
    let status = response.status().as_u16();
    let body: Json = serde_json::from_str(&response.text().await?)?;
    let part = |name: &str| {
        body.get("error")
            .and_then(|error| error.get(name))
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok((status, part("code"), part("message")))
}

/// A member's value as text.
pub(crate) fn text(row: &WireRow, name: &str) -> Option<String> {
    serde_json::from_str(row.get(name)?.get()).ok()
}

/// Applies rows and deletes to a copy, as a client would.
pub(crate) fn apply(copy: &mut Table, key: &str, rows: Vec<WireRow>) {
    for row in rows {
        let deleted =
            text(&row, "@odata.context").is_some_and(|at| at.ends_with("/$deletedEntity"));
        if deleted {
            copy.remove(&text(&row, "id").unwrap_or_default());
        } else {
            copy.insert(text(&row, key).unwrap_or_default(), row);
        }
    }
}

/// Why a copy is not the truth; `None` when it is, to the last decimal.
pub(crate) fn difference(
    copy: &Table,
    truth: impl Iterator<Item = Map<String, Json>>,
    key: &str,
) -> Option<String> {
    let mut seen = 0;
    for row in truth {
        seen += 1;
        let id = row.get(key).and_then(Json::as_str).unwrap_or_default();
        let Some(copied) = copy.get(id) else {
            return Some(format!("{id} is missing"));
        };
        if copied.len() != row.len() + 1 {
            return Some(format!("{id} has {} members", copied.len()));
        }
        for (name, value) in &row {
            let Some(received) = copied.get(name) else {
                return Some(format!("{id} has no {name}"));
            };
            // Exact decimals are text in the truth and a number on the wire.
            let equal = serde_json::from_str::<Json>(received.get()).ok().as_ref() == Some(value)
                || value.as_str() == Some(received.get());
            if !equal {
                return Some(format!("{id}.{name}: {} is not {value}", received.get()));
            }
        }
    }
    (seen != copy.len()).then(|| format!("{} rows for {seen}", copy.len()))
}
