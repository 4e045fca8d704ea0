//! Dialogues as text, replayed whole, octet by octet and in one segment.
//!
//! ```text
//! C: line the client sends        C~ raw octets with \r \n \0
//! S: line the client must get     S! closed
//! U> line upstream must get       U~ raw octets upstream must get
//! U< line upstream says           U! eof | U! dropped
//! ```

use super::world::{Settings, World};

enum Act {
    Client(Vec<u8>),
    Upstream(Vec<u8>),
    UpstreamEnds,
}

struct Moment {
    act: Act,
    /// What both sides must have got before.
    client_got: usize,
    upstream_got: usize,
}

pub struct Script {
    moments: Vec<Moment>,
    to_client: Vec<u8>,
    to_upstream: Vec<u8>,
    closed: bool,
    dropped: bool,
}

/// How the bytes of a dialogue are cut.
#[derive(Debug, Clone)]
pub enum Cut {
    /// As written.
    Whole,
    /// Pieces of these sizes, again and again.
    Pieces(Vec<usize>),
    /// All the client ever says at once, before anything else.
    Merged,
}

pub fn unescape(text: &str) -> Vec<u8> {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0").into_bytes()
}

impl Script {
    pub fn read(text: &str) -> Self {
        let mut script = Self {
            moments: Vec::new(),
            to_client: Vec::new(),
            to_upstream: Vec::new(),
            closed: false,
            dropped: false,
        };
        for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
            let (mark, rest) = line.split_at(2);
            let rest = rest.strip_prefix(' ').unwrap_or(rest);
            let whole = format!("{rest}\r\n").into_bytes();
            match mark {
                "C:" => script.push(Act::Client(whole)),
                "C~" => script.push(Act::Client(unescape(rest))),
                "S:" => script.to_client.extend(whole),
                "U<" => script.push(Act::Upstream(whole)),
                "U>" => script.to_upstream.extend(whole),
                "U~" => script.to_upstream.extend(unescape(rest)),
                "S!" => script.closed = true,
                "U!" if rest == "eof" => script.push(Act::UpstreamEnds),
                "U!" => script.dropped = true,
                _ => panic!("no such mark: {line}"),
            }
        }
        script
    }

    fn push(&mut self, act: Act) {
        let (client_got, upstream_got) = (self.to_client.len(), self.to_upstream.len());
        self.moments.push(Moment { act, client_got, upstream_got });
    }

    pub fn run(&self, settings: &Settings, cut: &Cut) -> World {
        let mut world = World::new(settings.clone());
        if matches!(cut, Cut::Merged) {
            let all: Vec<u8> = self
                .moments
                .iter()
                .filter_map(|m| if let Act::Client(bytes) = &m.act { Some(&bytes[..]) } else { None })
                .collect::<Vec<_>>()
                .concat();
            world.client_sends(&all);
        }
        let sizes = match cut {
            Cut::Pieces(sizes) => sizes.clone(),
            Cut::Whole | Cut::Merged => vec![usize::MAX],
        };
        let mut sizes = sizes.into_iter().cycle();
        for moment in &self.moments {
            if world.to_client.len() < moment.client_got || world.to_upstream.len() < moment.upstream_got {
                break;
            }
            match &moment.act {
                Act::Client(_) if matches!(cut, Cut::Merged) => {}
                Act::Client(bytes) => pieces(bytes, &mut sizes, |piece| world.client_sends(piece)),
                Act::Upstream(bytes) => pieces(bytes, &mut sizes, |piece| world.upstream_sends(piece)),
                Act::UpstreamEnds => world.upstream_ends(),
            }
        }
        world
    }

    pub fn check(&self, world: &World, cut: &Cut) {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(shown(&world.to_client), shown(&self.to_client), "to the client, {cut:?}");
        assert_eq!(shown(&world.to_upstream), shown(&self.to_upstream), "to upstream, {cut:?}");
        assert_eq!(world.closed(), self.closed, "closed, {cut:?}");
        assert_eq!(world.upstream_dropped, self.dropped, "upstream dropped, {cut:?}");
    }
}

fn pieces(mut bytes: &[u8], sizes: &mut impl Iterator<Item = usize>, mut each: impl FnMut(&[u8])) {
    while !bytes.is_empty() {
        let size = sizes.next().unwrap().clamp(1, bytes.len());
        let (piece, rest) = bytes.split_at(size);
        each(piece);
        bytes = rest;
    }
}

/// Plays a dialogue where client and server wait for each other.
pub fn play_in_step(settings: &Settings, text: &str) -> World {
    let script = Script::read(text);
    for cut in [Cut::Pieces(vec![1]), Cut::Pieces(vec![2, 3])] {
        script.check(&script.run(settings, &cut), &cut);
    }
    let world = script.run(settings, &Cut::Whole);
    script.check(&world, &Cut::Whole);
    world
}

/// Plays it also with all the client ever says in one segment.
pub fn play(settings: &Settings, text: &str) -> World {
    let script = Script::read(text);
    let merged = script.run(settings, &Cut::Merged);
    script.check(&merged, &Cut::Merged);
    let world = play_in_step(settings, text);
    assert_eq!(merged.reports, world.reports);
    world
}
