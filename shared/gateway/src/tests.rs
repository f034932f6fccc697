use serde_json::{Value, json};

use super::*;

/// Where a call goes to, and where the calls are, by what the gateway says of path and resource.
fn own_of(path: &str, whole: &str, resource: &str) -> (String, String) {
    let mut event: Value = json!({
        "resource": resource,
        "path": path,
        "httpMethod": "GET",
        "headers": {"Host": "api.example.org"},
        "multiValueHeaders": {"Host": ["api.example.org"]},
        "requestContext": {"stage": "production", "httpMethod": "GET", "identity": {}},
        "isBase64Encoded": false
    });
    event["requestContext"]["path"] = json!(whole);
    event["requestContext"]["resourcePath"] = json!(resource);
    let request = own(lambda_http::request::from_str(&event.to_string()).unwrap());
    let base = Base::among(request.extensions());
    (request.uri().to_string(), base.as_str().to_owned())
}

/// What the gateway says in each case: <https://github.com/localstack/localstack/pull/12296>
#[test]
fn a_call_is_found_behind_a_stage_and_behind_the_path_of_a_domain_of_ones_own() {
    for (path, whole, resource, own, base) in [
        ("/", "/production/", "/", "/", "/production/"),
        (
            "/changes/0f0c",
            "/production/changes/0f0c",
            "/changes/{id}",
            "/changes/0f0c",
            "/production/",
        ),
        (
            "/sync/changes/0f0c/retry",
            "/sync/changes/0f0c/retry",
            "/changes/{id}/retry",
            "/changes/0f0c/retry",
            "/sync/",
        ),
        ("/sync", "/sync", "/", "/", "/sync/"),
        ("/sync/", "/sync/", "/", "/", "/sync/"),
        (
            "/changes/changes",
            "/changes/changes",
            "/changes",
            "/changes",
            "/changes/",
        ),
        (
            "/any/thing",
            "/production/any/thing",
            "/{proxy+}",
            "/any/thing",
            "/production/",
        ),
        // What does not fit is left as it is.
        (
            "/health",
            "/production/health",
            "/changes/{id}",
            "/health",
            "/production/",
        ),
    ] {
        let expected = (own.to_owned(), base.to_owned());
        assert_eq!(own_of(path, whole, resource), expected, "{path} {resource}");
    }
}
