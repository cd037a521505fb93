//! The parts that panels are made of. A part knows nothing of the platform: it gets values and gives back
//! what a person did. Plain buttons, fields and tables need no part, only the classes of `studio.css`.

pub mod callout;
pub mod chart;
pub mod code;
pub mod copy;
pub mod dialog;
pub mod editor;
pub mod empty;
pub mod field;
pub mod format;
pub mod grid;
pub mod icon;
pub mod markdown;
pub mod math;
pub mod menu;
pub mod now;
pub mod size;
pub mod state;
pub mod table;
mod tags;
pub mod terminal;
pub mod toast;

pub use callout::{Callout, ErrorNote};
pub use code::Code;
pub use copy::CopyButton;
pub use dialog::{Confirm, Dialog};
pub use empty::{Bones, Empty};
pub use field::{Choice, FormLine, Search, Select, Switch, TextField};
pub use icon::Icon;
pub use menu::{Menu, MenuItem};
pub use state::{State, StateChip, Tone};
pub use table::{Column, DataTable};
pub use toast::{Toast, use_toasts};
