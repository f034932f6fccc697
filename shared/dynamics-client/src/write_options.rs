//! What every write of a client asks of Dataverse besides writing.
//!
//! Source: "Use optional parameters" and "Bypass custom business logic", Dataverse developer
//! documentation.

use http::{HeaderMap, HeaderName, HeaderValue};

const BYPASS_LOGIC: HeaderName = HeaderName::from_static("mscrm.bypassbusinesslogicexecution");
const BYPASS_PLUGINS: HeaderName = HeaderName::from_static("mscrm.bypasscustompluginexecution");
const SUPPRESS_FLOWS: HeaderName =
    HeaderName::from_static("mscrm.suppresscallbackregistrationexpanderjob");

/// What every write asks of Dataverse besides writing; nothing by default. Duplicate detection is left as
/// it is: off. See [`DynamicsClient::writing`](crate::DynamicsClient::writing).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WriteOptions {
    suppress_flows: bool,
    bypass_plugins: bool,
    bypass_logic: Option<CustomLogic>,
    returning: Option<Vec<String>>,
}

/// Business logic of the environment's own, without Microsoft's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CustomLogic {
    /// Plug-ins and workflows within the write.
    Sync,
    /// Plug-ins and workflows after the write.
    Async,
    /// Both.
    SyncAndAsync,
}

impl WriteOptions {
    /// The write starts no Power Automate flow.
    pub fn suppress_flows(mut self) -> Self {
        self.suppress_flows = true;
        self
    }

    /// The write runs none of this logic. The application user needs `prvBypassCustomBusinessLogic`.
    pub fn bypass_logic(mut self, logic: CustomLogic) -> Self {
        self.bypass_logic = Some(logic);
        self
    }

    /// The write runs no synchronous plug-in of the environment's own, in the older form that needs only
    /// `prvBypassCustomPlugins`.
    pub fn bypass_plugins(mut self) -> Self {
        self.bypass_plugins = true;
        self
    }

    /// The answer brings the row with these columns, by their names for selecting, and with them its
    /// id, its entity tag and whether an upsert created it. Costs Dataverse one read more. Bulk actions
    /// bring no rows.
    pub fn returning<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.returning = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// The columns to be brought.
    pub(crate) fn columns(&self) -> Option<&[String]> {
        self.returning.as_deref()
    }

    /// The headers that ask for it, without the row.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let yes = HeaderValue::from_static("true");
        if self.suppress_flows {
            headers.insert(SUPPRESS_FLOWS, yes.clone());
        }
        if self.bypass_plugins {
            headers.insert(BYPASS_PLUGINS, yes);
        }
        if let Some(logic) = self.bypass_logic {
            let text = match logic {
                CustomLogic::Sync => "CustomSync",
                CustomLogic::Async => "CustomAsync",
                CustomLogic::SyncAndAsync => "CustomSync,CustomAsync",
            };
            headers.insert(BYPASS_LOGIC, HeaderValue::from_static(text));
        }
        headers
    }
}
