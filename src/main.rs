use std::process::ExitCode;

/// Runs before the runtime opens `/dev/null` instead of closed standard streams.
#[cfg(unix)]
#[ctor::ctor(unsafe)]
fn before_the_runtime() {
    redisgen::cli::look_at_stdout();
}

fn main() -> ExitCode {
    redisgen::cli::run(std::env::args_os())
}
