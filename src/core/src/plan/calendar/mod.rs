
pub mod instance;
pub mod moment;
pub mod times;
mod written;
