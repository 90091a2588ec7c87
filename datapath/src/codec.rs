//! The codec of blobs: zstd, or plain where that is hardly longer.

use vhault_core::vault::blob::Codec;
use vhault_core::vault::error::FormatError;

/// How hard to try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// Less work, some more bytes: zstd level -1.
    Fast,
    /// zstd level 1: `docs/decisions/0003-codec-level.md`.
    #[default]
    Default,
    /// Much more work, fewer bytes: zstd level 9.
    Best,
}

impl Effort {
    fn level(self) -> i32 {
        match self {
            Effort::Fast => -1,
            Effort::Default => 1,
            Effort::Best => 9,
        }
    }
}

/// Compresses; one for each thread.
pub struct Compressor {
    zstd: zstd::bulk::Compressor<'static>,
}

impl Compressor {
    /// A compressor of `effort`.
    ///
    /// # Panics
    ///
    /// When zstd has no memory for its state.
    pub fn new(effort: Effort) -> Compressor {
        let mut zstd = zstd::bulk::Compressor::new(effort.level()).expect("zstd takes every level we name");
        zstd.include_checksum(false).expect("zstd takes a flag");
        zstd.include_dictid(false).expect("zstd takes a flag");
        Compressor { zstd }
    }

    /// Appends the stored form of `bytes` to `stored` and says which it is. Plain unless zstd saves a sixteenth.
    pub fn compress(&mut self, bytes: &[u8], stored: &mut Vec<u8>) -> Codec {
        let start = stored.len();
        let worth = bytes.len() - bytes.len() / 16;
        stored.resize(start + zstd::zstd_safe::compress_bound(bytes.len()), 0);
        match self.zstd.compress_to_buffer(bytes, &mut stored[start..]) {
            Ok(length) if length < worth => {
                stored.truncate(start + length);
                Codec::Zstd
            }
            _ => {
                stored.truncate(start);
                stored.extend_from_slice(bytes);
                Codec::Plain
            }
        }
    }
}

/// Decompresses; one for each thread.
pub struct Decompressor {
    zstd: zstd::bulk::Decompressor<'static>,
}

impl Decompressor {
    /// A decompressor.
    ///
    /// # Panics
    ///
    /// When zstd has no memory for its state.
    pub fn new() -> Decompressor {
        Decompressor { zstd: zstd::bulk::Decompressor::new().expect("zstd has memory for its state") }
    }

    /// Fills `bytes` with what `stored` decodes to, at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`FormatError::Malformed`] when it does not decode, or to more than `limit`.
    pub fn decompress(
        &mut self,
        codec: Codec,
        stored: &[u8],
        limit: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), FormatError> {
        let malformed = |why: String| FormatError::Malformed { part: "blob", why };
        match codec {
            Codec::Plain if stored.len() <= limit => {
                bytes.clear();
                bytes.extend_from_slice(stored);
                Ok(())
            }
            Codec::Plain => Err(malformed(format!("{} bytes where {limit} are the limit", stored.len()))),
            Codec::Zstd => {
                if bytes.len() != limit {
                    bytes.resize(limit, 0);
                }
                match self.zstd.decompress_to_buffer(stored, bytes.as_mut_slice()) {
                    Ok(length) => {
                        bytes.truncate(length);
                        Ok(())
                    }
                    Err(error) => Err(malformed(error.to_string())),
                }
            }
        }
    }
}

impl Default for Decompressor {
    fn default() -> Decompressor {
        Decompressor::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_shrinks_noise_stays_plain_and_both_come_back() {
        let text = b"recovery point ".repeat(4000);
        let noise: Vec<u8> = (0..2000_u32).flat_map(|n| *blake3::hash(&n.to_le_bytes()).as_bytes()).collect();
        let mut compressor = Compressor::new(Effort::Default);
        let mut decompressor = Decompressor::new();
        for (bytes, codec) in [(text, Codec::Zstd), (noise, Codec::Plain)] {
            let mut stored = Vec::new();
            assert_eq!(compressor.compress(&bytes, &mut stored), codec);
            let mut back = Vec::new();
            decompressor.decompress(codec, &stored, bytes.len(), &mut back).unwrap();
            assert_eq!(back, bytes);
            assert!(decompressor.decompress(codec, &stored, bytes.len() - 1, &mut back).is_err());
        }
    }
}
