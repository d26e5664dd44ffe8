//! `redisgen verify`: checks an installed release.

mod address;
mod duration;
mod kubectl;
mod progress;
mod stream;
mod tls;

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::PathBuf,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{anyhow, bail};

use super::{OutputFile, options::OptionArgs, process, release_input, style};
use crate::{
    commands::context::{ExitStatus, Streams},
    effective::EffectiveValues,
    helm,
    intent::Access,
    redact,
    report::{
        Color, View,
        verify::{Format, Subject, render},
    },
    verify::{
        self, Release, Settle,
        check::{Status, Verdict},
        expectation::Expectation,
        failover::{self, Pace},
        outcome::Outcome,
        survey::Survey,
    },
    yaml::Helm,
};
use address::{Address, Addresses, Credentials};
use duration::Time;
use kubectl::{Pods, Target};
use progress::Rounds;
use tls::{Tls, TlsFiles};

/// Check an installed release: its servers, passwords, replication, Sentinels and configuration
///
/// With RELEASE, `kubectl exec` asks in the pods of the release, and the password stays there. With `--address` and
/// `--sentinel-address`, redisgen asks the servers itself, without a cluster. Options and values files set the
/// expected state. Without them, redisgen reports only states that are wrong with any values.
///
/// Exit codes: 0 nothing is wrong, 1 something is wrong, 2 nothing could be asked.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the Helm release in the cluster
    #[arg(id = "installed", value_name = "RELEASE")]
    release: Option<String>,
    #[command(flatten)]
    servers: ServerArgs,
    #[command(flatten)]
    cluster: ClusterArgs,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    options: OptionArgs,
}

/// The servers outside of a cluster.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Servers")]
struct ServerArgs {
    /// Address of a Redis server, without kubectl; repeat for several
    #[arg(long = "address", value_name = "HOST:PORT")]
    addresses: Vec<Address>,
    /// Address of a Sentinel, without kubectl; repeat for several. The servers that it knows are asked too
    #[arg(long = "sentinel-address", value_name = "HOST:PORT")]
    sentinel_addresses: Vec<Address>,
    /// ACL user of the password; `default` by default
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Connect with TLS; on by default if the values enable TLS
    #[arg(long)]
    tls: bool,
    /// File with the certificates that are trusted (PEM); those of the system by default
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// File with the certificate of the client (PEM)
    #[arg(long, value_name = "FILE", requires = "key_file")]
    cert_file: Option<PathBuf>,
    /// File with the key of the client (PEM)
    #[arg(long, value_name = "FILE", requires = "cert_file")]
    key_file: Option<PathBuf>,
    /// Name that the certificates of the servers must have, instead of the host
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
}

/// The cluster.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Cluster")]
struct ClusterArgs {
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME", requires = "installed")]
    kube_context: Option<String>,
    /// Configuration file of kubectl
    #[arg(long, value_name = "FILE", requires = "installed")]
    kubeconfig: Option<String>,
}

/// How the release is checked.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Run")]
struct RunArgs {
    /// Longest time for one answer; by default `5s`, and `20s` through kubectl
    #[arg(long, value_name = "TIME")]
    timeout: Option<Time>,
    /// How long an answer that may be stale is asked again before it counts as wrong
    #[arg(long, value_name = "TIME", default_value = "15s")]
    settle: Time,
    /// Wait until the release is there and nothing is wrong, at most this long
    #[arg(long, value_name = "TIME", conflicts_with_all = ["settle", "watch"])]
    wait: Option<Time>,
    /// Check again and again until stopped, and print each change; the pause between two checks
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "10s", conflicts_with = "failover")]
    watch: Option<Time>,
    /// Let Sentinel fail over to another node, and measure the time without writes
    #[arg(long)]
    failover: bool,
    /// Fail over without a question
    #[arg(long, requires = "failover")]
    yes: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// Format of the report
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    output: Format,
    #[command(flatten)]
    file: OutputFile,
}

/// The way to the servers.
enum Way {
    Cluster(Target),
    Addresses { redis: Vec<Address>, sentinels: Vec<Address>, login: Credentials, tls: Option<TlsFiles> },
}

/// Everything that a run needs.
struct Job {
    way: Way,
    wanted: Expectation,
    timeout: Option<Duration>,
    settle: Settle,
    failover: bool,
}

