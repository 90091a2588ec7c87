//! From what core found to what one component draws. Pure, and the same
//! value in worker, page and test.
//!
//! | file | noun |
//! | --- | --- |
//! | `disk` | one inspected disk: its images, fields, findings |
//! | `map` | the blocks of an image as runs |
//! | `heat` | the cells of a heat map, and moving in it |
//! | `number` | sizes, counts and times for people |
//! | `pace` | rate and time left |
//! | `difference` | what changed, and what an incremental would send |
//! | `copy` | how long a copy takes, and whether a window is long enough |
//! | `tone` | what something means, before any colour |
//! | `rows` | which of very many rows are drawn |
//! | `search` | which of many names a few letters mean |
//! | `spark`, `timeline` | the geometry of charts |
//! | `simulator` | a room of its own: the views of the simulation |

pub mod copy;
pub mod damage;
pub mod difference;
pub mod disk;
pub mod heat;
pub mod map;
pub mod number;
pub mod pace;
pub mod rows;
pub mod search;
pub mod simulator;
pub mod spark;
pub mod timeline;
pub mod tone;
