//! Ways to break a stored file.

use std::fs;
use std::path::Path;

/// A way to break a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// One bit of the envelope.
    FlipFirst,
    /// One bit in the middle.
    FlipMiddle,
    /// One bit of the last byte.
    FlipLast,
    /// The last third is gone.
    Truncate,
    /// The middle half is zeroes.
    Zero,
    /// The name is there, and nothing else.
    Empty,
    /// The file is gone.
    Delete,
}

impl Harm {
    /// All of them.
    pub const ALL: [Harm; 7] = [
        Harm::FlipFirst,
        Harm::FlipMiddle,
        Harm::FlipLast,
        Harm::Truncate,
        Harm::Zero,
        Harm::Empty,
        Harm::Delete,
    ];

    /// Breaks `file`.
    ///
    /// # Panics
    ///
    /// What the file system says.
    #[track_caller]
    pub fn to(self, file: &Path) {
        let mut bytes = fs::read(file).unwrap();
        let length = bytes.len();
        let place = match self {
            Harm::FlipFirst => 8,
            Harm::FlipMiddle => length / 2,
            _ => length - 1,
        };
        match self {
            Harm::FlipFirst | Harm::FlipMiddle | Harm::FlipLast => bytes[place] ^= 0x10,
            Harm::Truncate => bytes.truncate(length - length / 3 - 1),
            Harm::Zero => bytes[length / 4..length / 4 * 3].fill(0),
            Harm::Empty => bytes.clear(),
            Harm::Delete => return fs::remove_file(file).unwrap(),
        }
        fs::write(file, bytes).unwrap();
    }
}

/// Exchanges two files.
///
/// # Panics
///
/// What the file system says.
#[track_caller]
pub fn swap(first: &Path, second: &Path) {
    let aside = first.with_extension("aside");
    fs::rename(first, &aside).unwrap();
    fs::rename(second, first).unwrap();
    fs::rename(aside, second).unwrap();
}
