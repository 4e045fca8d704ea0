//! The IMAP cores under transcripts and random bytes, replayed whole, split at
//! every byte and merged: the chunking must never show.

#[cfg(test)]
#[path = "imap_cores/login_clients.rs"]
mod login_clients;
#[cfg(test)]
#[path = "imap_cores/login_limits.rs"]
mod login_limits;
#[cfg(test)]
#[path = "imap_cores/login_script.rs"]
mod login_script;
#[cfg(test)]
#[path = "imap_cores/oracle.rs"]
mod oracle;
#[cfg(test)]
#[path = "imap_cores/properties.rs"]
mod properties;
#[cfg(test)]
#[path = "imap_cores/relay.rs"]
mod relay;
#[cfg(test)]
#[path = "imap_cores/relay_script.rs"]
mod relay_script;
#[cfg(test)]
#[path = "imap_cores/upstream.rs"]
mod upstream;
