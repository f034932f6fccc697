//! `dynamics-sync export`: a stream's rows as CSV.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use access::Access;
use anyhow::{Context, anyhow, bail};
use clock::{Clock, SystemClock};
use exports::{Exports, Of, Packing, Refused, Running, Source as From, Wanted};
use jiff::Timestamp;
use streams::StreamFile;
use sync_store::{ExportRecord, ExportSource};
use tempfile::NamedTempFile;

use crate::Outcome;
use crate::arguments::{Common, Export, Source};
use crate::connections::{self, OpenStore};

/// Who exports, in the record of exports.
const KEY: &str = "terminal";

pub(crate) async fn run(common: &Common, options: &Export) -> anyhow::Result<Outcome> {
    let (file, access) = sources(common, options).await?;
    let stream = connections::stream(&file, &options.stream)?;
    if options.source == Source::Copy && !stream.direction.pulls() {
        bail!(
            "stream `{}` only writes to Dynamics (direction = \"push\"), so there is no copy to export; `dynamics-sync changes list --stream {0}` shows what was handed in",
            stream.name
        );
    }
    let wanted = Wanted {
        stream: options.stream.clone(),
        of: Of::Rows {
            source: match options.source {
                Source::Dynamics => From::Dynamics,
                Source::Copy => From::Copy,
            },
            since: options.since,
            fields: options.fields.clone(),
        },
        delimiter: options.delimiter,
    };
    let open = OpenStore::open(common).await?;
    let exports = Exports::new(open.store.clone(), file, access, Arc::new(SystemClock));
    let opened = exports.open(KEY, &wanted, Timestamp::MAX).await;
    let opened = opened.map_err(|refused| match refused {
        Refused::Problem(problem) => problem.into(),
        Refused::Down { reason, .. } => {
            anyhow!("{reason}\nThe copy can be exported without Dynamics: add --source copy")
        }
    })?;
    let as_of = opened.as_of;
    let running = opened.start(Packing::None)?;
    let record = match &options.output {
        None => {
            let (record, _) = written(running, io::stdout().lock(), true).await?;
            record
        }
        Some(path) => to_file(running, path).await?,
    };
    let from = match record.source {
        ExportSource::Dynamics => "from Dynamics",
        ExportSource::Copy | ExportSource::Changes => "from the copy",
    };
    anstream::eprintln!(
        "{} rows of stream `{}` {from}, as of {as_of:.0}",
        record.rows,
        record.stream
    );
    Ok(Outcome::Good)
}

/// The stream file, and the access to Dynamics where it is needed; what is wrong with both is said together.
async fn sources(common: &Common, options: &Export) -> anyhow::Result<(StreamFile, Arc<Access>)> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    match options.source {
        Source::Dynamics => {
            let (file, config) = connections::sources(common).await?;
            Ok((file, Arc::new(Access::known(config, clock))))
        }
        Source::Copy => Ok((
            connections::stream_file(common)?,
            Arc::new(Access::none("only the copy was asked for", clock)),
        )),
    }
}

/// Into a file beside the target, put in its place only when it is whole.
async fn to_file(running: Running, path: &Path) -> anyhow::Result<ExportRecord> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let failed = || format!("cannot write to {}", path.display());
    let sink = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(failed)?;
    let (record, sink) = written(running, sink, false).await?;
    sink.persist(path).with_context(failed)?;
    Ok(record)
}

/// Writes the pieces; Ctrl-C ends them early, with the line that says so.
async fn written<W: Write>(
    mut running: Running,
    mut sink: W,
    shows_what_there_is: bool,
) -> anyhow::Result<(ExportRecord, W)> {
    // Listens from here on, also while a piece is being written.
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    let mut interrupted = false;
    let mut broken = None;
    loop {
        let piece = tokio::select! {
            biased;
            stopped = &mut interrupt, if !interrupted => {
                stopped.context("cannot listen for Ctrl-C")?;
                interrupted = true;
                running.stop();
                continue;
            }
            piece = running.piece() => piece,
        };
        match piece {
            None => break,
            Some(Err(incomplete)) => broken = Some(incomplete),
            Some(Ok(bytes)) => {
                let wrote = sink.write_all(&bytes).and_then(|()| sink.flush());
                if let Err(error) = wrote {
                    running.ended().await;
                    return Err(error).context("the export could not be written");
                }
            }
        }
    }
    let record = running.ended().await.context("the export ended early")?;
    let end = if shows_what_there_is {
        "what was written ends in the line #INCOMPLETE"
    } else {
        "no file was written"
    };
    match broken {
        None => Ok((record, sink)),
        Some(incomplete) => bail!("{incomplete}, after {} rows; {end}", record.rows),
    }
}
