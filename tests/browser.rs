//! The pages in Chromium, as people meet them: `tests/browser/*.js` says what
//! they do, each story against a gateway and a stand-in Google of its own.

mod contacts;
mod gallery;
mod house;
mod panel;
mod quick_start;
mod stories;
mod story;
mod unequal;
