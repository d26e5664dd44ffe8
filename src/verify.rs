//! Checks an installed release: asks all servers, and compares their answers with the values.
//!
//! Some answers are stale for a while: an old primary reports its old role for ten seconds, and `CKQUORUM` counts
//! servers that are gone. A verdict about such a state counts only after the same questions had the same answers for
//! some time.
//!
//! This module opens no connection and runs no program: those who ask implement [`Nodes`].

pub mod check;
pub mod checks;
pub mod cluster;
pub mod expectation;
pub mod failover;
pub mod nodes;
pub mod outcome;
pub mod redis_cli;
pub mod replies;
pub mod resp;
pub mod survey;
pub mod writes;

use std::time::Duration;

use check::{Facts, Status};
use cluster::Cluster;
use expectation::Expectation;
use nodes::{Entrance, NoAnswer, Node, Nodes, Obstacle};
use outcome::Outcome;
use survey::Survey;

use writes::Writes;

/// The servers of a release at one moment.
#[derive(Debug, Clone, Default)]
pub struct Servers {
    pub nodes: Vec<Node>,
    pub entrances: Vec<Entrance>,
    /// The objects of the release. None outside of a cluster.
    pub cluster: Option<Cluster>,
    /// Whether there is a password.
    pub has_password: bool,
    /// Whether servers that only Sentinels name are asked too.
    pub discovers: bool,
}

/// How long a doubtful answer may take to settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settle {
    pub longest: Duration,
    /// The time between two rounds.
    pub pause: Duration,
    /// Whether to wait for a release that cannot be asked yet, and for all that is wrong.
    pub until_it_runs: bool,
}

impl Default for Settle {
    fn default() -> Self {
        Self { longest: Duration::from_secs(15), pause: Duration::from_secs(1), until_it_runs: false }
    }
}

/// A release under check.
pub trait Release: Nodes {
    /// The servers as they are now.
    ///
    /// # Errors
    ///
    /// If the cluster cannot be asked.
    fn servers(&mut self) -> Result<Servers, NoAnswer>;

    /// Shows that some verdicts are open after a round: how many, and the time that was waited.
    fn waits(&mut self, open: usize, waited: Duration);

    /// Shows what happens now.
    fn shows(&mut self, what: &str);
}

/// Asks all servers, and compares the answers with the expectation. `nonce` makes the names of the keys unique.
///
/// While a verdict is open, all is asked again until it settles or `settle.longest` has passed. The survey of the last
/// round comes with the outcome.
///
/// # Errors
///
/// If no server answers, if a name has no address, or if something else than Redis answers.
pub fn verify(
    release: &mut dyn Release,
    wanted: &Expectation,
    settle: Settle,
    nonce: &str,
) -> Result<(Outcome, Survey), NoAnswer> {
    let start = release.clock();
    let mut round = 0;
    loop {
        let asked = one_round(release, wanted, &format!("{nonce}:{round}"));
        let waited = release.clock().saturating_sub(start);
        let is_over = waited >= settle.longest;
        let open = match &asked {
            Ok((outcome, _)) if settle.until_it_runs => outcome.count(Status::Wrong),
            Ok((outcome, _)) => outcome.verdicts.iter().filter(|verdict| verdict.is_open()).count(),
            Err(_) if settle.until_it_runs => 1,
            Err(_) => 0,
        };
        if open == 0 || is_over {
            let settled_after = (round > 0).then_some(waited.as_secs());
            return asked.map(|(outcome, survey)| (Outcome { settled_after, ..outcome }, survey));
        }
        release.waits(open, waited);
        release.wait(settle.pause);
        round += 1;
    }
}

fn one_round(release: &mut dyn Release, wanted: &Expectation, nonce: &str) -> Result<(Outcome, Survey), NoAnswer> {
    let servers = release.servers()?;
    let survey = Survey::take(release, &servers.nodes, wanted.sentinel_set.as_deref(), servers.discovers);
    // These are mistakes in the question, and no state of the release.
    let fatal = survey.silent().find(|(node, no_answer)| {
        let is_question =
            [Obstacle::NoSuchName, Obstacle::NotRedis, Obstacle::NotAllowed].contains(&no_answer.obstacle);
        is_question && node.found == nodes::Found::Given
    });
    if let Some((node, no_answer)) = fatal {
        return Err(NoAnswer { obstacle: no_answer.obstacle, why: format!("`{}`: {}", node.name, no_answer.why) });
    }
    let fails_tls = survey.silent().any(|(_, no_answer)| no_answer.obstacle == Obstacle::Tls);
    if !survey.any_answers() && servers.cluster.is_none() && !fails_tls {
        let first = survey.silent().next().map(|(node, no_answer)| format!("`{}`: {}", node.name, no_answer.why));
        let why = first.unwrap_or_else(|| "there is no server to ask".to_owned());
        return Err(NoAnswer { obstacle: Obstacle::Silent, why });
    }
    if !servers.has_password && wanted.auth != Some(false) {
        // No other check would have an answer.
        let locked =
            survey.redis.iter().filter_map(|node| Some((&node.node, node.answer.as_ref().ok()?.locked.as_ref()?)));
        if let Some((node, _)) = locked.clone().next().filter(|_| locked.count() == survey.redis.len()) {
            let why = format!(
                "`{}` asks for a password. Use `--password-env`, `--password-file` or `--password-stdin`",
                node.name
            );
            return Err(NoAnswer { obstacle: Obstacle::NotAllowed, why });
        }
    }
    let writes = Writes::take(release, &survey, &servers.entrances, nonce);
    let facts = Facts {
        survey: &survey,
        writes: &writes,
        cluster: servers.cluster.as_ref(),
        wanted,
        has_password: servers.has_password,
    };
    let verdicts = checks::ALL.iter().flat_map(|check| (check.run)(&facts)).collect();
    Ok((Outcome { verdicts, settled_after: None }, survey))
}

#[cfg(test)]
mod tests;
