//! The nodes that are asked, and the trait of those who can ask them.
//!
//! This module does not know how a question reaches a node: by address, or inside of a pod.

use std::{fmt, time::Duration};

use super::resp::Reply;

/// Which server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Redis,
    Sentinel,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redis => "Redis",
            Self::Sentinel => "Sentinel",
        })
    }
}

/// Why a node is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The user gave its address, or it is a pod of the release.
    Given,
    /// A Sentinel named it. The network of this machine may not lead to it.
    BySentinel,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The name for people: `redis-node-0`, `10.0.0.1:6379`.
    pub name: String,
    pub program: Program,
    pub found: Found,
    /// The address as Sentinels name it, if it is known.
    pub address: Option<String>,
}

/// A Service or another address that leads to some node of Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// The name of the Service.
    pub name: String,
    /// The host and the port, as pods reach it.
    pub host: String,
    pub port: u16,
    pub leads_to: LeadsTo,
}

/// The nodes behind a Service, by its selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadsTo {
    Primary,
    Replicas,
    AnyNode,
}

/// The password of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// the password of the release
    Right,
    /// a password that no release has
    Wrong,
    /// no password
    Empty,
}

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    Node(Node),
    Entrance(Entrance),
}

/// Commands for one server, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub to: Receiver,
    pub login: Login,
    /// Each command with its arguments.
    pub commands: Vec<Vec<String>>,
    /// How much longer than usual a server may take, for commands that wait.
    pub patience: Duration,
}

impl Question {
    pub fn new(to: &Node, login: Login, commands: &[&[&str]]) -> Self {
        Self { to: Receiver::Node(to.clone()), login, commands: owned(commands), patience: Duration::ZERO }
    }

    /// Lets the server take longer than usual.
    #[must_use]
    pub fn waits(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub fn through(to: &Entrance, commands: &[&[&str]]) -> Self {
        let to = Receiver::Entrance(to.clone());
        Self { to, login: Login::Right, commands: owned(commands), patience: Duration::ZERO }
    }
}

fn owned(commands: &[&[&str]]) -> Vec<Vec<String>> {
    commands.iter().map(|words| words.iter().map(|word| (*word).to_owned()).collect()).collect()
}

/// The replies to a question, one for each command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    /// The error of `AUTH`, if the server refused the password.
    pub refused: Option<String>,
    pub replies: Vec<Reply>,
}

/// What kept a node from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It cannot be reached, or does not answer in time.
    Silent,
    /// The name has no address.
    NoSuchName,
    /// Something else than Redis answers.
    NotRedis,
    /// The TLS handshake fails.
    Tls,
    /// This machine may not ask.
    NotAllowed,
}

/// A node without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    pub obstacle: Obstacle,
    /// The reason in one line.
    pub why: String,
}

pub type Answer = Result<Talk, NoAnswer>;

/// Asks nodes, and waits.
pub trait Nodes {
    /// Asks all questions at once. The answers are in the order of the questions.
    fn ask(&mut self, questions: &[Question]) -> Vec<Answer>;

    /// Waits.
    fn wait(&mut self, time: Duration);

    /// The time since some moment.
    fn clock(&self) -> Duration;
}

impl dyn Nodes + '_ {
    /// The answer to one question.
    pub fn ask_one(&mut self, question: Question) -> Answer {
        let silent = NoAnswer { obstacle: Obstacle::Silent, why: "there is no answer".to_owned() };
        self.ask(&[question]).pop().unwrap_or(Err(silent))
    }
}
