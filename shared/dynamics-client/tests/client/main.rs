//! The client against a scripted server on a real socket.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod batch_answers;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod bulk_faults;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod column_answers;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod doctoring;
#[cfg(test)]
mod entra_codes;
#[cfg(test)]
#[path = "../support/environment.rs"]
mod environment;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod metadata_answers;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
#[path = "../support/pace.rs"]
mod pace;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod privileges;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod renewals;
#[cfg(test)]
mod request_headers;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod simulated;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod throttles;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod wire_faults;
#[cfg(test)]
mod write_faults;
#[cfg(test)]
mod write_refusals;
#[cfg(test)]
mod writes;
#[cfg(test)]
mod written_rows;
