//! API Gateway's side of a call: who its authorizer says that calls, and where the call goes to. The
//! functions behind the gateway share it; what they do with a call is in libraries that know no gateway.

use bytes::Bytes;
use lambda_http::http::uri::PathAndQuery;
use lambda_http::http::{Request as HttpRequest, Response, Uri};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt};
use web::{Base, Caller, Problem, Scopes};

/// What the authorizer says of a caller: the name of their key.
pub const KEY: &str = "key";
/// What the authorizer says of a caller: the scopes of their key, with blanks between them.
pub const SCOPES: &str = "scopes";

/// Who calls, and what.
///
/// # Errors
/// The authorizer has not said who calls: a route that it was left out of.
pub fn call(request: Request) -> Result<(Caller, HttpRequest<Bytes>), Problem> {
    let caller = caller(&request).ok_or_else(Problem::unauthenticated)?;
    Ok((caller, own(request)))
}

/// An answer as the runtime sends it: as text, because the gateway would take anything else in base64.
pub fn answer(response: Response<Bytes>) -> Response<Body> {
    response.map(|body| Body::from(String::from_utf8_lossy(&body).into_owned()))
}

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

/// Where the call goes to, without what the gateway put before it. It takes the stage away itself, but not the
/// path that a domain of one's own maps to the stage; its word for the resource tells how much of the end is
/// ours.
pub fn own_path(request: &Request) -> &str {
    let path = request.raw_http_path();
    let Some(RequestContext::ApiGatewayV1(context)) = request.request_context_ref() else {
        return path;
    };
    let resource = context.resource_path.as_deref();
    resource
        .and_then(|resource| end_of(path, resource))
        .unwrap_or(path)
}

/// The end of a path that is a resource, such as `/changes/{id}`; none if it is one that stands for any path.
fn end_of<'p>(path: &'p str, resource: &str) -> Option<&'p str> {
    if resource == "/" {
        return Some("/");
    }
    let mut before = path;
    for part in resource.strip_prefix('/')?.rsplit('/') {
        let (rest, given) = before.rsplit_once('/')?;
        let fits = match part.strip_prefix('{') {
            Some(name) => !given.is_empty() && !name.ends_with("+}"),
            None => part == given,
        };
        if !fits {
            return None;
        }
        before = rest;
    }
    path.get(before.len()..)
}

/// The request without what the gateway put before its path, such as the stage; its extensions have that as
/// [`Base`].
pub fn own(request: Request) -> HttpRequest<Bytes> {
    let path = own_path(&request);
    let address = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let address = PathAndQuery::try_from(address).map(Uri::from);
    let base = base(&request);
    let (mut parts, body) = request.into_parts();
    if let Ok(address) = address {
        parts.uri = address;
    }
    parts.extensions.insert(base);
    let body = Bytes::copy_from_slice(body.as_ref());
    HttpRequest::from_parts(parts, body)
}

/// Where the gateway has put the calls: its stage, or the path that a domain of one's own maps to it.
fn base(request: &Request) -> Base {
    let context = request.request_context_ref();
    let Some(RequestContext::ApiGatewayV1(context)) = context else {
        return Base::default();
    };
    let path = context.path.as_deref().unwrap_or_default();
    Base::of(path, own_path(request))
}

#[cfg(test)]
mod tests;
