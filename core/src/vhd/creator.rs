//! Creator: who made an image, when, and how they write an id.

use alloc::format;
use alloc::string::{String, ToString};

/// Programs by the four characters they leave in a footer.
const KNOWN: [(&[u8; 4], &str); 11] = [
    (b"vhlt", "vhault"),
    (b"win ", "Windows"),
    (b"vpc ", "Virtual PC"),
    (b"vs  ", "Virtual Server"),
    (b"qemu", "QEMU"),
    (b"qem2", "QEMU"),
    (b"vbox", "VirtualBox"),
    (b"d2v\0", "Disk2vhd"),
    (b"tap\0", "XenServer"),
    (b"CTXS", "XenServer"),
    (b"wa\0\0", "Azure"),
];

/// Creators that store an id in the mixed order of a Windows GUID.
const GUID_ORDER: [&[u8; 4]; 5] = [b"win ", b"vpc ", b"vs  ", b"vbox", b"d2v\0"];

/// Seconds from 1970 to 2000.
const EPOCH: u64 = super::UNIX_SECONDS_OF_2000;

/// The program behind four characters, where we know it.
pub(crate) fn name(app: [u8; 4]) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| **known == app).map(|(_, name)| *name)
}

/// Four characters as text: what cannot be printed becomes a dot.
pub(crate) fn characters(bytes: [u8; 4]) -> String {
    bytes
        .iter()
        .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' })
        .collect()
}

/// An id as its creator would write it.
pub(crate) fn guid(id: [u8; 16], app: [u8; 4]) -> String {
    let [a, b, c, d, e, f, g, h, rest @ ..] = id;
    let head = if GUID_ORDER.contains(&&app) { [d, c, b, a, f, e, h, g] } else { [a, b, c, d, e, f, g, h] };
    let hex = crate::digest::hex;
    format!(
        "{}-{}-{}-{}-{}",
        hex(&head[..4]),
        hex(&head[4..6]),
        hex(&head[6..]),
        hex(&rest[..2]),
        hex(&rest[2..])
    )
}

/// Seconds since 2000 as `2012-03-04T05:06:07Z`; zero means nobody wrote one.
pub(crate) fn time(seconds_since_2000: u32) -> String {
    if seconds_since_2000 == 0 {
        return "not given".to_string();
    }
    let seconds = EPOCH + u64::from(seconds_since_2000);
    let (year, month, day) = date_of(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of the day so many days after 1970-01-01.
fn date_of(days: u64) -> (u64, u64, u64) {
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut left) = (1970, days);
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if left < length {
            break;
        }
        left -= length;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_begin_in_2000_and_know_leap_years() {
        assert_eq!(time(0), "not given");
        assert_eq!(time(1), "2000-01-01T00:00:01Z");
        assert_eq!(time(31 * 86_400 - 1), "2000-01-31T23:59:59Z");
        assert_eq!(time(31 * 86_400), "2000-02-01T00:00:00Z");
        assert_eq!(time(12 * 3_600 + 34 * 60 + 56), "2000-01-01T12:34:56Z");
        assert_eq!(time(59 * 86_400), "2000-02-29T00:00:00Z");
        assert_eq!(time(366 * 86_400 - 1), "2000-12-31T23:59:59Z");
        assert_eq!(time(366 * 86_400), "2001-01-01T00:00:00Z");
        assert_eq!(time(u32::MAX), "2136-02-07T06:28:15Z");
    }

    #[test]
    fn programs_are_known_by_what_they_leave() {
        assert_eq!(name(*b"win "), Some("Windows"));
        assert_eq!(name(*b"qem2"), Some("QEMU"));
        assert_eq!(name(*b"vhlt"), Some("vhault"));
        assert_eq!(name(*b"?\0\0\0"), None);
        assert_eq!(characters(*b"d2v\0"), "d2v.");
        assert_eq!(characters(*b"vs ~"), "vs ~");
        assert_eq!(characters([0x80, b'\n', 0xff, b'a']), "...a");
    }

    #[test]
    fn a_windows_id_is_written_as_a_guid() {
        let id = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        assert_eq!(guid(id, *b"win "), "03020100-0504-0706-0809-0a0b0c0d0e0f");
        assert_eq!(guid(id, *b"qemu"), "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }
}
