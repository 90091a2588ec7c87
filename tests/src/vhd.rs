//! Builders for VHD images.
