//! What may never be shown. Apart from the other tests, because it listens to every log line of its
//! process.

#[cfg(test)]
mod secrets;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod support;
