//! What will expire soon is listed for those who can still do something about it.

use dynamics_simulator::Fault;
use jiff::civil::Date;
use serde_json::json;
use sync_engine::StreamStatus;

use super::{CERTIFICATIONS, unavailable};
use crate::expiry::mentors::{NEXT_YEAR, YESTERDAY, world};
use crate::frozen::items_of;
use crate::world::World;

/// What belongs to the certifications.
const WARNED: &str = "[stream.expiry]\ndate = \"valid_to\"\nfrom = { status = \"active\" }\n\
    set = { status = \"expired\" }\nwarn_days = [30, 7]\n";

async fn listed(world: &World) -> Vec<(String, Date)> {
    let expiring = world.store.expiring("certifications").await.unwrap();
    let expiring = expiring.unwrap();
    assert_eq!(expiring.total, expiring.listed.len() as u64);
    expiring.listed
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[tokio::test]
async fn what_expires_soon_is_listed_with_the_soonest_first_and_no_longer_once_it_is_renewed() {
    let world = world(&[CERTIFICATIONS, WARNED]).await;
    world.certification("M-1", YESTERDAY);
    let later = world.certification("M-2", "2026-12-20");
    let soon = world.certification("M-3", "2026-11-22");
    world.certification("M-4", "2026-12-21");
    world.certification("M-5", NEXT_YEAR);
    world.complete("first").await;
    let both = [
        (soon.clone(), day("2026-11-22")),
        (later.clone(), day("2026-12-20")),
    ];
    assert_eq!(listed(&world).await, both);

    let written = |world: &World| {
        let dynamodb = world.dynamodb();
        async move {
            let state = items_of(&dynamodb, "state").await;
            let mut lists = state.into_iter().filter(|item| item.contains_key("listed"));
            lists.next().unwrap()
        }
    };
    let before = written(&world).await;
    world.complete("again").await;
    assert!(written(&world).await == before, "it says the same");

    world.edit(&soon, json!({"hlf_validto": NEXT_YEAR}));
    world.complete("renewed").await;
    assert_eq!(listed(&world).await, [(later.clone(), day("2026-12-20"))]);
    world.edit(&later, json!({"hlf_status": 3}));
    world.complete("suspended").await;
    assert_eq!(listed(&world).await, []);
}

#[tokio::test]
async fn with_dynamics_down_what_comes_to_expire_soon_is_listed_all_the_same() {
    let world = world(&[CERTIFICATIONS, WARNED]).await;
    let id = world.certification("M-1", "2026-12-21");
    world.complete("first").await;
    assert_eq!(world.store.expiring("certifications").await.unwrap(), None);
    world.next_night();
    let down = Fault::next(unavailable()).times(u32::MAX);
    world.simulator.inject(down);
    let report = world.run("down").await;
    assert_eq!(report.streams[0].status, StreamStatus::Failed);
    assert_eq!(listed(&world).await, [(id, day("2026-12-21"))]);
}

#[tokio::test]
async fn of_many_that_expire_soon_two_hundred_are_listed_and_all_are_counted() {
    let world = world(&[CERTIFICATIONS, WARNED]).await;
    for code in 0..205 {
        let valid_to = if code % 41 == 0 {
            "2026-12-02"
        } else {
            "2026-12-01"
        };
        world.certification(&format!("M-{code}"), valid_to);
    }
    world.complete("first").await;
    let expiring = world.store.expiring("certifications").await.unwrap();
    let expiring = expiring.unwrap();
    assert_eq!((expiring.total, expiring.listed.len()), (205, 200));
    let first = |(_, of): &(String, Date)| *of == day("2026-12-01");
    assert!(expiring.listed.iter().all(first));
}
