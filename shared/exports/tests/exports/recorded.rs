//! Every export is recorded: whose, of what, how much. Never what was in it.

use sha2::{Digest, Sha256};
use sync_store::{ExportOutcome, ExportSource};

use crate::support::{World, call};

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn an_export_is_recorded_with_rows_bytes_and_hash_of_the_file_on_the_recipients_disk() {
    let world = World::start().await;
    world.sync().await;
    let plain = world.file("/export/members.csv?source=copy").await;
    let accepts = [("accept-encoding", "gzip")];
    let coded = world.get_with("/export/members.csv", &accepts).await;
    let packed = world.get("/export/members.csv.gz").await;
    let mut records = world.store.latest_exports(10).await.unwrap();
    records.reverse();
    let unpacked = coded.unpacked().0.into_bytes();
    let expected = [
        (&plain.body, ExportSource::Copy),
        (&unpacked, ExportSource::Dynamics),
        (&packed.body, ExportSource::Dynamics),
    ];
    assert_eq!(records.len(), expected.len());
    for (record, (file, source)) in records.iter().zip(expected) {
        assert_eq!(record.outcome, ExportOutcome::Complete);
        assert_eq!(record.sha256.as_deref(), Some(sha256(file).as_str()));
        assert_eq!(record.bytes, u64::try_from(file.len()).unwrap());
        assert_eq!(record.rows, u64::try_from(plain.rows().len()).unwrap());
        assert_eq!((record.source, record.fallback), (source, false));
        assert_eq!(
            (record.key.as_str(), record.stream.as_str()),
            ("office", "members")
        );
        assert!(record.ended.unwrap() >= record.began);
    }
}

#[tokio::test]
async fn an_export_from_the_copy_in_place_of_dynamics_is_recorded_as_that() {
    let world = World::start().await;
    world.sync().await;
    world.take_down();
    world.file("/export/members.csv").await;
    let record = world.store.latest_exports(1).await.unwrap().remove(0);
    assert_eq!((record.source, record.fallback), (ExportSource::Copy, true));
}

#[tokio::test]
async fn an_export_that_cannot_be_recorded_is_handed_out_all_the_same() {
    let world = World::start().await;
    let exports = world.without("state");
    let answer = call(&exports, "export", "GET", "/export/members.csv", &[]).await;
    assert_eq!((answer.status, answer.broke_off), (200, false));
    assert_eq!(answer.body, world.file("/export/members.csv").await.body);
}

#[tokio::test]
async fn what_is_refused_is_no_export() {
    let world = World::start().await;
    world.get("/export/member.csv").await;
    world.get("/export/members.csv?fields=shoe_size").await;
    assert_eq!(world.store.latest_exports(10).await.unwrap(), []);
}
