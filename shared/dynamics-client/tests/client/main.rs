//! The client against a scripted server on a real socket.

#[cfg(test)]
mod deadlines;
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
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod throttles;
#[cfg(test)]
mod tokens;
