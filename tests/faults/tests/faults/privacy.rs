//! What is kept of people, and what is asked about them: no more than the stream file maps, and nothing any
//! longer than it is needed. ARCHITECTURE.md, "Privacy", says what is stored where and for how long.

use std::collections::BTreeSet;

use dynamics_simulator::{Class, Effect, Fault, Request};
use serde_json::{Value as Json, json};
use sync_engine::Mode;
use sync_store::{ChangeKey, ChangeState, Operation};
use url::form_urlencoded;

use crate::expiry::mentors::NEXT_YEAR;
use crate::frozen::items_of;
use crate::members::set_tracking;
use crate::push::{both_ways, by};
use crate::world::{World, stream_of};

/// Columns that any row may be asked for beside those that its streams map: in which version it is, of when,
/// whether it is active or was merged into another; and which user wrote it last, by which our own writes are
/// known. That is kept nowhere.
const OF_EVERY_ROW: [&str; 6] = [
    "versionnumber",
    "modifiedon",
    "statecode",
    "merged",
    "_masterid_value",
    "_modifiedby_value",
];

/// What the stream file maps of a table, its conditions included.
fn mapped(table: &str) -> BTreeSet<&'static str> {
    let columns: &[&str] = match table {
        "contacts" => &[
            "contactid",
            "emailaddress1",
            "firstname",
            "lastname",
            "donotemail",
        ],
        "hlf_certifications" => &[
            "hlf_certificationid",
            "hlf_mentorcode",
            "_hlf_contactid_value",
            "hlf_status",
            "hlf_validto",
            "hlf_portalvisible",
            "hlf_comment",
        ],
        other => panic!("{other} is in no stream"),
    };
    columns.iter().copied().chain(OF_EVERY_ROW).collect()
}

/// The value of an option of a request's query.
fn option(request: &Request, name: &str) -> Option<String> {
    let (_, query) = request.target.split_once('?')?;
    let mut options = form_urlencoded::parse(query.as_bytes());
    let found = options.find(|(option, _)| option.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.into_owned())
}

/// What the request asks for beyond that.
fn too_much(request: &Request) -> Vec<String> {
    let table = request.entity_set.as_deref().unwrap();
    let Some(select) = option(request, "$select") else {
        return vec![format!("all columns: {}", request.target)];
    };
    let unmapped = select.split(',').filter(|one| !mapped(table).contains(one));
    let expanded = option(request, "$expand");
    let too_much = unmapped.map(str::to_owned).chain(expanded);
    too_much
        .map(|column| format!("{column}: {}", request.target))
        .collect()
}

/// A page of a walk that another request began: its columns are in the link.
fn goes_on(request: &Request) -> bool {
    ["$skiptoken", "$deltatoken"]
        .iter()
        .any(|token| option(request, token).is_some())
}

/// Everything that a run may have to ask for, in both ways of telling changes.
async fn everything_is_asked_for(world: &World) {
    let mentor = world.member();
    world.edit_member(&mentor, json!({"emailaddress1": "kari@example.no"}));
    let id = world.certification_of(&mentor, "M-1", NEXT_YEAR);
    world.certification("M-2", "2026-11-21");
    world.complete("first").await;
    let create = json!({"status": "active", "mentor": {"email": "kari@example.no"}});
    let comment = json!({"comment": "from the app"});
    for (operation, code, fields) in [
        (Operation::Upsert, "M-3", &create),
        (Operation::Update, "M-1", &comment),
        (Operation::Update, "M-9", &comment),
    ] {
        let key = by("mentor_code", code);
        world
            .hand_in("certifications", operation, key, fields.clone())
            .await;
    }
    let delete = ChangeKey::Id(id.clone());
    world.edit(&id, json!({"hlf_comment": "from Dynamics"}));
    world.next_night();
    world.complete("second").await;
    world
        .hand_in("certifications", Operation::Delete, delete, json!({}))
        .await;
    let unreadable = Effect::ReplaceValue {
        id: id.parse().unwrap(),
        property: "hlf_status".into(),
        value: json!(99),
    };
    let fault = Fault::on(Class::Read, unreadable).table("hlf_certifications");
    world.simulator.inject(fault.times(1));
    world.edit(&id, json!({"hlf_comment": "once more"}));
    world.run("third").await;
    world.complete_as("fourth", Mode::Reconcile).await;
    set_tracking(world, false);
    world.next_night();
    world.run("fifth").await;
    world.edit_member(&mentor, json!({"lastname": "Hansen"}));
    world.next_night();
    world.run("sixth").await;
}

