use std::time::Duration;

use dynamics_client::{ErrorKind, Outcome, Record, RowKey, TableKind};
use dynamics_simulator::{Class, Effect, Fault};

use crate::simulated::{World, account, bad, failed, id};

fn accounts(count: usize) -> Vec<Record> {
    (0..count).map(account).collect()
}

fn with_ids(count: usize) -> Vec<Record> {
    (0..count)
        .map(|number| account(number).id(id(number)))
        .collect()
}

#[tokio::test]
async fn plain_creates_take_one_request_a_thousand_and_one_to_ask_whether_they_may() {
    let world = World::start().await;
    let results = world
        .client
        .create_multiple(&world.accounts, &accounts(2_500))
        .await;
    assert_eq!(results.len(), 2_500);
    let ids: std::collections::BTreeSet<_> = results
        .iter()
        .map(|result| result.as_ref().unwrap().id.unwrap())
        .collect();
    assert_eq!(ids.len(), 2_500);
    assert_eq!(world.added(), 2_500);
    assert_eq!((world.writes(), world.requests().total), (3, 4));
    // Asked once a client, whatever is written later.
    world
        .client
        .until(jiff::Timestamp::MAX)
        .create_multiple(&world.accounts, &accounts(1))
        .await;
    assert_eq!(world.requests().total, 5);
}

#[tokio::test]
async fn one_bad_row_among_a_thousand_is_found_and_the_others_are_written_once() {
    for place in [0, 499, 700, 999] {
        let world = World::start().await;
        let mut rows = accounts(1_000);
        rows[place] = bad();
        let results = world.client.create_multiple(&world.accounts, &rows).await;
        assert_eq!(failed(&results), [place].into());
        assert_eq!(world.added(), 999);
        assert!(world.writes() <= 1 + 20, "{}", world.writes());
        assert_eq!(world.batches(), 0);
        let error = results[place].as_ref().unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::BadRequest, Outcome::Refused)
        );
        let text = error.to_string();
        assert!(
            text.starts_with("cannot create a row of accounts: Dataverse refused (400, "),
            "{text}"
        );
        assert!(
            text.contains(
                "the value for column name of table account is longer than 160 characters."
            ),
            "{text}"
        );
    }
}

#[tokio::test]
async fn where_many_rows_are_bad_the_rest_goes_in_batches() {
    let world = World::start().await;
    let rows: Vec<Record> = (0..1_000)
        .map(|number| {
            if number % 2 == 0 {
                bad()
            } else {
                account(number)
            }
        })
        .collect();
    let results = world.client.create_multiple(&world.accounts, &rows).await;
    assert_eq!(failed(&results), (0..1_000).step_by(2).collect());
    assert_eq!(world.added(), 500);
    assert!(world.writes() <= 22, "{}", world.writes());
    assert!(world.batches() <= 10, "{}", world.batches());
}

#[tokio::test]
async fn updates_of_missing_rows_are_found_among_those_that_exist() {
    let world = World::start().await;
    let results = world
        .client
        .create_multiple(&world.accounts, &with_ids(64))
        .await;
    assert!(failed(&results).is_empty());
    let rows: Vec<_> = (0..65)
        .map(|number| (id(number), Record::new().text("name", "Renamed")))
        .collect();
    let results = world.client.update_multiple(&world.accounts, &rows).await;
    assert_eq!(failed(&results), [64].into());
    let error = results[64].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot update accounts {}:", id(64))),
        "{error}"
    );
    assert_eq!(
        world
            .names()
            .iter()
            .filter(|name| *name == "Renamed")
            .count(),
        64
    );
    assert_eq!(world.added(), 64);
}

#[tokio::test]
async fn upserts_by_an_alternate_key_create_and_change_also_where_no_address_can_carry_it() {
    let world = World::start().await;
    let numbers = ["N-1", "N'2", "N/3", "N 4"];
    for name in ["First", "Second"] {
        let rows: Vec<_> = numbers
            .iter()
            .map(|number| {
                (
                    RowKey::text("accountnumber", number),
                    Record::new().text("name", name),
                )
            })
            .collect();
        let results = world.client.upsert_multiple(&world.accounts, &rows).await;
        assert!(failed(&results).is_empty(), "{results:?}");
        assert_eq!(world.added(), 4);
        assert_eq!(world.names().iter().filter(|held| *held == name).count(), 4);
    }
}

#[tokio::test]
async fn a_lost_reply_to_a_bulk_create_with_ids_doubles_nothing_and_is_a_success() {
    let world = World::start().await;
    world
        .simulator
        .inject(Fault::on(Class::Write, Effect::ResetAfter));
    let results = world
        .client
        .create_multiple(&world.accounts, &with_ids(300))
        .await;
    assert!(failed(&results).is_empty());
    assert_eq!((world.added(), world.writes()), (300, 2));
    assert_eq!(results[299].as_ref().unwrap().id, Some(id(299)));
}

#[tokio::test]
async fn a_bulk_create_that_never_arrived_is_sent_again_and_its_own_bad_row_found() {
    let world = World::start().await;
    let taken = account(77).id(id(77));
    world.client.create(&world.accounts, &taken).await.unwrap();
    world
        .simulator
        .inject(Fault::on(Class::Write, Effect::ResetBefore));
    let results = world
        .client
        .create_multiple(&world.accounts, &with_ids(100))
        .await;
    assert_eq!(world.added(), 100);
    assert_eq!(failed(&results), [77].into());
    let error = results[77].as_ref().unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::DuplicateKey, Outcome::Refused)
    );
}

