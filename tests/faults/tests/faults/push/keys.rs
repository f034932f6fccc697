//! By which key a change finds its row.

use serde_json::{Value as Json, json};
use sync_store::ChangeState;

use super::{CERTIFICATIONS, MEMBERS, both_ways};
use crate::expiry::mentors::{NEXT_YEAR, columns, world};
use crate::world::World;

/// Two columns together, one of which refers to a member.
const OF_MENTORS: &str = r#"
[[stream]]
name      = "certifications"
table     = "hlf_certifications"
direction = "both"
key       = ["hlf_contactid", "hlf_mentorcode"]
conflict  = "hold"
[stream.fields]
mentor      = { column = "hlf_contactid", lookup = "contacts" }
mentor_code = "hlf_mentorcode"
comment     = "hlf_comment"
"#;

const BY_ID: &str = r#"
[[stream]]
name      = "members"
table     = "contacts"
direction = "both"
[stream.fields]
email      = "emailaddress1"
first_name = "firstname"
"#;

fn change(stream: &str, operation: &str, key: &Json, fields: &Json) -> Json {
    json!({"stream": stream, "operation": operation, "key": key, "fields": fields})
}

fn first_name(world: &World, id: &str) -> String {
    let row = world.row("contacts", id);
    row["firstname"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_row_that_the_copy_does_not_have_yet_is_found_by_its_key_in_other_letters_which_stays() {
    let world = both_ways().await;
    world.complete("first").await;
    let comment = json!({"comment": "app's"});
    let mut changes = Vec::new();
    for (operation, code) in [("update", "m-1"), ("upsert", "m-2")] {
        let key = json!({"mentor_code": code});
        let body = change("certifications", operation, &key, &comment);
        changes.push(world.post(&body).await);
    }
    let ids = ["M-1", "M-2"].map(|code| world.certification(code, NEXT_YEAR));
    world.complete("second").await;
    for ((change, id), code) in changes.iter().zip(&ids).zip(["M-1", "M-2"]) {
        world.assert_state(change, ChangeState::Applied).await;
        let row = world.row("hlf_certifications", id);
        assert_eq!(
            (&row["hlf_mentorcode"], &row["hlf_comment"]),
            (&json!(code), &json!("app's"))
        );
    }
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_key_that_a_merged_row_has_leads_to_its_master_whose_own_key_stays() {
    let world = world(&[MEMBERS]).await;
    let (merged, master) = (world.member(), world.member());
    world.edit_member(&merged, json!({"emailaddress1": "kari@example.no"}));
    world.edit_member(&master, json!({"emailaddress1": "kari.n@example.no"}));
    let (from, to) = (merged.parse().unwrap(), master.parse().unwrap());
    assert!(world.simulator.merge("contacts", from, to).unwrap());
    world.complete("first").await;
    for (operation, name) in [("update", "Una"), ("upsert", "Ursa")] {
        let (key, fields) = (
            json!({"email": "kari@example.no"}),
            json!({"first_name": name}),
        );
        world.clock.advance(std::time::Duration::from_secs(60));
        // The app never saw the row, so that its change must be newer than what it says.
        world.clock.advance(std::time::Duration::from_secs(60));
        let change = world
            .post(&change("members", operation, &key, &fields))
            .await;
        world.complete("second").await;
        world.assert_state(&change, ChangeState::Applied).await;
        assert_eq!(world.change(&change).await.row.unwrap(), master);
        assert_eq!(first_name(&world, &master), name);
        assert_eq!(first_name(&world, &merged), "Kari");
        let email = &world.row("contacts", &master)["emailaddress1"];
        assert_eq!(email, "kari.n@example.no");
        world.assert_at_rest().await;
    }
}

#[tokio::test]
async fn a_lookup_by_the_key_of_a_merged_member_refers_to_its_master() {
    let world = both_ways().await;
    let (merged, master) = (world.member(), world.member());
    world.edit_member(&merged, json!({"emailaddress1": "kari@example.no"}));
    let (from, to) = (merged.parse().unwrap(), master.parse().unwrap());
    assert!(world.simulator.merge("contacts", from, to).unwrap());
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let fields = json!({"mentor": {"email": "kari@example.no"}});
    let key = json!({"mentor_code": "M-1"});
    world
        .post(&change("certifications", "update", &key, &fields))
        .await;
    world.complete("second").await;
    let row = world.row("hlf_certifications", &id);
    assert_eq!(row["_hlf_contactid_value"], json!(master));
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_key_of_two_columns_one_of_them_a_lookup_finds_and_creates() {
    let world = world(&[OF_MENTORS]).await;
    let (kari, ola) = (world.member(), world.member());
    let id = world.certification_of(&kari, "M-1", NEXT_YEAR);
    let key = |mentor: &str, code: &str| json!({"mentor": mentor, "mentor_code": code});
    let post = async |operation: &str, key: Json, comment: &str| {
        let fields = json!({"comment": comment});
        world
            .post(&change("certifications", operation, &key, &fields))
            .await
    };
    world.complete("first").await;
    let late = world.certification_of(&kari, "M-2", NEXT_YEAR);
    let found = [
        (post("update", key(&kari, "m-1"), "one").await, &id, "one"),
        (post("upsert", key(&kari, "M-2"), "two").await, &late, "two"),
    ];
    let created = post("upsert", key(&ola, "M-3"), "three").await;
    let nobody = post("update", key(&ola, "M-2"), "four").await;
    let exists = post("create", key(&kari, "M-1"), "five").await;
    world.complete("second").await;
    for (change, id, comment) in found {
        world.assert_state(&change, ChangeState::Applied).await;
        let row = world.row("hlf_certifications", id);
        assert_eq!(row["hlf_comment"], comment);
    }
    world.assert_state(&created, ChangeState::Applied).await;
    let row = world.change(&created).await.row.unwrap();
    let row = world.row("hlf_certifications", &row);
    assert_eq!(
        (&row["_hlf_contactid_value"], &row["hlf_mentorcode"]),
        (&json!(ola), &json!("M-3"))
    );
    for refused in [nobody, exists] {
        world.assert_state(&refused, ChangeState::Refused).await;
    }
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_stream_without_a_key_goes_by_the_guid_under_which_a_new_row_is_created_too() {
    let world = world(&[BY_ID]).await;
    let id = world.member();
    world.complete("first").await;
    let new = "0d3c8e6f-1a22-4c7b-9a51-5b2a9c1e7d40";
    let name = json!({"first_name": "Ola"});
    let post = async |operation: &str, id: &str| {
        let key = json!({"id": id.to_uppercase()});
        world.post(&change("members", operation, &key, &name)).await
    };
    let updated = post("update", &id).await;
    let created = post("create", new).await;
    let other = json!({"first_name": "Una"});
    let body = change("members", "create", &json!({"id": id}), &other);
    let again = world.post(&body).await;
    let nobody = post("update", "00000000-1a22-4c7b-9a51-5b2a9c1e7d40").await;
    world.complete("second").await;
    for (change, id) in [(updated, id.as_str()), (created, new)] {
        world.assert_state(&change, ChangeState::Applied).await;
        assert_eq!(first_name(&world, id), "Ola");
    }
    for (change, why) in [
        (again, "a row with this key exists already"),
        // Whether it was ever there nobody can tell.
        (nobody, "Dynamics has no such row (any more)"),
    ] {
        world.assert_state(&change, ChangeState::Refused).await;
        let reason = world.change(&change).await.reason.unwrap();
        assert!(reason.starts_with(why), "{reason}");
    }
    world.assert_at_rest().await;
}

#[tokio::test]
async fn a_key_that_dynamics_does_not_keep_unique_is_looked_up_before_a_row_is_created() {
    for enforced in [true, false] {
        let world = world(&[CERTIFICATIONS]).await;
        if !enforced {
            world.simulator.switch(|switches| {
                let status = dynamics_simulator::KeyStatus::Pending;
                switches.key_status.insert("hlf_code".to_owned(), status);
            });
        }
        let row = json!({"hlf_mentorcode": "M-1", "hlf_status": 3});
        let row = columns(row);
        world.complete("first").await;
        let id = world.simulator.create("hlf_certifications", row).unwrap();
        let key = json!({"mentor_code": "m-1"});
        let fields = json!({"comment": "app's"});
        let create = world
            .post(&change("certifications", "create", &key, &fields))
            .await;
        world.complete("second").await;
        world.assert_state(&create, ChangeState::Refused).await;
        assert_eq!(world.simulator.rows("hlf_certifications").unwrap(), 1);
        let row = world.row("hlf_certifications", &id.to_string());
        assert!(row["hlf_comment"].is_null());
        world.assert_at_rest().await;
    }
}
