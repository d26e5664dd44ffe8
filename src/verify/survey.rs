//! One round of questions to all nodes: what each of them reports about itself and about the others.

use std::collections::BTreeMap;

use super::{
    nodes::{Answer, Found, Login, NoAnswer, Node, Nodes, Obstacle, Program, Question, Talk},
    replies::{Info, ListedServer, Role, config},
    resp::Reply,
};

/// The name of the Sentinel set in the defaults of the chart.
pub const USUAL_SET: &str = "mymaster";

/// The parameters of `CONFIG GET` that checks read. Redis before 7 takes one in each command. None is a secret.
pub const PARAMETERS: [&str; 14] = [
    "appendonly",
    "appendfsync",
    "save",
    "maxmemory",
    "maxmemory-policy",
    "tcp-keepalive",
    "timeout",
    "maxclients",
    "databases",
    "min-replicas-to-write",
    "min-replicas-max-lag",
    "replica-read-only",
    "port",
    "tls-port",
];

/// The replies of all nodes at one moment.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    pub redis: Vec<RedisNode>,
    pub sentinels: Vec<SentinelNode>,
    /// The Sentinel set that was asked for.
    pub set: String,
}

/// A Redis server, as it answers.
#[derive(Debug, Clone)]
pub struct RedisNode {
    pub node: Node,
    /// The answer with the right password.
    pub answer: Result<RedisAnswer, NoAnswer>,
    /// The replies to `PING` without a password and with a wrong one.
    pub empty: Option<Reply>,
    pub wrong: Option<Reply>,
}

/// What a Redis server reports about itself.
#[derive(Debug, Clone)]
pub struct RedisAnswer {
    /// The error of `AUTH`.
    pub refused: Option<String>,
    /// The error of commands that need a password or a right.
    pub locked: Option<String>,
    /// The whole reply of `ROLE`.
    pub role_reply: Reply,
    pub role: Option<Role>,
    pub info: Info,
    pub config: BTreeMap<String, String>,
    /// Why `CONFIG GET` has no values.
    pub no_config: Option<String>,
}

/// A Sentinel, as it answers.
#[derive(Debug, Clone)]
pub struct SentinelNode {
    pub node: Node,
    pub answer: Result<SentinelAnswer, NoAnswer>,
    pub empty: Option<Reply>,
    pub wrong: Option<Reply>,
}

/// What a Sentinel reports about the others.
#[derive(Debug, Clone)]
pub struct SentinelAnswer {
    pub refused: Option<String>,
    pub locked: Option<String>,
    pub info: Info,
    /// The names of its sets.
    pub sets: Vec<String>,
    /// The primary of the set. None if it does not know the set.
    pub primary: Option<ListedServer>,
    pub quorum_reply: Reply,
    pub replicas: Vec<ListedServer>,
    /// The other Sentinels.
    pub others: Vec<ListedServer>,
    pub id: Option<String>,
}

impl RedisNode {
    /// The answer of a server that accepted the password.
    pub fn open(&self) -> Option<&RedisAnswer> {
        self.answer.as_ref().ok().filter(|answer| answer.locked.is_none())
    }

    pub fn run_id(&self) -> Option<&str> {
        self.open()?.info.get("run_id")
    }

    pub fn is_primary(&self) -> bool {
        matches!(self.open().and_then(|answer| answer.role.as_ref()), Some(Role::Primary { .. }))
    }

    pub fn is_replica(&self) -> bool {
        matches!(self.open().and_then(|answer| answer.role.as_ref()), Some(Role::Replica { .. }))
    }
}

impl SentinelNode {
    pub fn open(&self) -> Option<&SentinelAnswer> {
        self.answer.as_ref().ok().filter(|answer| answer.locked.is_none())
    }
}

