//! What a run tells while it lasts.

/// How far a stream has come, told after each stored page.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The stream.
    pub stream: &'a str,
    /// Rows and deletes pulled so far in this invocation.
    pub rows: u64,
}
