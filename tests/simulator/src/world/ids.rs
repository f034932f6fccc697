//! The primary keys of seeded rows: a formula instead of a list.
//!
//! Row `index` of `count` has a key in the index-th of `count` equal parts of the 128-bit space. So
//! keys rise with the index, spread evenly over the first hex digit (copies are sharded by it), and
//! lead back to the index, which is what lets a million rows be served without holding one.

use uuid::Uuid;

use super::seeded::{combine, mix};

/// The keys of one table's seeded rows.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    count: u64,
    stride: u128,
    salt: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64, table: u64, count: u64) -> Self {
        Self {
            count,
            stride: u128::MAX / u128::from(count.max(1)),
            salt: combine(seed, table),
        }
    }

    /// How many seeded rows the table has.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The key of row `index`, which is below [`Ids::count`].
    pub(crate) fn at(&self, index: u64) -> Uuid {
        // The high word of the stride times a 64-bit draw stays below the stride.
        let jitter = (self.stride >> 64).wrapping_mul(u128::from(mix(self.salt ^ index)));
        Uuid::from_u128(
            u128::from(index)
                .wrapping_mul(self.stride)
                .wrapping_add(jitter),
        )
    }

    /// The seeded row that has this key.
    pub(crate) fn index_of(&self, id: Uuid) -> Option<u64> {
        let index = u64::try_from(id.as_u128() / self.stride).ok()?;
        (index < self.count && self.at(index) == id).then_some(index)
    }

    /// The first index whose key is greater than `id`; [`Ids::count`] when there is none.
    pub(crate) fn first_after(&self, id: Uuid) -> u64 {
        let index = u64::try_from(id.as_u128() / self.stride).unwrap_or(u64::MAX);
        if index >= self.count {
            self.count
        } else if self.at(index) > id {
            index
        } else {
            index.saturating_add(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_rise_with_the_index_and_lead_back_to_it() {
        for count in [1, 2, 7, 20_000] {
            let ids = Ids::new(1, 2, count);
            let mut previous = None;
            for index in 0..count {
                let id = ids.at(index);
                assert!(previous < Some(id), "{index} of {count}");
                assert_eq!(ids.index_of(id), Some(index));
                assert_eq!(ids.first_after(id), index + 1);
                previous = Some(id);
            }
        }
    }

    #[test]
    fn every_first_hex_digit_gets_its_share() {
        let ids = Ids::new(1, 2, 1_600);
        let mut shares = [0_u32; 16];
        for index in 0..1_600 {
            let digit = usize::try_from(ids.at(index).as_u128() >> 124).unwrap();
            shares[digit] += 1;
        }
        assert!(
            shares.iter().all(|&share| (99..=101).contains(&share)),
            "{shares:?}"
        );
    }

    #[test]
    fn a_strange_key_is_nobodys() {
        let ids = Ids::new(1, 2, 10);
        assert_eq!(ids.index_of(Uuid::from_u128(ids.at(3).as_u128() + 1)), None);
        assert_eq!(ids.index_of(Uuid::max()), None);
        assert_eq!(ids.first_after(Uuid::max()), 10);
        assert_eq!(Ids::new(1, 2, 0).first_after(Uuid::nil()), 0);
    }
}
