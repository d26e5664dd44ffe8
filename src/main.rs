use std::process::ExitCode;

use clap::Parser;
use redisgen::commands::chart;

#[derive(Parser)]
#[command(name = "redisgen")]
enum Cli {
    Chart(chart::Args),
}

fn main() -> ExitCode {
    let Cli::Chart(args) = Cli::parse();
    match chart::run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            anstream::eprintln!("error: {e:#}");
            ExitCode::from(2)
        }
    }
}
