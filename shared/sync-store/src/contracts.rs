//! What a stream depends on in its table's metadata, as its runs remember it.
//!
//! Never in here: what is remembered, or what a change of it means.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Failure};
use crate::item::{Item, item_key, number, parsed, text};
use crate::{Lease, Store};

/// The version of the stored form. A higher one in the table was written by a newer release.
const FORMAT: u64 = 1;

impl Store {
    /// What the stream's runs remember of its table; `None` if none has noted anything.
    ///
    /// # Errors
    /// When DynamoDB fails; [`Damaged`](ErrorKind::Damaged) or [`NewerRelease`](ErrorKind::NewerRelease) if
    /// there is something and it cannot be read.
    pub async fn contract<C: DeserializeOwned>(&self, stream: &str) -> Result<Option<C>, Error> {
        let failure = || self.contract_failure("read", stream);
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.state)
            .set_key(Some(contract_key(stream)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure().sdk(error))?;
        let Some(mut item) = answer.item else {
            return Ok(None);
        };
        match parsed::<u64>(&item, "format") {
            Some(FORMAT) => {}
            Some(format) if format > FORMAT => {
                return Err(failure().because(
                    ErrorKind::NewerRelease,
                    format!("it has a newer form than this release's {FORMAT}"),
                ));
            }
            _ => return Err(failure().damaged("its format", "not a number that is known")),
        }
        let contract = item.remove("contract");
        let contract = contract.ok_or_else(|| failure().damaged("it", "incomplete"))?;
        serde_dynamo::from_attribute_value(contract)
            .map(Some)
            .map_err(|error| failure().damaged("it", error))
    }

    /// Replaces what is remembered, damaged or not. What a later holder of the stream or a newer release has
    /// noted stays.
    ///
    /// # Errors
    /// When DynamoDB fails or it cannot be stored.
    pub async fn note_contract<C: Serialize>(
        &self,
        lease: &Lease,
        contract: &C,
    ) -> Result<(), Error> {
        let failure = || self.contract_failure("write", lease.stream());
        let noted = serde_dynamo::to_attribute_value(contract)
            .map_err(|error| failure().damaged("it", error))?;
        let mut item = contract_key(lease.stream());
        item.extend([
            ("contract".to_owned(), noted),
            ("format".to_owned(), number(FORMAT)),
            ("fence".to_owned(), number(lease.fence())),
        ]);
        let result = self
            .client
            .put_item()
            .table_name(&self.tables.state)
            .set_item(Some(item))
            // What is no number is damage.
            .condition_expression(
                "(attribute_not_exists(fence) OR NOT attribute_type(fence, :number) OR fence <= :fence) \
                 AND (attribute_not_exists(#format) OR NOT attribute_type(#format, :number) \
                 OR #format <= :format)",
            )
            .expression_attribute_names("#format", "format")
            .expression_attribute_values(":number", text("N"))
            .expression_attribute_values(":fence", number(lease.fence()))
            .expression_attribute_values(":format", number(FORMAT))
            .send()
            .await;
        match result {
            Err(error)
                if !error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Err(failure().sdk(error))
            }
            _ => Ok(()),
        }
    }

    /// Removes what is remembered of a stream that is removed.
    pub(crate) async fn remove_contract(&self, stream: &str) -> Result<(), Error> {
        self.client
            .delete_item()
            .table_name(&self.tables.state)
            .set_key(Some(contract_key(stream)))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| self.contract_failure("delete", stream).sdk(error))
    }

    fn contract_failure(&self, action: &str, stream: &str) -> Failure {
        Failure::new(
            format!("{action} what stream `{stream}` depends on in Dynamics in"),
            &self.tables.state,
        )
    }
}

fn contract_key(stream: &str) -> Item {
    item_key(&format!("stream#{stream}"), "contract")
}
