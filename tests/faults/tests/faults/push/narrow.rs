//! What one change meets stops no other, and is told as it is.

use dynamics_simulator::{Class, Effect, Fault, RetryAfter};
use jiff::Timestamp;
use serde_json::json;
use sync_engine::{RunRequest, StreamStatus};
use sync_store::{ChangeKey, ChangeState, Operation};

use super::{CERTIFICATIONS, MEMBERS, both_ways, by, forbidden, never, unavailable};
use crate::expiry::mentors::{EXPIRY, NEXT_YEAR, YESTERDAY, world};
use crate::world::{World, stream_of};

#[tokio::test]
async fn a_lookup_into_a_table_that_may_not_be_read_stops_none_of_the_others() {
    let world = world(&[MEMBERS, CERTIFICATIONS]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let fields = json!({"mentor": {"email": "kari@example.no"}});
    let other = world.certification("M-2", NEXT_YEAR);
    world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(other),
            fields,
        )
        .await;
    let good = world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(id),
            json!({"comment": "y"}),
        )
        .await;
    let mut fault = Fault::on(Class::Read, forbidden())
        .times(100)
        .table("contacts");
    fault.on.contains = Some("emailaddress1".to_owned() + "%20eq");
    world.simulator.inject(fault);
    world.run("second").await;
    world.assert_state(&good, ChangeState::Applied).await;
}

#[tokio::test]
async fn a_push_is_progress_for_a_stream_that_is_only_pushed() {
    let only = MEMBERS.replace("\"both\"", "\"push\"").replace(
        "conflict  = \"newest-wins\"\nwhere     = { statecode = 0 }\n",
        "",
    );
    let world = world(&[&only]).await;
    let id = world.member();
    world
        .hand_in(
            "members",
            Operation::Update,
            ChangeKey::Id(id),
            json!({"first_name": "Ola"}),
        )
        .await;
    let report = world.complete("first").await;
    assert_eq!(report.streams[0].pushed, 1);
    assert!(report.progress > 0);
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_refuses_nothing() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let change = world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(id.clone()),
            json!({"comment": "y"}),
        )
        .await;
    let odd = Effect::Status {
        status: 302,
        code: String::new(),
        message: String::new(),
        retry_after: RetryAfter::default(),
        html: false,
    };
    world
        .simulator
        .inject(Fault::on(Class::Batch, odd).times(100));
    world.run("second").await;
    world.assert_state(&change, ChangeState::Waiting).await;
}

#[tokio::test]
async fn a_dry_run_tells_of_one_creation_for_two_changes_of_one_key() {
    let world = both_ways().await;
    world.complete("first").await;
    for name in ["one", "two"] {
        let fields = json!({"comment": name, "status": "active", "valid_to": NEXT_YEAR});
        world
            .hand_in(
                "certifications",
                Operation::Upsert,
                by("mentor_code", "M-9"),
                fields,
            )
            .await;
    }
    let told = std::sync::Mutex::new(Vec::new());
    let request = RunRequest {
        dry_run: true,
        ..RunRequest::new("dry")
    };
    let tell = |difference: sync_engine::Difference| told.lock().unwrap().push(difference);
    world
        .process()
        .dry_run(&request, Timestamp::MAX, &tell)
        .await
        .unwrap();
    let told = told.into_inner().unwrap();
    let created = told
        .iter()
        .filter(|one| matches!(one.what, sync_engine::What::Created(_)));
    assert_eq!(created.count(), 1);
}

#[tokio::test]
async fn a_guarded_stream_whose_push_had_no_time_still_says_guarded() {
    let world = world(&[CERTIFICATIONS, EXPIRY]).await;
    let mut ids = Vec::new();
    for n in 0..30 {
        let day = if n < 12 { YESTERDAY } else { NEXT_YEAR };
        ids.push(world.certification(&format!("M-{n}"), day));
    }
    let report = world.run("first").await;
    assert_eq!(
        stream_of(&report, "certifications").status,
        StreamStatus::Guarded
    );
    let id = ids.pop().unwrap();
    world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(id),
            json!({"comment": "y"}),
        )
        .await;
    let fault = Fault::on(Class::Metadata, unavailable())
        .times(100)
        .after(3);
    world.simulator.inject(fault);
    let report = world.run("second").await;
    assert_eq!(
        stream_of(&report, "certifications").status,
        StreamStatus::Guarded
    );
}

