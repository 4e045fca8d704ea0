//! The mail itself, apart from any protocol: accounts, folders, messages, open sessions.

mod control;
pub(crate) mod date;
mod folder;
pub(crate) mod header;
pub(crate) mod mime;
mod post;
mod sessions;

pub(crate) use folder::{Account, Folder, Message, SENT};
pub(crate) use post::Post;
pub use sessions::SessionReport;
pub(crate) use sessions::{Protocol, Sessions};
