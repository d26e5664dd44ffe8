use crate::{cli::ExitStatus, intent::Wishes};
use std::io::Write;
#[derive(Debug, clap::Args)]
pub struct Args {}
#[derive(Debug, clap::Args)]
pub struct ProfileArgs {
    #[arg(long = "profile")]
    pub profiles: Vec<String>,
}
impl ProfileArgs {
    pub fn load(&self) -> anyhow::Result<Wishes> {
        Ok(Wishes::default())
    }
}
pub fn run(_: Args, _: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    Ok(ExitStatus::Success)
}
