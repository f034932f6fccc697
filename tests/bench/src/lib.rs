//! Benchmarks: ratios against a floor, in one run.
