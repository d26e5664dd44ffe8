//! Runs whole processes in turns, and measures them.
//!
//! The time is the processor time of the process, user and system: other load of the machine changes it least.
//!
//! The peak of memory is the figure of the system for the process. It includes the time before the program itself
//! starts, when the process still has the memory of the bench. No figure can be lower than that: the row of the empty
//! program shows this minimum.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use wait4::Wait4;

#[allow(dead_code, reason = "not every bench needs it")]
pub mod large;
#[allow(dead_code, reason = "not every bench needs it")]
pub mod rows;

/// Program with the measurements of its runs.
pub struct Program {
    pub name: String,
    command: Command,
    /// Processor times in milliseconds.
    times: Vec<f64>,
    /// Times of the clock in milliseconds.
    waits: Vec<f64>,
    /// Peak memory in bytes.
    pub peak: u64,
    /// Exit code other than 0 that is not a failure.
    finds: Option<i32>,
}

/// Runs all programs in turns, because other load of the machine then affects all of them alike.
pub fn in_turns(programs: &mut [Program], runs: usize) {
    for _ in 0..runs {
        for program in &mut *programs {
            program.run();
        }
    }
}

/// Number of runs: from the environment, or the default.
pub fn runs(default: usize) -> usize {
    env::var("REDISGEN_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(default).max(1)
}

/// Compiles a program that does nothing, for the cost of starting a process.
#[allow(dead_code, reason = "not every bench starts it")]
pub fn empty_program(scratch: &Path) -> PathBuf {
    let (source, program) = (scratch.join("empty.rs"), scratch.join("empty"));
    fs::write(&source, "fn main() {}\n").expect("the target folder can be written");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc)
        .args(["-O", "-C", "panic=abort", "-C", "strip=symbols", "-o"])
        .args([&program, &source])
        .status();
    assert!(compiled.is_ok_and(|status| status.success()), "the empty program does not compile");
    program
}

impl Program {
    pub fn new(name: &str, mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { name: name.to_owned(), command, times: Vec::new(), waits: Vec::new(), peak: 0, finds: None }
    }

    /// Program that exits with 1 if it finds something.
    #[allow(dead_code, reason = "not every bench needs it")]
    pub fn that_finds(name: &str, command: Command) -> Self {
        Self { finds: Some(1), ..Self::new(name, command) }
    }

    pub fn run(&mut self) {
        let start = Instant::now();
        let mut child = self.command.spawn().expect("the program starts");
        let ended = child.wait4().expect("the program ends");
        self.waits.push(start.elapsed().as_secs_f64() * 1000.0);
        self.times.push((ended.rusage.utime + ended.rusage.stime).as_secs_f64() * 1000.0);
        assert!(ended.status.success() || ended.status.code() == self.finds, "`{}` failed", self.name);
        self.peak = self.peak.max(ended.rusage.maxrss);
    }

    /// Forgets all runs.
    #[allow(dead_code, reason = "not every bench needs it")]
    pub fn forget(&mut self) {
        (self.times, self.waits, self.peak) = (Vec::new(), Vec::new(), 0);
    }

    /// The median of the processor times.
    pub fn median(&self) -> f64 {
        median(&self.times)
    }
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Prints a table of the measurements, each relative to the program `to`.
#[allow(dead_code, reason = "not every bench needs it")]
pub fn print(what: &str, to: &str, programs: &mut [Program]) {
    println!("\n{what}\n");
    let medians: Vec<f64> = programs.iter().map(Program::median).collect();
    let of = programs.iter().position(|program| program.name == to).map_or(f64::NAN, |at| medians[at]);
    for (program, median) in programs.iter().zip(&medians) {
        let to = if of.is_nan() { String::new() } else { format!("{:>10.2}x", median / of) };
        println!("{:24}{median:>12.2} ms{to}{:>12.1} MB", program.name, megabytes(program.peak));
    }
}
