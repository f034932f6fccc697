//! Whether a row meets a filter. Three-valued: what cannot be told (a comparison with null) is
//! neither true nor false, and such a row is not returned.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::expression::{Comparison, Expression, Operand, TextFunction};
use crate::world::Value;

impl<P> Expression<P> {
    /// True only when the condition certainly holds; `value` looks a property up.
    pub(crate) fn holds<'v>(&self, value: &impl Fn(&P) -> Cow<'v, Value>) -> bool {
        self.evaluate(value) == Some(true)
    }

    fn evaluate<'v>(&self, value: &impl Fn(&P) -> Cow<'v, Value>) -> Option<bool> {
        match self {
            Self::And(left, right) => match (left.evaluate(value), right.evaluate(value)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.evaluate(value), right.evaluate(value)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(inner) => inner.evaluate(value).map(|holds| !holds),
            Self::Compare(left, comparison, right) => {
                compare(&operand(left, value), *comparison, &operand(right, value))
            }
            Self::Text(function, left, right) => {
                match (
                    operand(left, value).as_ref(),
                    operand(right, value).as_ref(),
                ) {
                    (Value::Text(text), Value::Text(part)) => Some(matches(*function, text, part)),
                    _ => None,
                }
            }
            Self::In {
                property,
                values,
                negated,
            } => {
                let held = value(property);
                if *held == Value::Null {
                    return None;
                }
                let found = values.iter().any(|wanted| same(&held, wanted));
                Some(found != *negated)
            }
            Self::Bare(bare) => match operand(bare, value).as_ref() {
                Value::Boolean(flag) => Some(*flag),
                _ => None,
            },
        }
    }
}

fn operand<'o, 'v: 'o, P>(
    operand: &'o Operand<P>,
    value: &impl Fn(&P) -> Cow<'v, Value>,
) -> Cow<'o, Value> {
    match operand {
        Operand::Property(property) => value(property),
        Operand::Literal(literal) => Cow::Borrowed(literal),
    }
}

fn compare(left: &Value, comparison: Comparison, right: &Value) -> Option<bool> {
    let nulls = (*left == Value::Null, *right == Value::Null);
    match (comparison, nulls) {
        (Comparison::Equal, (true, true)) => return Some(true),
        (Comparison::NotEqual, (true, true)) => return Some(false),
        // A literal null asks for emptiness; a column that happens to be null cannot be told.
        (Comparison::Equal, (false, true)) => return Some(false),
        (Comparison::NotEqual, (false, true)) => return Some(true),
        _ => {}
    }
    let order = left.compare(right)?;
    Some(match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
    })
}

/// `In` takes its values as text, whatever the column's type.
fn same(held: &Value, wanted: &Value) -> bool {
    if held.compare(wanted) == Some(Ordering::Equal) {
        return true;
    }
    match (held, wanted) {
        (_, Value::Text(text)) => held.to_truth().as_str().map_or_else(
            || held.to_truth().to_string().eq_ignore_ascii_case(text),
            |printed| printed.eq_ignore_ascii_case(text),
        ),
        _ => false,
    }
}

fn matches(function: TextFunction, text: &str, part: &str) -> bool {
    let (text, part) = (text.to_lowercase(), part.to_lowercase());
    match function {
        TextFunction::Contains => text.contains(&part),
        TextFunction::StartsWith => text.starts_with(&part),
        TextFunction::EndsWith => text.ends_with(&part),
    }
}
