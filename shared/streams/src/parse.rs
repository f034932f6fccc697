//! The file as a whole: TOML first, then the keys that apply to every stream.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use crate::error::{Problems, ReadError, StreamFileError};
use crate::model::{CsvFormat, DELIMITERS, Language, Stream, StreamFile};
use crate::names::{self, quoted};
use crate::section::{Entry, Section, entry};
use crate::stream::{self, Taken};
use crate::targets;
use crate::version::{VERSION, is_newer};

const KEYS: &[&str] = &[VERSION, "time_zone", "language", "csv", "stream"];
const EXPECTED_DELIMITER: &str = "one of \";\", \",\", \"\\t\" or \"|\"";

impl StreamFile {
    /// Reads a stream file; messages call it by its file name.
    ///
    /// # Errors
    /// When the file cannot be read as text, or has mistakes.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let text = fs::read_to_string(path).map_err(|reason| ReadError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self::parse(&text, &name.to_string_lossy())?)
    }

    /// Reads the text of a stream file; `name` is what messages call it, such as `streams.toml`.
    ///
    /// # Errors
    /// Every mistake in the text, all together. Where parts of it are not TOML, the rest is checked
    /// all the same, and only what might stand in the unreadable parts is not called missing.
    pub fn parse(text: &str, name: &str) -> Result<Self, StreamFileError> {
        let hash = hex(&Sha256::digest(text.as_bytes()));
        // Windows editors put a byte order mark first; it is not part of the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut problems = Problems::of(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if is_newer(table.get_ref(), &mut problems) {
            return problems.into_result(name, None);
        }
        for error in errors {
            let at = error.span().unwrap_or(text.len()..text.len());
            problems.add_syntax(at, error.message());
        }
        let file = read(table.get_ref(), hash, &mut problems);
        problems.into_result(name, file)
    }
}

fn read(table: &DeTable<'_>, hash: String, problems: &mut Problems<'_>) -> Option<StreamFile> {
    let root = Section::open(table, 0..0, String::new(), KEYS, problems);

    let expected = "an IANA time zone such as \"Europe/Oslo\"";
    root.missing("time_zone", expected, problems);
    let time_zone = root.text("time_zone", expected, problems).and_then(|zone| {
        names::time_zone(zone.value)
            .map_err(|message| problems.add(zone.at, &zone.place, message))
            .ok()
    });

    let languages = [("nb", Language::Nb), ("en", Language::En)];
    let language = root
        .word("language", &languages, problems)
        .unwrap_or(Language::En);
    let csv = csv(&root, language, problems);
    let streams = streams(&root, problems);
    Some(StreamFile {
        time_zone: time_zone?,
        language,
        csv,
        streams,
        hash,
    })
}

fn csv(root: &Section<'_, '_>, language: Language, problems: &mut Problems<'_>) -> CsvFormat {
    let default = match language {
        Language::Nb => ';',
        Language::En => ',',
    };
    let delimiter = root
        .get("csv")
        .and_then(|csv| csv.table("a table such as { delimiter = \";\" }", problems))
        .and_then(|Entry { value, at, place }| {
            let csv = Section::open(value, at, place, &["delimiter"], problems);
            let delimiter = csv.text("delimiter", EXPECTED_DELIMITER, problems)?;
            let mut characters = delimiter.value.chars();
            match (characters.next(), characters.next()) {
                (Some(only), None) if DELIMITERS.contains(&only) => Some(only),
                _ => {
                    let message = format!(
                        "expected {EXPECTED_DELIMITER}, found {}",
                        quoted(delimiter.value)
                    );
                    problems.add(delimiter.at, &delimiter.place, message);
                    None
                }
            }
        });
    CsvFormat {
        delimiter: delimiter.unwrap_or(default),
    }
}

fn streams(root: &Section<'_, '_>, problems: &mut Problems<'_>) -> Vec<Stream> {
    let expected = "at least one [[stream]]";
    root.missing("stream", expected, problems);
    let Some(found) = root.get("stream") else {
        return Vec::new();
    };
    let DeValue::Array(tables) = found.value else {
        found.wrong_type("[[stream]], with two brackets on each side", problems);
        return Vec::new();
    };
    if tables.is_empty() && !problems.torn() {
        problems.add(found.at, &found.place, format!("expected {expected}"));
    }
    let mut taken = Taken::default();
    let mut drafts = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let ordinal = index + 1;
        let table = entry(table, format!("stream {ordinal}"));
        let Some(table) = table.table("a [[stream]] table", problems) else {
            continue;
        };
        drafts.extend(stream::read(&table, &mut taken, problems));
    }
    let all = drafts.len() == tables.len() && !problems.torn();
    targets::resolve(drafts, all, problems)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
