//! The gateway between Google and the CRM, for the figures of the calendar and of the contacts.
//!
//! Google and the CRM are the stand-ins of the tests in a process of their own: [`world`] is inside
//! it, [`sides`] speaks with it. The [`gateway`] is the release binary, set up by its own commands
//! and asked over its REST API ([`rest`]); processor time and memory are the kernel's account of it
//! alone. What was measured is kept in [`figures`].

pub mod figures;
pub mod gateway;
pub mod rest;
pub mod sides;
pub mod world;

use std::path::PathBuf;

use crate::certificate::Certificate;

/// Where the parts of a run have their files, and which binary they run.
#[derive(Debug)]
pub struct Site {
    /// Its folder.
    pub dir: PathBuf,
    /// Of the gateway.
    pub certificate: Certificate,
    /// The release binary.
    pub postern: PathBuf,
}

impl Site {
    /// A folder that is there, with a certificate of its own.
    pub fn make(dir: PathBuf, postern: PathBuf) -> anyhow::Result<Self> {
        Ok(Self { certificate: Certificate::make(&dir)?, dir, postern })
    }
}
