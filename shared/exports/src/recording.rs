//! Every export is recorded when it begins and when it ends. What cannot be recorded is logged, and stops
//! no export.

use std::time::Duration;

use clock::Clock;
use sync_store::{ExportRecord, Store};
use tokio::task::JoinHandle;
use tracing::Instrument;

/// The end of a file waits no longer than this for its record.
const PATIENCE: Duration = Duration::from_secs(10);

/// The record of an export that goes on.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) record: ExportRecord,
    store: Store,
    begun: JoinHandle<()>,
}

impl Recording {
    /// Records that an export begins, while it does.
    pub(crate) fn begin(store: Store, record: ExportRecord) -> Self {
        let begun = {
            let (store, record) = (store.clone(), record.clone());
            tokio::spawn(async move { put(&store, &record).await }.in_current_span())
        };
        Self {
            record,
            store,
            begun,
        }
    }

    /// Records how it ended.
    pub(crate) async fn end(self, clock: &dyn Clock) -> ExportRecord {
        let ExportRecord {
            stream,
            rows,
            bytes,
            ..
        } = &self.record;
        let (source, outcome) = (self.record.source.name(), self.record.outcome);
        tracing::info!(%stream, source, rows, bytes, ?outcome, key = %self.record.key, "an export ended");
        let end = async {
            // In this order, or the beginning would overwrite the end.
            let _ = self.begun.await;
            put(&self.store, &self.record).await;
        };
        tokio::select! {
            biased;
            () = end => {}
            () = clock.sleep(PATIENCE) => {
                tracing::error!(%stream, "an export could not be recorded in time");
            }
        }
        self.record
    }
}

async fn put(store: &Store, record: &ExportRecord) {
    if let Err(error) = store.put_export(record).await {
        tracing::error!(stream = %record.stream, reason = %error, "an export could not be recorded");
    }
}
