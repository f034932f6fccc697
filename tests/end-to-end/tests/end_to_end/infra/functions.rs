//! The functions: each with the variables that it reads, all of them, and no others.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;
use settings::{
    AuthorizerSettings, ChangesSettings, Environment, ExportSettings, HealthSettings,
    SettingsError, SyncSettings,
};

use super::template::{Template, folder};

/// Reads a function's settings.
type Read = fn(&Environment<'_>) -> Result<(), SettingsError>;

const FUNCTIONS: [(&str, &str, Read); 5] = [
    ("AuthorizerFunction", "authorizer", |env| {
        AuthorizerSettings::from_env(env).map(|_| ())
    }),
    ("ChangesFunction", "changes", |env| {
        ChangesSettings::from_env(env).map(|_| ())
    }),
    ("ExportFunction", "export", |env| {
        ExportSettings::from_env(env).map(|_| ())
    }),
    ("HealthFunction", "health", |env| {
        HealthSettings::from_env(env).map(|_| ())
    }),
    ("SyncFunction", "sync", |env| {
        SyncSettings::from_env(env).map(|_| ())
    }),
];

/// Read where metrics are written, and not among the settings.
const STAGE: &str = "SYNC_STAGE";

#[test]
fn each_function_is_given_every_variable_that_it_needs_and_none_that_it_does_not_read() {
    let Some(template) = Template::new() else {
        return;
    };
    for (id, _, read) in FUNCTIONS {
        let function = template.properties(id);
        let variables = function["Environment"]["Variables"].as_object().unwrap();
        let asked = RefCell::new(BTreeSet::from([STAGE.to_owned()]));
        let result = read(&|name| {
            asked.borrow_mut().insert(name.to_owned());
            Some(variables.get(name)?.as_str()?.to_owned())
        });
        if let Err(error) = result {
            panic!("{id}: {error}");
        }
        let given: BTreeSet<_> = variables.keys().cloned().collect();
        let unread: Vec<_> = given.difference(&asked.borrow()).cloned().collect();
        assert_eq!(unread, [""; 0], "{id} reads none of these");
    }
}

#[test]
fn functions_together_leave_a_part_of_the_request_budget_to_others() {
    let Some(template) = Template::new() else {
        return;
    };
    let shares = FUNCTIONS.iter().filter_map(|(id, _, _)| {
        let function = template.properties(id);
        let share = &function["Environment"]["Variables"]["SYNC_BUDGET_SHARE"];
        share.as_str().map(|share| share.parse::<f64>().unwrap())
    });
    let shares: Vec<_> = shares.collect();
    assert_eq!(shares.len(), 3);
    assert!(shares.iter().sum::<f64>() < 0.9, "{shares:?}");
}

#[test]
fn each_function_runs_its_own_bootstrap_with_its_own_role_and_log_for_the_stage_s_architecture() {
    for architecture in ["x86_64", "arm64"] {
        let Some(template) = Template::with(&[("Architecture", architecture)]) else {
            return;
        };
        let mut roles = BTreeSet::new();
        for (id, name, _) in FUNCTIONS {
            let function = template.properties(id);
            assert_eq!(
                function["FunctionName"],
                format!("dynamics-sync-test-{name}")
            );
            assert_eq!(function["Runtime"], "provided.al2023", "{id}");
            assert_eq!(function["Handler"], "bootstrap", "{id}");
            assert_eq!(function["Architectures"][0], architecture, "{id}");
            let log = id.replace("Function", "Logs");
            assert_eq!(function["LoggingConfig"]["LogGroup"], log);
            assert_eq!(template.properties(&log)["RetentionInDays"], "90", "{id}");
            assert!(
                roles.insert(function["Role"].to_string()),
                "{id} has a role that is another's"
            );
        }
    }
}

#[test]
fn the_packages_that_are_deployed_are_those_that_are_built() {
    let declared = std::fs::read_to_string(folder().join("template.yaml")).unwrap();
    for (_, name, _) in FUNCTIONS {
        let path = format!("CodeUri: ../target/lambda/{name}/bootstrap.zip\n");
        assert_eq!(declared.matches(&path).count(), 1, "{path}");
    }
}

#[test]
fn whoever_reads_the_stream_file_has_the_layer_that_it_is_in() {
    let Some(template) = Template::new() else {
        return;
    };
    let layers = template.all("AWS::Lambda::LayerVersion");
    let (layer, properties) = layers.iter().next().unwrap();
    assert_eq!(layers.len(), 1);
    assert_eq!(
        properties["Properties"]["Description"],
        "infra/streams/hlf.toml"
    );
    // An earlier version of the stack, to which a failed deployment goes back, needs its own.
    assert_eq!(properties["DeletionPolicy"], "Retain");
    for (id, _, _) in FUNCTIONS {
        let function = template.properties(id);
        let reads = function["Environment"]["Variables"]["SYNC_STREAMS"] == "/opt/streams.toml";
        assert_eq!(reads, id != "AuthorizerFunction", "{id}");
        let mounted: Vec<_> = function["Layers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let expected = if reads { vec![layer.as_str()] } else { vec![] };
        assert_eq!(mounted, expected, "{id}");
    }
}
