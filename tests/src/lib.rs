//! Builders for whole-program tests: images, vaults and the program itself.
