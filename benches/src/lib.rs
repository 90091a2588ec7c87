//! Data for benchmarks, from a seed and a stated change rate.
