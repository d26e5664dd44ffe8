use std::process::ExitCode;

fn main() -> ExitCode {
    redisgen::cli::run(std::env::args_os())
}
