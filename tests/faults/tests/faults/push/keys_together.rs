//! The keys of many changes are looked up together, and each finds what it would find alone.

use dynamics_simulator::Options;
use serde_json::{Value as Json, json};
use sync_store::ChangeState;

use super::{CERTIFICATIONS, MEMBERS};
use crate::expiry::mentors::{columns, few, world};
use crate::world::{World, stream_of};

/// Members by a name that Dynamics does not keep unique.
const BY_LAST_NAME: &str = r#"
[[stream]]
name      = "members"
table     = "contacts"
direction = "both"
key       = "lastname"
[stream.fields]
last_name  = "lastname"
first_name = "firstname"
email      = "emailaddress1"
"#;

fn member(world: &World, email: &str) -> String {
    let row = json!({"firstname": "Kari", "lastname": "Nordmann", "emailaddress1": email});
    let id = world.simulator.create("contacts", columns(row)).unwrap();
    id.to_string()
}

async fn upsert(world: &World, email: &str, name: &str) -> String {
    world.clock.advance(std::time::Duration::from_secs(1));
    let body = json!({
        "stream": "members", "operation": "upsert", "key": {"email": email},
        "fields": {"first_name": name}
    });
    world.post(&body).await
}

#[tokio::test]
async fn a_hundred_keys_that_no_row_has_take_two_requests() {
    let world = world(&[MEMBERS]).await;
    world.complete("first").await;
    for number in 0..100 {
        upsert(&world, &format!("new.{number}@example.no"), "Una").await;
    }
    let report = world.complete("second").await;
    let stream = stream_of(&report, "members");
    assert_eq!((stream.pushed, stream.waiting), (100, 0));
    // Two that look, one that asks whether the table has the bulk action, and the creates.
    assert_eq!(stream.push_requests, 4);
    world.assert_at_rest().await;
}

#[tokio::test]
async fn lookups_by_key_of_a_hundred_changes_take_two_requests() {
    let options = Options {
        page_size_max: 5_000,
        ..few()
    };
    let world = World::of(options, &[MEMBERS, CERTIFICATIONS]).await;
    for number in 0..100 {
        member(&world, &format!("m{number}@example.no"));
    }
    world.complete("first").await;
    for number in 0..100 {
        let body = json!({
            "stream": "certifications", "operation": "create",
            "key": {"mentor_code": format!("N-{number}")},
            "fields": {"mentor": {"email": format!("M{number}@example.no")}}
        });
        world.post(&body).await;
    }
    let report = world.complete("second").await;
    let stream = stream_of(&report, "certifications");
    assert_eq!((stream.pushed, stream.push_requests), (100, 4));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn keys_looked_up_together_find_what_each_finds_alone_however_they_are_written() {
    // With a letter that Dynamics has its own idea of, and without.
    for with_accent in [false, true] {
        let world = world(&[MEMBERS]).await;
        world.complete("first").await;
        let changes = [
            upsert(&world, "KARI@example.no", "Una").await,
            upsert(&world, "ola@example.no", "Ursa").await,
            upsert(&world, "twice@example.no", "Ulla").await,
            upsert(&world, "merged@example.no", "Uma").await,
            upsert(&world, "nobody@example.no", "Unni").await,
        ];
        let accent = match with_accent {
            true => Some(upsert(&world, "REN\u{c9}@example.no", "Uri").await),
            false => None,
        };
        // They come into being after the app knew of none, and before the copy does.
        let kari = member(&world, "kari@EXAMPLE.no");
        let ola = member(&world, "ola@example.no");
        world.edit_member(&ola, json!({"statecode": 1}));
        let twice = ["twice@example.no", "Twice@example.no"].map(|email| member(&world, email));
        let (merged, master) = (
            member(&world, "merged@example.no"),
            member(&world, "master@example.no"),
        );
        let (from, to) = (merged.parse().unwrap(), master.parse().unwrap());
        assert!(world.simulator.merge("contacts", from, to).unwrap());
        let rene = member(&world, "ren\u{e9}@example.no");
        let before = world.simulator.rows("contacts").unwrap();
        world.clock.advance(std::time::Duration::from_secs(60));
        world.complete("second").await;

        let row = async |number: usize| world.change(&changes[number]).await.row;
        assert_eq!(row(0).await, Some(kari));
        assert_ne!(row(1).await, Some(ola), "an inactive row does not count");
        world.assert_state(&changes[2], ChangeState::Refused).await;
        let reason = world.change(&changes[2]).await.reason.unwrap();
        assert!(twice.iter().all(|id| reason.contains(id)), "{reason}");
        assert_eq!(row(3).await, Some(master));
        if let Some(accent) = accent {
            assert_eq!(world.change(&accent).await.row, Some(rene));
        }
        // For the inactive one, and for nobody.
        assert_eq!(world.simulator.rows("contacts").unwrap() - before, 2);
    }
}

#[tokio::test]
async fn a_create_that_another_key_forbids_is_refused_with_what_dynamics_says() {
    let world = world(&[BY_LAST_NAME]).await;
    member(&world, "kari@example.no");
    world.complete("first").await;
    let body = |last_name: &str, email: &str| -> Json {
        json!({
            "stream": "members", "operation": "create", "key": {"last_name": last_name},
            "fields": {"first_name": "Kari", "email": email}
        })
    };
    let bad = world.post(&body("Aaberg", "kari@example.no")).await;
    let good = world.post(&body("Aasen", "k.hansen@example.no")).await;
    world.complete("second").await;
    world.assert_state(&good, ChangeState::Applied).await;
    world.assert_state(&bad, ChangeState::Refused).await;
    let reason = world.change(&bad).await.reason.unwrap();
    assert!(
        reason.contains("another row has the same value for firstname, emailaddress1"),
        "{reason}"
    );
    world.assert_at_rest().await;
}
