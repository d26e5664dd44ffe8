//! The rounds of a run, with servers that are only replies, and a clock that only counts.

use super::{
    check::Status,
    nodes::{Answer, Found, Login, Program, Question, Receiver, Talk},
    resp::Reply,
    *,
};

/// Servers that answer by the time.
struct Script {
    nodes: Vec<Node>,
    /// The reply to a command with the right password: of the node, the command and the second.
    reply: fn(&Node, &str, u64) -> Reply,
    /// The nodes that do not answer.
    silent: fn(&Node) -> bool,
    /// Whether servers ask for the password.
    is_closed: bool,
    now: Duration,
    rounds: usize,
}

fn text(text: &str) -> Reply {
    Reply::Text(text.to_owned())
}

fn list(items: &[&str]) -> Reply {
    Reply::List(items.iter().map(|item| text(item)).collect())
}

fn node(name: &str, program: Program) -> Node {
    Node { name: name.to_owned(), program, found: Found::Given, address: Some(name.to_owned()) }
}

impl Nodes for Script {
    fn ask(&mut self, questions: &[Question]) -> Vec<Answer> {
        let second = self.now.as_secs();
        let answer = |question: &Question| -> Answer {
            let Receiver::Node(node) = &question.to else { panic!("only nodes are asked") };
            if (self.silent)(node) {
                return Err(NoAnswer { obstacle: Obstacle::Silent, why: "connection refused".to_owned() });
            }
            let reply = |words: &Vec<String>| match question.login {
                Login::Right => (self.reply)(node, &words.join(" "), second),
                _ if self.is_closed => Reply::Error("NOAUTH Authentication required.".to_owned()),
                _ => text("PONG"),
            };
            Ok(Talk { refused: None, replies: question.commands.iter().map(reply).collect() })
        };
        questions.iter().map(answer).collect()
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
    }

    fn clock(&self) -> Duration {
        self.now
    }
}

impl Release for Script {
    fn servers(&mut self) -> Result<Servers, NoAnswer> {
        self.rounds += 1;
        Ok(Servers { nodes: self.nodes.clone(), has_password: true, discovers: true, ..Servers::default() })
    }

    fn waits(&mut self, _: usize, _: Duration) {}

    fn shows(&mut self, _: &str) {}
}

/// A primary `a:1`, which `b:2` follows from this second on.
fn pair(node: &Node, command: &str, second: u64, from: u64) -> Reply {
    let is_primary = node.name == "a:1" || second < from;
    match command.split(' ').next().unwrap() {
        "ROLE" if is_primary => {
            let replicas = if second < from || node.name != "a:1" { Vec::new() } else { vec![list(&["b", "2", "9"])] };
            Reply::List(vec![text("master"), Reply::Integer(9), Reply::List(replicas)])
        }
        "ROLE" => Reply::List(vec![text("slave"), text("a"), Reply::Integer(1), text("connected"), Reply::Integer(9)]),
        "INFO" => text(&format!("run_id:{}\r\nmaster_replid:x\r\nredis_version:7.0.15\r\n", node.name)),
        "SET" if is_primary => text("OK"),
        "SET" => Reply::Error("READONLY You can't write against a read only replica.".to_owned()),
        "WAIT" => Reply::Integer(1),
        "GET" => text("x"),
        _ => Reply::List(Vec::new()),
    }
}

fn script(reply: fn(&Node, &str, u64) -> Reply) -> Script {
    let nodes = vec![node("a:1", Program::Redis), node("b:2", Program::Redis)];
    Script { nodes, reply, silent: |_| false, is_closed: true, now: Duration::ZERO, rounds: 0 }
}

fn run(script: &mut Script) -> Result<(Outcome, Survey), NoAnswer> {
    verify(script, &Expectation::default(), Settle::default(), "n")
}

fn has(outcome: &Outcome, status: Status, message: &str) -> bool {
    outcome.verdicts.iter().any(|verdict| verdict.status == status && verdict.message.contains(message))
}

#[test]
fn a_healthy_release_is_asked_once() {
    let mut script = script(|node, command, second| pair(node, command, second, 0));
    let (outcome, _) = run(&mut script).unwrap();
    assert!(!outcome.is_wrong(), "{:?}", outcome.verdicts);
    assert_eq!((script.rounds, script.now, outcome.settled_after), (1, Duration::ZERO, None));
}

#[test]
fn two_primaries_are_asked_again_for_15_seconds() {
    let mut script = script(|node, command, second| pair(node, command, second, 1000));
    let (outcome, _) = run(&mut script).unwrap();
    assert!(has(&outcome, Status::Wrong, "2 nodes have the role of the primary"), "{:?}", outcome.verdicts);
    assert_eq!((script.rounds, script.now, outcome.settled_after), (16, Duration::from_secs(15), Some(15)));
}

#[test]
fn two_primaries_that_settle_are_fine() {
    let mut script = script(|node, command, second| pair(node, command, second, 10));
    let (outcome, _) = run(&mut script).unwrap();
    assert!(!outcome.is_wrong(), "{:?}", outcome.verdicts);
    assert_eq!(outcome.settled_after, Some(10));
}

#[test]
fn what_cannot_settle_is_wrong_at_once() {
    let mut script = script(|node, command, second| pair(node, command, second, 0));
    script.is_closed = false;
    let (outcome, _) = run(&mut script).unwrap();
    assert!(has(&outcome, Status::Wrong, "asks for no password, although there is one"));
    assert_eq!(script.now, Duration::ZERO);
    // It is asked again while the release may still start.
    let settle = Settle { until_it_runs: true, ..Settle::default() };
    verify(&mut script, &Expectation::default(), settle, "n").unwrap();
    assert_eq!(script.now, Duration::from_secs(15));
}

/// A Sentinel with another set than the usual one, whose servers have addresses of another network.
fn sentinel(node: &Node, command: &str, second: u64) -> Reply {
    let server = |name: &str, port: &str, flags: &str| {
        list(&["name", name, "ip", "10.0.0.1", "port", port, "runid", name, "flags", flags, "quorum", "2"])
    };
    match (node.program, command) {
        (Program::Redis, _) => pair(node, command, second, 0),
        (_, "INFO") => text("sentinel_tilt:0\r\n"),
        (_, "SENTINEL MASTERS") => Reply::List(vec![server("cache", "6379", "master")]),
        (_, "SENTINEL CKQUORUM cache") => text("OK 3 usable Sentinels"),
        (_, "SENTINEL SENTINELS cache") => {
            Reply::List(vec![server("s2", "26379", "sentinel"), server("s3", "26380", "sentinel")])
        }
        (_, "SENTINEL REPLICAS cache") => Reply::List(Vec::new()),
        _ => Reply::Error("ERR No such master with that name".to_owned()),
    }
}

#[test]
fn the_only_set_of_a_sentinel_is_found() {
    let mut script = script(sentinel);
    script.nodes = vec![node("s:1", Program::Sentinel)];
    script.silent = |node| node.found == Found::BySentinel;
    let (outcome, survey) = run(&mut script).unwrap();
    assert_eq!(survey.set, "cache");
    // The network may not lead to the servers that only Sentinel names.
    assert!(!outcome.is_wrong(), "{:?}", outcome.verdicts);
    assert!(has(&outcome, Status::NotAsked, "Only Sentinel names this address"));
    assert!(has(&outcome, Status::Ok, "3 of 3 Sentinels live"));
}

#[test]
fn nothing_answers() {
    let mut script = script(sentinel);
    script.silent = |_| true;
    assert_eq!(run(&mut script).unwrap_err().why, "`a:1`: connection refused");
}
