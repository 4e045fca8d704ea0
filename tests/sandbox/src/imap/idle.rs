//! IDLE: news as it comes, until DONE.

use std::io;

use super::answer::Answer;
use super::session::Session;

impl Session {
    pub(super) async fn idle(&mut self, tag: &str) -> io::Result<bool> {
        self.wire.send(b"+ idling\r\n").await?;
        loop {
            let news = self.news(true);
            if !news.is_empty() {
                self.wire.send(&news).await?;
            }
            if let Some(line) = self.wire.line() {
                self.note(&line);
                let answer = if line.eq_ignore_ascii_case(b"DONE") {
                    Answer::ok("IDLE terminated (Success)")
                } else {
                    Answer::unparsable()
                };
                self.wire.send(&answer.bytes(tag)).await?;
                return Ok(true);
            }
            self.wait().await?;
        }
    }
}
