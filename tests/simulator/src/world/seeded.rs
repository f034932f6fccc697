//! Numbers out of a seed: the same seed, table, row and column always give the same draw.
//!
//! Never in here: a generator with a state that moves. A row must come out the same whichever rows
//! were asked for before it.

/// Scrambles one word (the finaliser of SplitMix64).
pub(crate) const fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// One word out of two; the order matters.
pub(crate) const fn combine(left: u64, right: u64) -> u64 {
    mix(mix(left) ^ right)
}

/// A GUID's worth of scrambled bits.
pub(crate) fn wide(left: u64, right: u64) -> u128 {
    let high = combine(left, right);
    (u128::from(high) << 64) | u128::from(mix(high))
}

/// A number below `bound`, or zero where `bound` is zero.
pub(crate) fn below(word: u64, bound: u64) -> u64 {
    word.checked_rem(bound).unwrap_or(0)
}
