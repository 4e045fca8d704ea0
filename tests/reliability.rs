//! What holds while processes are killed, machines cut off, and crowds wait.
//!
//! Each scenario has a size. By default it takes some seconds; `POSTERN_TEST_RELIABILITY=long` asks
//! for the form whose figures stand in `docs/reliability.md`. Each prints one line of figures.

mod before;
mod client;
mod idle;
mod kills;
mod lab;
mod node;
mod people;
mod several;
mod site;
mod size;
mod traffic;
mod world;
