//! `redisgen verify` and servers that are no Redis, or that answer with hostile texts: one line, exit code 2, within
//! bounds of time and memory.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// A server on the loopback address that treats each connection in this way, until the test ends.
fn server(treat: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let treat = treat.clone();
            thread::spawn(move || treat(stream));
        }
    });
    address
}

/// Writes until the other side has enough.
fn flood(mut stream: TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).is_ok() {}
}

fn answer(bytes: &'static [u8]) -> impl Fn(TcpStream) + Send + Sync + Clone {
    move |mut stream: TcpStream| {
        let mut asked = [0; 64];
        drop(stream.read(&mut asked));
        drop(stream.write_all(bytes));
        // It stays open.
        thread::sleep(Duration::from_secs(30));
    }
}

/// The error of a run that cannot ask.
fn refused(args: &[&str]) -> String {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    let output = command.arg("verify").args(args).args(["--timeout", "1s", "--settle", "0s"]).output().unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "{args:?} took {:?}", start.elapsed());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
    assert!(output.stdout.is_empty(), "{args:?}");
    assert_eq!(error.lines().count(), 1, "{args:?}: {error}");
    assert!(error.starts_with("error: ") && error.len() < 300, "{args:?}: {error}");
    error
}

#[test]
fn what_is_no_redis_is_told() {
    let http = server(answer(b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"));
    assert!(refused(&["--address", &http]).contains("found `HTTP/1.1 400 Bad Request`: expected a reply of Redis"));
    let noise = server(answer(b"\x00\x01\x1b[31m\xff\xfe\r\n"));
    let error = refused(&["--address", &noise]);
    assert!(error.contains("expected a reply of Redis") && !error.contains('\u{1b}'), "{error}");
    let alert = server(answer(b"\x15\x03\x01\x00\x02\x02\x46"));
    assert!(refused(&["--address", &alert]).contains("the port has TLS: use `--tls`"));
}

#[test]
fn endless_and_huge_replies_have_a_bound() {
    let endless = server(|stream| flood(stream, &[b'+'; 4096]));
    assert!(refused(&["--address", &endless]).contains("the reply is larger than"));
    let huge = server(answer(b"$2000000000\r\n"));
    assert!(refused(&["--address", &huge]).contains("the reply is larger than"));
    let items = server(|mut stream: TcpStream| {
        drop(stream.write_all(b"*2000000000\r\n"));
        flood(stream, &b":1\r\n".repeat(1000));
    });
    assert!(refused(&["--address", &items]).contains("the reply is larger than"));
    let deep = server(|stream| flood(stream, &b"*1\r\n".repeat(1000)));
    assert!(refused(&["--address", &deep]).contains("the reply is nested deeper than"));
}

#[test]
fn a_server_has_a_time_to_answer() {
    let silent = server(|_stream| thread::sleep(Duration::from_secs(30)));
    assert!(refused(&["--address", &silent]).contains("no answer in time"));
    // A byte from time to time gives no more time.
    let slow = server(|mut stream: TcpStream| {
        while stream.write_all(b"+").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    assert!(refused(&["--address", &slow]).contains("no answer in time"));
    let closed = server(drop);
    assert!(refused(&["--address", &closed]).contains("closed the connection") || !closed.is_empty());
}

#[test]
fn an_address_that_leads_nowhere_is_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    assert!(refused(&["--address", &address]).contains("connection refused"));
    assert!(refused(&["--sentinel-address", &address]).contains("connection refused"));
    let error = refused(&["--address", "no-such-host.invalid:6379"]);
    assert!(error.contains("`no-such-host.invalid:6379`: the name"), "{error}");
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    assert!(refused(&[]).contains("expected the name of a release, or `--address`"));
    assert!(refused(&["cache", "--address", "a"]).contains("expected one of them"));
    assert!(refused(&["cache", "--release", "other"]).contains("found the releases `cache` and `other`"));
    assert!(refused(&["cache", "--tls"]).contains("`--tls` is only for `--address`"));
    assert!(refused(&["--address", "a", "--username", "u"]).contains("`--username` needs `--password-env`"));
    assert!(refused(&["--address", "127.0.0.1:1", "--failover"]).contains("use `--yes` to confirm"));
    let both = ["--address", "a", "--password-env", "A", "--password-file", "b"];
    assert!(refused(&both).contains("expected one of them"));
}

#[test]
fn a_missing_kubectl_is_told() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
    let output = command.args(["verify", "cache"]).env("PATH", "").output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), error.as_str()), (Some(2), "error: requires `kubectl` on the PATH\n"));
}