#[tokio::test]
async fn a_dry_run_deletes_no_stray_pointer() {
    let world = both_ways().await;
    world.complete("first").await;
    let change = world
        .hand_in(
            "certifications",
            Operation::Upsert,
            by("mentor_code", "M-9"),
            json!({"comment": "x"}),
        )
        .await;
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let delete = world.dynamodb().delete_item().table_name("changes");
    let pk = format!("change#{change}");
    delete
        .key("pk", text(&pk))
        .key("sk", text("change"))
        .send()
        .await
        .unwrap();
    let count = async || {
        world
            .dynamodb()
            .scan()
            .table_name("changes")
            .send()
            .await
            .unwrap()
            .count()
    };
    let before = count().await;
    let request = RunRequest {
        dry_run: true,
        ..RunRequest::new("dry")
    };
    world
        .process()
        .dry_run(&request, Timestamp::MAX, &|_| {})
        .await
        .unwrap();
    assert_eq!(count().await, before);
}

#[tokio::test]
async fn a_row_that_left_the_stream_while_it_was_deleted_is_not_told_as_deleted() {
    let deletes = MEMBERS.replace(
        "[stream.fields]",
        "deletes = { to_dynamics = \"delete\" }\n[stream.fields]",
    );
    let world: World = world(&[&deletes]).await;
    let id = world.member();
    world.complete("first").await;
    let change = world
        .hand_in(
            "members",
            Operation::Delete,
            ChangeKey::Id(id.clone()),
            json!({}),
        )
        .await;
    // Deactivated after the pull and before the push.
    let simulator = world.simulator.clone();
    let row = id.parse().unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    let after = move |answers: u64| {
        if answers >= 6 && !done.swap(true, std::sync::atomic::Ordering::SeqCst) {
            let columns = json!({"statecode": 1}).as_object().unwrap().clone();
            simulator.update("contacts", row, columns).unwrap();
        }
    };
    let wire = crate::wire::Wire::new(crate::wire::Cut::Never);
    let process = world.process_on(wire, world.config(), after);
    crate::world::invoke(&process, "second", Timestamp::MAX).await;
    let change = world.change(&change).await;
    let row = world.row("contacts", &id);
    assert!(
        row.is_null() || change.state != ChangeState::Applied,
        "{row}"
    );
}

#[tokio::test]
async fn a_table_of_another_stream_that_may_not_be_read_stops_no_push() {
    let world = world(&[MEMBERS, CERTIFICATIONS]).await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let good = world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(id),
            json!({"comment": "y"}),
        )
        .await;
    let mut fault = Fault::on(Class::Metadata, forbidden()).times(100);
    fault.on.contains = Some("contacts".to_owned());
    world.simulator.inject(fault);
    world.run("second").await;
    world.assert_state(&good, ChangeState::Applied).await;
}

#[tokio::test]
async fn a_held_conflict_that_is_tried_again_is_held_again() {
    let world = both_ways().await;
    let id = world.certification("M-1", NEXT_YEAR);
    world.complete("first").await;
    let change = world
        .hand_in(
            "certifications",
            Operation::Update,
            ChangeKey::Id(id.clone()),
            json!({"comment": "app's"}),
        )
        .await;
    world.edit(&id, json!({"hlf_comment": "theirs"}));
    world.complete("second").await;
    world.assert_state(&change, ChangeState::Held).await;
    world
        .store
        .retry(&change, &never, world.in_seconds(0))
        .await
        .unwrap();
    world.complete("third").await;
    assert_eq!(
        world.row("hlf_certifications", &id)["hlf_comment"],
        "theirs"
    );
}
