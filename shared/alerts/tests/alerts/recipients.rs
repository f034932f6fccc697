//! Who is told what of certifications that expire soon.

use sync_store::Upcoming;

use crate::support::{COORDINATORS, DAY, HOUR, OPERATIONS, World};

/// A run has found that these expire soon.
async fn upcoming(world: &World, records: &[(u32, &str)]) {
    let lease = world.lease("certifications").await;
    let mut found = Upcoming::default();
    for (number, day) in records {
        let id = format!("3f0e1c9a-0000-4000-8000-{number:012}");
        found.add(id, day.parse().unwrap());
    }
    let now = world.now();
    world.store.note_expiring(&lease, found, now).await.unwrap();
    world.store.release(lease).await.unwrap();
}

#[tokio::test]
async fn coordinators_get_links_to_what_expires_soon_once_for_each_warning() {
    let world = World::start().await;
    world.check(|_| ()).await;
    world.run_with(|_| ()).await;
    upcoming(&world, &[(1, "2026-11-24"), (2, "2026-12-20")]).await;
    let told = world.messages().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].topic, COORDINATORS);
    insta::assert_snapshot!(told[0].email);
    let mut days = Vec::new();
    for day in 1..30 {
        world.clock.advance(DAY);
        world.check(|_| ()).await;
        world.run_with(|_| ()).await;
        for told in world.messages().await {
            assert!(told.email.contains("000000000002"), "{}", told.email);
            assert!(!told.email.contains("000000000001"), "{}", told.email);
            days.push(day);
        }
    }
    // The second comes within 7 days.
    assert_eq!(days, [23]);
    upcoming(&world, &[]).await;
    assert_eq!(world.look().await, [""; 0]);
    assert!(world.store.alerts().await.unwrap().is_empty());
}

#[tokio::test]
async fn twenty_records_are_listed_and_the_others_counted() {
    let world = World::start().await;
    world.run_with(|_| ()).await;
    let many: Vec<_> = (0..230).map(|number| (number, "2026-12-01")).collect();
    upcoming(&world, &many).await;
    let told = world.messages().await;
    let email = &told[0].email;
    assert_eq!(email.matches("3f0e1c9a-").count(), 20);
    assert!(email.contains("\nand 210 more\n"), "{email}");
    // No check has told where Dynamics is.
    assert!(!email.contains("main.aspx"), "{email}");
}

#[tokio::test]
async fn nobody_is_told_at_night_what_expires_soon() {
    let world = World::start().await;
    world.clock.set("2026-11-20T23:20:00Z".parse().unwrap());
    world.run_with(|_| ()).await;
    upcoming(&world, &[(1, "2026-11-24")]).await;
    assert_eq!(world.look().await, [""; 0]);
    world.clock.advance(7 * HOUR);
    assert_eq!(world.look().await.len(), 1);
}

#[tokio::test]
async fn a_stream_without_coordinators_tells_those_who_run_the_sync() {
    let mut world = World::start().await;
    for stream in &mut world.file.streams {
        stream.alert = None;
    }
    world.run_with(|_| ()).await;
    upcoming(&world, &[(1, "2026-11-24")]).await;
    assert_eq!(world.messages().await[0].topic, OPERATIONS);
}
