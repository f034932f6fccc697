//! The simulator as its callers meet it: over real sockets, with a plain HTTP client.

mod activities;
mod alternate_keys;
mod annotations;
mod application_user;
mod assertion;
mod batch;
mod bulk;
mod content;
mod delta;
mod delta_tokens;
mod faults;
mod headers;
mod lab;
mod limits;
mod metadata;
mod metadata_details;
mod modified;
mod owners;
mod privileges;
mod reading;
mod restore;
mod surface;
mod token;
mod writing;
