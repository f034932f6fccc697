//! What a refusal of Dataverse names: tables, columns, keys, limits and ids of rows.
//!
//! A server's message is never repeated, since it may hold values. Here, messages of a known form are
//! read, and only what stands where a name, a number or an id belongs is taken out of them.
//!
//! Source: "Web service error codes" in the Dataverse developer documentation, and the messages as the
//! service words them.

use uuid::Uuid;

use crate::call::{Aim, Asked};
use crate::error::ErrorKind;

/// As long as it is not known which.
const A_LOOKUP: &str = "a lookup";

/// What a message says, in this crate's words.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) kind: ErrorKind,
    pub(crate) why: String,
    pub(crate) advice: &'static str,
    /// The row that a lookup was to refer to, and that does not exist.
    pub(crate) target: Option<Uuid>,
}

/// What `message`, the answer to a read or a write of rows, says in detail.
pub(crate) fn told(message: &str, asked: Asked) -> Option<Told> {
    let selected = no_column_to_read(message);
    let Some(aim) = asked.aim else {
        return selected.filter(|_| asked.is_of_rows());
    };
    let known: [fn(&str) -> Option<Told>; 7] = [
        too_long,
        unknown_choice,
        no_navigation,
        no_column,
        required,
        key_taken,
        no_key,
    ];
    selected
        .or_else(|| known.iter().find_map(|form| form(message)))
        .or_else(|| missing_target(message, aim))
}

/// A column that is selected, or stands in a condition.
fn no_column_to_read(message: &str) -> Option<Told> {
    let by_path = || {
        let rest = after(message, "Could not find a property named '")?;
        let (column, rest) = name(rest, "' on type 'Microsoft.Dynamics.CRM.")?;
        let (table, _) = name(rest, "'")?;
        Some((table, column))
    };
    let by_query = || {
        let (table, rest) =
            message.split_once("' entity doesn't contain attribute with Name = '")?;
        let (column, _) = name(rest, "'")?;
        Some((plain(table.rsplit('\'').next()?)?, column))
    };
    let (table, column) = by_path().or_else(by_query)?;
    refused(
        format!("the table {table} has no column {column} to read"),
        "Check its spelling: it is the logical name, in lower case; of a lookup, _name_value.",
    )
}

fn too_long(message: &str) -> Option<Told> {
    let rest = after(message, "The length of the '")?;
    let (column, rest) = name(rest, "' attribute of the '")?;
    let (table, rest) = name(rest, "' entity exceeded the maximum allowed length of '")?;
    let (limit, _) = rest.split_once('\'')?;
    let limit: u32 = limit.parse().ok()?;
    refused(
        format!("the value for column {column} of table {table} is longer than {limit} characters"),
        "Shorten it, or ask a Dynamics administrator to lengthen the column.",
    )
}

fn unknown_choice(message: &str) -> Option<Told> {
    let rest = after(message, "The value ")?;
    let (_, rest) = rest.split_once(" of '")?;
    let (column, rest) = name(rest, "' on record of type '")?;
    let (table, _) = name(rest, "' is outside the valid range")?;
    refused(
        format!("column {column} of table {table} has no choice with this number"),
        "Use a number that the column's definition lists, or add the choice there.",
    )
}

fn no_navigation(message: &str) -> Option<Told> {
    let rest = after(message, "undeclared property '")?;
    let (property, _) = name(rest, "' which only has property annotations")?;
    refused(
        format!("the table has no navigation property {property}"),
        "Take the name from the table's relationships: it depends on the table that the lookup is to \
         refer to, and case counts.",
    )
}

fn no_column(message: &str) -> Option<Told> {
    let rest = after(message, "Invalid property '")?;
    let (column, rest) = name(rest, "' was found in entity 'Microsoft.Dynamics.CRM.")?;
    let (table, _) = name(rest, "'")?;
    refused(
        format!("the table {table} has no column {column}"),
        "Check its spelling: it is the logical name, in lower case.",
    )
}

fn required(message: &str) -> Option<Told> {
    let rest = after(message, "Required field '")?;
    let (column, _) = name(rest, "' is missing")?;
    refused(
        format!("column {column} is required"),
        "Give it a value; it cannot be emptied.",
    )
}

