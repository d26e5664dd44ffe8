//! Servers by their addresses: each has connections of its own, and all are asked at once.

use std::{
    collections::HashMap,
    fmt,
    io::{BufReader, ErrorKind},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    str::FromStr,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use super::{
    progress::Rounds,
    stream::{Stream, Timed},
    tls::Tls,
};
use crate::{
    escape::one_line,
    verify::{
        Release, Servers,
        nodes::{Answer, Found, Login, NoAnswer, Node, Nodes, Obstacle, Program, Question, Receiver, Talk},
        resp::{self, ReadError, Reply},
    },
};

/// Connections that are made at the same time.
const AT_ONCE: usize = 32;

/// A password that no release has.
pub const WRONG: &str = "redisgen-verify-wrong";

/// An address as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: Option<u16>,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected `HOST:PORT`, such as `redis.example.com:6379` or `[fd00::1]:6379`";
        let bad = || EXPECTED.to_owned();
        if text.contains("://") || text.contains('@') || text.contains(char::is_whitespace) {
            return Err(bad());
        }
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(bad)?;
                (host, if port.is_empty() { None } else { Some(port.strip_prefix(':').ok_or_else(bad)?) })
            }
            None => match text.split_once(':') {
                Some((_, port)) if port.contains(':') => (text, None),
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = port.map(|port| port.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(bad)).transpose()?;
        if host.is_empty() {
            return Err(bad());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

/// Without a port, if none was written.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.host.contains(':'), self.port) {
            (true, Some(port)) => write!(f, "[{}]:{port}", self.host),
            (false, Some(port)) => write!(f, "{}:{port}", self.host),
            (_, None) => f.write_str(&self.host),
        }
    }
}

/// The usual port of a server.
fn usual_port(program: Program) -> u16 {
    match program {
        Program::Redis => 6379,
        Program::Sentinel => 26379,
    }
}

/// Servers by their addresses.
pub struct Addresses {
    pub given: Vec<Node>,
    pub login: Credentials,
    pub timeout: Duration,
    pub tls: Option<Tls>,
    pub rounds: Rounds,
    connections: HashMap<(String, &'static str), Connection>,
    start: Instant,
}

/// Who logs in.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    pub user: Option<String>,
    pub password: Option<String>,
}

impl Addresses {
    pub fn new(
        redis: &[Address],
        sentinels: &[Address],
        login: Credentials,
        timeout: Duration,
        tls: Option<Tls>,
        rounds: Rounds,
    ) -> Self {
        let node = |address: &Address, program: Program| {
            let address = Address { port: address.port.or(Some(usual_port(program))), ..address.clone() };
            let text = address.to_string();
            Node { name: text.clone(), program, found: Found::Given, address: Some(text) }
        };
        let redis = redis.iter().map(|address| node(address, Program::Redis));
        let given = redis.chain(sentinels.iter().map(|address| node(address, Program::Sentinel))).collect();
        Self { given, login, timeout, tls, rounds, connections: HashMap::new(), start: Instant::now() }
    }

    fn has_password(&self) -> bool {
        self.login.password.is_some()
    }
}

fn kind(login: Login) -> &'static str {
    match login {
        Login::Right => "right",
        Login::Wrong => "wrong",
        Login::Empty => "empty",
    }
}

impl Nodes for Addresses {
    fn ask(&mut self, questions: &[Question]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(questions.len());
        for some in questions.chunks(AT_ONCE) {
            // A second question for the same address and password has a new connection.
            let work: Vec<(&Question, Option<Connection>)> = some
                .iter()
                .map(|question| (question, self.connections.remove(&(address_of(question), kind(question.login)))))
                .collect();
            let (login, tls, timeout) = (&self.login, self.tls.as_ref(), self.timeout);
            let done: Vec<(Answer, Option<Connection>)> = thread::scope(|scope| {
                let running: Vec<_> = work
                    .into_iter()
                    .map(|(question, open)| scope.spawn(move || answer(question, open, login, tls, timeout)))
                    .collect();
                // A thread that panics has no answer.
                running
                    .into_iter()
                    .map(|thread| thread.join().unwrap_or_else(|_| (Err(silent("failed")), None)))
                    .collect()
            });
            for (question, (answer, open)) in some.iter().zip(done) {
                if let Some(open) = open {
                    self.connections.insert((address_of(question), kind(question.login)), open);
                }
                answers.push(answer);
            }
        }
        answers
    }

