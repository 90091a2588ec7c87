//! Our charts: geometry comes from the view models, drawing is thin, and each
//! picture has a twin in words.

mod heat_map;
mod pen;
mod sparkline;
mod strip;
mod timeline;

pub(crate) use heat_map::HeatMap;
pub(crate) use pen::Pen;
pub(crate) use sparkline::Sparkline;
pub(crate) use strip::{Strip, StripCell};
pub(crate) use timeline::Timeline;
