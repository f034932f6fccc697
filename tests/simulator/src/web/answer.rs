//! A reply before it is sent, so that faults can still spoil it.

use crate::refusal::Refusal;

/// The cookie that pins a caller to a server.
pub(crate) const AFFINITY: &str = "ARRAffinity";

/// Status, headers and the whole body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Adds a cookie that pins the caller to a server.
    pub(crate) fn pinned(self, server: usize) -> Self {
        self.header(
            "set-cookie",
            format!("{AFFINITY}={server}; path=/; HttpOnly"),
        )
    }

    /// No body and no content type.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// OData JSON.
    pub(crate) fn odata(status: u16, body: Vec<u8>) -> Self {
        Self::empty(status)
            .header(
                "content-type",
                "application/json; odata.metadata=minimal".to_owned(),
            )
            .header("odata-version", "4.0".to_owned())
            .with_body(body)
    }

    /// Plain JSON, as Entra and the control surface speak it.
    pub(crate) fn json(status: u16, body: &impl serde::Serialize) -> Self {
        Self::empty(status)
            .header("content-type", "application/json; charset=utf-8".to_owned())
            .with_body(serde_json::to_vec(body).unwrap_or_default())
    }

    /// A page as gateways send them.
    pub(crate) fn html(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\r\n<html><head><title>{title}</title></head>\r\n<body><h2>{title}</h2>\
             <hr><p>Microsoft-Azure-Application-Gateway/v2</p></body></html>\r\n"
        );
        Self::empty(status)
            .header("content-type", "text/html; charset=utf-8".to_owned())
            .with_body(page.into_bytes())
    }

    pub(crate) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let body = serde_json::json!({
            "error": { "code": refusal.code, "message": refusal.message }
        });
        Self::odata(refusal.status, body.to_string().into_bytes())
    }
}