    fn wait(&mut self, time: Duration) {
        thread::sleep(time);
    }

    fn clock(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Release for Addresses {
    fn servers(&mut self) -> Result<Servers, NoAnswer> {
        let has_password = self.has_password();
        Ok(Servers { nodes: self.given.clone(), has_password, discovers: true, ..Servers::default() })
    }

    fn waits(&mut self, open: usize, waited: Duration) {
        self.rounds.waits(open, waited);
    }

    fn shows(&mut self, what: &str) {
        self.rounds.show(what);
    }
}

fn address_of(question: &Question) -> String {
    match &question.to {
        Receiver::Node(node) => node.address.clone().unwrap_or_else(|| node.name.clone()),
        Receiver::Entrance(entrance) => format!("{}:{}", entrance.host, entrance.port),
    }
}

fn silent(why: impl Into<String>) -> NoAnswer {
    NoAnswer { obstacle: Obstacle::Silent, why: why.into() }
}

/// Asks over the open connection, or over a new one if the server closed it.
fn answer(
    question: &Question,
    open: Option<Connection>,
    login: &Credentials,
    tls: Option<&Tls>,
    timeout: Duration,
) -> (Answer, Option<Connection>) {
    let deadline = Instant::now() + timeout + question.patience;
    if let Some(mut connection) = open {
        let first = connection.ask(question, deadline);
        if first.is_ok() {
            return (first, Some(connection));
        }
    }
    let mut connection = match Connection::open(&address_of(question), tls, deadline) {
        Ok(connection) => connection,
        Err(no_answer) => return (Err(no_answer), None),
    };
    let answer = connection.log_in(question.login, login, deadline).and_then(|()| connection.ask(question, deadline));
    let open = answer.is_ok().then_some(connection);
    (answer, open)
}

/// A connection to a server.
struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    /// The error of `AUTH`.
    refused: Option<String>,
    has_tls: bool,
}

impl Connection {
    fn open(address: &str, tls: Option<&Tls>, deadline: Instant) -> Result<Self, NoAnswer> {
        let address: Address = address.parse().map_err(|why| NoAnswer { obstacle: Obstacle::NoSuchName, why })?;
        let stream = Timed::new(connect(&address, deadline)?, deadline);
        let stream: Box<dyn Stream> = match tls {
            Some(tls) => tls.wrap(&address.host, stream)?,
            None => Box::new(stream),
        };
        Ok(Self { stream: BufReader::new(stream), refused: None, has_tls: tls.is_some() })
    }

    fn log_in(&mut self, login: Login, with: &Credentials, deadline: Instant) -> Result<(), NoAnswer> {
        let password = match login {
            Login::Right => with.password.as_deref(),
            Login::Wrong => Some(WRONG),
            Login::Empty => None,
        };
        let Some(password) = password else { return Ok(()) };
        let words: Vec<&str> = ["AUTH"].into_iter().chain(with.user.as_deref()).chain([password]).collect();
        let reply = self.exchange(&[words], deadline)?.pop();
        self.refused = reply.as_ref().and_then(Reply::error).map(str::to_owned);
        Ok(())
    }

    fn ask(&mut self, question: &Question, deadline: Instant) -> Answer {
        let commands: Vec<Vec<&str>> =
            question.commands.iter().map(|words| words.iter().map(String::as_str).collect()).collect();
        let replies = self.exchange(&commands, deadline)?;
        Ok(Talk { refused: self.refused.clone(), replies })
    }

