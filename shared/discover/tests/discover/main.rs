//! Tables, columns and stream files of a simulated environment.

#[cfg(test)]
mod environment;
