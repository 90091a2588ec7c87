//! What each stage of a copy does in a second on one thread, on chunks as a
//! system disk has them, on noise, and on zeroes: `cargo xtask bench --stages`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vhault_benches::draw::Draw;
use vhault_core::digest::VaultId;
use vhault_core::vault::blob::Codec;
use vhault_core::vault::id::{IdHash, IdMaker};
use vhault_core::vault::key::Keyring;
use vhault_core::vault::seal::Suite;
use vhault_datapath::codec::{Compressor, Decompressor, Effort};
use vhault_datapath::hasher::identify;

/// A chunk of a vault as `init` makes it.
const CHUNK_BYTES: usize = 256 << 10;
const VAULT: VaultId = VaultId::from_bytes([3; 16]);

/// Rows of a table: words that come again, and numbers that do not.
fn rows() -> Vec<u8> {
    let mut draw = Draw::new(1);
    let mut rows = Vec::with_capacity(CHUNK_BYTES + 64);
    while rows.len() < CHUNK_BYTES {
        let number = draw.below(1_000_000);
        rows.extend(format!("2026-11-{:02}\torder {number}\tshipped\t", number % 30 + 1).into_bytes());
        rows.extend(draw.bytes(8));
    }
    rows.truncate(CHUNK_BYTES);
    rows
}

fn chunks() -> [(&'static str, Vec<u8>); 3] {
    [("rows", rows()), ("noise", Draw::new(2).bytes(CHUNK_BYTES)), ("zeroes", vec![0; CHUNK_BYTES])]
}

fn hash(criterion: &mut Criterion) {
    let ids = |hash| IdMaker::new(hash, &Keyring::from_random([4; 32], [5; 32]));
    for (name, maker) in
        [("identify, BLAKE3", ids(IdHash::Blake3)), ("identify, HMAC-SHA-256", ids(IdHash::HmacSha256))]
    {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(CHUNK_BYTES as u64));
        for (kind, chunk) in chunks() {
            group.bench_with_input(BenchmarkId::from_parameter(kind), &chunk, |bencher, chunk| {
                bencher.iter(|| identify(&maker, black_box(chunk)));
            });
        }
    }
}

fn compress(criterion: &mut Criterion) {
    for (name, effort) in [
        ("compress, fast", Effort::Fast),
        ("compress, default", Effort::Default),
        ("compress, best", Effort::Best),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(CHUNK_BYTES as u64));
        for (kind, chunk) in chunks() {
            let (mut compressor, mut stored) = (Compressor::new(effort), Vec::new());
            group.bench_with_input(BenchmarkId::from_parameter(kind), &chunk, |bencher, chunk| {
                bencher.iter(|| {
                    stored.clear();
                    compressor.compress(black_box(chunk), &mut stored)
                });
            });
        }
    }
}

fn decompress(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decompress");
    group.throughput(Throughput::Bytes(CHUNK_BYTES as u64));
    for (kind, chunk) in chunks() {
        let mut stored = Vec::new();
        let codec = Compressor::new(Effort::Default).compress(&chunk, &mut stored);
        let (mut decompressor, mut bytes) = (Decompressor::new(), Vec::new());
        group.bench_with_input(BenchmarkId::from_parameter(kind), &stored, |bencher, stored| {
            bencher.iter(|| decompressor.decompress(codec, black_box(stored), CHUNK_BYTES, &mut bytes));
        });
        assert!(bytes.is_empty() || bytes == chunk, "{kind} did not come back");
        assert!(codec == Codec::Plain || stored.len() < chunk.len(), "{kind} did not shrink");
    }
}

fn seal(criterion: &mut Criterion) {
    for (name, suite, keyring) in [
        ("seal, AES-256-GCM", Suite::Aes256Gcm, Keyring::from_random([4; 32], [5; 32])),
        ("seal, not encrypted", Suite::None, Keyring::public(VAULT)),
    ] {
        let sealer = keyring.sealer(VAULT, suite, [7; 32]);
        let key = keyring.box_key(VAULT, &sealer.descriptor()).expect("it is the keyring's own");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(CHUNK_BYTES as u64));
        let mut bytes = rows();
        group.bench_function("seal", |bencher| {
            bencher.iter(|| sealer.seal(sealer.take(1), b"chunk", black_box(&mut bytes)));
        });
        let counter = sealer.take(1);
        let mut sealed = rows();
        let tag = sealer.seal(counter, b"chunk", &mut sealed);
        sealed.extend(tag);
        group.bench_function("open", |bencher| {
            bencher.iter(|| {
                let mut copy = sealed.clone();
                key.open("chunk", counter, b"chunk", black_box(&mut copy)).map(|bytes| bytes.len())
            });
        });
    }
}

criterion_group! {
    name = stages;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(2)).warm_up_time(std::time::Duration::from_millis(500));
    targets = hash, compress, decompress, seal
}
criterion_main!(stages);
