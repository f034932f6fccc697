//! What an export is of, and how an address asks for it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use streams::{DELIMITERS, Stream, StreamFile};
use sync_store::ChangeState;
use web::{Problem, ProblemKind, did_you_mean, one_of, parameters, shortened};

use crate::Packing;

/// What is to be exported.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// The stream.
    pub stream: String,
    /// What of it.
    pub of: Of,
    /// What stands between two cells; the stream file's unless given.
    pub delimiter: Option<char>,
}

/// What of a stream is to be exported.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Of {
    /// Its rows.
    Rows {
        /// Where they come from.
        source: Source,
        /// Only those modified at or after this time.
        since: Option<Timestamp>,
        /// Only these fields, in this order; all if there is none. The id always comes first.
        fields: Vec<String>,
    },
    /// Its changes in these states.
    Changes {
        /// In this order.
        states: Vec<ChangeState>,
    },
}

/// Where rows come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// Dynamics, or nowhere.
    Dynamics,
    /// Dynamics, or the copy where Dynamics does not answer.
    DynamicsOrCopy,
    /// The copy.
    Copy,
}

/// The states of changes that are not over, in the order in which they are exported.
pub(crate) const OPEN: [ChangeState; 3] = [
    ChangeState::Waiting,
    ChangeState::Held,
    ChangeState::Refused,
];

impl Wanted {
    /// What the path and query of a call ask for, and whether the file itself is packed.
    pub(crate) fn of_address(
        path: &str,
        query: &str,
        file: &StreamFile,
    ) -> Result<(Self, Packing), Problem> {
        let name = path.strip_prefix("/export/").unwrap_or_default();
        let (stem, packing) = match name.strip_suffix(".gz") {
            Some(stem) => (stem, Packing::File),
            None => (name, Packing::None),
        };
        let stem = stem.strip_suffix(".csv");
        if stem == Some("changes") && packing == Packing::None {
            return Ok((Self::changes(query, file)?, packing));
        }
        let stream = stem.and_then(|stem| file.stream(stem));
        let stream = stream.ok_or_else(|| no_such_file(stem, file))?;
        Ok((Self::rows(query, stream, &file.time_zone)?, packing))
    }

    fn rows(query: &str, stream: &Stream, zone: &TimeZone) -> Result<Self, Problem> {
        let mut wanted = Self {
            stream: stream.name.clone(),
            of: Of::Changes { states: Vec::new() },
            delimiter: None,
        };
        let (mut source, mut since, mut fields) = (Source::DynamicsOrCopy, None, Vec::new());
        for (name, value) in parameters(query, ["source", "since", "fields", "delimiter"])? {
            match name {
                "source" => source = read_source(&value)?,
                "since" => since = Some(read_time(&value, zone)?),
                "fields" => fields = value.split(',').map(ToOwned::to_owned).collect(),
                _ => wanted.delimiter = Some(read_delimiter(&value)?),
            }
        }
        wanted.of = Of::Rows {
            source,
            since,
            fields,
        };
        Ok(wanted)
    }

    fn changes(query: &str, file: &StreamFile) -> Result<Self, Problem> {
        let names = || file.streams.iter().map(|stream| stream.name.as_str());
        let (mut stream, mut states, mut delimiter) = (None, OPEN.to_vec(), None);
        for (name, value) in parameters(query, ["stream", "status", "delimiter"])? {
            match name {
                "stream" => {
                    let found = file.stream(&value).ok_or_else(|| {
                        let near = did_you_mean(&value, names());
                        let known = one_of(names());
                        Problem::malformed(format!("`stream`: expected {known}{near}"))
                    })?;
                    stream = Some(found.name.clone());
                }
                "status" => states = vec![read_state(&value)?],
                _ => delimiter = Some(read_delimiter(&value)?),
            }
        }
        let stream = stream.ok_or_else(|| {
            let known = one_of(names());
            Problem::malformed(format!("`stream` is missing; expected {known}"))
        })?;
        Ok(Self {
            stream,
            of: Of::Changes { states },
            delimiter,
        })
    }
}

