//! The SMTP cores, driven as a driver must drive them (`world`) by written
//! dialogues (`script`) in every chunking.

#[cfg(test)]
mod dial_side;
#[cfg(test)]
mod dialects;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod losses;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod pre_login;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod script;
#[cfg(test)]
mod senders;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod world;
