//! The simulator as its callers meet it: over real sockets, with a plain HTTP client.

mod content;
mod delta;
mod delta_tokens;
mod faults;
mod headers;
mod lab;
mod metadata;
mod modified;
mod privileges;
mod reading;
mod restore;
mod surface;
mod token;
mod writing;
