//! Random bytes from the operating system.

/// Fresh random bytes.
///
/// # Panics
///
/// When the operating system has none to give: without them no key is safe.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
