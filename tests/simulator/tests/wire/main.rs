//! The simulator as its callers meet it: over real sockets, with a plain HTTP client.

mod delta;
mod faults;
mod lab;
mod metadata;
mod reading;
mod surface;
mod token;
mod writing;
