//! Keys that are written and read: on each node, and through each Service.
//!
//! All keys begin with `redisgen:verify:` and expire.

use std::time::Duration;

use super::{
    nodes::{Entrance, Login, Nodes, Question},
    replies::Role,
    resp::Reply,
    survey::{RedisNode, Survey},
};

/// The start of the names of all keys.
pub const PREFIX: &str = "redisgen:verify:";

/// Seconds until a key expires.
const SECONDS: &str = "30";

/// How long `WAIT` waits for replicas, in milliseconds.
const WAIT: &str = "1000";

/// What the writes of one round were answered.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    pub nodes: Vec<NodeWrite>,
    pub entrances: Vec<EntranceWrite>,
}

/// The write on one node.
#[derive(Debug, Clone)]
pub struct NodeWrite {
    pub node: String,
    pub run_id: Option<String>,
    pub role: Role,
    pub set: Reply,
    /// The number of replicas that have the key, for a primary.
    pub wait: Option<Reply>,
    /// The key of the primary, read on each replica.
    pub reads: Vec<(String, Reply)>,
}

/// The write through a Service.
#[derive(Debug, Clone)]
pub struct EntranceWrite {
    pub entrance: Entrance,
    /// The reply, or why it is missing.
    pub set: Result<Reply, String>,
}

impl Writes {
    /// Writes one key on each node and through each Service. `nonce` makes the names of the keys unique.
    pub fn take(nodes: &mut dyn Nodes, survey: &Survey, entrances: &[Entrance], nonce: &str) -> Self {
        let key = |at: usize| format!("{PREFIX}{nonce}:{at}");
        let open: Vec<&RedisNode> = survey.redis.iter().filter(|node| node.open().is_some()).collect();
        let roles: Vec<(usize, &RedisNode, Role)> =
            open.iter().enumerate().filter_map(|(at, node)| Some((at, *node, node.open()?.role.clone()?))).collect();
        let mut questions = Vec::new();
        for (at, node, role) in &roles {
            let key = key(*at);
            let set: &[&str] = &["SET", &key, nonce, "EX", SECONDS];
            let question = match role {
                Role::Primary { replicas } => {
                    Question::new(&node.node, Login::Right, &[set, &["WAIT", &replicas.to_string(), WAIT]])
                }
                Role::Replica { .. } => Question::new(&node.node, Login::Right, &[set]),
            };
            questions.push(question.waits(Duration::from_secs(1)));
        }
        for (at, entrance) in entrances.iter().enumerate() {
            let key = key(open.len() + at);
            questions.push(Question::through(entrance, &[&["SET", &key, nonce, "EX", SECONDS]]));
        }
        let mut answers = nodes.ask(&questions).into_iter();
        let mut writes = Self::default();
        for (_, node, role) in &roles {
            let mut replies = match answers.next() {
                Some(Ok(talk)) => talk.replies.into_iter(),
                Some(Err(no_answer)) => vec![Reply::Error(no_answer.why)].into_iter(),
                None => return writes,
            };
            writes.nodes.push(NodeWrite {
                node: node.node.name.clone(),
                run_id: node.run_id().map(str::to_owned),
                role: role.clone(),
                set: replies.next().unwrap_or(Reply::Nil),
                wait: replies.next(),
                reads: Vec::new(),
            });
        }
        for entrance in entrances {
            let set = match answers.next() {
                Some(Ok(talk)) => talk.replies.into_iter().next().ok_or_else(|| "there is no reply".to_owned()),
                Some(Err(no_answer)) => Err(no_answer.why),
                None => return writes,
            };
            writes.entrances.push(EntranceWrite { entrance: entrance.clone(), set });
        }
        writes.read(nodes, &roles, key);
        writes
    }

    /// Reads the keys of the primaries on the replicas.
    fn read(&mut self, nodes: &mut dyn Nodes, roles: &[(usize, &RedisNode, Role)], key: impl Fn(usize) -> String) {
        let replicas: Vec<&RedisNode> =
            roles.iter().filter(|(.., role)| matches!(role, Role::Replica { .. })).map(|(_, node, _)| *node).collect();
        let primaries = roles.iter().filter(|(.., role)| matches!(role, Role::Primary { .. }));
        // With several primaries it is not known who follows whom.
        let [(at, primary, _)] = primaries.collect::<Vec<_>>()[..] else { return };
        let key = key(*at);
        let questions: Vec<Question> =
            replicas.iter().map(|node| Question::new(&node.node, Login::Right, &[&["GET", &key]])).collect();
        let answers = nodes.ask(&questions);
        let Some(write) = self.nodes.iter_mut().find(|write| write.node == primary.node.name) else { return };
        for (replica, answer) in replicas.iter().zip(answers) {
            let reply = answer.ok().and_then(|talk| talk.replies.into_iter().next()).unwrap_or(Reply::Nil);
            write.reads.push((replica.node.name.clone(), reply));
        }
    }
}
