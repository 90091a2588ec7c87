//! What the page's worker does, natively, to compare with: measure FILE.

#![expect(clippy::print_stdout, reason = "it is a program of one number")]

use std::error::Error;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::rc::Rc;
use std::time::Instant;

use vhault_core::read::ReadAt;
use vhault_core::units::{ByteCount, FileOffset};
use vhault_datapath::codec::{Compressor, Effort};
use vhault_web::given::{Explain, Named};
use vhault_web::measure::{Share, join, measure};
use vhault_web::text::Both;

#[derive(Clone)]
struct Source(Rc<File>, u64);

struct Broken(std::io::Error);

impl Explain for Broken {
    fn explain(&self) -> Both {
        Both::new(self.0.to_string(), self.0.to_string())
    }
}

impl ReadAt for Source {
    type Error = Broken;

    fn size(&self) -> ByteCount {
        ByteCount::new(self.1)
    }

    fn read_exact_at(&self, offset: FileOffset, buffer: &mut [u8]) -> Result<(), Broken> {
        self.0.read_exact_at(buffer, offset.get()).map_err(Broken)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("measure FILE")?;
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let files = [Named { name: "file".to_owned(), source: Source(Rc::new(file), size) }];
    let mut compressor = Compressor::new(Effort::Default);
    let mut stored = Vec::new();
    let mut store = |bytes: &[u8]| {
        stored.clear();
        compressor.compress(bytes, &mut stored);
        u32::try_from(stored.len()).unwrap_or(u32::MAX)
    };
    let since = Instant::now();
    let part = measure(&files, 0, Share::WHOLE, Some(&mut store), &mut |_, _| ()).map_err(|why| why.en)?;
    let measured = join(vec![part]).ok_or("a slice is missing")?;
    let seconds = since.elapsed().as_secs_f64();
    let mebibytes = u32::try_from(measured.disk_bytes >> 20)?;
    println!(
        "{}: {mebibytes} MiB, {seconds:.1} s, {:.0} MiB/s",
        measured.hash,
        f64::from(mebibytes) / seconds
    );
    Ok(())
}
