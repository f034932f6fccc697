//! The `Prefer` header.

use axum::http::HeaderMap;

use super::annotations::Annotations;

const ANNOTATIONS: &str = "odata.include-annotations";

/// What the caller prefers, as far as it is understood.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Preferences {
    pub(crate) max_page_size: Option<usize>,
    pub(crate) track_changes: bool,
    pub(crate) representation: bool,
    /// A batch goes on after a part that failed.
    pub(crate) continue_on_error: bool,
    pub(crate) annotations: Annotations,
}

impl Preferences {
    /// Several preferences may share a header, and there may be several headers. A page size
    /// beyond `largest` becomes that.
    pub(crate) fn read(headers: &HeaderMap, largest: u32) -> Self {
        let largest = usize::try_from(largest).unwrap_or(usize::MAX).max(1);
        let mut preferences = Self::default();
        for preference in sent(headers) {
            match preference {
                "odata.track-changes" => preferences.track_changes = true,
                "odata.continue-on-error" => preferences.continue_on_error = true,
                "return=representation" => preferences.representation = true,
                other => match other.split_once('=') {
                    Some(("odata.maxpagesize", size)) => {
                        let size = size.trim_matches('"').parse::<usize>().ok();
                        if let Some(size) = size.filter(|size| *size > 0) {
                            preferences.max_page_size = Some(size.min(largest));
                        }
                    }
                    Some((ANNOTATIONS, names)) => {
                        preferences.annotations = Annotations::read(names.trim_matches('"'));
                    }
                    _ => {}
                },
            }
        }
        preferences
    }

    /// What a read honoured, for `Preference-Applied`.
    pub(crate) fn applied_to_read(self, headers: &HeaderMap) -> Option<String> {
        let mut applied = Vec::new();
        if self.track_changes {
            applied.push("odata.track-changes".to_owned());
        }
        if let Some(size) = self.max_page_size {
            applied.push(format!("odata.maxpagesize={size}"));
        }
        let annotations = sent(headers).find(|preference| preference.starts_with(ANNOTATIONS));
        applied.extend(annotations.map(str::to_owned));
        (!applied.is_empty()).then(|| applied.join(","))
    }
}

/// All preferences of a request.
fn sent(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let headers = headers.get_all("prefer").into_iter();
    headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(parts)
        .map(str::trim)
}

/// A header's preferences: commas within quotes do not part them.
fn parts(header: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    header.split(move |letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn preferences_share_a_header_and_a_quoted_list_keeps_its_commas() {
        let text = "odata.include-annotations=\"a,Microsoft.PowerApps.CDS.*\", odata.maxpagesize=7";
        let headers = [("prefer".parse().unwrap(), HeaderValue::from_static(text))];
        let preferences = Preferences::read(&headers.into_iter().collect(), 5_000);
        assert!(preferences.annotations.error_details && !preferences.track_changes);
        assert_eq!(preferences.max_page_size, Some(7));
    }
}
