//! Standard tables as the catalogue has them, where no environment can be asked.

use crate::columns::{Column, Required};
use crate::describe::Description;
use crate::survey::{SurveyError, Wanted};
use crate::tables::near;
use catalogue::Kind;

/// Tables as the catalogue has them: whether an environment has them is not known, and what choices mean neither.
///
/// # Errors
/// If a name is that of no standard table.
pub fn unchecked(wanted: &Wanted) -> Result<Vec<Description>, SurveyError> {
    let all = catalogue::tables().iter();
    let Wanted::Named(names) = wanted else {
        return Ok(all.map(description).collect());
    };
    let fits = |name: &str, set: &str| match name.strip_suffix('*') {
        Some(begin) => set.starts_with(begin),
        None => set == name,
    };
    let is_known = |name: &&String| all.clone().any(|table| fits(name, &table.entity_set));
    let unknown: Vec<_> = names
        .iter()
        .filter(|name| !is_known(name))
        .map(|name| (name.clone(), near(name, self::names()).map(str::to_owned)))
        .collect();
    if !unknown.is_empty() {
        return Err(SurveyError::Unknown(unknown));
    }
    let is_wanted = |table: &&catalogue::Table| {
        let mut names = names.iter();
        names.any(|name| fits(name, &table.entity_set))
    };
    Ok(all.clone().filter(is_wanted).map(description).collect())
}

pub(crate) fn is(entity_set: &str) -> bool {
    catalogue::table(entity_set).is_some()
}

/// Logical names and entity sets.
pub(crate) fn names<'t>() -> impl Iterator<Item = (&'t str, &'t str)> + Clone {
    let all = catalogue::tables().iter();
    all.map(|table| (table.logical_name.as_str(), table.entity_set.as_str()))
}

fn description(table: &catalogue::Table) -> Description {
    Description {
        table: table.entity_set.clone(),
        logical_name: table.logical_name.clone(),
        label: None,
        primary_id: format!("{}id", table.logical_name),
        primary_name: None,
        change_tracking: false,
        syncable: true,
        keys: Vec::new(),
        columns: table.fields().map(column).collect(),
    }
}

fn column(field: catalogue::Field<'_>) -> Column {
    let (kind, lookup) = match field.kind {
        Kind::Plain => ("text", Vec::new()),
        Kind::Date => ("date", Vec::new()),
        Kind::Lookup(target) => ("lookup", vec![target.to_owned()]),
    };
    Column {
        column: field.column.to_owned(),
        kind,
        label: None,
        required: Required::No,
        max_length: None,
        choices: Vec::new(),
        lookup,
        own: false,
        secured: false,
        readable: true,
        writable: false,
    }
}
