//! Which editor's keys the fingers know.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keymap {
    #[default]
    Default,
    Vim,
    Emacs,
}

impl Keymap {
    pub const ALL: [Keymap; 3] = [Self::Default, Self::Vim, Self::Emacs];

    pub fn id(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Vim => "vim",
            Self::Emacs => "emacs",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "Standard",
            Self::Vim => "Vim",
            Self::Emacs => "Emacs",
        }
    }

    pub fn from_id(id: &str) -> Self {
        Self::ALL.into_iter().find(|keymap| keymap.id() == id).unwrap_or_default()
    }
}
