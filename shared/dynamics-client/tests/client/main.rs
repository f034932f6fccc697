//! The client against a scripted server on a real socket.

#[cfg(test)]
mod batches;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod entra_codes;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod privileges;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod renewals;
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
mod write_faults;
#[cfg(test)]
mod write_refusals;
#[cfg(test)]
mod writes;
#[cfg(test)]
mod written_rows;
