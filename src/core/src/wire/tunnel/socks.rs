//! SOCKS 5: greeting, login where the proxy wants one, request.
//!
//! Each answer has a known length, so the dialogue asks for exactly that many
//! octets and no chunking can matter.

use std::net::IpAddr;

use zeroize::Zeroizing;

use super::Denied;
use crate::model::secret::Secret;

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Send these octets, of which there may be none, then read exactly so many.
    Next {
        /// To be sent.
        send: Zeroizing<Vec<u8>>,
        /// To be read.
        read: usize,
    },
    /// The connection stands.
    Open,
    /// There will be no connection.
    Denied(Denied),
}

/// One dialogue. States: greeted, logging in, asked, address of the answer.
pub struct Socks<'a> {
    host: &'a str,
    port: u16,
    login: Option<(&'a str, &'a Secret)>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Greeted,
    LoggingIn,
    Asked,
    Answered,
}

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const USER_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;

impl<'a> Socks<'a> {
    /// A dialogue for a connection to `host` (IPv6 without brackets), and its
    /// first step.
    #[must_use]
    pub fn start(host: &'a str, port: u16, login: Option<(&'a str, &'a Secret)>) -> (Self, Step) {
        let methods: &[u8] =
            if login.is_some() { &[VERSION, 2, NO_LOGIN, USER_PASSWORD] } else { &[VERSION, 1, NO_LOGIN] };
        (Self { host, port, login, state: State::Greeted }, next(methods.to_vec(), 2))
    }

    /// Takes the octets that the last step asked for.
    #[must_use]
    pub fn took(&mut self, octets: &[u8]) -> Step {
        match (self.state, octets) {
            (State::Greeted, [VERSION, NO_LOGIN]) => self.ask(),
            (State::Greeted, [VERSION, USER_PASSWORD]) => self.log_in(),
            (State::Greeted, [VERSION, _]) => Step::Denied(Denied::Credentials),
            (State::LoggingIn, [_, 0]) => self.ask(),
            (State::LoggingIn, [_, _]) => Step::Denied(Denied::Credentials),
            (State::Asked, [VERSION, 0, _, family, first]) => {
                self.state = State::Answered;
                // The address the proxy speaks from; of no use, but in the way.
                match family {
                    1 => next(Vec::new(), 5),
                    3 => next(Vec::new(), usize::from(*first).saturating_add(2)),
                    4 => next(Vec::new(), 17),
                    _ => Step::Denied(Denied::NotSpoken),
                }
            }
            (State::Asked, [VERSION, reply, ..]) => Step::Denied(match reply {
                2 => Denied::Forbidden,
                1 | 3..=6 => Denied::Upstream,
                _ => Denied::Other,
            }),
            (State::Answered, _) => Step::Open,
            _ => Step::Denied(Denied::NotSpoken),
        }
    }

    fn log_in(&mut self) -> Step {
        let Some((user, password)) = self.login else { return Step::Denied(Denied::Credentials) };
        let (Some(user), Some(password)) = (counted(user.as_bytes()), counted(password.reveal().as_bytes()))
        else {
            return Step::Denied(Denied::Credentials);
        };
        self.state = State::LoggingIn;
        next([&[1], user.as_slice(), password.as_slice()].concat(), 2)
    }

    fn ask(&mut self) -> Step {
        let (family, address) = match self.host.parse() {
            Ok(IpAddr::V4(address)) => (1, Zeroizing::new(address.octets().to_vec())),
            Ok(IpAddr::V6(address)) => (4, Zeroizing::new(address.octets().to_vec())),
            Err(_) => match counted(self.host.as_bytes()) {
                Some(name) => (3, name),
                None => return Step::Denied(Denied::Upstream),
            },
        };
        self.state = State::Asked;
        let port = self.port.to_be_bytes();
        next([&[VERSION, CONNECT, 0, family], address.as_slice(), &port].concat(), 5)
    }
}

fn next(send: Vec<u8>, read: usize) -> Step {
    Step::Next { send: Zeroizing::new(send), read }
}

/// The octets behind their number, which one octet has to hold.
fn counted(octets: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let count = u8::try_from(octets.len()).ok()?;
    Some(Zeroizing::new([&[count], octets].concat()))
}