impl Survey {
    /// Asks all nodes, and those that Sentinels name, if `discovers` is set. `set` is the wanted Sentinel set.
    pub fn take(nodes: &mut dyn Nodes, known: &[Node], set: Option<&str>, discovers: bool) -> Self {
        let mut survey = Self { set: set.unwrap_or(USUAL_SET).to_owned(), ..Self::default() };
        survey.ask(nodes, known);
        if set.is_none()
            && let Some(other) = survey.other_set()
        {
            survey.set = other;
            let sentinels: Vec<Node> = survey.sentinels.drain(..).map(|sentinel| sentinel.node).collect();
            survey.ask(nodes, &sentinels);
        }
        if discovers {
            let found = survey.unknown_nodes();
            survey.ask(nodes, &found);
        }
        survey
    }

    /// The only set of the Sentinels, if the usual one is unknown to all of them.
    fn other_set(&self) -> Option<String> {
        let answers: Vec<_> = self.sentinels.iter().filter_map(SentinelNode::open).collect();
        if answers.iter().any(|answer| answer.primary.is_some()) {
            return None;
        }
        let mut sets = answers.iter().flat_map(|answer| &answer.sets);
        let first = sets.next()?;
        sets.all(|other| other == first).then(|| first.clone())
    }

    /// The servers that Sentinels name, and that are none of the nodes.
    fn unknown_nodes(&self) -> Vec<Node> {
        let mut found: Vec<Node> = Vec::new();
        let mut add = |server: &ListedServer, program: Program, is_known: bool| {
            let is_new = !is_known && !found.iter().any(|node| node.address.as_ref() == Some(&server.address));
            if is_new && server.host_and_port().is_some() {
                let (name, address) = (server.address.clone(), Some(server.address.clone()));
                found.push(Node { name, program, found: Found::BySentinel, address });
            }
        };
        for answer in self.sentinels.iter().filter_map(SentinelNode::open) {
            for server in answer.primary.iter().chain(&answer.replicas) {
                let is_known = self.redis.iter().any(|node| {
                    node.run_id() == Some(&server.run_id) || node.node.address.as_ref() == Some(&server.address)
                });
                add(server, Program::Redis, is_known);
            }
            for server in &answer.others {
                let is_known = self.sentinels.iter().any(|node| {
                    node.open().is_some_and(|answer| answer.id.as_ref() == Some(&server.run_id))
                        || node.node.address.as_ref() == Some(&server.address)
                });
                add(server, Program::Sentinel, is_known);
            }
        }
        found
    }

    fn ask(&mut self, nodes: &mut dyn Nodes, asked: &[Node]) {
        let set = self.set.clone();
        let mut questions = Vec::new();
        for node in asked {
            let commands = match node.program {
                Program::Redis => redis_commands(),
                Program::Sentinel => sentinel_commands(&set),
            };
            let commands: Vec<&[&str]> = commands.iter().map(Vec::as_slice).collect();
            questions.push(Question::new(node, Login::Right, &commands));
            questions.push(Question::new(node, Login::Empty, &[&["PING"]]));
            questions.push(Question::new(node, Login::Wrong, &[&["PING"]]));
        }
        let mut answers = nodes.ask(&questions).into_iter();
        for node in asked {
            let (Some(right), Some(empty), Some(wrong)) = (answers.next(), answers.next(), answers.next()) else {
                return;
            };
            let ping = |answer: Answer| answer.ok().and_then(|talk| talk.replies.into_iter().next());
            let (node, empty, wrong) = (node.clone(), ping(empty), ping(wrong));
            match node.program {
                Program::Redis => {
                    let answer = right.and_then(|talk| redis_answer(&talk));
                    self.redis.push(RedisNode { node, answer, empty, wrong });
                }
                Program::Sentinel => {
                    let answer = right.and_then(|talk| sentinel_answer(&talk, &set));
                    self.sentinels.push(SentinelNode { node, answer, empty, wrong });
                }
            }
        }
    }

