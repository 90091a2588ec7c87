//! A chunk table of any length: blobs of a few bytes in real packs, named by real fragments and records.

use std::error::Error;
use std::sync::PoisonError;
use std::time::Instant as Clock;

use vhault_core::vault::blob::{BlobId, BlobKind, Codec};
use vhault_datapath::packer::{PackWriter, SealedBlob};
use vhault_datapath::vault::{Session, Vault};

use crate::now;

/// Bytes of a made-up box: no more than the tag of a real one.
const BOX_BYTES: usize = 16;

/// Fills the table with `entries` blobs, in one session that publishes no point.
pub(crate) fn fill(vault: &Vault, entries: u64) -> Result<(), Box<dyn Error>> {
    let (session, _) = Session::begin(vault, "a large table", now(), &[])?;
    let mut open: Option<PackWriter<'_, '_>> = None;
    for number in 0..entries {
        let mut writer = match open.take() {
            Some(writer) => writer,
            None => PackWriter::begin(&session, BlobKind::Chunk)?,
        };
        let blob = SealedBlob {
            id: id(vault, number),
            nonce: number,
            codec: Codec::Plain,
            boxed: vec![0; BOX_BYTES],
        };
        writer.add(&blob)?;
        if writer.is_full() {
            writer.seal()?.publish(&session)?;
        } else {
            open = Some(writer);
        }
    }
    if let Some(writer) = open {
        writer.seal()?.publish(&session)?;
    }
    session.commit(&[], now())?;
    println!("{entries} entries");
    Ok(())
}

/// Looks up `count` of the `entries` blobs that [`fill`] left, spread over all of them, and as many others.
pub(crate) fn look_up(vault: &Vault, entries: u64, count: u64) -> Result<(), Box<dyn Error>> {
    let opened = Clock::now();
    vault.load_table(&mut Err)?;
    println!("table of {entries} entries at hand after {:.2} s", opened.elapsed().as_secs_f64());
    let table = vault.table().read().unwrap_or_else(PoisonError::into_inner);
    // An odd stride visits the whole table in an order that no cache foresees.
    let stride = 0x9e37_79b9_7f4a_7c15_u64;
    for (what, first, wanted) in [("there", 0, count), ("not there", entries, 0)] {
        let ids: Vec<BlobId> =
            (0..count).map(|number| id(vault, first + number.wrapping_mul(stride) % entries)).collect();
        let since = Clock::now();
        let found = ids.iter().filter(|id| table.find(id).is_some()).count() as u64;
        let seconds = since.elapsed().as_secs_f64();
        if found != wanted {
            return Err(format!("{found} of {count} found, and {wanted} should be").into());
        }
        println!("{what}: {count} looked up in {seconds:.3} s, {:.0} a second", lossy(count) / seconds);
    }
    Ok(())
}

/// The id of a made-up blob, as the vault would make it.
fn id(vault: &Vault, number: u64) -> BlobId {
    vault.ids().chunk(&number.to_le_bytes()).into()
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with no more digits than it has")]
fn lossy(count: u64) -> f64 {
    count as f64
}
