use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use super::Client;
use crate::net::exchange::{Exchange as _, ExchangeError, Method, Request, Response};
use crate::net::trial;
use crate::net::trust::Trust;

/// Answers each connection's first request with `answer`; returns the port.
async fn answering(answer: &'static str) -> u16 {
    let (listener, address) = trial::listener().await;
    trial::beside(serve(listener, answer));
    address.port()
}

async fn serve(listener: TcpListener, answer: &'static str) {
    while let Ok((mut tcp, _)) = listener.accept().await {
        let _asked = tcp.read(&mut [0; 4096]).await;
        let _gone = tcp.write_all(answer.as_bytes()).await;
    }
}

fn get(port: u16) -> Request {
    Request::get(Url::parse(&format!("http://127.0.0.1:{port}/path?token=secret")).unwrap())
}

async fn send(request: Request) -> Result<Response, ExchangeError> {
    let trust = Trust::with_pem(trial::issued().ca.as_bytes()).unwrap();
    Client::new(&trust).send(request).await
}

#[tokio::test]
async fn any_status_is_an_answer_and_a_redirect_is_not_followed() {
    let port = answering("HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nwait").await;
    let answer = send(get(port)).await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("7")));
    assert_eq!(*answer.body, b"wait");
    let port =
        answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(send(get(port)).await.unwrap().status, 302);
}

#[tokio::test]
async fn an_answer_above_the_limit_is_refused_announced_or_not() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n";
    for answer in [announced, chunked] {
        let port = answering(answer).await;
        let error = send(Request { limit: 4, ..get(port) }).await.err();
        assert_eq!(error, Some(ExchangeError::TooLarge { host: "127.0.0.1".to_owned(), limit: 4 }));
        assert_eq!(*send(Request { limit: 5, ..get(port) }).await.unwrap().body, b"12345");
    }
}

async fn why(request: Request) -> String {
    let error = send(request).await.err().expect("no answer was due").to_string();
    assert!(!error.contains("secret"), "{error}");
    error
}

#[tokio::test]
async fn time_covers_head_and_body() {
    let short = Duration::from_millis(100);
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let (listener, address) = trial::listener().await;
        trial::beside(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let _asked = tcp.read(&mut [0; 4096]).await;
            let _gone = tcp.write_all(answer.as_bytes()).await;
            std::future::pending::<()>().await;
        });
        let error = why(Request { timeout: short, ..get(address.port()) }).await;
        assert!(error.ends_with("no answer in time"), "{answer:?}: {error}");
    }
}

#[tokio::test]
async fn faults_are_told_in_fixed_words() {
    let (listener, address) = trial::listener().await;
    drop(listener);
    assert!(why(get(address.port())).await.ends_with("connection refused"));
    let port = answering("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
    let error = why(get(port)).await;
    assert!(error.contains("127.0.0.1 cannot be reached: "), "{error}");
    let broken = Request { headers: vec![("authorization", "a\r\nb".to_owned())], ..get(port) };
    assert!(why(broken).await.ends_with("the request cannot be written"));
}

#[tokio::test]
async fn http_leaves_this_machine_never() {
    for url in ["http://example.com/?secret", "ftp://localhost/", "http://127.0.0.1.example.com/"] {
        let error = why(Request::get(Url::parse(url).unwrap())).await;
        assert!(error.contains("only https"), "{error}");
    }
}

#[tokio::test]
async fn https_takes_our_authority_and_refuses_another() {
    let (tls, ca) = trial::server_tls();
    let tls = tls.speaking("http/1.1");
    let (listener, address) = trial::listener().await;
    trial::beside(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let Ok(mut stream) = tls.accept(tcp).await else { continue };
            let mut asked = [0; 4096];
            let length = stream.read(&mut asked).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
            let body = asked.split("\r\n\r\n").nth(1).unwrap_or_default();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _gone = stream.write_all(answer.as_bytes()).await;
            let _gone = stream.shutdown().await;
        }
    });
    let url = Url::parse(&format!("https://localhost:{}/token", address.port())).unwrap();
    let client = Client::new(&Trust::with_pem(ca.as_bytes()).unwrap());
    let answer = client.send(Request::form(url.clone(), &[("a", "b c")])).await.unwrap();
    assert_eq!(*answer.body, b"a=b+c");
    assert!(why(Request::get(url)).await.contains("no authority trusted here"));
}

#[tokio::test]
async fn every_method_is_sent_by_its_name_with_its_body() {
    let (listener, address) = trial::listener().await;
    trial::beside(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let length = tcp.read(&mut asked).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
            let told =
                format!("{} {}", asked.split(' ').next().unwrap(), asked.rsplit("\r\n").next().unwrap());
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", told.len());
            let _gone = tcp.write_all(format!("{head}{told}").as_bytes()).await;
        }
    });
    for (method, name) in [
        (Method::Get, "GET"),
        (Method::Post, "POST"),
        (Method::Put, "PUT"),
        (Method::Patch, "PATCH"),
        (Method::Delete, "DELETE"),
    ] {
        let body = b"{}".to_vec().into();
        let answer = send(Request { method, body, ..get(address.port()) }).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer.body), format!("{name} {{}}"));
    }
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered_and_one_connection_serves_all() {
    let (tls, ca) = trial::server_tls();
    let tls = tls.speaking("h2");
    let (listener, address) = trial::listener().await;
    trial::beside(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let stream = tls.accept(tcp).await.unwrap();
        let service = hyper::service::service_fn(async |request: hyper::Request<Incoming>| {
            let told = format!("{:?} {}", request.version(), request.uri().path());
            Ok::<_, Infallible>(hyper::Response::new(Full::new(Bytes::from(told))))
        });
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let _over = server.serve_connection(TokioIo::new(stream), service).await;
    });
    let client = Client::new(&Trust::with_pem(ca.as_bytes()).unwrap());
    for path in ["/one", "/two"] {
        let url = Url::parse(&format!("https://localhost:{}{path}", address.port())).unwrap();
        let answer = client.send(Request::form(url, &[("a", "b")])).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer.body), format!("HTTP/2.0 {path}"));
    }
}