fn key_taken(message: &str) -> Option<Told> {
    let rest = after(message, "Entity Key ")?;
    let (_, rest) = rest.split_once(" violated. A record with the same value for ")?;
    let (columns, _) = rest.split_once(" already exists")?;
    let plain = |letter: char| letter.is_alphanumeric() || " _,".contains(letter);
    (columns.len() <= 200 && columns.chars().all(plain)).then(|| Told {
        kind: ErrorKind::DuplicateKey,
        why: format!("another row has the same value for {columns}"),
        advice: "Update that row, or correct the key of one of them.",
        target: None,
    })
}

fn no_key(message: &str) -> Option<Told> {
    let rest = after(
        message,
        "The key in the request URI is not valid for resource '",
    )?;
    let (table, _) = name(rest.strip_prefix("Microsoft.Dynamics.CRM.")?, "'")?;
    refused(
        format!("the table {table} has no active alternate key of these columns"),
        "Check the key's columns, and in the maker portal that its index is active: that takes a while \
         after the key was made, and fails if rows have equal values.",
    )
}

/// A row that does not exist is either the one to be written or the target of one of its lookups.
fn missing_target(message: &str, aim: Aim) -> Option<Told> {
    let own = match aim {
        Aim::Row { id, .. } => id,
        Aim::New => None,
        Aim::Many => return None,
    };
    let (before, rest) = message
        .split_once(" With Id = ")
        .or_else(|| message.split_once(" With Ids = "))?;
    let id: Uuid = rest.get(..36)?.parse().ok()?;
    if own == Some(id) || !rest.get(36..)?.trim_start().starts_with("Do") {
        return None;
    }
    let table = before.rsplit([' ', '\'']).find(|word| !word.is_empty())?;
    Some(Told {
        target: Some(id),
        ..refused(
            format!(
                "{A_LOOKUP} is to refer to the row {id} of {}, which does not exist",
                plain(table)?
            ),
            "Write that row first, or leave the lookup out.",
        )?
    })
}

/// The same reason, with the name of the lookup.
pub(crate) fn of_lookup(why: &str, navigation: &str) -> String {
    why.replacen(A_LOOKUP, &format!("the lookup {navigation}"), 1)
}

fn refused(why: String, advice: &'static str) -> Option<Told> {
    Some(Told {
        kind: ErrorKind::BadRequest,
        why,
        advice,
        target: None,
    })
}

fn after<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    message.split_once(words).map(|(_, rest)| rest)
}

/// The name before `words`, and what follows them.
fn name<'a>(text: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    let (name, rest) = text.split_once(words)?;
    Some((plain(name)?, rest))
}

/// `text`, if it can be a name.
fn plain(text: &str) -> Option<&str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    ((1..=128).contains(&text.len()) && text.bytes().all(fits)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::RequestClass;

    fn asked(aim: Aim) -> Asked {
        Asked {
            class: RequestClass::Write,
            by_link: false,
            reads: false,
            aim: Some(aim),
        }
    }

    #[test]
    fn a_missing_row_is_the_written_one_or_the_target_of_a_lookup() {
        let id = Uuid::from_u128(7);
        let message = format!("account With Id = {id} Does Not Exist");
        let row = |id| Aim::Row {
            id: Some(id),
            if_match: false,
        };
        assert!(told(&message, asked(row(id))).is_none());
        assert!(told(&message, asked(Aim::Many)).is_none());
        for aim in [row(Uuid::nil()), Aim::New] {
            let told = told(&message, asked(aim)).unwrap();
            assert_eq!(told.kind, ErrorKind::BadRequest);
            assert!(
                told.why.contains(&format!("row {id} of account")),
                "{}",
                told.why
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_message_makes_this_panic_and_no_value_gets_through(value in ".{0,60}") {
            for form in [
                "The length of the 'V' attribute of the 'task' entity exceeded the maximum allowed length of 'V'.",
                "The value V of 'x' on record of type 'y' is outside the valid range",
                "Entity Key V violated. A record with the same value for name already exists.",
                "V With Id = V Does Not Exist",
                "Required field 'V' is missing",
                "Could not find a property named 'V' on type 'Microsoft.Dynamics.CRM.V'.",
                "'V' entity doesn't contain attribute with Name = 'V' and NameMapping = 'Logical'.",
            ] {
                let secret = format!("s3cr-et{value}");
                let said = told(&form.replace('V', &secret), asked(Aim::New));
                proptest::prop_assert!(!said.is_some_and(|told| told.why.contains("s3cr-et")));
                told(&form.replace('V', &value), asked(Aim::New));
            }
        }
    }
}
