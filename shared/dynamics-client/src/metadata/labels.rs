//! Texts for people, in the languages that the environment has them in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A text for people in several languages, each known by its locale id: 1033 is English, 1044 Norwegian
/// bokmål.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(from = "Told")]
pub struct Labels(BTreeMap<u32, String>);

impl Labels {
    /// The text in one language.
    pub fn get(&self, language: u32) -> Option<&str> {
        self.0.get(&language).map(String::as_str)
    }

    /// The text in the first of `languages` that has one, else in any; `None` where there is no text.
    pub fn preferring(&self, languages: &[u32]) -> Option<&str> {
        let preferred = languages.iter().find_map(|language| self.get(*language));
        preferred.or_else(|| self.0.values().next().map(String::as_str))
    }

    /// Languages and texts, by rising locale id.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.0
            .iter()
            .map(|(language, text)| (*language, text.as_str()))
    }
}

impl FromIterator<(u32, String)> for Labels {
    fn from_iter<I: IntoIterator<Item = (u32, String)>>(labels: I) -> Self {
        Self(labels.into_iter().collect())
    }
}

/// A label as Dataverse sends it. A text that is missing or empty is none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    localized_labels: Option<Vec<Value>>,
    /// The text for the calling user: one of the others, usually.
    user_localized_label: Option<Value>,
}

impl From<Told> for Labels {
    fn from(told: Told) -> Self {
        let localized = told.localized_labels.unwrap_or_default();
        told.user_localized_label
            .into_iter()
            .chain(localized)
            .filter_map(|label| {
                let text = label
                    .get("Label")?
                    .as_str()
                    .filter(|text| !text.is_empty())?;
                let language = label.get("LanguageCode")?.as_u64()?;
                Some((u32::try_from(language).ok()?, text.to_owned()))
            })
            .collect()
    }
}
