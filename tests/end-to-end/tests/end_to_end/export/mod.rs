//! The function `export` as a process under Lambda's Runtime API, and its files in other programs.

mod function;
mod spreadsheet;
