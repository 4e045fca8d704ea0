//! Bounded CRLF framing.
