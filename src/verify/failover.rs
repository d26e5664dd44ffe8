//! A failover on purpose: a writer twice a second, and what it loses.
//!
//! Before each write, Sentinel is asked for the primary, as clients do. The old primary takes writes until Sentinel
//! changes its role, and these writes would be lost. Therefore its writes are paused first, as the chart does
//! before it stops a pod (`CLIENT PAUSE` in its `prestop-redis.sh`).

use std::{collections::BTreeMap, time::Duration};

use super::{
    check::{Check, Facts, Verdict},
    nodes::{Login, Node, Nodes, Question},
    replies::Role,
    resp::Reply,
    survey::Survey,
    writes::PREFIX,
};

pub static CHECK: Check = Check {
    id: "failover",
    title: "failover",
    proves: "another node becomes the primary, no write is lost, and the old primary follows",
    run: |_: &Facts| Vec::new(),
};

/// How the failover is watched.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The time between two writes.
    pub tick: Duration,
    /// The longest time until another node is the primary.
    pub promotion: Duration,
    /// The longest time after that until the old primary follows.
    pub follow: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { tick: Duration::from_millis(500), promotion: Duration::from_secs(60), follow: Duration::from_secs(60) }
    }
}

/// Seconds until the keys expire.
const SECONDS: &str = "300";

/// The longest pause of writes on the old primary, in milliseconds.
const PAUSE: &str = "30000";

/// Writes after the promotion, until the old primary is asked for the last time.
const WRITES_AFTER: usize = 4;

struct Writer<'a> {
    nodes: &'a mut dyn Nodes,
    sentinels: Vec<Node>,
    set: String,
    /// The nodes of Redis by the addresses that Sentinels use.
    redis: BTreeMap<String, Node>,
    nonce: String,
    /// The keys that were taken, with the time of the reply.
    taken: Vec<(String, Duration)>,
    tried: usize,
    /// The address of the node of the last write.
    primary: Option<String>,
    /// The address of the old primary, while its writes are paused: a client would wait there.
    paused: Option<String>,
}

/// Fails over and watches. The survey is of a healthy release.
pub fn run(nodes: &mut dyn Nodes, survey: &Survey, nonce: &str, pace: Pace) -> Vec<Verdict> {
    let sentinels: Vec<Node> =
        survey.sentinels.iter().filter(|node| node.open().is_some()).map(|node| node.node.clone()).collect();
    let redis = by_address(survey);
    let primaries = survey.primaries();
    let [old] = primaries[..] else { return vec![CHECK.not_asked("needs one primary at the start")] };
    if sentinels.is_empty() || redis.len() < 2 {
        return vec![CHECK.not_asked("needs a Sentinel, and the addresses of two nodes that it names")];
    }
    let Some(old_address) = redis.iter().find(|(_, node)| **node == old.node).map(|(address, _)| address.clone())
    else {
        return vec![CHECK.not_asked("the Sentinels name an address of the primary that none of the nodes has")];
    };
    let old = old.node.clone();
    let set = survey.set.clone();
    let nonce = format!("{PREFIX}{nonce}:writer");
    let mut writer =
        Writer { nodes, sentinels, set, redis, nonce, taken: Vec::new(), tried: 0, primary: None, paused: None };
    writer.watch(&old, &old_address, pace)
}

/// The nodes by the addresses that Sentinels use for them: a server has the same run id everywhere.
fn by_address(survey: &Survey) -> BTreeMap<String, Node> {
    let mut found = BTreeMap::new();
    for answer in survey.sentinels.iter().filter_map(|node| node.open()) {
        for server in answer.primary.iter().chain(&answer.replicas) {
            let node = survey.redis.iter().find(|node| node.run_id() == Some(&server.run_id));
            if let Some(node) = node {
                found.insert(server.address.clone(), node.node.clone());
            }
        }
    }
    found
}

