//! Any chunking, any bytes.

use postern_core::{model::refusal::Cause, wire::smtp::header::Mode};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    script::{Cut, Script},
    smuggling::{clean, inside, message, send},
    world::{Answer, Settings, World, Write},
};

const SESSION: &str = "
    S: 220 gate.test ESMTP Postern
    C: HELO crm
    S: 250 gate.test
    C: AUTH LOGIN YW5uYUBleGFtcGxlLmNvbQ==
    S: 334 UGFzc3dvcmQ6
    C: dG9rZW4=
    S: 535 5.7.8 User name or CRM token is wrong (ref k3x9)
    C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
    U< 220-smtp.gmail.com
    U< 220 ESMTP
    U> EHLO gate.test
    U< 250-smtp.gmail.com at your service
    U< 250-SIZE 35882577
    U< 250 AUTH XOAUTH2
    U> AUTH XOAUTH2
    U< 334
    U> dXNlcj1hbm5hQGV4YW1wbGUuY29tAWF1dGg9QmVhcmVyIHlhMjkudG9rZW4BAQ==
    U< 235 2.7.0 Accepted
    S: 235 2.7.0 Accepted
    C: MAIL FROM:<anna@example.com>
    U> MAIL FROM:<anna@example.com>
    U< 250-2.1.0 two
    U< 250 2.1.0 lines
    S: 250-2.1.0 two
    S: 250 2.1.0 lines
    C: DATA
    U> DATA
    U< 354 go
    S: 354 go
    C: From: anna@example.com
    C:
    C: ..
    C: .x
    C:
    C: .
    U> From: anna@example.com
    U>
    U> ..
    U> .x
    U>
    U> .
    U< 250 sent
    S: 250 sent
    C: DATA
    U> DATA
    U< 354 go
    S: 354 go
    C~ From: anna@example.com\\r\\n\\r\\nbare\\nline\\r\\n.\\r\\n
    U~ From: anna@example.com\\r\\n\\r\\nbare
    U! dropped
    S: 550 5.6.0 Message holds a bare LF, lines must end in CRLF; not sent
    C: QUIT
    S: 221 2.0.0 Bye
    S! closed
";

fn session() -> Settings {
    Settings { answers: [Answer::Refuse(Cause::WrongToken), Answer::Dial].into(), ..Settings::default() }
}

fn atoms() -> impl Strategy<Value = Vec<u8>> {
    let atom = select(vec![
        &b"\r\n"[..],
        b"\r\n",
        b"\r\n",
        b".",
        b".",
        b"..",
        b"\r\n.",
        b"x",
        b"From: a@x",
        b"\r\n\r\n",
        b"\r",
        b"\n",
        b"\0",
        b"\xff",
        b".\r\n",
    ]);
    vec(atom, 0..30).prop_map(|atoms| atoms.concat())
}

fn commands() -> impl Strategy<Value = Vec<u8>> {
    let word = select(vec![
        &b"EHLO x\r\n"[..],
        b"MAIL FROM:<a@x>\r\n",
        b"RCPT TO:<b@x>\r\n",
        b"DATA\r\n",
        b"RSET\r\n",
        b"QUIT\r\n",
        b"NOOP\r\n",
        b"AUTH PLAIN AGEAYg==\r\n",
        b"AUTH LOGIN\r\n",
        b"YQ==\r\n",
        b"*\r\n",
        b"BDAT 3\r\n",
        b"\r\n.\r\n",
        b".\r\n",
        b"x",
        b"\r",
        b"\n",
        b"\0",
        b" ",
        b"STARTTLS\r\n",
        b"\xc3\xa9",
    ]);
    vec(word, 0..40).prop_map(|words| words.concat())
}

fn replies() -> impl Strategy<Value = Vec<u8>> {
    let word = select(vec![
        &b"250 ok\r\n"[..],
        b"250-more\r\n",
        b"354 go\r\n",
        b"421 bye\r\n",
        b"550 no\r\n",
        b"451 later\r\n",
        b"220 hi\r\n",
        b"334 \r\n",
        b"235 in\r\n",
        b"25",
        b"\r\n",
        b"\n",
        b"250-AUTH XOAUTH2\r\n",
        b"\0",
    ]);
    vec(word, 0..20).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_gives_the_same_session(sizes in vec(1_usize..40, 1..20)) {
        let script = Script::read(&SESSION.replace("\\\\", "\\"));
        let cut = Cut::Pieces(sizes);
        script.check(&script.run(&session(), &cut), &cut);
    }

    #[test]
    fn upstream_gets_the_message_or_nothing_complete(body in atoms(), piece in 1_usize..20) {
        let stream = [&body[..], b"\r\n.\r\n"].concat();
        let sent = send(&inside(), &stream, piece);
        let message = message(&stream).unwrap();
        prop_assert_eq!(sent.complete, clean(message));
        if sent.complete {
            prop_assert_eq!(&sent.body[..], message);
        } else {
            prop_assert!(message.starts_with(&sent.body));
            prop_assert!(sent.world.upstream_dropped);
        }
    }

    #[test]
    fn chunking_of_a_message_changes_nothing(body in atoms(), piece in 1_usize..20, refuse in any::<bool>()) {
        let mode = if refuse { Mode::Refuse } else { Mode::Note };
        let settings = Settings { mode, size_limit: 60, ..inside() };
        let stream = [&body[..], b"\r\n.\r\n"].concat();
        let (whole, split) = (send(&settings, &stream, usize::MAX), send(&settings, &stream, piece));
        prop_assert_eq!(whole.body, split.body);
        prop_assert_eq!(whole.world.to_client, split.world.to_client);
        prop_assert_eq!(whole.world.reports, split.world.reports);
    }

    #[test]
    fn one_question_at_a_time(
        turns in vec((commands(), replies()), 0..6),
        starttls in any::<bool>(),
        logged_in in any::<bool>(),
    ) {
        let mut world = World::new(Settings {
            starttls, logged_in, answers: vec![Answer::Dial; 3].into(), ..Settings::default()
        });
        for (client, upstream) in turns {
            world.client_sends(&client);
            world.upstream_sends(&upstream);
        }
        world.upstream_ends();
        world.client_ends();
        // Between two commands stands an answer: never two dots without a DATA between.
        let mut open = false;
        for write in &world.writes {
            match write {
                Write::Command(line) => open = line == b"DATA\r\n",
                Write::Body(_) => prop_assert!(open),
                Write::FinalDot => prop_assert!(std::mem::take(&mut open)),
            }
        }
    }

    #[test]
    fn arbitrary_octets_never_panic(client in vec(any::<u8>(), 0..600), upstream in vec(any::<u8>(), 0..200)) {
        let mut world = World::new(inside());
        world.client_sends(&client);
        world.upstream_sends(&upstream);
        let mut login = World::new(Settings { answers: vec![Answer::Dial; 9].into(), ..Settings::default() });
        login.client_sends(&client);
        login.upstream_sends(&upstream);
    }
}
