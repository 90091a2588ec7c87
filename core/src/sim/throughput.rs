//! How long copies take. Integers only, so that every platform agrees.

use serde::{Deserialize, Serialize};

use super::blocks::BLOCK_BYTES;
use super::store::DiskWork;
use crate::time::Span;

/// Rates of a copy, in bytes a second; published figures unless measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// Reading and comparing.
    pub read_bytes_per_second: u64,
    /// Sending to the vault.
    pub send_bytes_per_second: u64,
    /// The most any one disk gives.
    pub disk_bytes_per_second: u64,
    /// How much wholly dispersed data slows a disk, in percent of its time.
    pub fragmentation_percent: u32,
}

impl Throughput {
    /// The figures made public: 80 MB/s compared, 20 MB/s sent, 60 MB/s a disk.
    pub const PUBLISHED: Throughput = Throughput {
        read_bytes_per_second: 80_000_000,
        send_bytes_per_second: 20_000_000,
        disk_bytes_per_second: 60_000_000,
        fragmentation_percent: 300,
    };

    /// Whether every rate moves something.
    pub fn is_possible(&self) -> bool {
        self.read_bytes_per_second > 0 && self.send_bytes_per_second > 0 && self.disk_bytes_per_second > 0
    }

    /// How long one disk takes by itself.
    ///
    /// The slower of reading and sending, stretched by how dispersed the data
    /// is, and never faster than the disk gives.
    pub fn disk_takes(&self, work: &DiskWork, fragmentation_percent: u8) -> Span {
        let read = work.read.saturating_mul(BLOCK_BYTES);
        let send = work.send.saturating_mul(BLOCK_BYTES);
        let slower = milliseconds(read, self.read_bytes_per_second)
            .max(milliseconds(send, self.send_bytes_per_second));
        let stretch =
            10_000 + u128::from(fragmentation_percent.min(100)) * u128::from(self.fragmentation_percent);
        let stretched = slower * stretch / 10_000;
        span(stretched.max(milliseconds(read.max(send), self.disk_bytes_per_second)))
    }

    /// How long `bytes` take at `bytes_per_second`.
    pub fn at_rate(bytes: u64, bytes_per_second: u64) -> Span {
        span(milliseconds(bytes, bytes_per_second))
    }
}

fn milliseconds(bytes: u64, per_second: u64) -> u128 {
    (u128::from(bytes) * 1_000).div_ceil(u128::from(per_second.max(1)))
}

fn span(milliseconds: u128) -> Span {
    Span::from_milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lifecycle::DeltaMethod;

    fn work(read: u64, send: u64) -> DiskWork {
        DiskWork { method: DeltaMethod::Full, allocated: read, read, send }
    }

    #[test]
    fn a_first_backup_runs_at_the_sending_rate() {
        let hundred_gb = 100_000_000_000 / BLOCK_BYTES;
        let takes = Throughput::PUBLISHED.disk_takes(&work(hundred_gb, hundred_gb), 0);
        assert_eq!(takes.milliseconds() / 1_000, 4_999);
        let dispersed = Throughput::PUBLISHED.disk_takes(&work(hundred_gb, hundred_gb), 100);
        assert_eq!(dispersed.milliseconds(), takes.milliseconds() * 4);
    }

    proptest! {
        /// Invariant I-34.
        #[test]
        fn more_work_never_takes_less_time(
            read in 0_u64..1 << 30, send in 0_u64..1 << 30, more in 0_u64..1 << 20, percent in 0_u8..=100,
        ) {
            let takes = |read, send, percent| Throughput::PUBLISHED.disk_takes(&work(read, send), percent);
            let least = takes(read, send, percent);
            prop_assert!(least >= Span::ZERO);
            prop_assert!(takes(read + more, send, percent) >= least);
            prop_assert!(takes(read, send + more, percent) >= least);
            prop_assert!(takes(read, send, percent.saturating_add(1)) >= least);
        }
    }
}
