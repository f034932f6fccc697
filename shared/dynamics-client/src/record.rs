//! The columns of a row that is to be written, each as the JSON that Dataverse reads exactly.
//!
//! Never in here: what a column means. Never shown: values, in `Debug` or in an error.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::error::{ErrorKind, Problem};
use crate::query::check_name;

/// What follows the name of a lookup's navigation property.
const BIND: &str = "@odata.bind";

/// What is to be written of one row. Columns that are not set are left as they are; each one that is set
/// counts as changed for plug-ins and audit, even if its value is the same.
///
/// A name set twice holds what was set last. What cannot be written (a name that is no name, a decimal
/// that is none) is an error of the write that uses it, before anything is sent.
///
/// ```
/// use dynamics_client::Record;
/// # let account = uuid::Uuid::nil();
/// let contact = Record::new()
///     .text("lastname", "O'Brian")
///     .decimal("creditlimit", "20000.0000")
///     .bind("parentcustomerid_account", "accounts", account)
///     .null("jobtitle");
/// ```
#[derive(Clone, Default)]
pub struct Record {
    id: Option<Uuid>,
    /// Name and JSON text, in the order of setting.
    cells: Vec<(String, String)>,
    /// The columns whose value cannot be written.
    wrong: Vec<String>,
}

impl Record {
    /// A row of which nothing is to be written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id that a row to be created shall have, in place of one that Dataverse makes. It must be one
    /// that no other row will ever have: only then can a create whose answer was lost be repeated.
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// A text, a memo, or an address.
    pub fn text(self, column: &str, value: &str) -> Self {
        self.set(column, serde_json::Value::from(value).to_string())
    }

    /// A whole number, a choice, a state or a status.
    pub fn integer(self, column: &str, value: i64) -> Self {
        self.set(column, value.to_string())
    }

    /// Several choices at once.
    pub fn choices(self, column: &str, values: &[i32]) -> Self {
        let values: Vec<String> = values.iter().map(i32::to_string).collect();
        self.text(column, &values.join(","))
    }

    /// A decimal number or an amount of money, as its digits: `-12.50`. No digit is lost on the way.
    pub fn decimal(mut self, column: &str, digits: &str) -> Self {
        if !is_decimal(digits) {
            self.wrong.push(column.to_owned());
        }
        self.set(column, digits.to_owned())
    }

    /// A floating point number. Dataverse rounds it to the column's precision.
    pub fn double(mut self, column: &str, value: f64) -> Self {
        if !value.is_finite() {
            self.wrong.push(column.to_owned());
        }
        self.set(column, serde_json::Value::from(value).to_string())
    }

    /// Yes or no.
    pub fn boolean(self, column: &str, value: bool) -> Self {
        self.set(column, value.to_string())
    }

    /// A calendar date, for a column whose behaviour is date only.
    pub fn date(self, column: &str, value: Date) -> Self {
        self.text(column, &value.to_string())
    }

    /// An instant, in whole seconds as Dataverse stores it.
    pub fn time(self, column: &str, value: Timestamp) -> Self {
        self.text(column, &crate::filter::whole_seconds(value).to_string())
    }

    /// A unique identifier that is no lookup.
    pub fn guid(self, column: &str, value: Uuid) -> Self {
        self.text(column, &value.to_string())
    }

    /// Empties a column. For a lookup see [`Self::unbind`].
    pub fn null(self, column: &str) -> Self {
        self.set(column, "null".to_owned())
    }

    /// Points a lookup at the row `id` of `entity_set`, by the lookup's
    /// [navigation property](crate::Navigation).
    pub fn bind(mut self, navigation: &str, entity_set: &str, id: Uuid) -> Self {
        if check_name(entity_set).is_err() {
            self.wrong.push(navigation.to_owned());
        }
        self.set(
            &format!("{navigation}{BIND}"),
            format!("\"/{entity_set}({id})\""),
        )
    }

    /// Empties a lookup.
    pub fn unbind(self, navigation: &str) -> Self {
        self.null(&format!("{navigation}{BIND}"))
    }

    pub(crate) fn own_id(&self) -> Option<Uuid> {
        self.id
    }

