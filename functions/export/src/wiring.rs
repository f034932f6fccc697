//! From the environment to something that answers: settings, stream file, AWS clients.

use std::sync::Arc;

use access::Access;
use clock::{Clock, SystemClock};
use exports::Exports;
use settings::{Environment, ExportSettings, Problems};
use streams::StreamFile;
use sync_store::Store;

/// Reads settings and the stream file, and reports what is wrong with both together. The secret is read when
/// Dynamics is first asked.
pub(crate) async fn build(environment: &Environment<'_>) -> Result<Exports, String> {
    let settings = ExportSettings::from_env(environment).map_err(|error| error.to_string());
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let secrets = settings::secrets_client(&aws);
    let dynamics = Arc::new(Access::new(settings.dynamics, secrets, Arc::clone(&clock)));
    let store = Store::new(&aws, settings.tables);
    Ok(Exports::new(store, streams, dynamics, clock))
}
