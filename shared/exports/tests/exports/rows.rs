//! What the rows of an export are.

use std::collections::{BTreeMap, BTreeSet};

use dynamics_simulator::Class;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::support::{World, rows};

/// A row of Dynamics as the export should show it, by the stream file of these tests.
fn expected(row: &Map<String, Value>) -> BTreeMap<String, String> {
    let zone = TimeZone::get("Europe/Oslo").unwrap();
    let plain = |column: &str| match &row[column] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let time = |column: &str| match row[column].as_str() {
        None => String::new(),
        Some(text) => {
            let instant: Timestamp = text.parse().unwrap();
            let local = instant.to_zoned(zone.clone());
            local.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
    };
    let status = match row["hlf_status"].as_i64() {
        Some(1) => "active",
        Some(2) => "expired",
        Some(3) => "suspended",
        _ => "",
    };
    // Of the time that belongs to no zone, the export drops the `Z`.
    let local = |column: &str| plain(column).replace('T', " ").replace('Z', "");
    [
        ("id", plain("hlf_certificationid")),
        ("mentor_code", plain("hlf_mentorcode")),
        ("mentor", plain("_hlf_contactid_value")),
        ("status", status.to_owned()),
        ("valid_to", plain("hlf_validto").chars().take(10).collect()),
        ("portal_visible", plain("hlf_portalvisible")),
        ("exam", local("hlf_examon")),
        ("synced_at", time("hlf_lastsyncedon")),
        ("fee", plain("hlf_fee")),
        ("comment", plain("hlf_comment")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

#[tokio::test]
async fn a_live_export_has_every_row_that_dynamics_holds_over_several_pages() {
    let world = World::with(40, 7).await;
    let file = world.file("/export/certifications.csv").await;
    let found = file.rows();
    let truth: Vec<_> = world
        .simulator
        .truth("hlf_certifications")
        .unwrap()
        .collect();
    assert_eq!(found.len(), truth.len());
    for row in &truth {
        let id = row["hlf_certificationid"].as_str().unwrap();
        assert_eq!(found[id], expected(row));
    }
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"certifications.csv\""
    );
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("x-sync-source"), "dynamics");
    assert_eq!(file.header("x-sync-fallback"), "");
    file.header("x-sync-as-of").parse::<Timestamp>().unwrap();
}

#[tokio::test]
async fn the_copy_has_the_same_rows_in_the_same_words_once_it_is_loaded() {
    let world = World::start().await;
    world.sync().await;
    for stream in ["members", "certifications"] {
        let live = world.file(&format!("/export/{stream}.csv")).await;
        let copy = world
            .file(&format!("/export/{stream}.csv?source=copy"))
            .await;
        assert_eq!(copy.header("x-sync-source"), "copy");
        copy.header("x-sync-as-of").parse::<Timestamp>().unwrap();
        let (live, mut copy) = (live.rows(), copy.rows());
        assert!(!live.is_empty());
        for row in copy.values_mut() {
            // DynamoDB drops the zeros at the end of a number.
            let exact = &live[&row["id"]];
            if let Some(fee) = exact.get("fee") {
                let found = row.insert("fee".into(), fee.clone()).unwrap();
                assert_eq!(found.parse::<f64>().ok(), fee.parse::<f64>().ok());
            }
        }
        assert_eq!(copy, live);
    }
}

#[tokio::test]
async fn rows_that_left_the_streams_condition_and_rows_that_are_gone_are_not_in_the_file() {
    let world = World::start().await;
    world.sync().await;
    let before = world.file("/export/members.csv").await.rows();
    let mut ids = before.keys();
    let (left, gone) = (ids.next().unwrap(), ids.next().unwrap());
    let change = json!({ "statecode": 1 }).as_object().unwrap().clone();
    let simulator = &world.simulator;
    simulator
        .update("contacts", left.parse().unwrap(), change)
        .unwrap();
    simulator.delete("contacts", gone.parse().unwrap()).unwrap();
    let live = world.file("/export/members.csv").await.rows();
    let stale = world.file("/export/members.csv?source=copy").await.rows();
    world.sync().await;
    let copy = world.file("/export/members.csv?source=copy").await.rows();
    assert_eq!(live.len(), before.len() - 2);
    assert_eq!(stale.len(), before.len());
    for found in [&live, &copy] {
        assert!(!found.contains_key(left) && !found.contains_key(gone));
    }
    assert_eq!(copy, live);
}

#[tokio::test]
async fn only_what_was_modified_since_comes_from_either_side_also_since_a_day() {
    let world = World::start().await;
    world.simulator.advance(3 * 86_400);
    let since = world.simulator.now();
    world.simulator.burst("contacts", 0, 5, 0).unwrap();
    world.sync().await;
    let changed = |source: &str, since: &str| {
        let address = format!("/export/members.csv?source={source}&since={since}");
        let world = &world;
        async move { world.file(&address).await.rows() }
    };
    let instant = format!("{since:.0}");
    let day = since.to_zoned(TimeZone::get("Europe/Oslo").unwrap()).date();
    let live = changed("dynamics", &instant).await;
    assert!(!live.is_empty() && live.len() <= 5, "{}", live.len());
    assert_eq!(changed("copy", &instant).await, live);
    assert_eq!(changed("dynamics", &day.to_string()).await, live);
    let later = day.tomorrow().unwrap().tomorrow().unwrap();
    assert!(changed("dynamics", &later.to_string()).await.is_empty());
}

#[tokio::test]
async fn fields_and_delimiter_are_those_that_are_asked_for() {
    let world = World::start().await;
    let address = "/export/certifications.csv?fields=fee,id,mentor_code&delimiter=%09";
    let text = world.file(address).await.text();
    assert!(
        text.starts_with("\u{feff}\"id\"\t\"fee\"\t\"mentor_code\"\r\n"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 21);
}

/// The columns that rows were asked for.
fn asked_for(world: &World) -> BTreeSet<String> {
    let log = world.simulator.requests();
    let rows = log.last.iter().filter(|one| one.class == Class::Read);
    rows.filter(|request| !request.target.contains("$skiptoken"))
        .flat_map(|request| {
            let (_, select) = request.target.split_once("$select=").unwrap();
            let columns = select.split('&').next().unwrap().split(',');
            columns.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

#[tokio::test]
async fn only_the_columns_that_the_stream_file_maps_are_asked_for() {
    let world = World::start().await;
    world.file("/export/members.csv").await;
    let mut asked = asked_for(&world);
    // Which row, of when, in which version, and whether it meets the stream's condition.
    let of_any = ["contactid", "modifiedon", "statecode", "versionnumber"];
    asked.retain(|column| !of_any.contains(&column.as_str()));
    let mapped = [
        "address1_postalcode",
        "birthdate",
        "description",
        "emailaddress1",
        "firstname",
        "lastname",
        "telephone1",
    ];
    assert!(asked.iter().eq(&mapped), "{asked:?}");
}

#[tokio::test]
async fn a_table_without_rows_is_a_line_of_headings_in_the_order_of_the_stream_file() {
    let world = World::with(0, 5_000).await;
    world.sync().await;
    let headings = "\u{feff}\"id\";\"first_name\";\"last_name\";\"email\";\"phone\";\"postcode\";\"born\";\"about\"\r\n";
    for source in ["dynamics", "copy"] {
        let address = format!("/export/members.csv?source={source}");
        assert_eq!(world.file(&address).await.text(), headings);
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_marked_and_its_row_is_there() {
    let world = World::start().await;
    let truth = world.simulator.truth("hlf_certifications").unwrap().next();
    let id = truth.unwrap()["hlf_certificationid"]
        .as_str()
        .unwrap()
        .to_owned();
    let effect = dynamics_simulator::Effect::ReplaceValue {
        id: id.parse().unwrap(),
        property: "hlf_status".into(),
        value: json!(99),
    };
    let fault = dynamics_simulator::Fault::next(effect);
    world.simulator.inject(fault.times(u32::MAX));
    let found = world.file("/export/certifications.csv").await.rows();
    assert_eq!(found.len(), 20);
    assert_eq!(found[&id]["status"], "#UNKNOWN");
    assert_ne!(found[&id]["mentor_code"], "#UNKNOWN");
}

#[tokio::test]
async fn gzip_is_a_coding_for_who_takes_it_and_a_file_for_who_asks_for_one() {
    let world = World::start().await;
    let plain = world.file("/export/members.csv").await.text();
    let accepts = [("accept-encoding", "br, gzip;q=0.5")];
    let coded = world.get_with("/export/members.csv", &accepts).await;
    assert_eq!(coded.header("content-encoding"), "gzip");
    assert_eq!(coded.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(coded.header("vary"), "accept-encoding");
    assert_eq!(coded.unpacked(), (plain.clone(), true));

    let file = world.get_with("/export/members.csv.gz", &accepts).await;
    assert_eq!(file.header("content-encoding"), "");
    assert_eq!(file.header("content-type"), "application/gzip");
    let name = "attachment; filename=\"members.csv.gz\"";
    assert_eq!(file.header("content-disposition"), name);
    assert_eq!(file.unpacked(), (plain.clone(), true));

    let refuses = [("accept-encoding", "gzip;q=0, *")];
    let refused = world.get_with("/export/members.csv", &refuses).await;
    assert_eq!(rows(&refused.text()), rows(&plain));
}
