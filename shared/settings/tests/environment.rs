//! Variables in, settings or every problem out.

use std::path::Path;

use dynamics_client::{AuthorityHost, BudgetShare, Credential};
use dynamics_simulator::test_certificates;
use secrecy::ExposeSecret;
use settings::{
    AlertSettings, ChangesSettings, CredentialExpiry, DynamicsSource, SettingsError, SyncSettings,
};
use sync_store::TableNames;

const SECRET: &str = "Zx8~hunter2.hunter2";

const COMPLETE: [(&str, &str); 8] = [
    ("DYNAMICS_TENANT_ID", "contoso.onmicrosoft.com"),
    (
        "DYNAMICS_CLIENT_ID",
        " 11111111-2222-3333-4444-555555555555 ",
    ),
    ("DYNAMICS_CLIENT_SECRET", SECRET),
    (
        "DYNAMICS_INSTANCE_URL",
        "contoso.crm4.dynamics.com/api/data/v9.2/",
    ),
    ("SYNC_STREAMS", "/opt/streams.toml"),
    ("SYNC_STATE_TABLE", "sync-state"),
    ("SYNC_RECORDS_TABLE", "sync-records"),
    ("SYNC_CHANGES_TABLE", "sync-changes"),
];

/// Reads the complete environment with some variables set to something else.
fn read(changed: &[(&str, &str)]) -> Result<SyncSettings, SettingsError> {
    SyncSettings::from_env(&|name| {
        let find = |list: &[(&str, &str)]| {
            list.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        find(changed).or_else(|| find(&COMPLETE))
    })
}

fn report(changed: &[(&str, &str)]) -> String {
    read(changed).map_or_else(|error| error.to_string(), |_| "valid".to_owned())
}

#[test]
fn a_complete_environment_is_read_with_blanks_trimmed_and_defaults_filled_in() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.streams_path, Path::new("/opt/streams.toml"));
    let tables = TableNames {
        state: "sync-state".into(),
        records: "sync-records".into(),
        changes: "sync-changes".into(),
    };
    assert_eq!(settings.tables, tables);
    let DynamicsSource::Values(config) = &settings.dynamics else {
        panic!("values")
    };
    assert_eq!(config.tenant, "contoso.onmicrosoft.com");
    assert_eq!(config.client_id, "11111111-2222-3333-4444-555555555555");
    assert_eq!(
        config.instance.to_string(),
        "https://contoso.crm4.dynamics.com"
    );
    assert_eq!(
        (&config.authority, config.budget_share),
        (&AuthorityHost::default(), BudgetShare::default())
    );
    let Credential::ClientSecret(secret) = &config.credential else {
        panic!("a client secret")
    };
    assert_eq!(secret.value().expose_secret(), SECRET);
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn an_empty_environment_names_every_variable_at_once() {
    let error = SyncSettings::from_env(&|_| None).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    8 settings are missing or malformed:
    DYNAMICS_TENANT_ID is missing (and DYNAMICS_SECRET_ID is not set); expected the Entra tenant's id (a GUID) or its domain, such as contoso.onmicrosoft.com
    DYNAMICS_CLIENT_ID is missing (and DYNAMICS_SECRET_ID is not set); expected the application (client) id in Entra, a GUID
    DYNAMICS_CLIENT_SECRET is missing (and DYNAMICS_SECRET_ID is not set); expected the client secret's value, which Entra shows once, when it is made, or a certificate as DYNAMICS_CLIENT_CERTIFICATE
    DYNAMICS_INSTANCE_URL is missing (and DYNAMICS_SECRET_ID is not set); expected the environment's address, such as https://contoso.crm4.dynamics.com
    SYNC_STREAMS is missing; expected the path of the stream file, such as streams.toml
    SYNC_STATE_TABLE is missing; expected a DynamoDB table's name: 3 to 255 letters, digits, `_`, `-` and `.`
    SYNC_RECORDS_TABLE is missing; expected a DynamoDB table's name: 3 to 255 letters, digits, `_`, `-` and `.`
    SYNC_CHANGES_TABLE is missing; expected a DynamoDB table's name: 3 to 255 letters, digits, `_`, `-` and `.`
    "#);
    let blank = SyncSettings::from_env(&|_| Some("  ".to_owned())).unwrap_err();
    assert_eq!(blank.to_string(), error.to_string());
}

