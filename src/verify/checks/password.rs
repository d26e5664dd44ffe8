//! Redis and Sentinel refuse clients without the password, and take the right one.

use crate::verify::{
    check::{Check, Facts, Verdict},
    nodes::{Node, Program},
    resp::Reply,
};

pub static CHECK: Check = Check {
    id: "password",
    title: "passwords",
    proves: "Redis and Sentinel refuse a wrong password and none, and take the right one",
    run,
};

fn run(facts: &Facts) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for one in &facts.survey.redis {
        let Ok(answer) = &one.answer else { continue };
        let server = Server { node: &one.node, empty: &one.empty, wrong: &one.wrong };
        verdicts.push(server.judge(facts, &answer.refused, &answer.locked, facts.wanted.auth));
    }
    for one in &facts.survey.sentinels {
        let Ok(answer) = &one.answer else { continue };
        let server = Server { node: &one.node, empty: &one.empty, wrong: &one.wrong };
        verdicts.push(server.judge(facts, &answer.refused, &answer.locked, facts.wanted.sentinel_auth));
    }
    if verdicts.is_empty() {
        verdicts.push(CHECK.not_asked("no node answers"));
    }
    verdicts
}

struct Server<'a> {
    node: &'a Node,
    empty: &'a Option<Reply>,
    wrong: &'a Option<Reply>,
}

impl Server<'_> {
    fn judge(&self, facts: &Facts, refused: &Option<String>, locked: &Option<String>, wanted: Option<bool>) -> Verdict {
        let program = self.node.program;
        let is_open = |reply: &Option<Reply>| reply.as_ref().and_then(Reply::text) == Some("PONG");
        let shown = |what: &str, reply: &Option<Reply>| {
            format!("PING {what}: {}", reply.as_ref().map_or_else(|| "no reply".to_owned(), |reply| reply.shown(80)))
        };
        let (none, other) = (shown("without a password", self.empty), shown("with a wrong one", self.wrong));
        if let Some(locked) = locked {
            return self.locked(facts, refused.as_ref().unwrap_or(locked), wanted);
        }
        let verdict = match (is_open(self.empty), wanted) {
            (true, Some(true)) => CHECK.wrong("asks for no password, and the values want one").from(none),
            (true, Some(false)) => CHECK.ok("asks for no password, as the values want").from(none),
            (true, None) if program == Program::Sentinel => CHECK.note("asks for no password").from(none),
            (true, None) if facts.has_password => CHECK.wrong("asks for no password, although there is one").from(none),
            (true, None) => CHECK.note("asks for no password").from(none),
            (false, _) if is_open(self.wrong) => CHECK.wrong("takes a wrong password").from(other),
            (false, Some(false)) => CHECK.wrong("asks for a password, and the values want none").from(none),
            (false, _) if self.empty.is_none() || self.wrong.is_none() => {
                CHECK.not_asked("does not answer without the password")
            }
            (false, _) => {
                CHECK.ok("refuses no password and a wrong one, takes the right one").from(format!("{none}; {other}"))
            }
        };
        verdict.on(&self.node.name)
    }

    /// A server that does not take the right password.
    fn locked(&self, facts: &Facts, error: &str, wanted: Option<bool>) -> Verdict {
        let verdict = match facts.has_password {
            true if error.starts_with("NOPERM") => CHECK.not_asked("the user has no right to ask"),
            true => CHECK.wrong("refuses the password"),
            false if wanted == Some(false) => CHECK.wrong("asks for a password, and the values want none"),
            false => {
                CHECK.not_asked("asks for a password. Use `--password-env`, `--password-file` or `--password-stdin`")
            }
        };
        verdict.on(&self.node.name).from(format!("AUTH: {error}"))
    }
}
