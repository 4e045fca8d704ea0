//! The one integration binary: the gateway against real and stand-in parts.
//! `./tests/run` starts what these tests need.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account_check;
mod architecture;
mod audit;
mod browser;
mod budget;
mod calendar;
mod certificates;
mod commands;
mod connections;
mod contacts;
mod crm_developers;
mod crm_mail_accounts;
mod crm_people;
mod doctor;
mod endings;
mod faults;
mod figures;
mod imap_bounds;
mod imap_client;
mod imap_ends;
mod imap_espocrm;
mod imap_failures;
mod imap_handover;
mod imap_listeners;
mod imap_log;
mod interop;
mod keys;
mod lifecycle;
mod lying_upstreams;
mod nodes;
mod notices;
mod programs;
mod proxied_clients;
mod recurrence;
mod settings;
mod slow_loris;
mod smoke;
mod smtp_audit;
mod smtp_client;
mod smtp_dialects;
mod smtp_end_of_data;
mod smtp_failure_bench;
mod smtp_failures;
mod smtp_from;
mod smtp_hostile;
mod smtp_losses;
mod smtp_modes;
mod smtp_sessions;
mod store;
mod support;
mod telemetry;
mod through_proxy;
mod tokens;
