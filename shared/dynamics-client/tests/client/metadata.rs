//! What the simulator tells of itself, as a client reads it. How many requests each takes is counted.

use std::collections::BTreeMap;

use dynamics_client::{
    AlternateKey, Choice, ColumnKind, Depth, ErrorKind, KeyStatus, Labels, Limits, LookupTarget,
    PrivilegeKind, RequiredLevel, TableKind,
};
use dynamics_simulator::Class;

use crate::simulated::World;

const ENGLISH: u32 = 1033;
const NORWEGIAN: u32 = 1044;

fn labels(english: &str, norwegian: &str) -> Labels {
    [
        (ENGLISH, english.to_owned()),
        (NORWEGIAN, norwegian.to_owned()),
    ]
    .into_iter()
    .collect()
}

fn requests(world: &World) -> u64 {
    world.requests().of(Class::Metadata)
}

#[tokio::test]
async fn a_table_tells_its_privileges_and_what_may_be_written() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        let locked = ["hlf_fee".to_owned()].into();
        switches
            .locked_columns
            .insert("hlf_certifications".into(), locked);
    });
    let names = ["hlf_mentorcode", "createdby", "hlf_fee", "statecode"];
    let table = world
        .client
        .table("hlf_certifications", &names)
        .await
        .unwrap();
    assert_eq!(table.primary_name.as_deref(), Some("hlf_mentorcode"));
    assert!(table.has_state && !table.is_activity);
    for (kind, name) in [
        (PrivilegeKind::Create, "prvCreatehlf_Certification"),
        (PrivilegeKind::Read, "prvReadhlf_Certification"),
        (PrivilegeKind::Write, "prvWritehlf_Certification"),
        (PrivilegeKind::Delete, "prvDeletehlf_Certification"),
        (PrivilegeKind::Append, "prvAppendhlf_Certification"),
        (PrivilegeKind::AppendTo, "prvAppendTohlf_Certification"),
        (PrivilegeKind::Assign, "prvAssignhlf_Certification"),
    ] {
        assert_eq!(table.privilege(kind), Some(name));
    }
    let code = &table.columns["hlf_mentorcode"];
    assert_eq!(code.required, Some(RequiredLevel::ApplicationRequired));
    assert!(code.creatable && code.updatable && !code.secured_on_update);
    let created_by = &table.columns["createdby"];
    assert!(created_by.readable && !created_by.creatable && !created_by.updatable);
    let fee = &table.columns["hlf_fee"];
    assert!(fee.secured && fee.secured_on_create && fee.secured_on_update);
    assert_eq!(
        table.columns["statecode"].required,
        Some(RequiredLevel::SystemRequired)
    );
    assert_eq!(requests(&world), 1);
}

