//! How many rows go into one request, by how long the last ones took.

use std::time::Duration;

/// Bytes of a request's body.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// A request faster than this could have been twice as large.
const FAST: Duration = Duration::from_secs(10);
/// One slower than this is on its way to Dataverse's limit of 120 s.
const SLOW: Duration = Duration::from_secs(60);

/// The rows of the next request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Size {
    rows: usize,
    most: usize,
}

impl Size {
    pub(crate) fn new(first: usize, most: usize) -> Self {
        Self { rows: first, most }
    }

    /// Whether one more row fits to `rows`, with which there are `bytes`. One always does.
    pub(crate) fn has_room(self, rows: usize, bytes: usize) -> bool {
        rows == 0 || (rows < self.rows && bytes <= MOST_BYTES)
    }

    /// A request was answered after this long.
    pub(crate) fn took(&mut self, time: Duration) {
        if time < FAST {
            self.rows = (self.rows * 2).min(self.most);
        } else if time > SLOW {
            self.shrink();
        }
    }

    pub(crate) fn shrink(&mut self) {
        self.rows = (self.rows / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_grow_while_they_are_fast_and_shrink_when_they_are_slow() {
        let mut size = Size::new(100, 300);
        size.took(Duration::from_secs(1));
        assert_eq!(size.rows, 200);
        size.took(Duration::from_secs(1));
        assert_eq!(size.rows, 300);
        size.took(Duration::from_secs(30));
        assert_eq!(size.rows, 300);
        size.took(Duration::from_secs(61));
        assert_eq!(size.rows, 150);
        (0..9).for_each(|_| size.shrink());
        assert_eq!(size.rows, 1);
    }

    #[test]
    fn a_body_stays_within_its_bytes_but_a_single_row_always_fits() {
        let size = Size::new(100, 100);
        assert!(size.has_room(0, usize::MAX));
        assert!(size.has_room(1, MOST_BYTES));
        assert!(!size.has_room(1, MOST_BYTES + 1));
        assert!(!size.has_room(100, 0));
    }
}