    /// The reasons of all nodes that did not answer.
    pub fn silent(&self) -> impl Iterator<Item = (&Node, &NoAnswer)> {
        let redis = self.redis.iter().filter_map(|node| Some((&node.node, node.answer.as_ref().err()?)));
        redis.chain(self.sentinels.iter().filter_map(|node| Some((&node.node, node.answer.as_ref().err()?))))
    }

    pub fn any_answers(&self) -> bool {
        self.redis.iter().any(|node| node.answer.is_ok()) || self.sentinels.iter().any(|node| node.answer.is_ok())
    }

    /// The nodes that report the role of the primary. Two addresses of one server count once.
    pub fn primaries(&self) -> Vec<&RedisNode> {
        let mut found: Vec<&RedisNode> = Vec::new();
        for node in self.redis.iter().filter(|node| node.is_primary()) {
            if !found.iter().any(|other| other.run_id() == node.run_id()) {
                found.push(node);
            }
        }
        found
    }
}

fn redis_commands() -> Vec<Vec<&'static str>> {
    let parameters = PARAMETERS.map(|parameter| vec!["CONFIG", "GET", parameter]);
    [vec!["ROLE"], vec!["INFO"]].into_iter().chain(parameters).collect()
}

fn sentinel_commands(set: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["INFO"],
        vec!["SENTINEL", "MASTERS"],
        vec!["SENTINEL", "CKQUORUM", set],
        vec!["SENTINEL", "REPLICAS", set],
        vec!["SENTINEL", "SENTINELS", set],
        vec!["SENTINEL", "MYID"],
    ]
}

/// The error of a server that wants another password, or that gives this user no right.
fn locked(talk: &Talk) -> Option<String> {
    let closed = |reply: &&Reply| ["NOAUTH", "NOPERM", "DENIED"].iter().any(|code| reply.is_error(code));
    talk.replies.first().filter(closed).and_then(Reply::error).map(str::to_owned)
}

fn redis_answer(talk: &Talk) -> Result<RedisAnswer, NoAnswer> {
    let [role_reply, info, parameters @ ..] = talk.replies.as_slice() else { return Err(incomplete()) };
    let role = Role::of(role_reply);
    let locked = locked(talk);
    if role.is_none() && locked.is_none() && role_reply.items().first().and_then(Reply::text) == Some("sentinel") {
        let why = "a Sentinel answers: expected Redis (use `--sentinel-address` for Sentinels)".to_owned();
        return Err(NoAnswer { obstacle: Obstacle::NotRedis, why });
    }
    Ok(RedisAnswer {
        refused: talk.refused.clone(),
        locked,
        role,
        role_reply: role_reply.clone(),
        info: Info::of(info),
        config: config(parameters),
        no_config: parameters.first().and_then(Reply::error).map(str::to_owned),
    })
}

fn sentinel_answer(talk: &Talk, set: &str) -> Result<SentinelAnswer, NoAnswer> {
    let [info, masters, quorum, replicas, others, id] = talk.replies.as_slice() else { return Err(incomplete()) };
    let locked = locked(talk);
    if locked.is_none() && masters.error().is_some_and(|error| error.contains("unknown command")) {
        let why = "Redis answers: expected a Sentinel (use `--address` for Redis)".to_owned();
        return Err(NoAnswer { obstacle: Obstacle::NotRedis, why });
    }
    let masters = ListedServer::all(masters);
    Ok(SentinelAnswer {
        refused: talk.refused.clone(),
        locked,
        info: Info::of(info),
        sets: masters.iter().map(|master| master.name.clone()).collect(),
        primary: masters.into_iter().find(|master| master.name == set),
        quorum_reply: quorum.clone(),
        replicas: ListedServer::all(replicas),
        others: ListedServer::all(others),
        id: id.text().map(str::to_owned),
    })
}

fn incomplete() -> NoAnswer {
    NoAnswer { obstacle: Obstacle::NotRedis, why: "some commands have no reply".to_owned() }
}