#[tokio::test]
async fn every_request_for_rows_names_its_columns_and_only_those_that_are_mapped() {
    let world = both_ways().await;
    everything_is_asked_for(&world).await;
    let log = world.simulator.requests();
    assert_eq!(log.total, log.last.len() as u64, "not all are in the log");
    // Which messages Dynamics knows is read like rows, and says nothing about anybody.
    let of_people = |request: &&Request| request.entity_set.as_deref() != Some("sdkmessagefilters");
    let rows = log
        .last
        .iter()
        .filter(|request| request.class == Class::Read)
        .filter(of_people);
    let (further, begun): (Vec<_>, Vec<_>) = rows.partition(|request| goes_on(request));
    assert!(further.len() > 3 && begun.len() > 15, "{}", begun.len());
    // What is written comes back only where that is asked for.
    let comes_back = |request: &&Request| {
        let prefer = request.headers.get("prefer");
        prefer.is_some_and(|prefer| prefer.contains("return=representation"))
    };
    let written = log.last.iter().filter(comes_back);
    let too_much: Vec<String> = begun
        .into_iter()
        .chain(written)
        .flat_map(too_much)
        .collect();
    assert!(too_much.is_empty(), "{too_much:#?}");
}

/// Everything that is stored, as text.
async fn everything(world: &World) -> String {
    let mut everything = String::new();
    for table in ["state", "records", "changes"] {
        for item in items_of(&world.dynamodb(), table).await {
            everything.push_str(&format!("{table} {item:?}\n"));
        }
    }
    everything
}

const PERSONAL: [&str; 4] = ["Ragnhild", "Skogstad", "ragnhild@example.no", "Kjersti"];

#[tokio::test]
async fn a_person_deleted_in_dynamics_is_in_no_table_any_more_after_the_next_run() {
    let world = both_ways().await;
    let person = world.member();
    let columns = json!({
        "firstname": PERSONAL[0], "lastname": PERSONAL[1], "emailaddress1": PERSONAL[2]
    });
    world.edit_member(&person, columns);
    world.complete("first").await;
    let renamed = world
        .hand_in(
            "members",
            Operation::Update,
            by("email", PERSONAL[2]),
            json!({"first_name": PERSONAL[3]}),
        )
        .await;
    let before = everything(&world).await;
    for value in PERSONAL {
        assert!(before.contains(value), "{value} was never there");
    }
    world.complete("second").await;
    world.assert_state(&renamed, ChangeState::Applied).await;
    let id = person.parse().unwrap();
    assert!(world.simulator.delete("contacts", id).unwrap());
    world.next_night();
    world.complete("third").await;
    let after = everything(&world).await;
    assert!(
        after.contains(&person),
        "a tombstone knows which row it was"
    );
    for value in PERSONAL {
        assert!(!after.contains(value), "{value} is still there");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_set_aside_without_any_of_its_values() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    world.edit(&id, json!({"hlf_comment": "changed"}));
    for value in [
        json!("ragnhild@example.no"),
        json!({"of": "ragnhild"}),
        Json::from(77_412_903),
    ] {
        let spoiled = Effect::ReplaceValue {
            id: id.parse().unwrap(),
            property: "hlf_portalvisible".into(),
            value,
        };
        let fault = Fault::on(Class::Read, spoiled).table("hlf_certifications");
        world.simulator.inject(fault.times(2));
        world.edit(&id, json!({"hlf_comment": "changed again"}));
        let report = world.run("second").await;
        let stream = stream_of(&report, "certifications");
        assert_eq!(stream.quarantined, 1, "{stream:#?}");
        let stored = everything(&world).await;
        assert!(stored.contains("quarantine#certifications"));
        for value in ["ragnhild", "77412903"] {
            assert!(!stored.contains(value), "{value} is stored");
        }
    }
}