#[test]
fn every_malformed_variable_is_named_at_once_and_no_value_is_shown() {
    let message = report(&[
        ("DYNAMICS_TENANT_ID", "hunter2"),
        ("DYNAMICS_CLIENT_ID", "hunter2"),
        (
            "DYNAMICS_CLIENT_SECRET",
            "0aaaaaaa-2222-3333-4444-555555555555",
        ),
        ("DYNAMICS_INSTANCE_URL", "http://hunter2.example.com"),
        ("AZURE_AUTHORITY_HOST", "hunter2 hunter2"),
        ("SYNC_BUDGET_SHARE", "0,5"),
        ("SYNC_STATE_TABLE", "hunter2/hunter2"),
        ("SYNC_CHANGES_TABLE", "sync-records"),
    ]);
    assert!(
        !message.contains("hunter2") && !message.contains("0aaaaaaa"),
        "{message}"
    );
    insta::assert_snapshot!(message, @r#"
    8 settings are missing or malformed:
    AZURE_AUTHORITY_HOST is not an address; expected the Entra host, such as login.microsoftonline.com
    SYNC_BUDGET_SHARE is malformed; expected a number above 0 and at most 1, such as 0.5
    DYNAMICS_TENANT_ID is malformed; expected the Entra tenant's id (a GUID) or its domain, such as contoso.onmicrosoft.com
    DYNAMICS_CLIENT_ID is malformed; expected the application (client) id in Entra, a GUID
    DYNAMICS_CLIENT_SECRET is a GUID, so probably the secret's id was copied instead of its value; expected the client secret's value, which Entra shows once, when it is made
    DYNAMICS_INSTANCE_URL must use https (http is accepted only for this machine, for the simulator); expected the environment's address, such as https://contoso.crm4.dynamics.com
    SYNC_STATE_TABLE is malformed; expected a DynamoDB table's name: 3 to 255 letters, digits, `_`, `-` and `.`
    SYNC_CHANGES_TABLE names the same table as SYNC_RECORDS_TABLE; expected a table of its own
    "#);
}

#[test]
fn a_certificate_takes_the_secrets_place_and_brings_its_own_date() {
    let settings = read(&[
        ("DYNAMICS_CLIENT_SECRET", ""),
        ("DYNAMICS_CLIENT_CERTIFICATE", test_certificates::FIRST),
        ("DYNAMICS_CLIENT_SECRET_EXPIRES_ON", "left over"),
    ]);
    let DynamicsSource::Values(config) = settings.unwrap().dynamics else {
        panic!("values")
    };
    assert!(matches!(config.credential, Credential::Certificate(_)));
    let end = config.credential.expires().unwrap();
    assert_eq!(end.to_string(), "2126-01-01T00:00:00Z");
    let days = CredentialExpiry::of(&config.credential).days_left(end);
    assert_eq!(days, Some(0));
}

#[test]
fn the_secrets_date_is_the_beginning_of_that_day() {
    let settings = read(&[("DYNAMICS_CLIENT_SECRET_EXPIRES_ON", "2027-01-31")]);
    let DynamicsSource::Values(config) = settings.unwrap().dynamics else {
        panic!("values")
    };
    let end = config.credential.expires().unwrap();
    assert_eq!(end.to_string(), "2027-01-31T00:00:00Z");
}

#[test]
fn a_credential_that_cannot_be_meant_says_what_to_give_and_is_never_shown() {
    let certificate = ("DYNAMICS_CLIENT_CERTIFICATE", test_certificates::FIRST);
    let none = ("DYNAMICS_CLIENT_SECRET", "");
    let keyless = test_certificates::FIRST.replace("PRIVATE", "PUBLIC");
    for (changed, expected) in [
        (
            vec![certificate],
            "CERTIFICATE is given beside DYNAMICS_CLIENT_SECRET; expected only one of the two",
        ),
        (
            vec![none, ("DYNAMICS_CLIENT_CERTIFICATE", "hunter2")],
            "CERTIFICATE is not PEM; expected the certificate and its private key, each from its \
             -----BEGIN to its -----END line",
        ),
        (
            vec![none, ("DYNAMICS_CLIENT_CERTIFICATE", &keyless)],
            "CERTIFICATE holds no private key; add the -----BEGIN PRIVATE KEY----- block that \
             belongs to the certificate",
        ),
        (
            vec![("DYNAMICS_CLIENT_SECRET_EXPIRES_ON", "31.1.2027")],
            "SECRET_EXPIRES_ON is malformed; expected the day on which the client secret expires, \
             such as 2027-01-31",
        ),
    ] {
        assert_eq!(
            report(&changed),
            format!("1 setting is missing or malformed:\nDYNAMICS_CLIENT_{expected}")
        );
    }
}

#[test]
fn one_problem_is_counted_as_one() {
    insta::assert_snapshot!(report(&[("SYNC_STREAMS", "")]), @r#"
    1 setting is missing or malformed:
    SYNC_STREAMS is missing; expected the path of the stream file, such as streams.toml
    "#);
}

#[test]
fn with_a_secret_id_the_four_values_are_not_asked_of_the_environment() {
    let none_but = |name: &str| match name {
        "DYNAMICS_SECRET_ID" => Some("dynamics/test".to_owned()),
        "AZURE_AUTHORITY_HOST" => Some("http://127.0.0.1:9".to_owned()),
        "SYNC_BUDGET_SHARE" => Some("1".to_owned()),
        "SYNC_STREAMS" => Some("streams.toml".to_owned()),
        _ if name.ends_with("_TABLE") => Some(name.to_owned()),
        _ => None,
    };
    let settings = SyncSettings::from_env(&none_but).unwrap();
    let DynamicsSource::Secret {
        secret_id,
        authority,
        budget_share,
    } = settings.dynamics
    else {
        panic!("a secret")
    };
    assert_eq!(secret_id, "dynamics/test");
    assert_eq!(
        authority,
        AuthorityHost::parse("http://127.0.0.1:9").unwrap()
    );
    assert_eq!(budget_share, BudgetShare::new(1.0).unwrap());
}

#[test]
fn a_secret_pasted_in_place_of_its_id_is_refused_unseen() {
    for pasted in [SECRET, "{\"DYNAMICS_CLIENT_SECRET\": \"hunter2\"}"] {
        let message = report(&[("DYNAMICS_SECRET_ID", pasted)]);
        assert_eq!(
            message,
            "1 setting is missing or malformed:\nDYNAMICS_SECRET_ID is malformed; expected the name or ARN of a secret \
             in Secrets Manager, not what it holds"
        );
    }
}

#[test]
fn a_share_outside_nothing_to_all_is_refused() {
    for share in ["0", "-1", "1.01", "NaN", "inf", "half", "50%"] {
        assert!(read(&[("SYNC_BUDGET_SHARE", share)]).is_err(), "{share}");
    }
    assert!(read(&[("SYNC_BUDGET_SHARE", "0.25")]).is_ok());
}

#[test]
fn a_tenant_is_a_guid_or_a_domain_and_never_a_word() {
    for tenant in [
        "common",
        "organizations",
        "contoso .com",
        "contoso..com",
        ".",
        "https://contoso.com",
        "æ.no",
    ] {
        assert!(read(&[("DYNAMICS_TENANT_ID", tenant)]).is_err(), "{tenant}");
    }
    for tenant in ["11111111-2222-3333-4444-55555555555A", "xn--hlf-0na.no"] {
        assert!(read(&[("DYNAMICS_TENANT_ID", tenant)]).is_ok(), "{tenant}");
    }
}

#[test]
fn the_changes_function_is_told_nothing_of_dynamics_and_names_all_that_it_lacks() {
    let all = |name: &str| {
        let found = COMPLETE.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let without_dynamics = |name: &str| all(name).filter(|_| name.starts_with("SYNC_"));
    let settings = ChangesSettings::from_env(&without_dynamics).unwrap();
    assert_eq!(settings.streams_path, Path::new("/opt/streams.toml"));
    assert_eq!(settings.tables.changes, "sync-changes");
    let error = ChangesSettings::from_env(&|_| None)
        .unwrap_err()
        .to_string();
    for name in COMPLETE.map(|(name, _)| name) {
        assert_eq!(error.contains(name), name.starts_with("SYNC_"), "{error}");
    }
}

#[test]
fn a_stage_may_be_left_out_and_one_that_no_metric_can_carry_is_refused_without_being_shown() {
    assert_eq!(read(&[]).unwrap().stage, None);
    let stage = read(&[("SYNC_STAGE", " production ")]).unwrap().stage;
    assert_eq!(stage.as_deref(), Some("production"));
    for wrong in ["test stage", "prøve", ":test", &"x".repeat(65)] {
        assert_eq!(
            report(&[("SYNC_STAGE", wrong)]),
            "1 setting is missing or malformed:\n\
             SYNC_STAGE is malformed; expected the deployment's name, such as production: up to 64 letters, \
             digits, `-`, `_` and `.`"
        );
    }
}

#[test]
fn alerts_may_go_to_the_log_and_what_is_given_for_them_must_be_what_it_is_called() {
    assert_eq!(read(&[]).unwrap().alerts, AlertSettings::default());
    let topic = "arn:aws:sns:eu-north-1:123456789012:sync-operations";
    let given = [
        ("SYNC_OPERATIONS_TOPIC_ARN", topic),
        ("SYNC_COORDINATORS_TOPIC_ARN", ""),
        ("SYNC_PUBLIC_URL", "https://sync.example.org/prod/"),
    ];
    let expected = AlertSettings {
        operations_topic: Some(topic.into()),
        coordinators_topic: None,
        public_url: Some("https://sync.example.org/prod".into()),
    };
    assert_eq!(read(&given).unwrap().alerts, expected);
    for wrong in [
        "sync-operations",
        "arn:aws:sqs:eu-north-1:123456789012:sync-operations",
        "arn:aws:sns:eu-north-1:1234:sync-operations",
        "arn:aws:sns:eu-north-1:123456789012:sync.fifo",
        "arn:aws:sns:eu-north-1:123456789012:sync:0c9a",
    ] {
        assert_eq!(
            report(&[("SYNC_OPERATIONS_TOPIC_ARN", wrong)]),
            "1 setting is missing or malformed:\n\
             SYNC_OPERATIONS_TOPIC_ARN is malformed; expected the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME"
        );
    }
    for wrong in [
        "sync.example.org",
        "https://",
        "https://sync.example.org/?a=b",
        "https://sync.example.org/\nBcc: x",
        "javascript:alert(1)",
    ] {
        assert!(report(&[("SYNC_PUBLIC_URL", wrong)]).contains("SYNC_PUBLIC_URL is malformed"));
    }
}

#[test]
fn an_access_is_unset_only_if_no_variable_says_anything_about_it() {
    let unset_with = |set: &str| {
        DynamicsSource::is_unset(&|name| match name == set {
            true => Some("x".to_owned()),
            false => (name == "DYNAMICS_TENANT_ID").then(|| " ".to_owned()),
        })
    };
    for name in [
        "DYNAMICS_SECRET_ID",
        "DYNAMICS_TENANT_ID",
        "DYNAMICS_CLIENT_ID",
        "DYNAMICS_CLIENT_SECRET",
        "DYNAMICS_CLIENT_CERTIFICATE",
        "DYNAMICS_INSTANCE_URL",
    ] {
        assert!(!unset_with(name), "{name}");
    }
    // What is empty is not set, and where tokens come from is no access.
    assert!(unset_with("AZURE_AUTHORITY_HOST"));
    assert!(unset_with("SYNC_STREAMS"));
}