pub fn run(args: Args, streams: &mut Streams) -> anyhow::Result<ExitStatus> {
    let Args { release, servers, cluster, run, output, mut options } = args;
    let password = options.take_password()?;
    let namespace = options.namespace().map(str::to_owned);
    let release = named(release, options.release().map(str::to_owned), &servers)?;
    helm::check_names(release.as_deref(), namespace.as_deref())?;
    let wanted = expectation(options, streams)?;
    let way = match &release {
        Some(release) => {
            refuse_address_options(&servers, password.is_some())?;
            let ClusterArgs { kube_context: context, kubeconfig } = cluster;
            Way::Cluster(Target { release: release.clone(), namespace: namespace.clone(), context, kubeconfig })
        }
        None => by_address(servers, password, &wanted)?,
    };
    let name = release.unwrap_or_else(|| way.name());
    let RunArgs { timeout, settle, wait, watch, failover, yes } = run;
    let longest = wait.unwrap_or(settle).0;
    let settle = Settle { longest, until_it_runs: wait.is_some(), ..Settle::default() };
    let job = Job { way, wanted, timeout: timeout.map(|time| time.0), settle, failover };
    if failover {
        confirm(&job, yes, streams)?;
    }
    let subject = Subject { name: &name, namespace: namespace.as_deref() };
    match watch {
        Some(pause) => watch_release(&job, subject, &output, pause.0, streams),
        None => {
            let outcome = job.run(streams)?;
            print(&outcome, subject, &output, streams)?;
            Ok(status(&outcome))
        }
    }
}

/// The release of the argument or of `--release`. None if addresses are given.
fn named(argument: Option<String>, flag: Option<String>, servers: &ServerArgs) -> anyhow::Result<Option<String>> {
    let by_address = !servers.addresses.is_empty() || !servers.sentinel_addresses.is_empty();
    match (argument, flag) {
        (Some(one), Some(other)) if one != other => {
            bail!("found the releases `{one}` and `{other}`: expected one of them")
        }
        (Some(release), _) if by_address => bail!(
            "found the release `{release}` and an address: expected one of them. kubectl asks inside of the cluster, \
             and an address needs no kubectl"
        ),
        (Some(release), _) => Ok(Some(release)),
        (None, _) if by_address => Ok(None),
        (None, Some(release)) => Ok(Some(release)),
        (None, None) => bail!("expected the name of a release, or `--address` or `--sentinel-address`"),
    }
}

/// What the options and values files want. Without any, nothing is wanted.
fn expectation(options: OptionArgs, streams: &mut Streams) -> anyhow::Result<Expectation> {
    if !options.ask_for_values() {
        return Ok(Expectation::default());
    }
    let is_plain = options.are_overlays_only();
    let version = if is_plain { release_input::version_in(&options, Helm::default())? } else { None };
    let settled = options.settle_beside(version, streams.err)?;
    let values = if is_plain { settled.overlay.clone() } else { settled.tree().0.clone() };
    let wanted = Expectation::of(&EffectiveValues::of(values, &settled.chart));
    Ok(match settled.options.intent.access {
        Some(Access::InternalLb) => Expectation { internal: Some(true), ..wanted },
        Some(Access::PublicLb) => Expectation { internal: Some(false), ..wanted },
        _ => wanted,
    })
}

fn refuse_address_options(servers: &ServerArgs, has_password: bool) -> anyhow::Result<()> {
    let ServerArgs { addresses: _, sentinel_addresses: _, username, tls, ca_file, cert_file, key_file: _, server_name } =
        servers;
    let given = [
        (has_password, "a password"),
        (username.is_some(), "`--username`"),
        (*tls, "`--tls`"),
        (ca_file.is_some(), "`--ca-file`"),
        (cert_file.is_some(), "`--cert-file`"),
        (server_name.is_some(), "`--server-name`"),
    ];
    match given.into_iter().find(|(is_given, _)| *is_given) {
        Some((_, what)) => bail!("{what} is only for `--address` and `--sentinel-address`: in a pod, its own is used"),
        None => Ok(()),
    }
}

