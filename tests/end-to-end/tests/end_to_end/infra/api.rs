//! The REST API: its calls are those of the crate `web`, and what the gateway says by itself is in its words.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use web::{Problem, ProblemKind, ROUTES};

use super::template::Template;

#[test]
fn the_calls_are_those_that_the_functions_answer_and_only_the_sign_of_life_is_open() {
    let Some(template) = Template::new() else {
        return;
    };
    let expected = ROUTES.iter().map(|route| Call {
        method: route.method.as_str().to_ascii_lowercase(),
        path: route.path.to_owned(),
        open: route.is_open(),
    });
    let declared = calls(&template);
    let declared: BTreeSet<_> = declared.iter().map(|(call, _)| call.clone()).collect();
    assert_eq!(declared, expected.collect());
}

#[test]
fn a_stage_may_leave_the_sign_of_life_out_and_is_deployed_again_then() {
    let (Some(with), Some(without)) =
        (Template::new(), Template::with(&[("OpenHealthz", "false")]))
    else {
        return;
    };
    let left_out: Vec<_> = calls(&with)
        .into_iter()
        .filter(|call| !calls(&without).contains(call))
        .collect();
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].0.path, "/healthz");
    // By itself SAM deploys an API only if its text changes, and a parameter changes none.
    let declared = std::fs::read_to_string(super::template::folder().join("template.yaml"));
    assert!(declared.unwrap().contains("      AlwaysDeploy: true\n"));
}

#[test]
fn each_call_goes_to_its_function_and_only_the_export_is_streamed() {
    let Some(template) = Template::new() else {
        return;
    };
    for (Call { path, .. }, operation) in calls(&template) {
        let integration = &operation["x-amazon-apigateway-integration"];
        let function = match path.split('/').nth(1) {
            Some("changes") => "changes",
            Some("export") => "export",
            _ => "health",
        };
        let (version, action) = match function {
            "export" => ("2021-11-15", "response-streaming-invocations"),
            _ => ("2015-03-31", "invocations"),
        };
        let uri = format!(
            "arn:aws:apigateway:eu-north-1:lambda:path/{version}/functions/\
             arn:aws:lambda:eu-north-1:123456789012:function:dynamics-sync-test-{function}/{action}"
        );
        assert_eq!(integration["uri"], uri, "{path}");
        assert_eq!(integration["type"], "aws_proxy", "{path}");
        assert_eq!(integration["httpMethod"], "POST", "{path}");
        let streamed = function == "export";
        assert_eq!(
            integration["responseTransferMode"] == "STREAM",
            streamed,
            "{path}"
        );
        // Else it ends after 29 seconds.
        let patience = integration["timeoutInMillis"].as_u64();
        assert_eq!(patience, streamed.then_some(900_000), "{path}");
    }
}

#[test]
fn the_gateway_may_call_the_functions_that_it_is_told_to_call_and_no_other() {
    let Some(template) = Template::new() else {
        return;
    };
    let mut called = BTreeSet::new();
    for (id, permission) in template.all("AWS::Lambda::Permission") {
        let properties = &permission["Properties"];
        assert_eq!(properties["Principal"], "apigateway.amazonaws.com", "{id}");
        assert_eq!(properties["Action"], "lambda:InvokeFunction", "{id}");
        let function = properties["FunctionName"].as_str().unwrap().to_owned();
        let from = properties["SourceArn"].as_str().unwrap();
        let api = "arn:aws:execute-api:eu-north-1:123456789012:Api";
        let expected = match function.as_str() {
            "AuthorizerFunction" => format!("{api}/authorizers/*"),
            _ => format!("{api}/test/*"),
        };
        assert_eq!(from, expected, "{id}");
        called.insert(function);
    }
    let expected = [
        "AuthorizerFunction",
        "ChangesFunction",
        "ExportFunction",
        "HealthFunction",
    ];
    assert_eq!(called, expected.map(str::to_owned).into());
}

#[test]
fn who_shows_no_key_is_refused_without_asking_and_answers_are_kept_for_five_minutes() {
    let Some(template) = Template::new() else {
        return;
    };
    let body = &template.properties("Api")["Body"];
    // What is said for all calls at once the gateway does not import.
    assert_eq!(body.get("security"), None);
    let authorizer =
        &body["components"]["securitySchemes"]["key"]["x-amazon-apigateway-authorizer"];
    assert_eq!(authorizer["type"], "request");
    assert_eq!(
        authorizer["identitySource"],
        "method.request.header.Authorization"
    );
    assert_eq!(authorizer["authorizerResultTtlInSeconds"], 300);
    let uri = authorizer["authorizerUri"].as_str().unwrap();
    assert!(
        uri.ends_with("function:dynamics-sync-test-authorizer/invocations"),
        "{uri}"
    );
}