#[tokio::test]
async fn a_table_is_described_with_all_its_columns_in_two_requests() {
    let world = World::start().await;
    let found = world.client.describe("hlf_certifications").await.unwrap();
    assert_eq!(found.labels, labels("Certification", "Sertifisering"));
    assert!(found.added.contains("hlf_mentorcode") && !found.added.contains("createdon"));
    assert_eq!(
        found.column_labels["hlf_status"],
        labels("Certification Status", "Status for sertifisering")
    );
    assert_eq!(found.table.columns["hlf_status"].kind, ColumnKind::Choice);
    assert!(found.table.columns.contains_key("hlf_validto"));
    // What only shows another column is left out.
    assert!(!found.table.columns.contains_key("hlf_statusname"));
    assert_eq!(found.column_labels.len(), found.table.columns.len());
    assert_eq!(requests(&world), 2);

    let missing = world.client.describe("hlf_nothing").await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_table_is_read_with_some_columns_and_with_what_people_call_all_of_them() {
    let world = World::start().await;
    let (table, columns) = (
        "hlf_certifications",
        ["hlf_status", "hlf_statusname", "nope"],
    );
    let found = world.client.table_and_labels(table, &columns).await;
    let found = found.unwrap();
    let read = world.client.table(table, &columns).await.unwrap();
    assert_eq!(found.table, read);
    let names: Vec<&str> = read.columns.keys().map(String::as_str).collect();
    assert_eq!(names, ["hlf_status", "hlf_statusname"]);
    assert_eq!(requests(&world), 2);
    let all = world.client.describe(table).await.unwrap();
    assert_eq!(found.column_labels, all.column_labels);
    assert_eq!(
        found.column_labels["hlf_comment"].get(1033),
        Some("Comment")
    );
}

#[tokio::test]
async fn choices_come_in_all_languages_with_one_request_a_kind() {
    let world = World::start().await;
    let columns = ["hlf_status", "statecode", "statuscode", "hlf_portalvisible"];
    let table = world
        .client
        .table("hlf_certifications", &columns)
        .await
        .unwrap();
    world.simulator.reset_requests();
    let found = world.client.choices(&table, &columns).await.unwrap();
    assert_eq!(requests(&world), 4);
    let choice = |value, english, norwegian, state| Choice {
        value,
        labels: labels(english, norwegian),
        state,
    };
    let expected = BTreeMap::from([
        (
            // Its choices are shared with other columns.
            "hlf_status".to_owned(),
            vec![
                choice(1, "Active", "Aktiv", None),
                choice(2, "Expired", "Utløpt", None),
                choice(3, "Suspended", "Suspendert", None),
            ],
        ),
        (
            "statecode".to_owned(),
            vec![
                choice(0, "Active", "Aktiv", None),
                choice(1, "Inactive", "Inaktiv", None),
            ],
        ),
        (
            "statuscode".to_owned(),
            vec![
                choice(1, "Active", "Aktiv", Some(0)),
                choice(2, "Inactive", "Inaktiv", Some(1)),
            ],
        ),
        (
            "hlf_portalvisible".to_owned(),
            vec![choice(0, "No", "Nei", None), choice(1, "Yes", "Ja", None)],
        ),
    ]);
    assert_eq!(found, expected);
    let status = &found["hlf_status"][1].labels;
    assert_eq!(status.get(NORWEGIAN), Some("Utløpt"));
    assert_eq!(status.preferring(&[1030, NORWEGIAN]), Some("Utløpt"));
    assert_eq!(status.preferring(&[]), Some("Expired"));
    assert_eq!(status.iter().count(), 2);

    world.simulator.reset_requests();
    let one = world.client.choices(&table, &["hlf_status"]).await.unwrap();
    assert_eq!((one.len(), requests(&world)), (1, 1));
}

#[tokio::test]
async fn limits_are_told_with_one_request_a_kind() {
    let world = World::start().await;
    let table = world
        .client
        .table(
            "contacts",
            &[
                "emailaddress1",
                "description",
                "creditlimit",
                "numberofchildren",
                "gendercode",
                "lastname",
            ],
        )
        .await
        .unwrap();
    world.simulator.reset_requests();
    let found = world.client.limits(&table).await.unwrap();
    assert_eq!(requests(&world), 4);
    let text = |max_length, format: Option<&str>| Limits::Text {
        max_length,
        format: format.map(str::to_owned),
    };
    let number = |min: &str, max: &str, precision| Limits::Number {
        min: min.to_owned(),
        max: max.to_owned(),
        precision,
    };
    let expected = BTreeMap::from([
        ("emailaddress1".to_owned(), text(100, Some("Email"))),
        ("lastname".to_owned(), text(50, Some("Text"))),
        ("description".to_owned(), text(2_000, None)),
        (
            "creditlimit".to_owned(),
            number("-922337203685477", "922337203685477", Some(4)),
        ),
        (
            "numberofchildren".to_owned(),
            number("-2147483648", "2147483647", None),
        ),
    ]);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_key_that_is_not_active_is_told_as_such() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        let failed = dynamics_simulator::KeyStatus::Failed;
        switches.key_status.insert("hlf_code".into(), failed);
    });
    let table = world.client.table("hlf_certifications", &[]).await.unwrap();
    world.simulator.reset_requests();
    let key = |name: &str, columns: &[&str], status| AlternateKey {
        name: name.to_owned(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        status,
    };
    assert_eq!(
        world.client.alternate_keys(&table).await.unwrap(),
        [
            key("hlf_code", &["hlf_mentorcode"], KeyStatus::Failed),
            key(
                "hlf_contactcode",
                &["hlf_contactid", "hlf_mentorcode"],
                KeyStatus::Active
            ),
        ]
    );
    assert_eq!(requests(&world), 1);
}

