//! The pages on a real listener.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::http::{Seen, serve};
use crate::net::door::{Door, Mode};
use crate::net::listen::bind;
use crate::tasks::{Phase, Tasks};

async fn listening(tasks: &Tasks) -> std::net::SocketAddr {
    let router = Router::new().route("/", get(|| async { "ok" })).route(
        "/slow",
        get(|| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        }),
    );
    let listeners = bind("127.0.0.1:0").unwrap();
    let address = listeners[0].local_addr().unwrap();
    serve(listeners, Door::new(Mode::None, None, false).unwrap(), &router, tasks, Seen::UntilDrain);
    address
}

async fn connect(address: std::net::SocketAddr) -> TcpStream {
    TcpSocket::new_v4().unwrap().connect(address).await.unwrap()
}

async fn all(stream: &mut TcpStream) -> String {
    let mut out = Vec::new();
    let _reset = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut out)).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn requests_are_answered_and_oversized_heads_are_not() {
    let tasks = Tasks::default();
    let address = listening(&tasks).await;
    let mut client = connect(address).await;
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(all(&mut client).await.ends_with("\r\n\r\nok"));
    let fields = "A: b\r\n".repeat(65);
    let mut client = connect(address).await;
    client.write_all(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes()).await.unwrap();
    assert!(all(&mut client).await.starts_with("HTTP/1.1 431"));
    let mut client = connect(address).await;
    let line = format!("GET /{} HTTP/1.1\r\n", "a".repeat(40_000));
    let _reset = client.write_all(line.as_bytes()).await;
    let told = all(&mut client).await;
    assert!(!told.contains(" 200 "), "{told}");
}

#[tokio::test]
async fn the_stop_lets_an_answer_finish_and_ends_idle_connections() {
    let tasks = Tasks::default();
    let address = listening(&tasks).await;
    let (mut idle, mut busy) = (connect(address).await, connect(address).await);
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 15];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(tasks.end(Phase::Listeners, Duration::from_secs(1)).await, 0);
    assert_eq!(tasks.end(Phase::Sessions, Duration::from_secs(5)).await, 0);
    assert!(all(&mut busy).await.ends_with("done"));
    all(&mut idle).await;
    assert!(TcpSocket::new_v4().unwrap().connect(address).await.is_err());
}
