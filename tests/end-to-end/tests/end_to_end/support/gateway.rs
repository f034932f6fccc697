//! Calls as API Gateway hands them to a function.

use serde_json::{Value, json};

/// What API Gateway's REST API makes of a call that the authorizer let pass:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
pub(crate) fn call(method: &str, path: &str, scopes: &str, body: Option<Value>) -> Value {
    let headers = json!({
        "content-type": "application/json",
        "idempotency-key": "renewal-4711",
        "host": "api.example.no"
    });
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {},
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": {"proxy": path.trim_start_matches('/')},
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef1234",
            "authorizer": {"principalId": "app", "key": "app", "scopes": scopes},
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "app"},
            "path": format!("/prod{path}"),
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "resourceId": "123456",
            "resourcePath": "/{proxy+}",
            "stage": "prod"
        },
        "body": body.map(|body| body.to_string()),
        "isBase64Encoded": false
    })
}

/// Status and body, in JSON, of what the gateway was answered.
pub(crate) fn answered(answer: &Value) -> (u64, Value) {
    let status = answer["statusCode"].as_u64().unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (status, body)
}
