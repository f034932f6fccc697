//! `sdkmessagefilters`: which messages a table offers. Callers probe it before a bulk action.

use serde_json::{Value as Json, json};

use super::definitions::metadata_id;
use super::project::filtered;
use super::{Object, objects};
use crate::refusal::Refusal;
use crate::web::{Answer, BULK_MESSAGES, Context, offers_bulk};

/// The table's entity set name.
pub(crate) const MESSAGE_FILTERS: &str = "sdkmessagefilters";

/// `GET sdkmessagefilters`, whatever it selects: the key, the table's name, and the message's with
/// `$expand`.
pub(crate) fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    if context.switches.forbidden.contains(MESSAGE_FILTERS) {
        let message = "Principal user is missing prvReadSdkMessageFilter privilege on OTC=4607 for \
                       entity 'sdkmessagefilter'.";
        return Err(Refusal::new(403, "0x80040220", message));
    }
    let options = &context.call.options;
    options.check()?;
    let world = context.simulator.world();
    let mut found = Vec::new();
    for table in world.tables() {
        let logical_name = table.name.logical();
        let bulk = BULK_MESSAGES
            .iter()
            .filter(|_| offers_bulk(&context.switches, table));
        for message in ["Create", "Update", "Delete", "Retrieve"]
            .iter()
            .chain(bulk)
        {
            found.push(json!({
                "sdkmessagefilterid": metadata_id(logical_name, message),
                "primaryobjecttypecode": logical_name,
                "sdkmessageid": { "name": message },
            }));
        }
    }
    let found = objects(Some(Json::Array(found)));
    let expands = options.has("$expand");
    let value: Vec<Object> = filtered(found, options.get("$filter"), options, "sdkmessagefilter")?
        .into_iter()
        .map(|mut filter| {
            if !expands {
                filter.remove("sdkmessageid");
            }
            filter
        })
        .collect();
    let body = json!({
        "@odata.context": format!("{}/$metadata#{MESSAGE_FILTERS}", context.call.api()),
        "value": value,
    });
    Ok(Answer::odata(200, body.to_string().into_bytes()))
}