#[cfg(test)]
mod tests {
    use super::{Socks, Step};
    use crate::model::secret::Secret;
    use crate::wire::tunnel::Denied;

    /// Plays the proxy's answers; what was sent, and the last step.
    fn play(host: &str, login: Option<(&str, &Secret)>, answers: &[&[u8]]) -> (Vec<Vec<u8>>, Step) {
        let (mut socks, mut step) = Socks::start(host, 993, login);
        let mut sent = Vec::new();
        for answer in answers {
            let Step::Next { send, read } = step else { panic!("{step:?} before {answer:?}") };
            assert_eq!(read, answer.len(), "{answer:?}");
            sent.push(send.to_vec());
            step = socks.took(answer);
        }
        (sent, step)
    }

    const FOUR: [&[u8]; 2] = [&[5, 0, 0, 1, 10], &[0, 0, 1, 0, 80]];

    #[test]
    fn a_name_is_resolved_by_the_proxy() {
        let (sent, end) = play("imap.gmail.com", None, &[&[5, 0], FOUR[0], FOUR[1]]);
        assert_eq!(end, Step::Open);
        assert_eq!(sent[0], [5, 1, 0]);
        assert_eq!(sent[1], [&[5, 1, 0, 3, 14][..], b"imap.gmail.com", &[3, 0xe1]].concat());
        assert_eq!(sent[2], b"");
    }

    #[test]
    fn addresses_go_as_addresses_and_every_answer_has_its_length() {
        let (sent, end) = play("10.0.0.9", None, &[&[5, 0], &[5, 0, 0, 3, 4], b"host\x01\x02"]);
        assert_eq!((&sent[1][..], end), (&[5, 1, 0, 1, 10, 0, 0, 9, 3, 0xe1][..], Step::Open));
        let (sent, end) = play("::1", None, &[&[5, 0], &[5, 0, 0, 4, 0], &[0; 17]]);
        assert_eq!((sent[1].len(), end), (22, Step::Open));
    }

    #[test]
    fn a_login_is_given_where_the_proxy_asks_for_it() {
        let secret = Secret::new("pw");
        let login = Some(("me", &secret));
        let (sent, end) = play("a.b", login, &[&[5, 2], &[1, 0], FOUR[0], FOUR[1]]);
        assert_eq!(
            (&sent[0][..], &sent[1][..], end),
            (&[5, 2, 0, 2][..], &b"\x01\x02me\x02pw"[..], Step::Open)
        );
        let (sent, end) = play("a.b", login, &[&[5, 0], FOUR[0], FOUR[1]]);
        assert_eq!((sent.len(), end), (3, Step::Open));
        let long = Secret::new("x".repeat(256));
        assert_eq!(play("a.b", Some(("me", &long)), &[&[5, 2]]).1, Step::Denied(Denied::Credentials));
    }

    #[test]
    fn refusals_are_told_apart() {
        let secret = Secret::new("pw");
        let login = Some(("me", &secret));
        type Case<'a> = (Option<(&'a str, &'a Secret)>, &'a [&'a [u8]], Denied);
        let cases: [Case<'_>; 10] = [
            (None, &[&[5, 0xff]], Denied::Credentials),
            (None, &[&[5, 2]], Denied::Credentials),
            (login, &[&[5, 2], &[1, 1]], Denied::Credentials),
            (None, &[b"HT"], Denied::NotSpoken),
            (None, &[&[4, 0]], Denied::NotSpoken),
            (None, &[&[5, 0], &[5, 2, 0, 1, 0]], Denied::Forbidden),
            (None, &[&[5, 0], &[5, 4, 0, 1, 0]], Denied::Upstream),
            (None, &[&[5, 0], &[5, 5, 0, 1, 0]], Denied::Upstream),
            (None, &[&[5, 0], &[5, 7, 0, 1, 0]], Denied::Other),
            (None, &[&[5, 0], &[5, 0, 0, 9, 0]], Denied::NotSpoken),
        ];
        for (login, answers, why) in cases {
            assert_eq!(play("a.b", login, answers).1, Step::Denied(why), "{answers:?}");
        }
    }
}
