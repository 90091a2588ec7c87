//! Weight: what the page costs on the wire, and whether that grew.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The most the first view may cost, compressed.
const BUDGET_BYTES: usize = 400 * 1024;

/// How much more than what is written down passes without a word, in percent.
const GROWTH_PERCENT_MAX: usize = 10;

/// Prints what each file weighs; refuses what is over the budget or grew.
/// `noted` is the file that holds the last accepted weight.
pub(crate) fn check(files: &[(String, Vec<u8>)], noted: &Path) -> Result<(), Box<dyn Error>> {
    let brotli = tell(&format!("the first view, of {BUDGET_BYTES} allowed"), files)?;
    if brotli > BUDGET_BYTES {
        return Err(format!("the page costs {brotli} bytes; {BUDGET_BYTES} are allowed").into());
    }
    let accepted: usize = fs::read_to_string(noted)?.trim().parse()?;
    let limit = accepted + accepted * GROWTH_PERCENT_MAX / 100;
    if brotli > limit {
        return Err(format!(
            "the page grew from {accepted} to {brotli} bytes, more than {GROWTH_PERCENT_MAX} in 100; if it is \
             worth that, write the new number into {}",
            noted.display()
        )
        .into());
    }
    Ok(())
}

/// Prints what each file weighs; returns the sum, compressed.
pub(crate) fn tell(what: &str, files: &[(String, Vec<u8>)]) -> Result<usize, Box<dyn Error>> {
    println!("{:>10} {:>10} {:>10}", "plain", "gzip", "brotli");
    let mut sums = (0, 0, 0);
    for (name, bytes) in files {
        let (gzip, brotli) = (gzip(bytes)?, brotli(bytes)?);
        println!("{:>10} {gzip:>10} {brotli:>10}  {name}", bytes.len());
        sums = (sums.0 + bytes.len(), sums.1 + gzip, sums.2 + brotli);
    }
    let (plain, gzip, brotli) = sums;
    println!("{plain:>10} {gzip:>10} {brotli:>10}  {what}");
    Ok(brotli)
}

fn gzip(bytes: &[u8]) -> Result<usize, Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn brotli(bytes: &[u8]) -> Result<usize, Box<dyn Error>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, 9, 24);
    writer.write_all(bytes)?;
    drop(writer);
    Ok(packed.len())
}
