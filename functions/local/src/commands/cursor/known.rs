//! Which streams there are: those of the stream file, if one is named, and those of the tables.

use anyhow::bail;
use streams::StreamFile;
use sync_store::{Store, StreamState};

use crate::arguments::Common;
use crate::connections;

/// The stream file, if one is named.
pub(crate) fn stream_file(common: &Common) -> anyhow::Result<Option<StreamFile>> {
    match common.streams {
        Some(_) => connections::stream_file(common).map(Some),
        None => Ok(None),
    }
}

/// What is stored about a stream.
///
/// # Errors
/// Names the streams that there are, if this is none of them.
pub(crate) async fn state(
    store: &Store,
    file: Option<&StreamFile>,
    stream: &str,
) -> anyhow::Result<Option<StreamState>> {
    let state = store.stream_state(stream).await?;
    if state.as_ref().is_some_and(is_more_than_a_fence) || is_in(file, stream) {
        return Ok(state);
    }
    let stored = store.known_streams().await?;
    if stored.iter().any(|name| name == stream) {
        return Ok(state);
    }
    let in_file = file.into_iter().flat_map(|file| &file.streams);
    let mut names: Vec<String> = in_file.map(|stream| stream.name.clone()).collect();
    for name in stored {
        match file {
            Some(_) if is_in(file, &name) => {}
            Some(_) => names.push(format!("{name} (no longer in the stream file)")),
            None => names.push(name),
        }
    }
    if names.is_empty() {
        bail!(
            "there is no stream `{stream}`: the tables have none yet, and no stream file is named (--streams FILE)"
        );
    }
    bail!(
        "there is no stream `{stream}`; there are {}",
        names.join(", ")
    )
}

/// Whether the stream file has the stream.
pub(crate) fn is_in(file: Option<&StreamFile>, stream: &str) -> bool {
    file.is_some_and(|file| file.streams.iter().any(|one| one.name == stream))
}

/// A forgotten stream keeps its fencing number, and nothing else.
fn is_more_than_a_fence(state: &StreamState) -> bool {
    !matches!(state.cursor, Ok(None))
        || state.guarded.is_some()
        || state.expiry_guarded.is_some()
        || state.lease.is_some()
}