    /// Sends all commands, and reads one reply for each.
    fn exchange(&mut self, commands: &[Vec<&str>], deadline: Instant) -> Result<Vec<Reply>, NoAnswer> {
        self.stream.get_mut().set_deadline(deadline);
        let bytes: Vec<u8> = commands.iter().flat_map(|words| resp::encode(words.iter().copied())).collect();
        let stream = self.stream.get_mut();
        let sent = stream.write_all(&bytes).and_then(|()| stream.flush());
        sent.map_err(|error| self.failed(&ReadError::Io(error)))?;
        let mut replies = Vec::with_capacity(commands.len());
        for _ in commands {
            let reply = resp::read(&mut self.stream).map_err(|error| self.failed(&error))?;
            replies.push(reply);
        }
        Ok(replies)
    }

    fn failed(&self, error: &ReadError) -> NoAnswer {
        match error {
            ReadError::Io(error) => match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock if self.stream.get_ref().is_handshaking() => {
                    silent("no answer to the TLS handshake in time: the port may have no TLS")
                }
                ErrorKind::TimedOut | ErrorKind::WouldBlock => silent("no answer in time"),
                // The error of a handshake is one of data.
                ErrorKind::InvalidData => NoAnswer { obstacle: Obstacle::Tls, why: super::tls::explain(error) },
                _ => silent(describe(error)),
            },
            ReadError::Closed => silent(error.to_string()),
            // The first byte of an alert of TLS.
            ReadError::NotRedis(found) if !self.has_tls && found.starts_with("\\u{15}") => {
                NoAnswer { obstacle: Obstacle::NotRedis, why: "the port has TLS: use `--tls`".to_owned() }
            }
            _ => NoAnswer { obstacle: Obstacle::NotRedis, why: error.to_string() },
        }
    }
}

/// An error of the system in lower case, without its number.
fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    one_line(&(first + letters.as_str())).into_owned()
}

/// Connects to the first address of the name that answers.
fn connect(address: &Address, deadline: Instant) -> Result<TcpStream, NoAnswer> {
    let mut last = silent("the name has no address");
    for ip in resolve(address, deadline)? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(silent("no answer in time"));
        }
        match TcpStream::connect_timeout(&ip, left) {
            Ok(stream) => {
                // Commands are small, and each waits for its reply. Without the option, a run is only slower.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
            Err(error) if error.kind() == ErrorKind::TimedOut => last = silent("no answer in time"),
            Err(error) => last = silent(describe(&error)),
        }
    }
    Err(last)
}

/// The addresses of a name. A name server may take longer than this machine waits.
fn resolve(address: &Address, deadline: Instant) -> Result<Vec<SocketAddr>, NoAnswer> {
    let (host, port) = (address.host.clone(), address.port.unwrap_or_default());
    if let Ok(ip) = host.parse::<std::net::IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let (answer, answered) = mpsc::channel();
    thread::spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        // The receiver is gone after the deadline.
        drop(answer.send(found));
    });
    let unknown = |why: &str| NoAnswer { obstacle: Obstacle::NoSuchName, why: why.to_owned() };
    match answered.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Ok(found)) if !found.is_empty() => Ok(found),
        Ok(_) => Err(unknown("the name has no address")),
        Err(_) => Err(unknown("the name server does not answer in time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_host_and_perhaps_a_port() {
        let read = |text: &str| text.parse::<Address>().map(|address| address.to_string());
        assert_eq!(read("redis.example.com:6380").as_deref(), Ok("redis.example.com:6380"));
        assert_eq!(read("10.0.0.1").as_deref(), Ok("10.0.0.1"));
        assert_eq!(read("[fd00::1]:6379").as_deref(), Ok("[fd00::1]:6379"));
        assert_eq!(read("fd00::1").as_deref(), Ok("fd00::1"));
        for text in ["", ":1", "a:", "a:0", "a:70000", "redis://a:1", "a b:1", "[fd00::1", "[fd00::1]x", "u:p@a:1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