#[tokio::test]
async fn lookups_tell_their_targets_by_both_names_in_two_requests() {
    let world = World::start().await;
    let lookups = ["parentcustomerid", "ownerid"];
    let table = world.client.table("contacts", &lookups).await.unwrap();
    world.simulator.reset_requests();
    let found = world.client.lookup_targets(&table, &lookups).await.unwrap();
    let target = |table: &str, entity_set: &str| LookupTarget {
        table: table.to_owned(),
        entity_set: Some(entity_set.to_owned()),
    };
    let expected = BTreeMap::from([
        (
            "parentcustomerid".to_owned(),
            vec![target("account", "accounts"), target("contact", "contacts")],
        ),
        (
            "ownerid".to_owned(),
            vec![target("systemuser", "systemusers"), target("team", "teams")],
        ),
    ]);
    assert_eq!(found, expected);
    assert_eq!(requests(&world), 2);
}

#[tokio::test]
async fn all_tables_take_one_request_and_their_rows_another() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        switches.untracked.insert("contacts".into());
    });
    let tables = world.client.tables().await.unwrap();
    assert_eq!(requests(&world), 1);
    let named = |set: &str| tables.iter().find(|table| table.entity_set == set).unwrap();
    assert!(tables.is_sorted_by_key(|table| &table.entity_set));
    let certifications = named("hlf_certifications");
    assert_eq!(certifications.logical_name, "hlf_certification");
    assert_eq!(
        certifications.labels,
        labels("Certification", "Sertifisering")
    );
    assert!(certifications.change_tracking && certifications.custom);
    assert_eq!(certifications.kind, TableKind::Standard);
    assert!(!named("contacts").change_tracking && !named("contacts").custom);
    assert_eq!(named("hlf_sensorreadings").kind, TableKind::Elastic);
    assert_eq!(named("hlf_externals").kind, TableKind::Virtual);

    let counts = world.client.row_counts(&["hlf_certification", "account"]);
    let expected = [("hlf_certification", 10), ("account", 10)];
    let expected = expected.map(|(name, rows)| (name.to_owned(), rows));
    assert_eq!(counts.await.unwrap(), BTreeMap::from(expected));
    assert_eq!(requests(&world), 2);

    let missing = world.client.row_counts(&["account", "hlf_nothing"]).await;
    let missing = missing.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let text = missing.to_string();
    assert!(
        text.starts_with("cannot count the rows of account and 1 more: Dataverse refused"),
        "{text}"
    );
    let nothing = world.client.row_counts(&[]).await.unwrap();
    assert!(nothing.is_empty());
    assert_eq!(requests(&world), 3);
}

#[tokio::test]
async fn the_environment_tells_its_settings_and_languages() {
    let world = World::start().await;
    let me = world.client.who_am_i().await.unwrap();
    let settings = world.client.organization().await.unwrap();
    assert_eq!(settings.id, me.organization_id);
    assert_eq!(settings.change_tracking_days, Some(7));
    assert_eq!(settings.language, Some(ENGLISH));
    let currencies = world.simulator.truth("transactioncurrencies").unwrap();
    let ids: Vec<String> = currencies
        .map(|row| row["transactioncurrencyid"].as_str().unwrap().to_owned())
        .collect();
    assert!(ids.contains(&settings.base_currency.unwrap().to_string()));
    assert_eq!(
        world.client.languages().await.unwrap(),
        [ENGLISH, NORWEGIAN]
    );

    world.simulator.switch(|switches| {
        switches.forbidden.insert("organizations".into());
    });
    let refused = world.client.organization().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn privileges_of_any_kind_tell_how_far_they_reach() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        let depth = dynamics_simulator::Depth::Local;
        switches.read_depth.insert("accounts".into(), depth);
    });
    let user = world.client.who_am_i().await.unwrap().user_id;
    let depths = world.client.privilege_depths(user, &world.accounts);
    let depths = depths.await.unwrap();
    assert_eq!(depths[&PrivilegeKind::Read], Depth::Local);
    assert_eq!(depths[&PrivilegeKind::AppendTo], Depth::Global);
    assert_eq!(depths.len(), world.accounts.privileges.len());
    assert_eq!(world.requests().of(Class::Privileges), 1);

    world.simulator.switch(|switches| {
        switches.forbidden.insert("accounts".into());
    });
    let none = world.client.privilege_depths(user, &world.accounts);
    assert_eq!(none.await.unwrap(), BTreeMap::new());
}

#[tokio::test]
async fn a_table_that_has_gone_since_it_was_read_is_not_found() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        switches.absent.insert("accounts".into());
    });
    let error = world
        .client
        .alternate_keys(&world.accounts)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = error.to_string();
    assert!(
        text.contains("the environment has no table with this entity set name"),
        "{text}"
    );
}
