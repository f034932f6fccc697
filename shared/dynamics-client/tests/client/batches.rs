use std::time::Duration;

use dynamics_client::{Change, ETag, ErrorKind, IfMatch, Outcome, RowKey};
use dynamics_simulator::{Class, Effect, Fault};

use crate::simulated::{World, account, accounts, bad, failed, id};

fn half(status: u16, code: &str) -> Fault {
    let effect = Effect::FailParts {
        every: 2,
        status,
        code: code.into(),
        message: String::new(),
    };
    Fault::on(Class::Batch, effect)
}

#[tokio::test]
async fn every_kind_of_change_has_its_own_result_in_the_order_given() {
    let world = World::start().await;
    let existing = world.create(&account(0).id(id(0))).await.unwrap();
    assert_eq!(existing.id, Some(id(0)));
    let (row, bad, mine) = (account(1), bad(), account(2).id(id(2)));
    let (key, gone, by_key) = (
        RowKey::Id(id(0)),
        RowKey::Id(id(9)),
        RowKey::text("accountnumber", "N'1"),
    );
    let stale = IfMatch::ETag(ETag::parse("W/\"1\"").unwrap());
    let results = world
        .client
        .batch(&[
            Change::create(&world.accounts, &row),
            Change::create(&world.accounts, &bad),
            Change::update(&world.accounts, &key, &row, &stale),
            Change::update(&world.accounts, &gone, &row, &IfMatch::Any),
            Change::upsert(&world.accounts, &by_key, &row),
            Change::create(&world.accounts, &mine),
            Change::create(&world.accounts, &mine),
            Change::create_only(&world.accounts, &key, &row),
            Change::delete(&world.accounts, &key, &IfMatch::Any),
        ])
        .await;
    let kinds: Vec<_> = results
        .iter()
        .map(|result| {
            result
                .as_ref()
                .err()
                .map(|error| (error.kind(), error.outcome()))
        })
        .collect();
    let refused = |kind| Some((kind, Outcome::Refused));
    assert_eq!(
        kinds,
        [
            None,
            refused(ErrorKind::BadRequest),
            refused(ErrorKind::VersionMismatch),
            refused(ErrorKind::NotFound),
            None,
            None,
            refused(ErrorKind::DuplicateKey),
            refused(ErrorKind::DuplicateKey),
            None,
        ],
        "{results:?}"
    );
    assert_eq!(results[5].as_ref().unwrap().id, Some(id(2)));
    assert_eq!((world.batches(), world.added()), (1, 3));
    let text = results[2].as_ref().unwrap_err().to_string();
    assert!(
        text.starts_with(&format!(
            "cannot update accounts {}: Dataverse refused (412",
            id(0)
        )),
        "{text}"
    );
}

#[tokio::test]
async fn large_batches_are_split_and_grow_while_they_are_fast() {
    let world = World::start().await;
    let rows = accounts(1_500);
    let results = world.batch(&rows).await;
    assert!(failed(&results).is_empty());
    assert_eq!(world.added(), 1_500);
    // 100, 200, 400, 800.
    assert_eq!(world.batches(), 4);
    assert_eq!(world.counters.snapshot().writes, 4);
}

#[tokio::test]
async fn parts_that_failed_in_passing_are_sent_again_alone() {
    for (status, code) in [(429, "0x80072321"), (503, "0x8004a001")] {
        let world = World::start().await;
        world.simulator.inject(half(status, code));
        let rows: Vec<_> = (0..10)
            .map(|number| account(number).id(id(number)))
            .collect();
        let results = world.batch(&rows).await;
        assert!(failed(&results).is_empty(), "{results:?}");
        assert_eq!((world.added(), world.batches()), (10, 2));
        let slept = world.clock.slept();
        assert!(
            slept.len() == 1 && slept[0] >= Duration::from_secs(1),
            "{slept:?}"
        );
    }
}

