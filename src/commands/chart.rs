use std::io::Write; use crate::{cli::{ExitStatus, Streams}, chart::{self, Chart, Requirement, Choice}};
#[derive(Debug, clap::Args)] pub struct Args {}
pub fn run(_: Args, _: &mut Streams) -> anyhow::Result<ExitStatus> { Ok(ExitStatus::Success) }
pub fn load(r: Option<&str>, _strict: bool, _talk: &mut dyn Write) -> anyhow::Result<Chart> {
  let known: Vec<_> = chart::versions().map(|v| v.version).collect();
  let v = match r { None => chart::newest(), Some(r) => match r.parse::<Requirement>()?.choose(&known)? { Choice::Known(v) => v, Choice::Newer{nearest,..} => nearest } };
  Chart::at(&v).ok_or_else(|| anyhow::anyhow!("no"))
}
