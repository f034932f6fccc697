//! Finding the bad rows among many that are refused together.
//!
//! A refused action wrote nothing, so its halves are sent again apart, down to the row that is refused
//! alone. One bad row among n is found with at most 2 log2 n further requests; where there are more of
//! them, halving stops to pay and the rest goes in batches, each row for itself. Never in here: sending.

/// Rows that are still to be written, by their place among all.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Piece {
    pub(super) rows: Vec<usize>,
    /// Whether an earlier try may have been applied.
    pub(super) doubted: bool,
    /// Whether it was looked which of them exist.
    pub(super) looked_for: bool,
}

/// The pieces of one action, in their order, and how many more requests the search may take.
#[derive(Debug)]
pub(super) struct Search {
    /// The next one last.
    pieces: Vec<Piece>,
    /// `None` until something was refused.
    requests_left: Option<u32>,
}

impl Search {
    pub(super) fn new(rows: Vec<usize>) -> Self {
        let whole = Piece {
            rows,
            doubted: false,
            looked_for: false,
        };
        Self {
            pieces: vec![whole],
            requests_left: None,
        }
    }

    /// The next rows to be sent together.
    pub(super) fn next(&mut self) -> Option<Piece> {
        if let Some(left) = &mut self.requests_left {
            *left = left.checked_sub(1)?;
        }
        self.pieces.pop()
    }

    /// `piece` was refused.
    pub(super) fn refused(&mut self, piece: Piece) {
        let allowed = 2 * (usize::BITS - piece.rows.len().leading_zeros()) + 1;
        self.requests_left.get_or_insert(allowed);
        self.halve(piece);
    }

    /// `piece` goes on as two.
    pub(super) fn halve(&mut self, mut piece: Piece) {
        let rest = Piece {
            rows: piece.rows.split_off(piece.rows.len() / 2),
            ..piece
        };
        self.pieces.push(rest);
        self.pieces.push(piece);
    }

    /// `piece` is to be sent again as it is.
    pub(super) fn again(&mut self, piece: Piece) {
        if !piece.rows.is_empty() {
            self.pieces.push(piece);
        }
    }

    /// What the search had no requests left for.
    pub(super) fn rest(self) -> impl Iterator<Item = Piece> {
        self.pieces.into_iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The requests after the first, the rows found, and the rows left over.
    fn search(rows: usize, bad: &[usize]) -> (u32, Vec<usize>, usize) {
        let mut search = Search::new((0..rows).collect());
        let (mut requests, mut found) = (0, Vec::new());
        while let Some(piece) = search.next() {
            requests += 1;
            match piece.rows.as_slice() {
                [row] if bad.contains(row) => found.push(*row),
                rows if rows.iter().any(|row| bad.contains(row)) => search.refused(piece),
                _ => {}
            }
        }
        (
            requests - 1,
            found,
            search.rest().map(|piece| piece.rows.len()).sum(),
        )
    }

    #[test]
    fn one_bad_row_among_a_thousand_is_found_with_twenty_further_requests_at_most() {
        for bad in 0..1_000 {
            let (requests, found, left) = search(1_000, &[bad]);
            assert!(requests <= 20, "{bad}: {requests}");
            assert_eq!((found.as_slice(), left), (&[bad][..], 0));
        }
    }

    #[test]
    fn many_bad_rows_end_the_search_with_the_rest_left_over() {
        let all: Vec<usize> = (0..1_000).collect();
        let (requests, found, left) = search(1_000, &all);
        assert_eq!(requests, 21);
        assert!(left > 900 && left + found.len() == 1_000, "{left}");
    }
}
