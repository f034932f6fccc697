//! Whether column security hides or locks a column of the stream.

use std::collections::BTreeMap;

use dynamics_client::{Column, ColumnAccess};
use streams::Owner;

use super::Subject;
use crate::remedy;
use crate::report::{Finding, Found, Who};

/// Two requests, or none for a stream without secured columns.
pub(super) async fn check(subject: Subject<'_>) -> Found {
    let Subject {
        client, me, stream, ..
    } = subject;
    let table = subject.table();
    let columns = stream.columns().into_iter();
    let secured = columns.filter_map(|name| Some((name, table.columns.get(name)?)));
    let secured: BTreeMap<&str, &Column> = secured.filter(|(_, column)| column.secured).collect();
    if secured.is_empty() {
        return Found::default();
    }
    let access = match client.column_access(me.user_id, table).await {
        Ok(access) => access,
        Err(error) => return remedy::finding(&error).into(),
    };
    let mut found = Found::default();
    for (name, column) in secured {
        let access = access.get(name).copied().unwrap_or_default();
        found = found.all(locked(subject, name, column, access));
    }
    found
}

fn locked(subject: Subject<'_>, name: &str, column: &Column, access: ColumnAccess) -> Vec<Finding> {
    let stream = subject.stream;
    let mut fields = stream.fields.iter();
    let is_written = stream.direction.pushes()
        && fields.any(|field| field.column == name && field.owner != Owner::Dynamics);
    let mut findings = Vec::new();
    let mut lacks = |what: &str, right: &str| {
        let how = remedy::column_security(&format!("set {right} of {name} to Allowed"));
        findings.push(Finding::fail(what, Who::DynamicsAdministrator, how));
    };
    if !access.read {
        let what = format!(
            "Column `{name}` is secured and the application user may not read it: every row would show it \
             empty, without a mark."
        );
        lacks(&what, "Read");
    }
    if is_written && column.secured_on_update && !access.update {
        let what = format!(
            "Column `{name}` is secured and the application user may not change it: every change of it is \
             refused."
        );
        lacks(&what, "Update");
    }
    if is_written && column.secured_on_create && !access.create {
        let what = format!(
            "Column `{name}` is secured and the application user may not fill it in new rows: they are \
             refused."
        );
        lacks(&what, "Create");
    }
    findings
}
