//! Start times for virtual machines that crowd each other (POL-08).

use alloc::vec::Vec;
use core::num::NonZeroU32;

use serde::Serialize;

use super::clock::LocalTime;

/// Virtual machines that start together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slot<Vm> {
    /// When.
    pub start: LocalTime,
    /// Which.
    pub vms: Vec<Vm>,
}

/// The slots do not fit between the first start and midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{slots} slots of {gap_minutes} minutes do not fit before midnight")]
pub struct CrowdTooLarge {
    /// How many slots would be needed.
    pub slots: usize,
    /// Minutes between two starts.
    pub gap_minutes: u32,
}

/// Spreads `vms` over slots of at most `per_slot`, `gap_minutes` apart, from `first` on.
///
/// Each virtual machine gets exactly one slot, in the order given.
///
/// # Errors
///
/// [`CrowdTooLarge`] when the last slot would start after midnight.
pub fn stagger<Vm: Clone>(
    vms: &[Vm],
    first: LocalTime,
    per_slot: NonZeroU32,
    gap_minutes: u32,
) -> Result<Vec<Slot<Vm>>, CrowdTooLarge> {
    let size = usize::try_from(per_slot.get()).unwrap_or(usize::MAX);
    let too_large = CrowdTooLarge { slots: vms.len().div_ceil(size), gap_minutes };
    (0_u32..)
        .zip(vms.chunks(size))
        .map(|(number, vms)| {
            let minutes = number.checked_mul(gap_minutes).ok_or(too_large)?;
            let start = first.checked_add_minutes(minutes).ok_or(too_large)?;
            Ok(Slot { start, vms: vms.to_vec() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: NonZeroU32 = NonZeroU32::new(4).unwrap();

    #[test]
    fn nine_machines_take_three_slots_an_hour_apart() {
        let vms: Vec<u32> = (1..=9).collect();
        let slots = stagger(&vms, LocalTime::new(1, 0).unwrap(), FOUR, 60).unwrap();
        let starts: Vec<u16> = slots.iter().map(|slot| slot.start.minute_of_day()).collect();
        assert_eq!(starts, [60, 120, 180]);
        let sizes: Vec<usize> = slots.iter().map(|slot| slot.vms.len()).collect();
        assert_eq!(sizes, [4, 4, 1]);
        let all: Vec<u32> = slots.into_iter().flat_map(|slot| slot.vms).collect();
        assert_eq!(all, vms);
    }

    #[test]
    fn a_slot_after_midnight_is_refused() {
        let vms: Vec<u32> = (1..=9).collect();
        assert!(stagger(&vms, LocalTime::new(21, 59).unwrap(), FOUR, 60).is_ok());
        assert_eq!(
            stagger(&vms, LocalTime::new(22, 0).unwrap(), FOUR, 60),
            Err(CrowdTooLarge { slots: 3, gap_minutes: 60 })
        );
    }
}
