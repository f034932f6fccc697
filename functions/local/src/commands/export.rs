//! `dynamics-sync export`: a stream's rows as CSV.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};
use csv_export::CsvWriter;
use futures::TryStreamExt;
use streams::Stream;
use sync_store::{Record, Value};
use tempfile::NamedTempFile;

use crate::Outcome;
use crate::arguments::{Common, Export, Source};
use crate::connections::{self, OpenStore};

pub(crate) async fn run(common: &Common, options: &Export) -> anyhow::Result<Outcome> {
    if options.source == Source::Dynamics {
        bail!("this version exports the copy only; add --source copy");
    }
    let file = connections::stream_file(common)?;
    let stream = connections::stream(&file, &options.stream)?;
    if !stream.direction.pulls() {
        bail!(
            "stream `{}` only writes to Dynamics (direction = \"push\"), so there is no copy to export; `dynamics-sync changes list --stream {0}` shows what was handed in",
            stream.name
        );
    }
    let fields = chosen_fields(stream, &options.fields)?;
    let delimiter = options.delimiter.unwrap_or(file.csv.delimiter);
    if !streams::DELIMITERS.contains(&delimiter) {
        bail!("--delimiter takes one of `;`, `,`, TAB and `|`");
    }
    let open = OpenStore::open(common).await?;
    let Some(as_of) = open.store.as_of(&stream.name).await? else {
        bail!(
            "stream `{}` has not been loaded yet; run `dynamics-sync sync` first",
            stream.name
        );
    };
    let records = open.store.records(&stream.name);
    let rows = match &options.output {
        None => write(io::stdout().lock(), delimiter, &fields, records, options).await?,
        Some(path) => {
            // A file beside the target, put in its place only when it is whole.
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let failed = || format!("cannot write to {}", path.display());
            let sink =
                NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(failed)?;
            let rows = write(BufWriter::new(&sink), delimiter, &fields, records, options).await?;
            sink.persist(path).with_context(failed)?;
            rows
        }
    };
    anstream::eprintln!(
        "{rows} rows of stream `{}`, as of {:.0}",
        stream.name,
        as_of.as_of
    );
    Ok(Outcome::Good)
}

async fn write(
    sink: impl Write,
    delimiter: char,
    fields: &[&str],
    records: impl futures::Stream<Item = Result<Record, sync_store::Error>>,
    options: &Export,
) -> anyhow::Result<u64> {
    let header = std::iter::once("id").chain(fields.iter().copied());
    let mut csv = CsvWriter::new(sink, delimiter, header)?;
    let mut rows = 0;
    let mut records = std::pin::pin!(records);
    while let Some(record) = records.try_next().await? {
        if options
            .since
            .is_some_and(|since| record.modified_on.is_none_or(|time| time < since))
        {
            continue;
        }
        let cells = fields
            .iter()
            .map(|field| record.fields.get(*field).map_or("".into(), cell));
        csv.write_row(std::iter::once(Cow::from(&record.id)).chain(cells))?;
        rows += 1;
    }
    csv.finish()?.flush()?;
    Ok(rows)
}

fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::Boolean(value) => value.to_string().into(),
        Value::Number(text) | Value::Text(text) => text.into(),
    }
}

fn chosen_fields<'a>(stream: &'a Stream, wanted: &'a [String]) -> anyhow::Result<Vec<&'a str>> {
    let known: Vec<&str> = stream
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    if wanted.is_empty() {
        return Ok(known);
    }
    let wanted: Vec<&str> = wanted
        .iter()
        .map(String::as_str)
        .filter(|name| *name != "id")
        .collect();
    let unknown: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|name| !known.contains(name))
        .collect();
    if !unknown.is_empty() {
        bail!(
            "stream `{}` has no field {}; it has {}",
            stream.name,
            unknown.join(", "),
            known.join(", ")
        );
    }
    Ok(wanted)
}
