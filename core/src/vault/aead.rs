//! AES-256-GCM, twice: in pure Rust for every machine and the browser, and
//! natively, several times faster, where the feature `ring` is on. The bytes
//! are the same, and a test compares them.
//!
//! Decision: `docs/decisions/0005-native-aead.md`.

use super::seal::TAG_BYTES;

#[cfg(feature = "ring")]
pub(super) use native::Aes;
#[cfg(not(feature = "ring"))]
pub(super) use portable::Aes;

const PROMISE: &str = "a box is far below the 64 GiB that AES-GCM can take";

/// 8 bytes of counter, then zeroes.
fn nonce(counter: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&counter.to_le_bytes());
    nonce
}

#[cfg(any(test, not(feature = "ring")))]
mod portable {
    use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
    use aes_gcm::{Aes256Gcm, Tag};

    use super::{PROMISE, TAG_BYTES, nonce};

    /// A key, in pure Rust; wiped when dropped.
    #[derive(Clone)]
    pub(in crate::vault) struct Aes(alloc::boxed::Box<Aes256Gcm>);

    impl Aes {
        pub(in crate::vault) fn new(key: &[u8; 32]) -> Aes {
            Aes(alloc::boxed::Box::new(Aes256Gcm::new(&(*key).into())))
        }

        /// Seals `bytes` in place and returns the tag.
        pub(in crate::vault) fn seal(
            &self,
            counter: u64,
            associated: &[u8],
            bytes: &mut [u8],
        ) -> [u8; TAG_BYTES] {
            let sealed = self.0.encrypt_inout_detached(&nonce(counter).into(), associated, bytes.into());
            sealed.expect(PROMISE).into()
        }

        /// Opens bytes and tag in place, if they are what was sealed.
        pub(in crate::vault) fn open(&self, counter: u64, associated: &[u8], sealed: &mut [u8]) -> bool {
            let Some(length) = sealed.len().checked_sub(TAG_BYTES) else { return false };
            let (bytes, tag) = sealed.split_at_mut(length);
            let tag: [u8; TAG_BYTES] = (&*tag).try_into().expect("the slice was split to be a tag");
            let nonce = nonce(counter).into();
            self.0.decrypt_inout_detached(&nonce, associated, bytes.into(), &Tag::from(tag)).is_ok()
        }
    }
}

#[cfg(feature = "ring")]
mod native {
    use alloc::sync::Arc;

    use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

    use super::{PROMISE, TAG_BYTES, nonce};

    /// A key, by `ring`; not wiped when dropped.
    #[derive(Clone)]
    pub(in crate::vault) struct Aes(Arc<LessSafeKey>);

    impl Aes {
        pub(in crate::vault) fn new(key: &[u8; 32]) -> Aes {
            let key = UnboundKey::new(&AES_256_GCM, key).expect("the key has 32 bytes");
            Aes(Arc::new(LessSafeKey::new(key)))
        }

        /// Seals `bytes` in place and returns the tag.
        pub(in crate::vault) fn seal(
            &self,
            counter: u64,
            associated: &[u8],
            bytes: &mut [u8],
        ) -> [u8; TAG_BYTES] {
            let nonce = Nonce::assume_unique_for_key(nonce(counter));
            let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(associated), bytes);
            tag.expect(PROMISE).as_ref().try_into().expect("a GCM tag has 16 bytes")
        }

        /// Opens bytes and tag in place, if they are what was sealed.
        pub(in crate::vault) fn open(&self, counter: u64, associated: &[u8], sealed: &mut [u8]) -> bool {
            let nonce = Nonce::assume_unique_for_key(nonce(counter));
            self.0.open_in_place(nonce, Aad::from(associated), sealed).is_ok()
        }
    }
}

#[cfg(all(test, feature = "ring"))]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{native, portable};

    proptest! {
        /// A vault written by one opens with the other, and neither opens what was changed.
        #[test]
        fn both_give_the_same_bytes(
            key in any::<[u8; 32]>(),
            counter in any::<u64>(),
            associated in proptest::collection::vec(any::<u8>(), 0..80),
            plain in proptest::collection::vec(any::<u8>(), 0..5000),
            flipped in any::<prop::sample::Index>(),
        ) {
            let (native, portable) = (native::Aes::new(&key), portable::Aes::new(&key));
            let mut by_native = plain.clone();
            let tag = native.seal(counter, &associated, &mut by_native);
            by_native.extend(tag);
            let mut by_portable = plain.clone();
            let tag = portable.seal(counter, &associated, &mut by_portable);
            by_portable.extend(tag);
            prop_assert_eq!(&by_native, &by_portable);

            let opened = |open: &dyn Fn(&mut [u8]) -> bool| {
                let mut sealed: Vec<u8> = by_native.clone();
                (open(&mut sealed), sealed)
            };
            for (whole, bytes) in [
                opened(&|sealed| native.open(counter, &associated, sealed)),
                opened(&|sealed| portable.open(counter, &associated, sealed)),
            ] {
                prop_assert!(whole);
                prop_assert_eq!(&bytes[..plain.len()], &plain[..]);
            }
            let mut broken = by_native.clone();
            broken[flipped.index(by_native.len())] ^= 1;
            prop_assert!(!native.open(counter, &associated, &mut broken.clone()));
            prop_assert!(!portable.open(counter, &associated, &mut broken));
        }
    }
}
