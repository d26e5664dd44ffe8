use std::process::ExitCode;

/// Runs before the runtime puts `/dev/null` in the place of closed standard streams.
#[cfg(unix)]
#[ctor::ctor(unsafe)]
fn before_the_runtime() {
    redisgen::cli::look_at_stdout();
}

fn main() -> ExitCode {
    redisgen::cli::run(std::env::args_os())
}
