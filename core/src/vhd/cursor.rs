//! Cursor: what one reader of a chain remembers between reads.

use alloc::vec::Vec;

use super::image::Scratch;

/// The last sector bitmap of each image of a chain. Each thread has its own;
/// a cursor belongs to the chain that made it.
///
/// Memory: one bitmap an image, 512 bytes for the usual 2 MiB blocks.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    images: Vec<Scratch>,
}

impl Cursor {
    /// What is remembered of image `depth`.
    pub(crate) fn of(&mut self, depth: usize) -> &mut Scratch {
        if self.images.len() <= depth {
            self.images.resize_with(depth + 1, Scratch::default);
        }
        &mut self.images[depth]
    }
}
