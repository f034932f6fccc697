//! Rules for names, and the nearest valid one to a name that is wrong.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use uuid::Uuid;

/// The longest stream and field names.
const OWN_NAME_MAX: usize = 64;
/// Generous against Dataverse's own limits: this is only to catch what cannot be a name.
const DATAVERSE_NAME_MAX: usize = 128;

/// Says what is wrong with a stream's name.
pub(crate) fn check_stream(name: &str) -> Result<(), String> {
    // A leading dash would read as a flag on the command line.
    let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let good = name
        .chars()
        .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_'));
    if name == "changes" {
        return Err(
            "`changes` is taken: it is the export of waiting changes; choose another name".into(),
        );
    }
    if begins_well && good && name.len() <= OWN_NAME_MAX {
        return Ok(());
    }
    Err(format!(
        "expected lower-case letters, digits, `-` and `_`, beginning with a letter or digit, at most \
         {OWN_NAME_MAX} characters, found {}",
        quoted(name)
    ))
}

/// Says what is wrong with a field's name.
pub(crate) fn check_field(name: &str) -> Result<(), String> {
    if name.eq_ignore_ascii_case("id") {
        return Err("`id` is the row's GUID, which every record has by itself; remove it or choose another name".into());
    }
    let good = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if good && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= OWN_NAME_MAX {
        return Ok(());
    }
    Err(format!(
        "expected a field name of letters a to z, digits and `_`, beginning with a letter, at most \
         {OWN_NAME_MAX} characters, found {}",
        quoted(name)
    ))
}

/// Says what is wrong with an entity set's name. Only custom ones may hold capitals.
pub(crate) fn check_table(name: &str) -> Result<(), String> {
    let good = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if good
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= DATAVERSE_NAME_MAX
    {
        return Ok(());
    }
    Err(format!(
        "expected a Dataverse entity set, such as \"contacts\": letters a to z, digits and `_`, found {}",
        quoted(name)
    ))
}

/// Says what is wrong with a column's logical name; those are lower case:
/// <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-properties>
pub(crate) fn check_column(name: &str) -> Result<(), String> {
    let good = name
        .chars()
        .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'));
    if good
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= DATAVERSE_NAME_MAX
    {
        return Ok(());
    }
    let lower = name.to_ascii_lowercase();
    let inner = name
        .strip_prefix('_')
        .and_then(|rest| rest.strip_suffix("_value"));
    let hint = match inner {
        Some(column) => {
            format!("; a lookup goes by the column's own name: did you mean \"{column}\"?")
        }
        None if lower != name && check_column(&lower).is_ok() => {
            format!("; did you mean \"{lower}\"?")
        }
        None => String::new(),
    };
    Err(format!(
        "expected a column's logical name, such as \"emailaddress1\": lower-case letters, digits and `_`, \
         found {}{hint}",
        quoted(name)
    ))
}

/// A GUID in lower case. Only the form with hyphens, which is how Dynamics shows it.
pub(crate) fn guid(text: &str) -> Option<String> {
    let guid = Uuid::try_parse(text).ok()?;
    (text.len() == 36).then(|| guid.to_string())
}

/// The time zone of that name in the compiled-in database.
///
/// Not the machine's database: the same file must mean the same on a laptop and on Lambda.
///
/// # Errors
/// What was expected, and the nearest name.
pub fn time_zone(name: &str) -> Result<TimeZone, String> {
    let database = TimeZoneDatabase::bundled();
    match database.get(name) {
        Ok(zone) if !zone.is_unknown() => Ok(zone),
        _ => {
            let known: Vec<String> = database.available().map(|zone| zone.to_string()).collect();
            let city = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_owned();
            let zones = known.iter().map(String::as_str);
            // People write the city alone; the database wants the continent too.
            let near = nearest(name, zones.clone())
                .or_else(|| zones.clone().find(|zone| distance(name, &city(zone)) == 0));
            let hint = near.map_or_else(String::new, |zone| format!("; did you mean \"{zone}\"?"));
            Err(format!(
                "expected an IANA time zone such as \"Europe/Oslo\", found {}{hint}",
                quoted(name)
            ))
        }
    }
}

/// The candidate closest to a misspelt name, if any is close enough to be meant. For messages.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn distance(name: &str, candidate: &str) -> usize {
    strsim::osa_distance(&name.to_lowercase(), &candidate.to_lowercase())
}

/// A value from the file as it may stand in a one-line message.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
    }
}
