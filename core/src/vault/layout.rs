//! Container layouts: how to put a VHD file together again, byte for byte.
//!
//! Spans cover the file in order; each is a tag byte and LEB128 numbers.
//!
//! | tag | numbers | the file's next bytes are |
//! | --- | --- | --- |
//! | 0 | disk offset, length | guest data from there on |
//! | 1 | length | the next bytes of the literals stream |
//! | 2 | byte, length | one byte, repeated |
//!
//! Format: `docs/vault-format.md`, "Containers".

use alloc::vec::Vec;

use super::error::FormatError;

/// A run of a container's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutSpan {
    /// Bytes of the guest's disk.
    Guest {
        /// Bytes from the start of the disk.
        disk_offset: u64,
        /// How many bytes.
        length: u64,
    },
    /// Bytes of the literals stream.
    Literal {
        /// How many bytes.
        length: u64,
    },
    /// One byte, repeated.
    Fill {
        /// Which byte.
        byte: u8,
        /// How often.
        length: u64,
    },
}

impl LayoutSpan {
    /// Bytes of the file it covers.
    pub fn length(&self) -> u64 {
        match *self {
            LayoutSpan::Guest { length, .. }
            | LayoutSpan::Literal { length }
            | LayoutSpan::Fill { length, .. } => length,
        }
    }

    /// Appends the stored form.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        match *self {
            LayoutSpan::Guest { disk_offset, length } => {
                bytes.push(0);
                encode_number(disk_offset, bytes);
                encode_number(length, bytes);
            }
            LayoutSpan::Literal { length } => {
                bytes.push(1);
                encode_number(length, bytes);
            }
            LayoutSpan::Fill { byte, length } => {
                bytes.extend([2, byte]);
                encode_number(length, bytes);
            }
        }
    }

    /// Decodes the span at the start of `bytes`; returns it with the bytes it took, or `None` when it goes on past
    /// their end (no span takes more than [`SPAN_BYTES_MAX`]).
    ///
    /// # Errors
    ///
    /// [`FormatError::Malformed`] for an unknown tag, an empty span or a number past 2^64.
    pub fn decode(bytes: &[u8]) -> Result<Option<(LayoutSpan, usize)>, FormatError> {
        let mut reader = Reader { bytes, next: 0 };
        let Some(tag) = reader.byte() else { return Ok(None) };
        let span = match tag {
            0 => {
                let Some(disk_offset) = reader.number()? else { return Ok(None) };
                let Some(length) = reader.number()? else { return Ok(None) };
                LayoutSpan::Guest { disk_offset, length }
            }
            1 => {
                let Some(length) = reader.number()? else { return Ok(None) };
                LayoutSpan::Literal { length }
            }
            2 => {
                let Some(byte) = reader.byte() else { return Ok(None) };
                let Some(length) = reader.number()? else { return Ok(None) };
                LayoutSpan::Fill { byte, length }
            }
            _ => return Err(FormatError::malformed("container layout", "a span has an unknown tag")),
        };
        if span.length() == 0 {
            return Err(FormatError::malformed("container layout", "a span is empty"));
        }
        Ok(Some((span, reader.next)))
    }
}

/// Bytes of the longest stored span.
pub const SPAN_BYTES_MAX: usize = 1 + 10 + 10;

fn encode_number(mut number: u64, bytes: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(number & 0x7f).expect("seven bits fit");
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.next).copied()?;
        self.next += 1;
        Some(byte)
    }

    fn number(&mut self) -> Result<Option<u64>, FormatError> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let Some(byte) = self.byte() else { return Ok(None) };
            // The tenth byte has one bit left, and nothing comes after it.
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(Some(number));
            }
        }
        Err(FormatError::malformed("container layout", "a number has more than 64 bits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_back_one_after_the_other() {
        let spans = [
            LayoutSpan::Literal { length: 1536 },
            LayoutSpan::Fill { byte: 0xff, length: 512 },
            LayoutSpan::Guest { disk_offset: u64::MAX, length: u64::MAX },
        ];
        let mut bytes = Vec::new();
        spans.iter().for_each(|span| span.encode(&mut bytes));
        let mut rest = bytes.as_slice();
        for span in spans {
            let (read, taken) = LayoutSpan::decode(rest).unwrap().unwrap();
            assert_eq!(read, span);
            assert!(taken <= SPAN_BYTES_MAX);
            rest = &rest[taken..];
        }
        assert_eq!(LayoutSpan::decode(rest), Ok(None));
    }

    #[test]
    fn a_span_cut_off_asks_for_more_and_nonsense_is_refused() {
        assert_eq!(LayoutSpan::decode(&[0, 0x80]), Ok(None));
        assert!(LayoutSpan::decode(&[3]).is_err());
        assert!(LayoutSpan::decode(&[1, 0]).is_err());
        assert!(LayoutSpan::decode(&[1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]).is_err());
        // Ten bytes that ask for an eleventh, whose bits would all be past the last.
        assert!(LayoutSpan::decode(&[1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0x80]).is_err());
        assert_eq!(LayoutSpan::decode(&[1, 255, 255, 255, 255, 255, 255, 255, 255, 255]), Ok(None));
    }
}
