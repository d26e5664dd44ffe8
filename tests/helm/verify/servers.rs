//! Real Redis and Sentinel on the loopback address, with the settings that the chart writes.

use std::{
    env, fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use redisgen::verify::resp;

/// The password of all servers.
pub const PASSWORD: &str = "p4ss'w\"ord with blanks";

/// How long servers may take to start, and Sentinels to find each other.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program, or why it is missing.
///
/// # Panics
///
/// When it is missing and `CI` is set.
pub fn program(name: &str) -> Result<PathBuf, String> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let missing = format!("`{name}` is not on the PATH; `.ci/tools` installs it");
        assert!(env::var_os("CI").is_none(), "{missing}");
        missing
    })
}

/// A server that ends with its value.
pub struct Server {
    pub port: u16,
    child: Child,
}

impl Server {
    fn start(folder: &Path, name: &str, port: u16, conf: &str, is_sentinel: bool) -> Self {
        let file = folder.join(format!("{name}.conf"));
        fs::write(&file, conf).unwrap();
        let mut command = Command::new(program("redis-server").unwrap());
        command.arg(&file).args(is_sentinel.then_some("--sentinel"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { port, child }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The reply to a command, as the server writes it.
    pub fn ask(&self, words: &[&str]) -> String {
        ask(self.port, words).unwrap()
    }

    fn is_up(&self) -> bool {
        ask(self.port, &["PING"]).is_ok_and(|reply| reply.contains("PONG"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn ask(port: u16, words: &[&str]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    for words in [&["AUTH", PASSWORD][..], words] {
        stream.write_all(&resp::encode(words.iter().copied()))?;
    }
    let mut bytes = Vec::new();
    loop {
        let mut rest = bytes.as_slice();
        if resp::read(&mut rest).is_ok() && resp::read(&mut rest).is_ok() {
            return Ok(String::from_utf8(bytes).unwrap());
        }
        let mut some = [0; 4096];
        let count = stream.read(&mut some)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&some[..count]);
    }
}

/// Ports that nobody uses now.
pub fn free_ports(count: usize) -> Vec<u16> {
    let listeners: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        thread::sleep(Duration::from_millis(50));
    }
}

/// A primary with two replicas, and perhaps three Sentinels.
pub struct Release {
    pub redis: Vec<Server>,
    pub sentinels: Vec<Server>,
    pub folder: tempfile::TempDir,
}

impl Release {
    /// Three nodes. `more` is added to each `redis.conf`.
    pub fn start(with_sentinels: bool, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ports = free_ports(6);
        let mut redis = Vec::new();
        for (at, port) in ports[..3].iter().enumerate() {
            let dir = folder.path().join(format!("redis-{at}"));
            fs::create_dir(&dir).unwrap();
            let follows = if at == 0 { String::new() } else { format!("replicaof 127.0.0.1 {}\n", ports[0]) };
            let conf = format!(
                "bind 127.0.0.1\nport {port}\ndir {}\nrequirepass {password}\nmasterauth {password}\n\
                 repl-diskless-sync-delay 0\nrename-command FLUSHDB \"\"\nrename-command FLUSHALL \"\"\n\
                 save \"\"\n{follows}{more}\n",
                dir.display(),
                password = quoted(PASSWORD),
            );
            redis.push(Server::start(folder.path(), &format!("redis-{at}"), *port, &conf, false));
        }
        let sentinels = ports[3..].iter().enumerate().filter(|_| with_sentinels).map(|(at, port)| {
            let conf = format!(
                "bind 127.0.0.1\nport {port}\ndir {}\nrequirepass {password}\n\
                 sentinel monitor mymaster 127.0.0.1 {} 2\nsentinel auth-pass mymaster {password}\n\
                 sentinel down-after-milliseconds mymaster 2000\nsentinel failover-timeout mymaster 10000\n",
                folder.path().display(),
                ports[0],
                password = quoted(PASSWORD),
            );
            Server::start(folder.path(), &format!("sentinel-{at}"), *port, &conf, true)
        });
        let sentinels = sentinels.collect();
        let release = Self { redis, sentinels, folder };
        release.wait();
        release
    }

    /// Waits until all servers know each other.
    fn wait(&self) {
        for server in self.redis.iter().chain(&self.sentinels) {
            until("a server starts", || server.is_up());
        }
        let is_online = |reply: &str| reply.matches("state=online").count() == 2;
        until("replicas follow", || is_online(&self.redis[0].ask(&["INFO", "replication"])));
        for sentinel in &self.sentinels {
            let knows = ["slaves=2", "sentinels=3"];
            until("Sentinels find each other", || {
                let reply = sentinel.ask(&["INFO", "sentinel"]);
                knows.iter().all(|part| reply.contains(part))
            });
            // The first INFO of a Sentinel tells which replica follows whom.
            until("Sentinels know the links", || {
                let reply = sentinel.ask(&["SENTINEL", "REPLICAS", "mymaster"]);
                reply.matches("master-link-status\r\n$2\r\nok").count() == 2
            });
        }
    }

    /// The flags with all addresses.
    pub fn flags(&self) -> Vec<String> {
        let redis = self.redis.iter().flat_map(|server| ["--address".to_owned(), server.address()]);
        redis.chain(self.sentinels.iter().flat_map(|s| ["--sentinel-address".to_owned(), s.address()])).collect()
    }
}

/// A text in quotes of redis.conf.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A Redis with TLS only, and its certificates: for `right.test`, of an authority of its own.
pub struct TlsServer {
    pub server: Server,
    pub folder: tempfile::TempDir,
}

impl TlsServer {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let openssl = |args: &[&str]| {
            let output = Command::new("openssl").args(args).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let ca = ["req", "-x509", "-subj", "/CN=test authority", "-days", "2"];
        openssl(&[&ca[..], &ec, &["-keyout", &at("ca.key"), "-out", &at("ca.crt")]].concat());
        let request = ["req", "-subj", "/CN=redis"];
        openssl(&[&request[..], &ec, &["-keyout", &at("tls.key"), "-out", &at("tls.csr")]].concat());
        fs::write(at("names"), "subjectAltName=DNS:right.test\nbasicConstraints=CA:FALSE\n").unwrap();
        let sign = ["x509", "-req", "-days", "2", "-CAcreateserial"];
        let files = ["-in", &at("tls.csr"), "-CA", &at("ca.crt"), "-CAkey", &at("ca.key"), "-extfile", &at("names")];
        openssl(&[&sign[..], &files, &["-out", &at("tls.crt")]].concat());
        let port = free_ports(1)[0];
        let conf = format!(
            "bind 127.0.0.1\nport 0\ntls-port {port}\ntls-auth-clients no\ntls-cert-file {}\ntls-key-file {}\n\
             tls-ca-cert-file {}\nsave \"\"\nrequirepass {}\n",
            at("tls.crt"),
            at("tls.key"),
            at("ca.crt"),
            quoted(PASSWORD)
        );
        let server = Server::start(folder.path(), "redis", port, &conf, false);
        until("a server starts", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { server, folder }
    }
}
