//! What the application user may read, what it may more than it needs, and what must be refused.

use dynamics_simulator::{Class, Depth};

use crate::bench::Bench;

#[tokio::test]
async fn a_table_that_may_not_be_read_is_told_by_the_privilege() {
    let bench = Bench::healthy().await;
    bench.lacks("contacts", &["Read"]);
    assert_eq!(
        bench.findings().await,
        "fail: read privilege of members: The application user may not read the table: it lacks \
         prvReadContact. → Dynamics administrator: In the Power Platform admin center, select \
         Environments, the environment, Settings, Users + permissions, Security roles, the \
         application user's role, and give prvReadContact at organization level."
    );
}

#[tokio::test]
async fn a_read_that_reaches_only_the_business_unit_is_a_warning() {
    let bench = Bench::healthy().await;
    bench.grant("contacts", &["Read"], Some(Depth::Local));
    assert_eq!(
        bench.findings().await,
        "warn: read privilege of members: The application user sees only rows of its own business \
         unit: other rows are not in the copy, and changes cannot be told by change tracking, so \
         that every night walks over all keys. → Dynamics administrator: If that is meant, nothing \
         is to be done. Else: In the Power Platform admin center, select Environments, the \
         environment, Settings, Users + permissions, Security roles, the application user's role, \
         and give prvReadContact at organization level."
    );
}

#[tokio::test]
async fn a_secured_column_that_may_not_be_read_is_a_failure() {
    let bench = Bench::healthy().await;
    bench.simulator.switch(|switches| {
        let hidden = switches
            .hidden_columns
            .entry("contacts".into())
            .or_default();
        hidden.insert("birthdate".into());
    });
    assert_eq!(
        bench.findings().await,
        "fail: column security of members: Column `birthdate` is secured and the application user \
         may not read it: every row would show it empty, without a mark. → Dynamics administrator: \
         In the Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Column security profiles, a profile with the application user in it, and set \
         Read of birthdate to Allowed."
    );
}

#[tokio::test]
async fn a_secured_column_that_may_not_be_written_is_a_failure_where_it_is_written() {
    let bench = Bench::healthy().await;
    bench.simulator.switch(|switches| {
        let locked = switches
            .locked_columns
            .entry("hlf_certifications".into())
            .or_default();
        locked.insert("hlf_comment".into());
    });
    assert_eq!(
        bench.findings().await,
        "fail: column security of certifications: Column `hlf_comment` is secured and the \
         application user may not change it: every change of it is refused. → Dynamics \
         administrator: In the Power Platform admin center, select Environments, the environment, \
         Settings, Users + permissions, Column security profiles, a profile with the application \
         user in it, and set Update of hlf_comment to Allowed.\n\
         fail: column security of certifications: Column `hlf_comment` is secured and the \
         application user may not fill it in new rows: they are refused. → Dynamics administrator: \
         In the Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Column security profiles, a profile with the application user in it, and set \
         Create of hlf_comment to Allowed."
    );
}

#[tokio::test]
async fn a_secured_column_that_a_profile_allows_is_no_finding() {
    let bench = Bench::healthy().await;
    bench.simulator.switch(|switches| {
        let secured = switches
            .secured_columns
            .entry("hlf_certifications".into())
            .or_default();
        secured.insert("hlf_comment".into());
    });
    assert_eq!(bench.findings().await, "");
}

#[tokio::test]
async fn privileges_beyond_the_need_are_named() {
    let bench = Bench::healthy().await;
    bench.grant(
        "contacts",
        &["Write", "Delete", "Share"],
        Some(Depth::Global),
    );
    assert_eq!(
        bench.findings().await,
        "warn: least privilege of contacts: The application user holds more than the stream file \
         needs: prvWriteContact, prvDeleteContact, prvShareContact. → Dynamics administrator: In the \
         Power Platform admin center, select Environments, the environment, Settings, Users + \
         permissions, Security roles, the application user's role, and take prvWriteContact, \
         prvDeleteContact, prvShareContact away."
    );
}

#[tokio::test]
async fn tables_that_no_stream_reads_are_named_if_they_can_be_read() {
    let bench = Bench::healthy().await;
    bench
        .simulator
        .switch(|switches| switches.forbidden.clear());
    assert_eq!(
        bench.findings().await,
        "warn: other tables: The application user may read tables that no stream reads: \
         prvReadAccount. → Dynamics administrator: In the Power Platform admin center, select \
         Environments, the environment, Settings, Users + permissions, Security roles, the \
         application user's role, and take prvReadAccount away."
    );
}

#[tokio::test]
async fn a_table_that_must_not_be_read_is_a_failure_if_it_can_be() {
    let mut bench = Bench::healthy().await;
    bench.forbidden = ["accounts", "systemusers", "nothings"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(
        bench.findings().await,
        "fail: forbidden table of systemusers: The application user must not read `systemusers`, and \
         it can. → Dynamics administrator: In the Power Platform admin center, select Environments, \
         the environment, Settings, Users + permissions, Security roles, the application user's \
         role, and take prvReadUser away.\n\
         warn: forbidden table of nothings: The environment has no table `nothings`, so nothing was \
         tried. → whoever deploys: Name it by its entity set, such as accounts; `dynamics-sync \
         discover` lists those there are."
    );
}

#[tokio::test]
async fn whatever_is_examined_no_row_is_written() {
    let mut bench = Bench::healthy().await;
    bench.forbidden = vec!["accounts".into()];
    let tables = ["contacts", "hlf_certifications", "accounts"];
    let before = tables.map(|table| rows(&bench, table));
    bench.examine().await;
    assert_eq!(tables.map(|table| rows(&bench, table)), before);
    let requests = bench.simulator.requests().last;
    let writes = requests
        .iter()
        .filter(|request| request.class == Class::Write);
    let writes: Vec<_> = writes
        .map(|one| (one.method.as_str(), one.headers.get("if-match")))
        .collect();
    // The one that must be refused, on the table that is only read.
    assert_eq!(writes, [("PATCH", Some(&"*".to_owned()))]);
    assert!(
        requests
            .iter()
            .all(|one| one.method != "POST" || one.class == Class::Token)
    );
}

fn rows(bench: &Bench, table: &str) -> Vec<String> {
    bench
        .simulator
        .truth(table)
        .unwrap()
        .map(|row| format!("{row:?}"))
        .collect()
}