impl Writer<'_> {
    fn watch(&mut self, old: &Node, old_address: &str, pace: Pace) -> Vec<Verdict> {
        for _ in 0..2 {
            self.write();
            self.nodes.wait(pace.tick);
        }
        if self.taken.is_empty() {
            return vec![CHECK.not_asked("no write was taken before the failover: nothing was changed")];
        }
        // Redis before 6.2 cannot pause only writes.
        if self.send(old, &["CLIENT", "PAUSE", PAUSE, "WRITE"]).text() == Some("OK") {
            self.paused = Some(old_address.to_owned());
        }
        let reply = self.fail_over();
        if reply.text() != Some("OK") {
            self.send(old, &["CLIENT", "UNPAUSE"]);
            let from = format!("SENTINEL FAILOVER {}: {}", self.set, reply.shown(120));
            return vec![CHECK.wrong("Sentinel refuses the failover").from(from)];
        }
        let start = self.nodes.clock();
        let mut after = 0;
        let mut promoted = None;
        while after < WRITES_AFTER && self.nodes.clock() - start < pace.promotion {
            let is_taken = self.write();
            if is_taken && self.primary.as_deref().is_some_and(|primary| primary != old_address) {
                promoted = promoted.or_else(|| self.primary.clone());
                after += 1;
            }
            self.nodes.wait(pace.tick);
        }
        if self.paused.take().is_some() {
            self.send(old, &["CLIENT", "UNPAUSE"]);
        }
        let Some(promoted) = promoted else {
            let message = format!("no other node became the primary within {} s", pace.promotion.as_secs());
            return vec![CHECK.wrong(message)];
        };
        let mut verdicts = vec![self.gap(&promoted)];
        verdicts.push(self.follows(old, pace));
        verdicts.push(self.lost());
        verdicts
    }

    /// The address of the primary, from the first Sentinel that answers.
    fn ask_for_primary(&mut self) -> Option<String> {
        let set = self.set.clone();
        let command: &[&str] = &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", &set];
        for sentinel in self.sentinels.clone() {
            let answer = self.nodes.ask_one(Question::new(&sentinel, Login::Right, &[command]));
            let reply = answer.ok().and_then(|talk| talk.replies.into_iter().next());
            if let Some([host, port]) = reply.as_ref().map(Reply::items)
                && let (Some(host), Some(port)) = (host.text(), port.text())
            {
                return Some(format!("{host}:{port}"));
            }
        }
        None
    }

    /// Writes the next key to the primary. Whether it was taken.
    fn write(&mut self) -> bool {
        let Some(address) = self.ask_for_primary() else { return false };
        let Some(node) = self.redis.get(&address).cloned() else { return false };
        let key = format!("{}:{}", self.nonce, self.tried);
        self.tried += 1;
        if self.paused.as_ref() == Some(&address) {
            return false;
        }
        let set: &[&str] = &["SET", &key, "1", "EX", SECONDS];
        let answer = self.nodes.ask_one(Question::new(&node, Login::Right, &[set]));
        let is_taken = answer.is_ok_and(|talk| talk.replies.first().and_then(Reply::text) == Some("OK"));
        if is_taken {
            let now = self.nodes.clock();
            self.taken.push((key, now));
            self.primary = Some(address);
        }
        is_taken
    }

    fn fail_over(&mut self) -> Reply {
        let set = self.set.clone();
        let sentinel = self.sentinels[0].clone();
        self.send(&sentinel, &["SENTINEL", "FAILOVER", &set])
    }

    /// The reply to one command, or the reason why it is missing as an error.
    fn send(&mut self, node: &Node, command: &[&str]) -> Reply {
        match self.nodes.ask_one(Question::new(node, Login::Right, &[command])) {
            Ok(talk) => talk.replies.into_iter().next().unwrap_or(Reply::Nil),
            Err(no_answer) => Reply::Error(no_answer.why),
        }
    }

    /// The longest time between two writes that were taken.
    fn gap(&self, promoted: &str) -> Verdict {
        let times = self.taken.iter().map(|(_, at)| *at);
        let gap = times.clone().zip(times.skip(1)).map(|(one, next)| next.saturating_sub(one)).max();
        let seconds = gap.unwrap_or_default().as_secs_f64();
        let name = self.redis.get(promoted).map_or(promoted, |node| node.name.as_str());
        CHECK
            .ok(format!("became the primary; the longest time without a write was {seconds:.1} s"))
            .on(name)
            .from(format!("SET: {} of {} writes were taken", self.taken.len(), self.tried))
    }

    /// Whether the old primary follows the new one.
    fn follows(&mut self, old: &Node, pace: Pace) -> Verdict {
        let start = self.nodes.clock();
        loop {
            let answer = self.nodes.ask_one(Question::new(old, Login::Right, &[&["ROLE"]]));
            let reply = answer.ok().and_then(|talk| talk.replies.into_iter().next()).unwrap_or(Reply::Nil);
            let seconds = (self.nodes.clock() - start).as_secs();
            let from = format!("ROLE: {}", reply.shown(120));
            if let Some(Role::Replica { of, link }) = Role::of(&reply)
                && link == "connected"
            {
                let message = format!("was the primary, and follows {of} after {seconds} s more");
                return CHECK.ok(message).on(&old.name).from(from);
            }
            if self.nodes.clock() - start >= pace.follow {
                let message = format!("was the primary, and follows no other node after {seconds} s more");
                return CHECK.wrong(message).on(&old.name).from(from);
            }
            self.nodes.wait(pace.tick);
        }
    }

    /// Reads all keys that were taken.
    fn lost(&mut self) -> Verdict {
        let Some(node) = self.ask_for_primary().and_then(|address| self.redis.get(&address).cloned()) else {
            return CHECK.wrong("no Sentinel names a primary after the failover");
        };
        let keys: Vec<&str> = self.taken.iter().map(|(key, _)| key.as_str()).collect();
        let command: Vec<&str> = ["MGET"].into_iter().chain(keys.iter().copied()).collect();
        let answer = self.nodes.ask_one(Question::new(&node, Login::Right, &[&command]));
        let reply = answer.ok().and_then(|talk| talk.replies.into_iter().next()).unwrap_or(Reply::Nil);
        if reply.items().len() != keys.len() {
            return CHECK
                .wrong("the new primary does not show the keys")
                .on(&node.name)
                .from(format!("MGET: {}", reply.shown(80)));
        }
        let there = reply.items().iter().filter(|item| item.text().is_some()).count();
        let message = format!("has {there} of {} writes", keys.len());
        match there == keys.len() {
            true => CHECK.ok(format!("{message}: nothing is lost")).on(&node.name),
            false => CHECK.wrong(format!("{message}: lost {}", keys.len() - there)).on(&node.name),
        }
    }
}
