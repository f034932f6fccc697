//! What a value carries for callers who ask for annotations: its text for people, and what a lookup
//! points to.

use jiff::tz::TimeZone;

use crate::world::schema::{Kind, Target};
use crate::world::{Decimal, Value, World};

const FORMATTED: &str = "OData.Community.Display.V1.FormattedValue";
const LOOKUP: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";
const NAVIGATION: &str = "Microsoft.Dynamics.CRM.associatednavigationproperty";
const COUNT: &str = "Microsoft.Dynamics.CRM.totalrecordcount";
const METADATA_VERSION: &str = "Microsoft.Dynamics.CRM.globalmetadataversion";
const ERROR_DETAILS: &str = "Microsoft.PowerApps.CDS.*";

/// Which annotations a caller asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Annotations {
    formatted: bool,
    lookup: bool,
    navigation: bool,
    /// How many rows a query found.
    pub(crate) counts: bool,
    /// The version of all definitions.
    pub(crate) metadata_version: bool,
    /// An error shall tell more than its code and message.
    pub(crate) error_details: bool,
}

impl Annotations {
    /// Reads the list of `odata.include-annotations`, in which a star stands for the rest of a name.
    pub(crate) fn read(names: &str) -> Self {
        let wanted: Vec<&str> = names.split(',').map(str::trim).collect();
        let asked = |name: &str| {
            wanted.iter().any(|wanted| match wanted.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => *wanted == name,
            })
        };
        Self {
            formatted: asked(FORMATTED),
            lookup: asked(LOOKUP),
            navigation: asked(NAVIGATION),
            counts: asked(COUNT),
            metadata_version: asked(METADATA_VERSION),
            error_details: asked(ERROR_DETAILS),
        }
    }

    /// Whether rows carry any.
    pub(crate) fn of_rows(self) -> bool {
        self.formatted || self.lookup || self.navigation
    }

    /// Prints a value's annotations, each with a comma before it.
    pub(crate) fn write(
        self,
        world: &World,
        property: &str,
        kind: Kind,
        value: &Value,
        out: &mut Vec<u8>,
    ) {
        if *value == Value::Null || !self.of_rows() {
            return;
        }
        let target = target(world, kind, value);
        let mut add = |wanted: bool, name: &str, text: Option<String>| {
            if let Some(text) = text.filter(|_| wanted) {
                let text = serde_json::Value::from(text);
                out.extend_from_slice(format!(",\"{property}@{name}\":{text}").as_bytes());
            }
        };
        let navigation = target.map(|target| target.navigation.to_owned());
        add(self.navigation, NAVIGATION, navigation);
        let logical_name = target.map(|target| target.table.logical().to_owned());
        add(self.lookup, LOOKUP, logical_name);
        if self.formatted {
            add(true, FORMATTED, formatted(world, kind, value));
        }
    }
}

/// The target table that has the row a lookup points to.
fn target(world: &World, kind: Kind, value: &Value) -> Option<Target> {
    let (Kind::Lookup { targets, .. }, Value::Guid(id)) = (kind, value) else {
        return None;
    };
    let has = |target: &&Target| {
        let rows = world.rows(target.table.entity_set());
        rows.is_some_and(|rows| rows.get(*id).is_some())
    };
    targets.iter().find(has).or(targets.first()).copied()
}

/// A value as the calling user reads it: here an American who counts in kroner and lives by UTC.
fn formatted(world: &World, kind: Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (Kind::Boolean { labels }, Value::Boolean(flag)) => {
            Some(if *flag { labels.0 } else { labels.1 }.to_owned())
        }
        (
            Kind::Picklist(choices) | Kind::State(choices) | Kind::Status { choices, .. },
            Value::Integer(number),
        ) => choices
            .iter()
            .find(|(value, _)| value == number)
            .map(|(_, label)| (*label).to_owned()),
        (Kind::Lookup { .. }, Value::Guid(id)) => {
            let rows = world.rows(target(world, kind, value)?.table.entity_set())?;
            let (position, _) = rows.table.by_name(rows.table.primary_name)?;
            match rows.get(*id)?.value(position).as_ref() {
                Value::Text(name) => Some(name.clone().into_owned()),
                _ => None,
            }
        }
        (Kind::Money { .. }, Value::Decimal(number)) => {
            Some(format!("kr{}", grouped(&hundredths(number))))
        }
        (_, Value::Integer(number)) => Some(grouped(&number.to_string())),
        (_, Value::Decimal(number)) => Some(grouped(&number.to_string())),
        (_, Value::Moment(moment)) => Some(
            moment
                .to_zoned(TimeZone::UTC)
                .strftime("%-m/%-d/%Y %-I:%M %p")
                .to_string(),
        ),
        (_, Value::Date(date)) => Some(date.strftime("%-m/%-d/%Y").to_string()),
        _ => None,
    }
}

/// A number with two decimals, cut.
fn hundredths(number: &Decimal) -> String {
    let text = number.to_string();
    match text.split_once('.') {
        Some((whole, rest)) => format!("{whole}.{}", rest.get(..2).unwrap_or(rest)),
        None => format!("{text}.00"),
    }
}

/// A number with commas between thousands.
pub(crate) fn grouped(number: &str) -> String {
    let (whole, rest) = match number.find('.') {
        Some(point) => number.split_at(point),
        None => (number, ""),
    };
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(place);
        if place > 0 && left % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_and_stars_stand_for_the_rest() {
        assert_eq!(grouped("-1234567.50"), "-1,234,567.50");
        assert_eq!(grouped("123"), "123");
        let asked = Annotations::read("OData.Community.Display.V1.*");
        assert!(asked.formatted && !asked.lookup && !asked.error_details);
        assert!(Annotations::read("*").error_details);
    }
}
