use dynamics_client::{ErrorKind, Outcome, Record, RowKey};

use crate::simulated::{World, account, accounts, bad, failed, id, with_ids};

#[tokio::test]
async fn plain_creates_take_one_request_a_thousand_and_one_to_ask_whether_they_may() {
    let world = World::start().await;
    let results = world.create_multiple(&accounts(2_500)).await;
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
        let results = world.create_multiple(&rows).await;
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
            text.starts_with(&format!(
                "cannot create a row of accounts (number {} of 1000): Dataverse refused (400, ",
                place + 1
            )),
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
    let results = world.create_multiple(&rows).await;
    assert_eq!(failed(&results), (0..1_000).step_by(2).collect());
    assert_eq!(world.added(), 500);
    assert!(world.writes() <= 22, "{}", world.writes());
    assert!(world.batches() <= 10, "{}", world.batches());
}

#[tokio::test]
async fn updates_of_missing_rows_are_found_among_those_that_exist() {
    let world = World::start().await;
    let results = world.create_multiple(&with_ids(64)).await;
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
            let results = world.create_multiple(&rows).await;
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
    let results = world.create_multiple(&accounts(100)).await;
    assert!(failed(&results).is_empty());
    assert_eq!((world.writes(), world.batches()), (1, 0));
}

#[tokio::test]
async fn a_record_that_cannot_be_written_stops_no_other() {
    let world = World::start().await;
    let mut rows = accounts(3);
    rows[1] = Record::new().decimal("creditlimit", "x");
    let results = world.create_multiple(&rows).await;
    assert_eq!(failed(&results), [1].into());
    assert_eq!(world.added(), 2);
}
