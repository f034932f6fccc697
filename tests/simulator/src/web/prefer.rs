//! The `Prefer` header.

use axum::http::HeaderMap;

/// What the caller prefers, as far as it is understood.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Preferences {
    pub(crate) max_page_size: Option<usize>,
    pub(crate) track_changes: bool,
    pub(crate) representation: bool,
}

impl Preferences {
    /// Several preferences may share a header, and there may be several headers. A page size
    /// beyond `largest` becomes that.
    pub(crate) fn read(headers: &HeaderMap, largest: u32) -> Self {
        let largest = usize::try_from(largest).unwrap_or(usize::MAX).max(1);
        let mut preferences = Self::default();
        let sent = headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        for preference in sent {
            match preference.trim() {
                "odata.track-changes" => preferences.track_changes = true,
                "return=representation" => preferences.representation = true,
                other => {
                    let size = other
                        .strip_prefix("odata.maxpagesize=")
                        .and_then(|size| size.trim_matches('"').parse::<usize>().ok());
                    if let Some(size) = size.filter(|size| *size > 0) {
                        preferences.max_page_size = Some(size.min(largest));
                    }
                }
            }
        }
        preferences
    }

    /// What a read honoured, for `Preference-Applied`.
    pub(crate) fn applied_to_read(self) -> Option<String> {
        let mut applied = Vec::new();
        if self.track_changes {
            applied.push("odata.track-changes".to_owned());
        }
        if let Some(size) = self.max_page_size {
            applied.push(format!("odata.maxpagesize={size}"));
        }
        (!applied.is_empty()).then(|| applied.join(","))
    }
}
