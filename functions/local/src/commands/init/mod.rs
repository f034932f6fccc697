//! `dynamics-sync init`: writes a stream file to begin with.
//!
//! Never in here: a file replaced without a person's word for it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::CommandFactory;
use clap::error::ErrorKind;
use discover::{Head, LeftOut, Selection, Survey, Wanted};
use dynamics_client::DynamicsClient;
use serde_json::json;
use streams::StreamFile;
use tempfile::NamedTempFile;

use crate::Outcome;
use crate::arguments::{Arguments, Common, Init as Options};
use crate::commands::discover::preferring;
use crate::connections;
use crate::consent::Consent;
use crate::progress::Line;
use questions::Questions;

mod questions;

/// The file, where nobody names one.
const USUAL: &str = "streams.toml";
/// What the file says of itself where no environment was asked.
const UNCHECKED: &str = "Nothing was checked: no access to Dynamics was set (DYNAMICS_TENANT_ID and the like), so that \
                         tables and columns are those of the standard product. `dynamics-sync doctor` tells what fits.";

pub(crate) async fn run(options: &Options, common: &Common) -> anyhow::Result<Outcome> {
    let output = output(options, common);
    let to_terminal = output.as_os_str() == "-";
    if to_terminal && common.json {
        return Err(usage(
            "the file goes to standard output, and --json would go there too",
        ));
    }
    let questions = Questions::of(options)?;
    let replace = !to_terminal && may_replace(options, output)?;
    let client = match connections::dynamics_is_unset() {
        true => None,
        false => Some(connections::client(connections::dynamics_config().await?)?),
    };
    // Before anything is asked of anybody: an access that does not work is the first thing to mend.
    let base = match (&client, options.language) {
        (Some(client), None) => base_language(client).await?,
        _ => None,
    };
    let wanted = questions.tables(client.as_ref()).await?;
    let mut head = Head {
        time_zone: questions.time_zone()?,
        language: questions.language(base)?,
        anchor: options.anchor,
        ..Head::default()
    };
    let line = Line::of("asking Dynamics", common.telling());
    let survey = look(client.as_ref(), &wanted, &mut head).await;
    drop(line);
    let survey = survey?;
    let file = written(&survey, &head)?;
    if to_terminal {
        anstream::print!("{file}");
    } else {
        put(&file, output, replace)?;
    }
    tell(common, output, &survey, client.is_some())?;
    Ok(Outcome::Good)
}

/// Where the file goes: else where every other command will look for it.
fn output<'a>(options: &'a Options, common: &'a Common) -> &'a Path {
    let named = options.output.as_ref().or(common.streams.as_ref());
    named.map_or(Path::new(USUAL), PathBuf::as_path)
}

/// The language that the environment was made in, by locale id, if the application user may know it.
async fn base_language(client: &DynamicsClient) -> Result<Option<u32>, dynamics_client::Error> {
    match client.organization().await {
        Ok(organization) => Ok(organization.language),
        Err(error) if error.kind() == dynamics_client::ErrorKind::Forbidden => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file that is there may be replaced.
fn may_replace(options: &Options, path: &Path) -> anyhow::Result<bool> {
    if options.force || !path.exists() {
        return Ok(options.force);
    }
    if !questions::somebody_to_ask(options) {
        bail!(
            "{} is there already, and was left as it is; add --force to replace it, or --output FILE to write another",
            path.display()
        );
    }
    let question = format!("Replace {}, which is there already?", path.display());
    Consent::Ask.obtain(&question).map(|()| true)
}

/// What there is of what is wanted; what a reader of the file should know of it is added to its head.
async fn look(
    client: Option<&DynamicsClient>,
    wanted: &Wanted,
    head: &mut Head,
) -> anyhow::Result<Survey> {
    let survey = match client {
        Some(client) => discover::survey(client, wanted, preferring(head.language)).await?,
        None => Survey {
            tables: discover::unchecked(wanted)?,
            left_out: Vec::new(),
        },
    };
    let unchecked = client.is_none().then(|| UNCHECKED.to_owned());
    let left_out = survey.left_out.iter().map(LeftOut::to_string);
    head.remarks = unchecked.into_iter().chain(left_out).collect();
    Ok(survey)
}

/// The text of the file, which a sync will accept.
fn written(survey: &Survey, head: &Head) -> anyhow::Result<String> {
    if survey.tables.is_empty() {
        let why: Vec<String> = survey.left_out.iter().map(LeftOut::to_string).collect();
        bail!(
            "there is no table to sync, so no file was written\n{}",
            why.join("\n")
        );
    }
    let file = discover::stream_file(head, &survey.tables, Selection::Useful);
    StreamFile::parse(&file, "the stream file")
        .context("what was found makes no stream file; please report this")?;
    Ok(file)
}

/// Whole or not at all.
fn put(file: &str, path: &Path, replace: bool) -> anyhow::Result<()> {
    let failed = || format!("cannot write to {}", path.display());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut sink = new_in(folder.unwrap_or(Path::new("."))).with_context(failed)?;
    sink.write_all(file.as_bytes()).with_context(failed)?;
    if replace {
        sink.persist(path).with_context(failed)?;
    } else {
        // Somebody may have made it since.
        sink.persist_noclobber(path).with_context(failed)?;
    }
    Ok(())
}

/// A file that whoever may read the folder's other files may read: the stream file is no secret, and a container or
/// another user runs the sync.
fn new_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Less the process's umask.
        file.permissions(std::fs::Permissions::from_mode(0o666));
    }
    file.tempfile_in(folder)
}

fn tell(common: &Common, path: &Path, survey: &Survey, checked: bool) -> anyhow::Result<()> {
    let path = path.display();
    let tables: Vec<&str> = survey.tables.iter().map(|one| one.table.as_str()).collect();
    if common.json {
        let left_out = survey
            .left_out
            .iter()
            .map(|one| json!({"table": one.table, "because": one.because}));
        let told = json!({
            "file": path.to_string(),
            "checked": checked,
            "tables": tables,
            "left_out": left_out.collect::<Vec<_>>(),
        });
        anstream::println!("{}", serde_json::to_string_pretty(&told)?);
        return Ok(());
    }
    let telling = common.telling();
    for left_out in &survey.left_out {
        telling.note(left_out);
    }
    if !checked {
        telling.note(UNCHECKED);
    }
    if path.to_string() != "-" {
        telling.note(format_args!(
            "Wrote {path}, which syncs {}. Next: `dynamics-sync doctor --streams {path}`, then `dynamics-sync sync \
             --streams {path}`.",
            tables.join(", ")
        ));
    }
    Ok(())
}

/// Wrong usage that only shows here.
fn usage(text: &str) -> anyhow::Error {
    Arguments::command()
        .error(ErrorKind::ArgumentConflict, text)
        .into()
}