    /// The navigation property that is pointed at the row `id`.
    pub(crate) fn lookup_of(&self, id: Uuid) -> Option<&str> {
        let end = format!("({id})\"");
        self.cells.iter().find_map(|(name, json)| {
            let name = name.strip_suffix(BIND)?;
            json.ends_with(&end).then_some(name)
        })
    }

    fn set(mut self, name: &str, json: String) -> Self {
        match self.cells.iter_mut().find(|(held, _)| held == name) {
            Some((_, held)) => *held = json,
            None => self.cells.push((name.to_owned(), json)),
        }
        self
    }

    /// The JSON object of `first`, names and JSON texts, and of every column set.
    pub(crate) fn json(&self, first: &[(&str, String)]) -> Result<String, Box<Problem>> {
        self.check()?;
        let own = self.cells.iter().map(|(name, json)| (name.as_str(), json));
        let all: Vec<String> = first
            .iter()
            .map(|(name, json)| (*name, json))
            .chain(own)
            .map(|(name, json)| format!("\"{name}\":{json}"))
            .collect();
        Ok(format!("{{{}}}", all.join(",")))
    }

    fn check(&self) -> Result<(), Box<Problem>> {
        for (name, _) in &self.cells {
            check_name(name.strip_suffix(BIND).unwrap_or(name))?;
        }
        match self.wrong.first() {
            None => Ok(()),
            Some(column) => Err(
                Problem::new(ErrorKind::BadRequest, "the request was not sent")
                    .because(format!("the value for column {column} cannot be written"))
                    .advise(
                        "A number has digits only, a lookup the entity set name of its target.",
                    ),
            ),
        }
    }
}

/// Names the columns only: the values may be personal data.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.cells.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Record")
            .field("id", &self.id)
            .field("columns", &names)
            .finish_non_exhaustive()
    }
}

/// Whether `text` is a JSON number without exponent.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned
        .split_once('.')
        .map_or((unsigned, None), |(whole, fraction)| {
            (whole, Some(fraction))
        });
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && !leading_zero && fraction.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_written_as_the_web_api_reads_it() {
        let record = Record::new()
            .text("lastname", "O'Brian \"x\"\n")
            .integer("statuscode", 1)
            .choices("colours", &[1, 9])
            .decimal("amount", "20000.0000")
            .double("height", 1.5)
            .boolean("donotemail", true)
            .date("birthdate", "1980-02-29".parse().unwrap())
            .time("seen", "2026-11-20T02:00:00.75Z".parse().unwrap())
            .null("jobtitle")
            .bind("parentcustomerid_account", "accounts", Uuid::nil())
            .unbind("hlf_Mentor")
            .integer("statuscode", 2);
        assert_eq!(
            record.json(&[("contactid", "\"x\"".to_owned())]).unwrap(),
            r#"{"contactid":"x","lastname":"O'Brian \"x\"\n","statuscode":2,"colours":"1,9","amount":20000.0000,"height":1.5,"donotemail":true,"birthdate":"1980-02-29","seen":"2026-11-20T02:00:00Z","jobtitle":null,"parentcustomerid_account@odata.bind":"/accounts(00000000-0000-0000-0000-000000000000)","hlf_Mentor@odata.bind":null}"#
        );
    }

    #[test]
    fn what_cannot_be_written_is_refused_by_its_columns_name_and_never_shown() {
        for record in [
            Record::new().decimal("amount", "12,5 secret"),
            Record::new().decimal("amount", "01"),
            Record::new().decimal("amount", "1e5"),
            Record::new().double("amount", f64::NAN),
            Record::new().bind("amount", "a/b secret", Uuid::nil()),
        ] {
            let problem = record.json(&[]).unwrap_err();
            assert_eq!(problem.kind, ErrorKind::BadRequest);
            let text = format!("{problem:?} {record:?}");
            assert!(text.contains("column amount"), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
        let named = Record::new().text("a\":1,\"b", "x");
        assert_eq!(named.json(&[]).unwrap_err().kind, ErrorKind::BadRequest);
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_out_as_it_went_in(value: String) {
            let json = Record::new().text("name", &value).json(&[]).unwrap();
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            proptest::prop_assert_eq!(read["name"].as_str(), Some(value.as_str()));
        }
    }
}
