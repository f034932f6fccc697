//! API Gateway's side of a call: who its authorizer says that calls, and where the call goes to.

use bytes::Bytes;
use changes::{Caller, Changes, Problem, Scopes};
use lambda_http::http::uri::PathAndQuery;
use lambda_http::http::{Response, Uri};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt};

/// What the authorizer says of a caller: the name of their key, and its scopes with blanks between them.
const KEY: &str = "key";
const SCOPES: &str = "scopes";

/// Answers a call; without settings nothing but that.
pub(crate) async fn answer(changes: Option<&Changes>, request: Request) -> Response<Body> {
    let response = match (changes, caller(&request)) {
        (None, _) => Problem::not_set_up().into_response(),
        (Some(_), None) => Problem::unauthenticated().into_response(),
        (Some(changes), Some(caller)) => changes.handle(&caller, own(request)).await,
    };
    response.map(|body| Body::from(String::from_utf8_lossy(&body).into_owned()))
}

/// `None` if the authorizer has not said who calls: a route that it was left out of.
fn caller(request: &Request) -> Option<Caller> {
    let RequestContext::ApiGatewayV1(context) = request.request_context_ref()? else {
        return None;
    };
    let said = |name| context.authorizer.fields.get(name)?.as_str();
    let key = said(KEY).filter(|key| !key.is_empty())?;
    Some(Caller {
        key: key.to_owned(),
        scopes: Scopes::parse(said(SCOPES).unwrap_or_default()),
    })
}

/// The request without what the gateway put before its path, such as the stage.
fn own(request: Request) -> lambda_http::http::Request<Bytes> {
    let path = request.raw_http_path();
    let address = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let address = PathAndQuery::try_from(address).map(Uri::from);
    let (mut parts, body) = request.into_parts();
    if let Ok(address) = address {
        parts.uri = address;
    }
    let body = Bytes::copy_from_slice(body.as_ref());
    lambda_http::http::Request::from_parts(parts, body)
}

#[cfg(test)]
mod tests;
