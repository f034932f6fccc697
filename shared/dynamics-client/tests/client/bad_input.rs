//! What a caller gets wrong: each error names the table, the column, the row and what to do.

use dynamics_client::{
    Change, Error, ErrorKind, Filter, IfMatch, PageRequest, Query, Record, RowKey, TableKind,
};
use dynamics_simulator::KeyStatus;

use crate::simulated::{World, account, accounts, bad, id};

/// The errors of `record`, in each of the ways in which a row is written: changed alone, created in a batch,
/// in bulk and in a change set. Each names the table and the row.
async fn errors(world: &World, record: Record) -> Vec<Error> {
    let table = &world.accounts;
    let here = RowKey::Id(id(1));
    world.create(&account(1).id(id(1))).await.unwrap();
    let update = world
        .client
        .update(table, &here, &record, &IfMatch::Any)
        .await;
    let rows = [account(2), record];
    let creates = rows.each_ref().map(|row| Change::create(table, row));
    let set = world.client.change_set(&creates).await;
    let together = [world.batch(&rows).await, world.create_multiple(&rows).await];
    let together = together.map(|mut results| results.remove(1).unwrap_err());
    let mut errors = vec![update.unwrap_err()];
    for error in together.into_iter().chain([set.unwrap_err()]) {
        let row = "cannot create a row of accounts (number 2 of 2): Dataverse refused (4";
        assert!(error.to_string().starts_with(row), "{error}");
        errors.push(error);
    }
    let row = format!("cannot update accounts {}: Dataverse refused (4", id(1));
    assert!(errors[0].to_string().starts_with(&row), "{}", errors[0]);
    errors
}

/// Every way of writing `record` ends in `words`.
async fn says(record: Record, words: &str) {
    let world = World::start().await;
    for error in errors(&world, record).await {
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
        assert!(error.to_string().ends_with(words), "{error}");
    }
    // The good row of the batch, that of the bulk action, and the one that was there.
    assert_eq!(world.added(), 3);
}

#[tokio::test]
async fn a_value_that_is_too_long_is_named_by_its_column_and_limit() {
    says(
        bad(),
        "): the value for column name of table account is longer than 160 characters. Shorten it, or \
         ask a Dynamics administrator to lengthen the column.",
    )
    .await;
}

#[tokio::test]
async fn a_column_that_does_not_exist_is_named_when_it_is_written() {
    says(
        account(3).text("nickname", "x"),
        "): the table account has no column nickname. Check its spelling: it is the logical name, in \
         lower case.",
    )
    .await;
}

#[tokio::test]
async fn a_choice_that_does_not_exist_is_named_by_its_column() {
    says(
        account(3).integer("statuscode", 77),
        "): column statuscode of table account has no choice with this number. Use a number that the \
         column's definition lists, or add the choice there.",
    )
    .await;
}

#[tokio::test]
async fn a_missing_target_of_a_lookup_is_named_with_the_lookup() {
    let words = format!(
        "): the lookup primarycontactid is to refer to the row {} of contact, which does not exist. \
         Write that row first, or leave the lookup out.",
        id(9)
    );
    says(
        account(3).bind("primarycontactid", "contacts", id(9)),
        &words,
    )
    .await;
}

#[tokio::test]
async fn a_lookup_by_a_name_that_is_none_is_named() {
    says(
        account(3).bind("primarycontact", "contacts", id(9)),
        "): the table has no navigation property primarycontact. Take the name from the table's \
         relationships: it depends on the table that the lookup is to refer to, and case counts.",
    )
    .await;
}

#[tokio::test]
async fn a_column_that_does_not_exist_is_named_when_it_is_read() {
    let world = World::start().await;
    for query in [
        Query::new("accounts").select(["nickname"]),
        Query::new("accounts").filter(Filter::eq_text("nickname", "x")),
        Query::new("accounts").order_by(["nickname"]),
        Query::new("accounts").select(["nickname"]).track_changes(),
    ] {
        let error = world
            .client
            .page(&PageRequest::from(query))
            .await
            .unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{text}");
        assert!(
            text.starts_with("cannot read accounts: Dataverse refused (400, ")
                && text.ends_with(
                    "): the table account has no column nickname to read. Check its spelling: it is the \
                     logical name, in lower case; of a lookup, _name_value."
                ),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_alternate_key_that_is_not_active_is_named_as_such() {
    let world = World::start().await;
    world.simulator.switch(|switches| {
        switches
            .key_status
            .insert("hlf_accountnumber".into(), KeyStatus::Pending);
    });
    let (table, key, record) = (
        &world.accounts,
        RowKey::text("accountnumber", "N-1"),
        account(1),
    );
    let upsert = Change::upsert(table, &key, &record);
    let mut errors = vec![world.client.write(&upsert).await.unwrap_err()];
    for mut results in [
        world.client.batch(&[upsert]).await,
        world
            .client
            .upsert_multiple(table, &[(key.clone(), record.clone())])
            .await,
    ] {
        errors.push(results.remove(0).unwrap_err());
    }
    for error in errors {
        let text = error.to_string();
        assert!(
            text.starts_with(
                "cannot upsert accounts by its key accountnumber: Dataverse refused (4"
            ),
            "{text}"
        );
        assert!(
            text.ends_with(
                "): the table account has no active alternate key of these columns. Check the key's \
                 columns, and in the maker portal that its index is active: that takes a while after \
                 the key was made, and fails if rows have equal values."
            ),
            "{text}"
        );
    }
    assert_eq!(world.added(), 0);
}

#[tokio::test]
async fn an_elastic_table_is_named_before_anything_is_sent_that_it_would_not_keep_whole() {
    let world = World::start().await;
    let mut table = world.accounts.clone();
    table.kind = TableKind::Elastic;
    let rows = accounts(2);
    let bulk = world.client.create_multiple(&table, &rows).await;
    let error = bulk[1].as_ref().unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot create a row of accounts (number 2 of 2): the request was not sent: the table accounts is \
         elastic: a bulk action there may write some rows and not others. Write its rows one by one or as \
         a batch."
    );
    let set = [Change::create(&table, &rows[0])];
    let error = world.client.change_set(&set).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot write a change set of 1 rows: the request was not sent: the table accounts is elastic, \
         where a change set is not all or nothing. Write its rows without one."
    );
    assert_eq!(world.requests().total, 0);
}