#[test]
fn what_the_gateway_answers_by_itself_is_a_problem_in_the_words_of_the_functions() {
    let Some(template) = Template::new() else {
        return;
    };
    let answers = &template.properties("Api")["Body"]["x-amazon-apigateway-gateway-responses"];
    for (name, kind, status) in [
        ("UNAUTHORIZED", ProblemKind::Unauthenticated, 401),
        ("ACCESS_DENIED", ProblemKind::MissingScope, 403),
        ("MISSING_AUTHENTICATION_TOKEN", ProblemKind::NotFound, 404),
        ("REQUEST_TOO_LARGE", ProblemKind::TooLarge, 413),
        ("THROTTLED", ProblemKind::Unavailable, 429),
        ("INTEGRATION_TIMEOUT", ProblemKind::Unavailable, 504),
        ("DEFAULT_4XX", ProblemKind::MalformedRequest, 400),
        ("DEFAULT_5XX", ProblemKind::Failed, 500),
    ] {
        let answer = &answers[name];
        let text = answer["responseTemplates"]["application/json"]
            .as_str()
            .unwrap();
        let said: Value = serde_json::from_str(text).unwrap();
        let detail = said["detail"].as_str().unwrap().to_owned();
        let response = Problem::new(kind, detail).into_response();
        let mut expected: Value = serde_json::from_slice(response.body()).unwrap();
        expected["status"] = status.into();
        assert_eq!(said, expected, "{name}");
        if let Some(declared) = answer.get("statusCode") {
            assert_eq!(declared, status, "{name}");
        }
        let header = |name: &str| {
            answer["responseParameters"][format!("gatewayresponse.header.{name}")].clone()
        };
        assert_eq!(
            header("Content-Type"),
            "'application/problem+json'",
            "{name}"
        );
        assert_eq!(header("Cache-Control"), "'no-store'", "{name}");
    }
    assert_eq!(answers.as_object().unwrap().len(), 8);
}

#[test]
fn a_browser_is_asked_for_a_key_by_the_gateway_as_by_the_functions() {
    let Some(template) = Template::new() else {
        return;
    };
    let answers = &template.properties("Api")["Body"]["x-amazon-apigateway-gateway-responses"];
    let answer = &answers["UNAUTHORIZED"];
    let response = Problem::unauthenticated().into_response();
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    let declared = &answer["responseParameters"]["gatewayresponse.header.WWW-Authenticate"];
    assert_eq!(declared, &format!("'{challenge}'"));
    let text = answer["responseTemplates"]["application/json"]
        .as_str()
        .unwrap();
    let said: Value = serde_json::from_str(text).unwrap();
    let expected: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(said, expected);
}

#[test]
fn calls_are_throttled_and_logged_only_where_a_stage_says_so() {
    for (parameters, logged) in [(&[][..], false), (&[("AccessLogs", "true")][..], true)] {
        let Some(template) = Template::with(parameters) else {
            return;
        };
        let stage = template.properties("ApiStage");
        assert_eq!(stage["StageName"], "test");
        let limits = &stage["MethodSettings"][0];
        assert_eq!(
            (&limits["HttpMethod"], &limits["ResourcePath"]),
            (&json!("*"), &json!("/*"))
        );
        assert_eq!(limits["ThrottlingRateLimit"], 20);
        assert_eq!(limits["ThrottlingBurstLimit"], 40);
        assert_eq!(stage.get("AccessLogSetting").is_some(), logged);
        let logs = template.all("AWS::Logs::LogGroup");
        assert_eq!(logs.contains_key("AccessLogGroup"), logged);
        if logged {
            // Who called is the name of a key, and never an address.
            let format = stage["AccessLogSetting"]["Format"].as_str().unwrap();
            assert!(!format.contains("identity"), "{format}");
            assert!(format.contains("$context.authorizer.key"), "{format}");
        }
    }
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Call {
    method: String,
    path: String,
    open: bool,
}

/// Every call that is declared, with its operation.
fn calls(template: &Template) -> Vec<(Call, Value)> {
    let body = &template.properties("Api")["Body"];
    let mut calls = Vec::new();
    for (path, item) in body["paths"].as_object().unwrap() {
        let operations = item
            .as_object()
            .unwrap()
            .iter()
            .filter(|(method, _)| *method != "parameters");
        for (method, operation) in operations {
            let security = &operation["security"];
            let open = *security == json!([]);
            // The gateway lets everybody in where an operation says nothing itself.
            assert!(
                open || *security == json!([{"key": []}]),
                "{path}: {security}"
            );
            let call = Call {
                method: method.clone(),
                path: path.clone(),
                open,
            };
            calls.push((call, operation.clone()));
        }
    }
    calls
}
