//! How far a privilege reaches.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::world::seeded::mix;

/// How far a privilege reaches, in Dataverse's own words and order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Depth {
    /// Rows of the user. Here a sixth of all rows.
    Basic,
    /// Rows of the user's business unit. Here a third of all rows, those of [`Depth::Basic`] among
    /// them.
    Local,
    /// Rows of the business units below, too. Here a half of all rows, those of [`Depth::Local`]
    /// among them.
    Deep,
    /// All rows of the organisation.
    #[default]
    Global,
}

/// Rows fall into this many parts.
const PARTS: u64 = 6;

impl Depth {
    /// Whether a row can be seen at this depth. It depends on the key alone, whoever owns the row: so
    /// it stays the same however a row is written, and needs no look at the row.
    pub(crate) fn shows(self, id: Uuid) -> bool {
        let shown = match self {
            Self::Basic => 1,
            Self::Local => 2,
            Self::Deep => 3,
            Self::Global => return true,
        };
        let (high, low) = id.as_u64_pair();
        mix(high ^ mix(low)) % PARTS < shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::seeded::wide;

    #[test]
    fn every_depth_shows_its_share_and_all_of_the_lesser_one() {
        // Keys as they are drawn for new rows.
        let ids: Vec<Uuid> = (0..6_000).map(|n| Uuid::from_u128(wide(1, n))).collect();
        let depths = [Depth::Basic, Depth::Local, Depth::Deep, Depth::Global];
        let shown = |depth: Depth| ids.iter().filter(|id| depth.shows(**id)).count();
        for (depth, share) in depths.into_iter().zip([1_000, 2_000, 3_000, 6_000]) {
            assert!(
                shown(depth).abs_diff(share) < 150,
                "{depth:?}: {}",
                shown(depth)
            );
        }
        assert_eq!(shown(Depth::Global), 6_000);
        for pair in depths.windows(2) {
            assert!(
                ids.iter()
                    .all(|id| !pair[0].shows(*id) || pair[1].shows(*id))
            );
        }
    }
}