#[tokio::test]
async fn a_lost_reply_to_a_bulk_create_without_ids_is_never_sent_again() {
    let world = World::start().await;
    world
        .simulator
        .inject(Fault::on(Class::Write, Effect::ResetAfter));
    let results = world
        .client
        .create_multiple(&world.accounts, &accounts(1_500))
        .await;
    assert_eq!(failed(&results).len(), 1_500);
    let outcome = |row: usize| results[row].as_ref().unwrap_err().outcome();
    assert_eq!(
        (outcome(0), outcome(1_499)),
        (Outcome::Unknown, Outcome::NotApplied)
    );
    assert_eq!((world.added(), world.writes()), (1_000, 1));
}

#[tokio::test]
async fn a_lost_reply_to_a_bulk_upsert_is_sent_again() {
    let world = World::start().await;
    world
        .simulator
        .inject(Fault::on(Class::Write, Effect::ResetAfter).times(2));
    let rows: Vec<_> = (0..50)
        .map(|number| (RowKey::Id(id(number)), account(number)))
        .collect();
    let results = world.client.upsert_multiple(&world.accounts, &rows).await;
    assert!(failed(&results).is_empty());
    assert_eq!((world.added(), world.writes()), (50, 3));
}

#[tokio::test]
async fn what_takes_the_database_too_long_is_sent_in_smaller_requests() {
    let world = World::start().await;
    world
        .simulator
        .switch(|switches| switches.bulk_rows_max = 300);
    let results = world
        .client
        .create_multiple(&world.accounts, &with_ids(2_000))
        .await;
    assert!(failed(&results).is_empty());
    assert_eq!(world.added(), 2_000);
    assert!(world.clock.slept().is_empty(), "{:?}", world.clock.slept());
    assert!(world.writes() < 25, "{}", world.writes());
}

#[tokio::test]
async fn a_table_without_bulk_actions_is_written_in_batches() {
    for forbidden in [false, true] {
        let world = World::start().await;
        world.simulator.switch(|switches| {
            switches.without_bulk.insert("accounts".into());
            if forbidden {
                // It may not be asked, so that trying tells.
                switches.forbidden.insert("sdkmessagefilters".into());
            }
        });
        let mut rows = accounts(120);
        rows[5] = bad();
        for _ in 0..2 {
            let results = world.client.create_multiple(&world.accounts, &rows).await;
            assert_eq!(failed(&results), [5].into());
        }
        assert_eq!(world.added(), 238);
        assert_eq!(world.writes(), u64::from(forbidden), "{forbidden}");
        assert_eq!(world.batches(), 4);
    }
}

#[tokio::test]
async fn where_it_may_not_be_asked_bulk_actions_are_tried() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        switches.forbidden.insert("sdkmessagefilters".into());
    });
    let results = world
        .client
        .create_multiple(&world.accounts, &accounts(100))
        .await;
    assert!(failed(&results).is_empty());
    assert_eq!((world.writes(), world.batches()), (1, 0));
}

#[tokio::test]
async fn an_elastic_table_is_refused_by_name_before_anything_is_sent() {
    let world = World::start().await;
    let mut table = world.accounts.clone();
    table.kind = TableKind::Elastic;
    let results = world.client.create_multiple(&table, &accounts(2)).await;
    let text = results[0].as_ref().unwrap_err().to_string();
    assert_eq!(
        text,
        "cannot create a row of accounts: the request was not sent: the table accounts is elastic: a \
         bulk action there may write some rows and not others. Write its rows one by one or as a batch."
    );
    assert_eq!(world.requests().total, 0);
}

#[tokio::test]
async fn what_stands_against_all_rows_is_not_looked_for_in_each() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        switches.forbidden.insert("accounts".into());
    });
    let results = world
        .client
        .create_multiple(&world.accounts, &accounts(1_500))
        .await;
    assert_eq!(failed(&results).len(), 1_500);
    assert_eq!(world.writes(), 1);
    assert_eq!(
        results[1_499].as_ref().unwrap_err().kind(),
        ErrorKind::Forbidden
    );
}

#[tokio::test]
async fn a_record_that_cannot_be_written_stops_no_other() {
    let world = World::start().await;
    let mut rows = accounts(3);
    rows[1] = Record::new().decimal("creditlimit", "x");
    let results = world.client.create_multiple(&world.accounts, &rows).await;
    assert_eq!(failed(&results), [1].into());
    assert_eq!(world.added(), 2);
}

#[tokio::test]
async fn throttled_bulk_actions_wait_for_what_is_asked() {
    let world = World::start().await;
    let effect = Effect::Throttled {
        limit: dynamics_simulator::Limit::ExecutionTime,
        retry_after: dynamics_simulator::RetryAfter::Seconds(40),
    };
    world.simulator.inject(Fault::on(Class::Write, effect));
    let results = world
        .client
        .create_multiple(&world.accounts, &accounts(10))
        .await;
    assert!(failed(&results).is_empty());
    assert_eq!(world.clock.slept(), [Duration::from_secs(40)]);
    assert_eq!(world.added(), 10);
}