#[tokio::test]
async fn a_part_without_id_or_key_is_sent_again_only_where_it_was_turned_away() {
    let rows = accounts(10);
    let world = World::start().await;
    world.simulator.inject(half(429, "0x80072322"));
    let results = world.batch(&rows).await;
    assert!(failed(&results).is_empty());
    assert_eq!(world.added(), 10);

    let world = World::start().await;
    world.simulator.inject(half(503, ""));
    let results = world.batch(&rows).await;
    assert_eq!(failed(&results), [0, 2, 4, 6, 8].into());
    let error = results[0].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Unavailable, Outcome::Unknown)
    );
    assert_eq!((world.added(), world.batches()), (5, 1));
}

#[tokio::test]
async fn parts_that_fail_every_time_end_after_six_tries_and_stop_no_other() {
    let world = World::start().await;
    let every = Effect::FailParts {
        every: 1,
        status: 503,
        code: String::new(),
        message: String::new(),
    };
    world
        .simulator
        .inject(Fault::on(Class::Batch, every).times(9));
    let rows = [account(0).id(id(0))];
    let results = world.batch(&rows).await;
    let error = results[0].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome(), error.tries()),
        (ErrorKind::Unavailable, Outcome::Unknown, 6)
    );
    assert_eq!(world.batches(), 6);
}

#[tokio::test]
async fn a_lost_reply_to_a_batch_doubles_nothing() {
    let world = World::start().await;
    let (mine, blind) = (account(1).id(id(1)), account(2));
    let key = RowKey::Id(id(0));
    world.create(&account(0).id(id(0))).await.unwrap();
    world.spoil(Class::Batch, Effect::ResetAfter);
    let results = world
        .client
        .batch(&[
            Change::create(&world.accounts, &mine),
            Change::create(&world.accounts, &blind),
            Change::delete(&world.accounts, &key, &IfMatch::Any),
        ])
        .await;
    assert_eq!(failed(&results), [1].into(), "{results:?}");
    assert_eq!(results[1].as_ref().unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(results[0].as_ref().unwrap().id, Some(id(1)));
    assert_eq!((world.added(), world.batches()), (2, 2));
}

#[tokio::test]
async fn a_batch_that_was_sent_again_takes_its_own_first_try_for_a_success() {
    let world = World::start().await;
    let (key, mine) = (RowKey::Id(id(0)), account(1).id(id(1)));
    let first = account(0).id(id(0));
    world.create(&first).await.unwrap();
    let lost = Fault::on(Class::Batch, Effect::ResetAfter);
    world.simulator.inject(lost);
    let changes = [
        Change::create(&world.accounts, &mine),
        Change::delete(&world.accounts, &key, &IfMatch::Any),
    ];
    let results = world.client.batch(&changes).await;
    assert!(failed(&results).is_empty(), "{results:?}");
    assert_eq!((world.added(), world.batches()), (1, 2));
    let results = world.client.batch(&changes).await;
    assert_eq!(failed(&results), [0, 1].into());
}

#[tokio::test]
async fn a_change_set_is_written_whole_or_not_at_all() {
    let world = World::start().await;
    let (one, two, bad) = (account(1), account(2), bad());
    let create = |row| Change::create(&world.accounts, row);
    let written = world
        .client
        .change_set(&[create(&one), create(&two)])
        .await
        .unwrap();
    assert!(written.iter().all(|row| row.id.is_some()));
    assert_eq!(world.added(), 2);
    let error = world
        .client
        .change_set(&[create(&one), create(&bad)])
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::BadRequest, Outcome::Refused)
    );
    assert_eq!(world.added(), 2);
    assert!(world.client.change_set(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_change_set_of_too_many_rows_is_refused_before_it_is_sent() {
    let world = World::start().await;
    let row = account(1);
    let many = vec![Change::create(&world.accounts, &row); 1_001];
    let error = world.client.change_set(&many).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(world.requests().total, 0);
}
