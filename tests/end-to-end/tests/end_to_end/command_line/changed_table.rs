//! What `sync` and `status` tell of a table that was changed in Dynamics.

use serde_json::Value;

use super::cursor::{assert_tells, loaded};
use crate::support::Dynamics;

#[tokio::test]
async fn a_changed_table_is_told_by_sync_and_by_status_until_it_is_changed_back() {
    let dynamics = Dynamics::start().await;
    let terminal = loaded(&dynamics).await;
    let secure = |column: &str| {
        dynamics.simulator.switch(|switches| {
            switches.secured_columns.clear();
            let secured = switches.secured_columns.entry("contacts".into());
            secured.or_default().insert(column.into());
        });
    };
    secure("emailaddress1");
    let told = [
        "the table was changed in Dynamics since the run of 20",
        "column `emailaddress1` (field `email`) is secured now",
    ];
    assert_tells(&terminal.run(&["sync"]).await, 0, &told);
    assert_tells(&terminal.run(&["status"]).await, 0, &told);
    let count = async || {
        let status = terminal.run(&["status", "--json"]).await;
        let status: Value = serde_json::from_str(&status.data).unwrap();
        status["streams"][0]["schema_changes"].clone()
    };
    assert_eq!(count().await, 1);
    // Of a column that no stream reads.
    secure("jobtitle");
    assert_tells(&terminal.run(&["sync"]).await, 0, &[]);
    let status = terminal.run(&["status"]).await;
    assert!(!status.data.contains("was changed"), "{status:?}");
    assert_eq!(count().await, 0);
}
