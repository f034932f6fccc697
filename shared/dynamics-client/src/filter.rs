//! Conditions on rows, with every literal quoted as its type demands.
//!
//! Never shown: the values, which may be personal data.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

/// A condition on rows.
#[derive(Clone)]
pub struct Filter {
    text: String,
    columns: Vec<String>,
}

impl Filter {
    /// `column` is at or after `time`, rounded down to the whole seconds that Dataverse stores.
    pub fn ge_time(column: &str, time: Timestamp) -> Self {
        Self::compare(column, "ge", &whole_seconds(time).to_string())
    }

    /// `column` is this time, in whole seconds.
    pub(crate) fn eq_time(column: &str, time: Timestamp) -> Self {
        Self::compare(column, "eq", &whole_seconds(time).to_string())
    }

    /// `column` is this decimal number, given as its digits, which are checked by then.
    pub(crate) fn eq_decimal(column: &str, digits: &str) -> Self {
        Self::compare(column, "eq", digits)
    }

    /// `column` is this text. Dataverse ignores case.
    pub fn eq_text(column: &str, text: &str) -> Self {
        Self::compare(column, "eq", &format!("'{}'", text.replace('\'', "''")))
    }

    /// `column` is this id; a lookup column is named `_name_value`.
    pub fn eq_guid(column: &str, id: Uuid) -> Self {
        Self::compare(column, "eq", &id.to_string())
    }

    /// `column` is this whole number or choice.
    pub fn eq_integer(column: &str, number: i64) -> Self {
        Self::compare(column, "eq", &number.to_string())
    }

    /// Both conditions hold.
    pub fn and(self, other: Self) -> Self {
        self.join("and", other)
    }

    /// One of the conditions holds, or both.
    pub fn or(self, other: Self) -> Self {
        self.join("or", other)
    }

    /// One of the conditions holds, or several; `None` without any. Dataverse takes at most 500 in one query,
    /// and 32,768 characters of address.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut conditions = conditions.into_iter();
        let mut any = conditions.next()?;
        let mut several = false;
        for condition in conditions {
            several = true;
            any.text.push_str(" or ");
            any.text.push_str(&condition.text);
            any.columns.extend(condition.columns);
        }
        if several {
            // Flat, because each level of parentheses counts against what a parser takes.
            any.text = format!("({})", any.text);
        }
        any.columns.sort_unstable();
        any.columns.dedup();
        Some(any)
    }

    /// The condition as OData writes it, before percent-encoding.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The columns it names.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    fn compare(column: &str, operator: &str, literal: &str) -> Self {
        Self {
            text: format!("{column} {operator} {literal}"),
            columns: vec![column.to_owned()],
        }
    }

    fn join(mut self, word: &str, other: Self) -> Self {
        self.columns.extend(other.columns);
        Self {
            text: format!("({} {word} {})", self.text, other.text),
            columns: self.columns,
        }
    }
}

/// `time` rounded down to the whole seconds that Dataverse stores.
pub(crate) fn whole_seconds(time: Timestamp) -> Timestamp {
    let seconds = time.as_nanosecond().div_euclid(1_000_000_000);
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(time)
}

/// Names the columns only: the values may be personal data.
impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.columns).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        let filter =
            Filter::eq_text("lastname", "O'Brian' or '1").or(Filter::eq_integer("statecode", 0));
        assert_eq!(
            filter.text,
            "(lastname eq 'O''Brian'' or ''1' or statecode eq 0)"
        );
    }

    #[test]
    fn any_of_several_conditions_is_one_without_further_parentheses() {
        let number = |number| Filter::eq_integer("n", number);
        let text = |filter: Option<Filter>| filter.unwrap().text;
        assert!(Filter::any([]).is_none());
        assert_eq!(text(Filter::any([number(1)])), "n eq 1");
        let both = number(1).and(Filter::eq_integer("m", 2));
        let any = Filter::any([both, number(3), number(4)]);
        assert_eq!(
            text(any.clone()),
            "((n eq 1 and m eq 2) or n eq 3 or n eq 4)"
        );
        assert_eq!(any.unwrap().columns, ["m", "n"]);
    }

    #[test]
    fn a_time_before_1970_is_rounded_down_too() {
        let filter = Filter::ge_time("birthdate", "1969-12-31T23:59:58.5Z".parse().unwrap());
        assert_eq!(filter.text, "birthdate ge 1969-12-31T23:59:58Z");
    }
}
