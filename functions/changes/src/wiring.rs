//! From the environment to something that answers: settings, stream file, AWS clients.

use std::sync::Arc;

use changes::Changes;
use clock::SystemClock;
use settings::{ChangesSettings, Environment, Problems};
use streams::StreamFile;
use sync_store::Store;

/// Reads settings and the stream file, and reports what is wrong with both together.
pub(crate) async fn build(environment: &Environment<'_>) -> Result<Changes, String> {
    let settings = ChangesSettings::from_env(environment).map_err(|error| error.to_string());
    // The path may be good although other settings are not.
    let streams = settings::streams_path(environment, &mut Problems::default())
        .map(|path| StreamFile::read(&path).map_err(|error| error.to_string()));
    let (settings, streams) = match (settings, streams) {
        (Ok(settings), Some(Ok(streams))) => (settings, streams),
        (settings, streams) => {
            let mistakes = [settings.err(), streams.and_then(Result::err)];
            let mistakes: Vec<_> = mistakes.into_iter().flatten().collect();
            return Err(mistakes.join("\n"));
        }
    };
    let aws = aws::config().await;
    let store = Store::new(&aws, settings.tables);
    Ok(Changes::new(store, streams, Arc::new(SystemClock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn settings_that_are_missing_and_a_stream_file_that_is_not_there_are_named_together() {
        let reason = build(&|name| match name {
            "SYNC_STREAMS" => Some("/nowhere/streams.toml".to_owned()),
            "SYNC_STATE_TABLE" => Some("state".to_owned()),
            _ => None,
        })
        .await
        .unwrap_err();
        for named in [
            "SYNC_RECORDS_TABLE",
            "SYNC_CHANGES_TABLE",
            "/nowhere/streams.toml",
        ] {
            assert!(reason.contains(named), "{reason}");
        }
    }
}
