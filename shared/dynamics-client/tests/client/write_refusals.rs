use dynamics_client::{Change, Error, ErrorKind, IfMatch, Outcome, RowKey};
use uuid::Uuid;

use crate::support::contact::{ID, ID_TEXT, named};
use crate::support::{Bench, Reply, contact_table};

async fn refused(change: &Change<'_>, status: u16, code: &str, message: &str) -> Error {
    let bench = Bench::new().await;
    bench.server.script([Reply::error(status, code, message)]);
    let error = bench.client.write(change).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Refused);
    assert_eq!(bench.server.api_requests().len(), 1);
    error
}

#[tokio::test]
async fn every_refusal_has_its_kind_and_names_table_column_row_and_what_to_do() {
    let (table, record, key) = (contact_table(), named(), RowKey::Id(ID));
    let update = Change::update(&table, &key, &record, &IfMatch::Any);
    let by_key = RowKey::text("emailaddress1", "secret");
    let upsert = Change::upsert(&table, &by_key, &record);
    let here = format!("cannot update contacts {ID_TEXT}: Dataverse refused");
    let gone = format!("contact With Id = {ID_TEXT} Does Not Exist");
    let target = format!("account With Id = {} Does Not Exist", Uuid::from_u128(8));
    for (change, status, code, message, kind, text) in [
        (
            update, 412, "0x80060882", "The version of the existing record doesn't match",
            ErrorKind::VersionMismatch,
            format!("{here} (412, 0x80060882): the row was changed since this version of it was read. Read the row again and decide anew."),
        ),
        (
            update, 412, "", "The version of the existing record doesn't match",
            ErrorKind::VersionMismatch,
            format!("{here} (412): the row was changed since this version of it was read. Read the row again and decide anew."),
        ),
        (
            update, 404, "0x80040217", &*gone, ErrorKind::NotFound,
            format!("{here} (404, 0x80040217): there is no such row. It may have been deleted."),
        ),
        (
            update, 404, "", "", ErrorKind::NotFound,
            format!("{here} (404): there is no such row. It may have been deleted."),
        ),
        (
            update, 404, "0x80040217", &*target, ErrorKind::BadRequest,
            format!("{here} (404, 0x80040217): a lookup is to refer to the row {} of account, which does not exist. Write that row first, or leave the lookup out.", Uuid::from_u128(8)),
        ),
        (
            update, 404, "0x80060888", "Resource not found for the segment 'contacts'.", ErrorKind::NotFound,
            format!("{here} (404, 0x80060888): the environment has no table with this entity set name. Check its spelling (it is usually a plural, and case counts) and that the app that brings the table is installed. The server said: Resource not found for the segment 'contacts'."),
        ),
        (
            update, 412, "0x80060892",
            "Entity Key E-mail violated. A record with the same value for emailaddress1 already exists. A duplicate record cannot be created.",
            ErrorKind::DuplicateKey,
            format!("{here} (412, 0x80060892): another row has the same value for emailaddress1. Update that row, or correct the key of one of them."),
        ),
        (
            update, 400, "0x80044331",
            "A validation error occurred.  The length of the 'lastname' attribute of the 'contact' entity exceeded the maximum allowed length of '50'.",
            ErrorKind::BadRequest,
            format!("{here} (400, 0x80044331): the value for column lastname of table contact is longer than 50 characters. Shorten it, or ask a Dynamics administrator to lengthen the column."),
        ),
        (
            update, 400, "0x80044331",
            "A validation error occurred. The value 77 of 'statuscode' on record of type 'contact' is outside the valid range. Accepted Values: 1,2",
            ErrorKind::BadRequest,
            format!("{here} (400, 0x80044331): column statuscode of table contact has no choice with this number. Use a number that the column's definition lists, or add the choice there."),
        ),
        (
            update, 400, "0x80048d19",
            "Error identified in Payload provided by the user for Entity :'contacts': Invalid property 'nickname2' was found in entity 'Microsoft.Dynamics.CRM.contact'.",
            ErrorKind::BadRequest,
            format!("{here} (400, 0x80048d19): the table contact has no column nickname2. Check its spelling: it is the logical name, in lower case."),
        ),
        (
            update, 400, "0x80048d19",
            "An undeclared property 'parentcustomerid' which only has property annotations in the payload but no property value was found in the payload.",
            ErrorKind::BadRequest,
            format!("{here} (400, 0x80048d19): the table has no navigation property parentcustomerid. Take the name from the table's relationships: it depends on the table that the lookup is to refer to, and case counts."),
        ),
        (
            upsert, 400, "0x80060888",
            "The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.contact'. Ensure that the names and number of key properties match the declared or alternate key properties.",
            ErrorKind::BadRequest,
            "cannot upsert contacts by its key emailaddress1: Dataverse refused (400, 0x80060888): the table contact has no active alternate key of these columns. Check the key's columns, and in the maker portal that its index is active: that takes a while after the key was made, and fails if rows have equal values.".to_owned(),
        ),
        (
            upsert, 400, "0x80044331", "Something new about secret.", ErrorKind::BadRequest,
            "cannot upsert contacts by its key emailaddress1: Dataverse refused (400, 0x80044331): a value is too long or outside of what its column allows. Check the lengths and choices in the table's definition.".to_owned(),
        ),
        (
            Change::delete(&table, &key, &IfMatch::Any), 405, "0x80040227", "secret", ErrorKind::BadRequest,
            format!("cannot delete contacts {ID_TEXT}: Dataverse refused (405, 0x80040227): the table does not allow it, or other rows refer to this one. To delete a row, first delete or change those that refer to it."),
        ),
    ] {
        let error = refused(&change, status, code, message).await;
        assert_eq!((error.kind(), error.to_string()), (kind, text), "{message}");
    }
}