fn no_such_file(stem: Option<&str>, file: &StreamFile) -> Problem {
    let names: Vec<String> = file
        .streams
        .iter()
        .map(|stream| format!("{}.csv", stream.name))
        .chain(["changes.csv".to_owned()])
        .collect();
    let stems = file.streams.iter().map(|stream| stream.name.as_str());
    let near = stem.map(|stem| did_you_mean(stem, stems));
    let (known, near) = (
        one_of(names.iter().map(String::as_str)),
        near.unwrap_or_default(),
    );
    Problem::new(
        ProblemKind::NotFound,
        format!(
            "there is no such file; expected /export/ with {known}, or the same with .gz{near}"
        ),
    )
}

fn read_source(text: &str) -> Result<Source, Problem> {
    match text {
        "dynamics" => Ok(Source::DynamicsOrCopy),
        "copy" => Ok(Source::Copy),
        _ => {
            let known = ["dynamics", "copy"];
            let (near, known) = (did_you_mean(text, known), one_of(known));
            let detail = format!("`source`: expected {known}{near}");
            Err(Problem::malformed(detail))
        }
    }
}

fn read_state(text: &str) -> Result<ChangeState, Problem> {
    OPEN.into_iter()
        .find(|state| state.name() == text)
        .ok_or_else(|| {
            let known = OPEN.map(ChangeState::name);
            let (near, known) = (did_you_mean(text, known), one_of(known));
            Problem::malformed(format!("`status`: expected {known}{near}"))
        })
}

/// An instant, or a day, which begins in the organisation's time zone. Nothing between the two: a time
/// without a zone would be read as its day, and more be handed out than was asked for.
fn read_time(text: &str, zone: &TimeZone) -> Result<Timestamp, Problem> {
    let day = || {
        let day = Date::strptime("%Y-%m-%d", text).ok()?;
        let begin = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0));
        begin.compatible().ok()
    };
    let instant = text.parse::<Timestamp>().ok();
    instant.or_else(day).ok_or_else(|| {
        Problem::malformed(
            "`since`: expected a time such as 2026-11-20T00:00:00Z, or a day such as 2026-11-20",
        )
    })
}

fn read_delimiter(text: &str) -> Result<char, Problem> {
    let mut signs = text.chars();
    match (signs.next(), signs.next()) {
        (Some(sign), None) if DELIMITERS.contains(&sign) => Ok(sign),
        _ => Err(wrong_delimiter()),
    }
}

/// A delimiter that is none of those that there are.
pub(crate) fn wrong_delimiter() -> Problem {
    Problem::malformed(
        "`delimiter`: expected one of `;`, `,`, `|` and a TAB (in an address %3B, %2C, %7C and %09)",
    )
}

/// The fields of a stream that are wanted, in their order.
///
/// # Errors
/// A field that the stream does not have, with those that it has; one that is there twice.
pub(crate) fn chosen(stream: &Stream, wanted: &[String]) -> Result<Vec<usize>, Problem> {
    let names: Vec<&str> = stream
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    if wanted.is_empty() {
        return Ok((0..names.len()).collect());
    }
    let mut chosen = Vec::new();
    for name in wanted.iter().filter(|name| *name != "id") {
        let Some(index) = names.iter().position(|known| known == name) else {
            let near = did_you_mean(name, names.iter().copied());
            let known = one_of(names.iter().copied());
            let name = shortened(name);
            let detail = format!(
                "`fields`: stream `{}` has no field `{name}`; expected {known}{near}",
                stream.name
            );
            return Err(Problem::malformed(detail));
        };
        if chosen.contains(&index) {
            let detail = "`fields`: a field is there more than once";
            return Err(Problem::malformed(detail));
        }
        chosen.push(index);
    }
    Ok(chosen)
}
