//! `dynamics-sync export`: a stream's rows as CSV.

use std::io::{self, IsTerminal, Write};
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
use crate::interrupt::{Interrupt, Interrupted, Signals};
use crate::progress::Line;
use crate::telling::Telling;

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
    let telling = common.telling();
    let record = match &options.output {
        None => to_standard_output(running, telling).await?,
        Some(path) => to_file(running, path, telling).await?,
    };
    let from = match record.source {
        ExportSource::Dynamics => "from Dynamics",
        ExportSource::Copy | ExportSource::Changes => "from the copy",
    };
    telling.note(format_args!(
        "{} rows of stream `{}` {from}, as of {as_of:.0}",
        record.rows, record.stream
    ));
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

async fn to_standard_output(running: Running, telling: Telling) -> anyhow::Result<ExportRecord> {
    let interrupt = listen()?.watch(None);
    // On a terminal the rows themselves show that something goes on.
    let telling = match io::stdout().is_terminal() {
        true => Telling::Quiet,
        false => telling,
    };
    let left = "what was written ends in the line #INCOMPLETE";
    let written = written(running, io::stdout().lock(), left, interrupt, telling);
    Ok(written.await?.0)
}

/// Into a file beside the target, put in its place only when it is whole.
async fn to_file(running: Running, path: &Path, telling: Telling) -> anyhow::Result<ExportRecord> {
    // Before there is a file that could be left behind.
    let signals = listen()?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let failed = || format!("cannot write to {}", path.display());
    let sink = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(failed)?;
    let interrupt = signals.watch(Some(sink.path().to_owned()));
    let left = "no file was written";
    let (record, sink) = written(running, sink, left, interrupt, telling).await?;
    sink.persist(path).with_context(failed)?;
    Ok(record)
}

fn listen() -> anyhow::Result<Signals> {
    Signals::listen().context("cannot listen for Ctrl-C")
}

/// Writes the pieces; Ctrl-C ends them early, with the line that says so. `left` says what there is then.
async fn written<W: Write>(
    mut running: Running,
    mut sink: W,
    left: &str,
    mut interrupt: Interrupt,
    telling: Telling,
) -> anyhow::Result<(ExportRecord, W)> {
    let line = Line::of_bytes("exporting", telling);
    let mut by = None;
    let mut broken = None;
    loop {
        let piece = tokio::select! {
            biased;
            signal = interrupt.told(), if by.is_none() => {
                by = Some(signal);
                line.leave();
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
                line.add(bytes.len());
            }
        }
    }
    let record = running.ended().await.context("the export ended early")?;
    let after = format!("after {} rows; {left}", record.rows);
    match (broken, by) {
        (None, _) => Ok((record, sink)),
        (Some(_), Some(by)) => {
            let told = format!("interrupted {after}");
            Err(Interrupted { by, told }.into())
        }
        (Some(incomplete), None) => bail!("{incomplete}, {after}"),
    }
}
