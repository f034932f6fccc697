//! The query string, taken apart.

use std::collections::BTreeMap;

use crate::refusal::Refusal;

/// Options that table reads know.
const KNOWN: [&str; 8] = [
    "$select",
    "$filter",
    "$orderby",
    "$top",
    "$count",
    "$expand",
    "$skiptoken",
    "$deltatoken",
];

/// Options that the service knows and the simulator does not: to leave them out would give wrong rows.
const UNKNOWN_HERE: [&str; 4] = ["$apply", "fetchXml", "savedQuery", "sql"];

/// System options and parameter aliases by name, decoded. Anything else (such as `tag`) is dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryOptions {
    options: BTreeMap<String, String>,
}

impl QueryOptions {
    /// Names are case-sensitive.
    pub(crate) fn parse(query: &str) -> Self {
        let options = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| {
                name.starts_with(['$', '@']) || UNKNOWN_HERE.contains(&name.as_ref())
            })
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Self { options }
    }

    /// Options that were already taken apart and decoded, such as those within `$expand`.
    pub(crate) fn of_parts(parts: Vec<&str>) -> Self {
        let options = parts
            .into_iter()
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect();
        Self { options }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.options.contains_key(name)
    }

    /// Refuses what the service does not support, in its words.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        for name in self.options.keys() {
            if name == "$skip" {
                return Err(Refusal::bad_query("Skip Clause is not supported in CRM"));
            }
            if UNKNOWN_HERE.contains(&name.as_str()) {
                return Err(Refusal::new(
                    501,
                    "0x80060888",
                    format!("The simulator does not know {name}."),
                ));
            }
            if name.starts_with('$') && !KNOWN.contains(&name.as_str()) {
                return Err(Refusal::bad_query(format!(
                    "The query parameter {name} is not supported"
                )));
            }
        }
        Ok(())
    }

    /// The comma-separated names of an option such as `$select`; `None` when it is absent or empty.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        let names: Vec<&str> = self
            .get(name)?
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        (!names.is_empty()).then_some(names)
    }

    /// `$top`.
    pub(crate) fn top(&self) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.get("$top") else {
            return Ok(None);
        };
        text.trim().parse().map(Some).map_err(|_| {
            Refusal::bad_query(format!(
                "Invalid value '{text}' for $top query option found."
            ))
        })
    }

    /// Whether `$count=true` was asked for.
    pub(crate) fn count(&self) -> bool {
        self.get("$count") == Some("true")
    }

    /// The options that a next page must repeat, encoded for a link.
    pub(crate) fn for_next_page(&self) -> String {
        let mut link = String::new();
        for (name, value) in &self.options {
            if name != "$skiptoken" {
                push_option(&mut link, name, value);
            }
        }
        link
    }
}

/// Appends `name=value&`, encoded so that it survives being used as it is.
pub(crate) fn push_option(link: &mut String, name: &str, value: &str) {
    link.push_str(name);
    link.push('=');
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b','
            | b'('
            | b')'
            | b'\'' => link.push(char::from(byte)),
            _ => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link.push('&');
}

/// Splits at `separator` outside parentheses and quotes.
pub(crate) fn split_top_level(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_u32;
    let mut quoted = false;
    let mut start = 0;
    for (position, letter) in text.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth = depth.saturating_add(1),
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if letter == separator && depth == 0 && !quoted => {
                parts.push(text.get(start..position).unwrap_or_default().trim());
                start = position.saturating_add(letter.len_utf8());
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_decoded_and_strangers_dropped() {
        let options = QueryOptions::parse("$select=a,%20b&tag=x&@p1='y%26z'&$top=3");
        assert_eq!(options.list("$select").unwrap(), ["a", "b"]);
        assert_eq!(options.get("@p1"), Some("'y&z'"));
        assert_eq!(options.top().unwrap(), Some(3));
        assert!(!options.has("tag"));
    }

    #[test]
    fn a_next_link_leads_back_to_the_same_options() {
        let query = "$filter=firstname eq 'Å+b&c' and x gt 2024-01-01T00:00:00%2B02:00";
        let first = QueryOptions::parse(&query.replace('+', "%2B").replace("&c", "%26c"));
        let again = QueryOptions::parse(&first.for_next_page());
        assert_eq!(first.options, again.options);
    }

    #[test]
    fn skip_and_format_are_refused() {
        let refusal = QueryOptions::parse("$skip=5").check().unwrap_err();
        assert_eq!(refusal.message, "Skip Clause is not supported in CRM");
        assert!(QueryOptions::parse("$format=json").check().is_err());
        assert!(QueryOptions::parse("$select=a&tag=1").check().is_ok());
    }

    #[test]
    fn lists_split_outside_parentheses_and_quotes_only() {
        assert_eq!(
            split_top_level("Attributes($select=A,B;$filter=x eq 'a,b'),Keys", ','),
            ["Attributes($select=A,B;$filter=x eq 'a,b')", "Keys"]
        );
    }
}