fn by_address(servers: ServerArgs, password: Option<String>, wanted: &Expectation) -> anyhow::Result<Way> {
    let ServerArgs { addresses, sentinel_addresses, username, tls, ca_file, cert_file, key_file, server_name } =
        servers;
    if username.is_some() && password.is_none() {
        bail!("`--username` needs `--password-env`, `--password-file` or `--password-stdin`");
    }
    let has_files = ca_file.is_some() || cert_file.is_some() || server_name.is_some();
    let tls = (tls || has_files || wanted.tls == Some(true)).then_some(TlsFiles {
        ca: ca_file,
        cert: cert_file,
        key: key_file,
        server_name,
    });
    let login = Credentials { user: username, password };
    Ok(Way::Addresses { redis: addresses, sentinels: sentinel_addresses, login, tls })
}

impl Way {
    /// The name in reports.
    fn name(&self) -> String {
        match self {
            Self::Cluster(target) => target.release.clone(),
            Self::Addresses { redis, sentinels, .. } => {
                redis.iter().chain(sentinels).map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

impl Job {
    /// Asks once, and again while answers may be stale.
    fn run(&self, streams: &Streams) -> anyhow::Result<Outcome> {
        let rounds = Rounds::start(&streams.terminal);
        match &self.way {
            Way::Cluster(target) => {
                let timeout = self.timeout.unwrap_or(Duration::from_secs(20));
                self.ask(&mut Pods::new(target.clone(), timeout, rounds))
            }
            Way::Addresses { redis, sentinels, login, tls } => {
                let timeout = self.timeout.unwrap_or(Duration::from_secs(5));
                let tls = tls.as_ref().map(Tls::new).transpose()?;
                self.ask(&mut Addresses::new(redis, sentinels, login.clone(), timeout, tls, rounds))
            }
        }
    }

    fn ask(&self, release: &mut dyn Release) -> anyhow::Result<Outcome> {
        let nonce = nonce();
        let asked = verify::verify(release, &self.wanted, self.settle, &nonce);
        let (mut outcome, survey) = asked.map_err(|no_answer| anyhow!(redact::text(&no_answer.why).into_owned()))?;
        if self.failover {
            let verdicts = match outcome.is_wrong() {
                true => vec![failover::CHECK.not_asked("something is wrong: nothing was changed")],
                false => self.fail_over(release, &survey, &nonce),
            };
            outcome.verdicts.extend(verdicts);
        }
        Ok(outcome)
    }

    fn fail_over(&self, release: &mut dyn Release, survey: &Survey, nonce: &str) -> Vec<Verdict> {
        release.shows("failing over, with a write twice a second");
        failover::run(release, survey, nonce, Pace::default())
    }
}

/// A name for the keys of this run.
fn nonce() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", since.as_micros(), std::process::id())
}

/// Asks on a terminal, and wants `--yes` elsewhere.
///
/// # Errors
///
/// If the answer is not yes.
fn confirm(job: &Job, yes: bool, streams: &mut Streams) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        bail!("`--failover` interrupts writes for some seconds: use `--yes` to confirm");
    }
    let name = job.way.name();
    write!(streams.err, "{} writes to {name} will fail for some seconds. Fail over now? [y/N] ", style::note("note:"))?;
    streams.err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
        true => Ok(()),
        false => bail!("not confirmed: nothing was asked or changed"),
    }
}

fn print(outcome: &Outcome, subject: Subject, output: &OutputArgs, streams: &mut Streams) -> anyhow::Result<()> {
    let view = View { color: Color::On, width: output.file.width(&streams.terminal) };
    let report = render(output.output, subject, outcome, view);
    output.file.put(&report, &streams.terminal, streams.out)
}

fn status(outcome: &Outcome) -> ExitStatus {
    if outcome.is_wrong() {
        ExitStatus::Findings
    } else if outcome.count(Status::Ok) == 0 {
        ExitStatus::Failure
    } else {
        ExitStatus::Success
    }
}

/// Checks again and again, and prints the report if any verdict has changed.
fn watch_release(
    job: &Job,
    subject: Subject,
    output: &OutputArgs,
    pause: Duration,
    streams: &mut Streams,
) -> anyhow::Result<ExitStatus> {
    let mut before = None;
    loop {
        match job.run(streams) {
            Ok(outcome) => {
                let now: Vec<_> =
                    outcome.verdicts.iter().map(|one| (one.check.id, one.status, one.node.clone())).collect();
                if before.as_ref() != Some(&now) {
                    print(&outcome, subject, output, streams)?;
                    streams.out.flush()?;
                }
                before = Some(now);
            }
            Err(error) => {
                writeln!(streams.err, "{} {error:#}", style::warning("warning:"))?;
                before = None;
            }
        }
        thread::sleep(pause);
    }
}
