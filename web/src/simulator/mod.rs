//! The simulation as the page holds it: pure, and the same natively.
//!
//! | file | noun |
//! | --- | --- |
//! | `present` | the moment shown, the deeds yet ahead, and the other future |
//! | `travel` | going back and forth, and between two futures |
//! | `moments` | when each command of a log was given |
//! | `speed` | how much simulated time a frame brings |
//! | `aim` | letting time pass until something happens |
//! | `link` | a moment as a link |
//! | `lesson` | an error that happens before one's eyes, and its cure |
//! | `tour` | the first five minutes, stop by stop |
//! | `yours` | a machine with the disks that a person looked into |
//! | `known` | what each ready scenario comes to, for a page that tests itself |

mod aim;
mod known;
mod lesson;
mod link;
mod moments;
mod present;
mod speed;
mod tour;
mod travel;
mod yours;

pub use aim::{AIM_DAYS_MAX, Aim, Pursuit};
pub use known::{KNOWN, SelfTest};
pub use lesson::{Lesson, LessonState};
pub use link::{LINK_CHARACTERS_MAX, Link, LinkError};
pub use moments::{compact, deeds, moments};
pub use present::{Answered, EVENTS_MAX, Simulator, Stop};
pub use speed::{FRAME_MS_MAX, Speed};
pub use tour::{ERROR as TOUR_ERROR, TourStop, begin as begin_tour};
pub use yours::yours;
