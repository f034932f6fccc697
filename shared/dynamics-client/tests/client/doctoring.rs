//! What is asked to find out why something does not work, and answers that are of another form.

use dynamics_client::{ColumnAccess, ErrorKind};
use uuid::Uuid;

use crate::support::{Bench, Reply, contact_table};

const USER: Uuid = Uuid::from_u128(7);

#[tokio::test]
async fn an_environment_is_greeted_without_a_token_and_only_once() {
    let bench = Bench::new().await;
    bench.server.script([Reply::error(503, "", "Down.")]);
    let greeting = bench.client.greet().await.unwrap();
    assert!(!greeting.asks_for_token);
    assert_eq!(greeting.tenant, None);
    let seen = bench.server.seen();
    assert_eq!(seen.len(), 1);
    let request = format!("{:?}", seen[0]).to_lowercase();
    assert!(!request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn column_security_is_told_of_secured_columns_only_and_by_their_ids() {
    let bench = Bench::new().await;
    let (read, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    bench.server.script([
        Reply::json(
            200,
            format!(
                r#"{{"value":[{{"LogicalName":"birthdate","MetadataId":"{read}"}},{{"LogicalName":"fax","MetadataId":"{}"}}]}}"#,
                Uuid::from_u128(3)
            ),
        ),
        Reply::json(
            200,
            format!(
                r#"{{"AttributePrivileges":[{{"AttributeId":"{other}","CanRead":4,"CanCreate":4,"CanUpdate":4}},{{"AttributeId":"{read}","CanRead":4,"CanCreate":0,"CanUpdate":0}}]}}"#
            ),
        ),
    ]);
    let access = bench
        .client
        .column_access(USER, &contact_table())
        .await
        .unwrap();
    let only_read = ColumnAccess {
        read: true,
        ..ColumnAccess::default()
    };
    assert_eq!(access["birthdate"], only_read);
    // Nothing is said of it, so nothing is allowed.
    assert_eq!(access["fax"], ColumnAccess::default());
    assert_eq!(access.len(), 2);
    assert_eq!(bench.counters.snapshot().metadata, 2);
}

#[tokio::test]
async fn a_table_without_secured_columns_costs_one_request() {
    let bench = Bench::new().await;
    bench.server.script([Reply::json(200, r#"{"value":[]}"#)]);
    let access = bench
        .client
        .column_access(USER, &contact_table())
        .await
        .unwrap();
    assert!(access.is_empty());
    assert_eq!(bench.counters.snapshot().metadata, 1);
}

#[tokio::test]
async fn an_error_has_its_account_and_its_advice_apart() {
    let bench = Bench::new().await;
    let error = bench.error([Reply::error(403, "0x80042f09", "No.")]).await;
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let (account, advice) = (error.account().to_string(), error.advice().unwrap());
    assert!(
        account.ends_with("the application user has no security role."),
        "{account}"
    );
    assert!(
        error
            .to_string()
            .starts_with(&format!("{account} {advice}")),
        "{error}"
    );
}

#[tokio::test]
async fn names_of_privileges_that_are_none_reach_nobody() {
    let bench = Bench::new().await;
    let held = bench
        .client
        .privileges_held(USER, &["prvReadContact", "prv\"]"])
        .await;
    assert_eq!(held.unwrap_err().kind(), ErrorKind::BadRequest);
    assert!(bench.server.seen().is_empty());
    assert!(
        bench
            .client
            .privileges_held(USER, &[])
            .await
            .unwrap()
            .is_empty()
    );
}
