//! Tables, columns and stream files of a simulated environment.

#[cfg(test)]
mod any_table;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod environment;
#[cfg(test)]
mod survey;
