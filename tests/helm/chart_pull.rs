//! `redisgen chart import` of a version or an address, fetched by a Helm: a script in its place, and the real ones with a
//! repository on this machine.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use libtest_mimic::Failed;
use tempfile::TempDir;

use crate::{Check, support::Helm};

pub fn checks() -> Vec<Check> {
    let mut checks = vec![
        Check::panicking("helm_is_asked_for_what_is_named", helm_is_asked_for_what_is_named),
        Check::panicking("what_helm_cannot_fetch_is_told", what_helm_cannot_fetch_is_told),
        Check::panicking("without_helm_there_is_a_next_step", without_helm_there_is_a_next_step),
        Check::panicking("a_slow_helm_is_stopped", a_slow_helm_is_stopped),
        Check::panicking("an_interrupt_leaves_nothing_behind", an_interrupt_leaves_nothing_behind),
        Check::panicking("what_names_no_chart_is_refused", what_names_no_chart_is_refused),
    ];
    for (major, helm) in [3, 4].into_iter().zip(Helm::both()) {
        let ignored = helm.is_err();
        let name = format!("helm_{major}_fetches_from_a_repository");
        checks.push(Check::new(name, move || real(&helm.unwrap())).ignored_if(ignored));
    }
    checks
}

/// An archive of a chart, as `helm pull` writes it.
fn archive(name: &str, version: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in [
        ("Chart.yaml", format!("apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: 8.4.0\n")),
        ("values.yaml", "architecture: replication\nnovelty: 1\n".to_owned()),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("{name}/{path}"), text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// A folder with a `helm` of its own, a data folder, and one for temporary files.
struct Home(TempDir);

impl Home {
    /// The lines are what `helm` does after it has taken down its words.
    fn with_helm(lines: &str) -> Self {
        let home = Self(TempDir::new().unwrap());
        for folder in ["bin", "tmp"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        fs::write(home.path().join("redis.tgz"), archive("redis", "99.0.1")).unwrap();
        let helm = home.path().join("bin/helm");
        fs::write(&helm, format!("#!/bin/sh\necho \"$@\" > '{0}/words'\nhome='{0}'\n{lines}\n", home.path().display()))
            .unwrap();
        fs::set_permissions(helm, fs::Permissions::from_mode(0o755)).unwrap();
        home
    }

    /// Its Helm puts the archive where it is told to.
    fn that_pulls() -> Self {
        Self::with_helm("while [ $# -gt 1 ]; do shift; done\ncp \"$home/redis.tgz\" \"$1/redis-99.0.1.tgz\"")
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redisgen"));
        command
            .args(args)
            .current_dir(self.path())
            .env("PATH", format!("{}:/usr/bin:/bin", self.path().join("bin").display()))
            .env("TMPDIR", self.path().join("tmp"))
            .env("REDISGEN_DATA_DIR", self.path().join("data"));
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The words of the last `helm`, without the folder that the chart goes to.
    fn words(&self) -> String {
        let words = fs::read_to_string(self.path().join("words")).unwrap();
        words.split(" --destination ").next().unwrap().to_owned()
    }

    fn holds_nothing(&self) {
        assert_eq!(fs::read_dir(self.path().join("tmp")).unwrap().count(), 0, "a temporary folder is left");
        assert!(!self.path().join("data").exists(), "something was imported");
    }

    fn refused(&self, args: &[&str], error: &str) {
        let output = self.run(args);
        assert_eq!(String::from_utf8_lossy(&output.stderr), format!("error: {error}\n"));
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        self.holds_nothing();
    }
}

fn helm_is_asked_for_what_is_named() {
    let registry = "oci://registry-1.docker.io/bitnamicharts/redis";
    let own = "oci://127.0.0.1:5000/charts/redis";
    let cases: [(&[&str], &str); 9] = [
        (&["99.0.1"], &format!("pull {registry} --version 99.0.1")),
        (&["v99.0.1"], &format!("pull {registry} --version 99.0.1")),
        (&["99.0.1", "--repo", "classic"], "pull redis --repo https://charts.bitnami.com/bitnami --version 99.0.1"),
        (&["99.0.1", "--repo", "oci://127.0.0.1:5000/charts"], &format!("pull {own} --version 99.0.1")),
        (&[own, "--version", "99.0.1"], &format!("pull {own} --version 99.0.1")),
        (&["oci://127.0.0.1:5000/charts/redis:99.0.1"], &format!("pull {own} --version 99.0.1")),
        (&[own], &format!("pull {own}")),
        (
            &["https://charts.example.com/x", "--version", "99.0.1"],
            "pull redis --repo https://charts.example.com/x --version 99.0.1",
        ),
        (&["https://example.com/redis-99.0.1.tgz"], "pull https://example.com/redis-99.0.1.tgz"),
    ];
    for (args, words) in cases {
        let home = Home::that_pulls();
        let output = home.run(&[&["chart", "import"], args].concat());
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(stdout.starts_with("imported chart 99.0.1, Redis 8.4.0\n"), "{args:?}: {output:?}");
        assert_eq!(home.words(), words);
        assert_eq!(fs::read_dir(home.path().join("tmp")).unwrap().count(), 0);
        assert!(home.path().join("data/charts/redis-99.0.1.json").exists());
    }
    // A file of the name goes before what Helm would fetch.
    let home = Home::that_pulls();
    fs::write(home.path().join("99.0.1"), archive("redis", "98.0.0")).unwrap();
    assert!(home.run(&["chart", "import", "99.0.1"]).stdout.starts_with(b"imported chart 98.0.0"));
}

fn what_helm_cannot_fetch_is_told() {
    let pull = "`helm pull oci://registry-1.docker.io/bitnamicharts/redis --version 99.0.1`";
    let next = "check address, version and network, or import an archive or a folder instead: \
                `redisgen chart import CHART.tgz`";
    let refused = |lines: &str, why: &str| {
        Home::with_helm(lines).refused(&["chart", "import", "99.0.1"], &format!("`99.0.1` was not imported: {why}"));
    };
    refused(
        "echo 'WARNING: x' >&2; echo 'Error: dial tcp: lookup registry-1.docker.io: no such host' >&2; exit 1",
        &format!("{pull}: dial tcp: lookup registry-1.docker.io: no such host; {next}"),
    );
    refused("exit 3", &format!("{pull}: no error message (exit status: 3); {next}"));
    refused("exit 0", &format!("{pull}: `helm` wrote 0 archives: expected one"));
    // More than any pipe holds.
    refused(
        "i=0; while [ $i -lt 3000 ]; do echo 'a line of a hundred characters or so, which nobody will ever read, not even once' >&2; \
         i=$((i + 1)); done; exit 1",
        &format!("{pull}: a line of a hundred characters or so, which nobody will ever read, not even once; {next}"),
    );
    let broken = "while [ $# -gt 1 ]; do shift; done; echo text > \"$1/redis.tgz\"";
    refused(broken, "not a gzip archive: expected a `.tgz` of `helm pull`");
    let home = Home::that_pulls();
    fs::write(home.path().join("redis.tgz"), archive("valkey", "5.0.0")).unwrap();
    home.refused(
        &["chart", "import", "oci://127.0.0.1/charts/valkey"],
        "`oci://127.0.0.1/charts/valkey` was not imported: found the chart `valkey`: expected the chart `redis`",
    );
}

fn without_helm_there_is_a_next_step() {
    let home = Home::that_pulls();
    let output = home.command(&["chart", "import", "99.0.1"]).env("PATH", home.path().join("tmp")).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: `99.0.1` was not imported: `helm pull oci://registry-1.docker.io/bitnamicharts/redis --version 99.0.1`: \
         `helm` is not on the PATH: install Helm, or import an archive or a folder instead: `redisgen chart import CHART.tgz`\n"
    );
    assert_eq!(output.status.code(), Some(2));
    home.holds_nothing();
}

fn a_slow_helm_is_stopped() {
    let home = Home::with_helm("exec sleep 60");
    let since = Instant::now();
    home.refused(
        &["chart", "import", "99.0.1", "--timeout", "300ms"],
        "`99.0.1` was not imported: `helm pull oci://registry-1.docker.io/bitnamicharts/redis --version 99.0.1`: stopped after \
         the time of `--timeout`: check the network, or increase `--timeout`",
    );
    assert!(since.elapsed() < Duration::from_secs(30));
}

fn an_interrupt_leaves_nothing_behind() {
    for signal in ["INT", "TERM"] {
        let home = Home::with_helm("exec sleep 60");
        let mut command = home.command(&["chart", "import", "99.0.1"]);
        let redisgen = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let since = Instant::now();
        while !home.path().join("words").exists() && since.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(10));
        }
        let kill = Command::new("kill").args([&format!("-{signal}"), &redisgen.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let output = redisgen.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.ends_with("--version 99.0.1`: stopped\n"), "{stderr}");
        assert_eq!(output.status.code(), Some(2));
        home.holds_nothing();
    }
}

fn what_names_no_chart_is_refused() {
    let home = Home::that_pulls();
    let refused = |args: &[&str], why: &str| {
        home.refused(&[&["chart", "import"], args].concat(), &format!("`{}` was not imported: {why}", args[0]));
    };
    for wanted in ["28", "28.4", "^28"] {
        refused(&[wanted], "file not found, and not a full version such as `28.4.0`");
    }
    refused(&["99.0.1", "--version", "99.0.1"], "the argument is already a version: remove `--version`");
    refused(
        &["oci://127.0.0.1/redis:99.0.1", "--version", "99.0.2"],
        "the address has version 99.0.1, and `--version` is 99.0.2: use one of them",
    );
    refused(
        &["oci://127.0.0.1/redis", "--repo", "classic"],
        "`--repo` is only for a version: remove `--repo` for an address",
    );
    refused(
        &["redis.tgz", "--version", "99.0.1"],
        "`--version` and `--repo` are for charts that Helm fetches: remove them for a file or a folder",
    );
    refused(
        &["99.0.1", "--repo", "./charts"],
        "`./charts` is not a valid chart repository: expected `oci`, `classic`, `oci://...` or `https://...`",
    );
    let output = home.run(&["chart", "import", "ftp://example.com/redis.tgz"]);
    assert_eq!(output.status.code(), Some(2));
    // A password in an address would be seen by everybody.
    let output = home.run(&["chart", "import", "https://me:hunter2@example.com/charts", "--version", "99.0.1"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && !stderr.contains("hunter2"), "{stderr}");
    home.holds_nothing();
}

/// A real Helm fetches from a repository that a thread of this test serves.
fn real(helm: &Helm) -> Result<(), Failed> {
    let home = Home::that_pulls();
    let bin = home.path().join("bin/helm");
    fs::remove_file(&bin)?;
    helm.link(&bin);
    let server = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", server.local_addr()?);
    let index = format!(
        "apiVersion: v1\nentries:\n  redis:\n  - {{apiVersion: v2, name: redis, version: 99.0.1, urls: ['{address}/redis-99.0.1.tgz']}}\n"
    );
    thread::spawn(move || {
        for stream in server.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let body = match first.split(' ').nth(1) {
                Some("/index.yaml") => Some(index.clone().into_bytes()),
                Some("/redis-99.0.1.tgz") => Some(archive("redis", "99.0.1")),
                _ => None,
            };
            let mut head =
                String::from(if body.is_some() { "HTTP/1.1 200 OK\r\n" } else { "HTTP/1.1 404 Not Found\r\n" });
            let body = body.unwrap_or_default();
            let _ = write!(head, "Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = (&stream).write_all(&[head.as_bytes(), &body].concat());
        }
    });
    let run = |args: &[&str]| {
        let mut command = home.command(&[&["chart", "import"], args].concat());
        let own = |name: &str| home.path().join("helm").join(name);
        command.env("HELM_CONFIG_HOME", own("config")).env("HELM_DATA_HOME", own("data"));
        command.env("HELM_CACHE_HOME", own("cache")).env("NO_PROXY", "127.0.0.1").output().unwrap()
    };
    for args in [
        vec![address.as_str(), "--version", "99.0.1"],
        vec![address.as_str()],
        vec!["99.0.1", "--repo", address.as_str()],
        vec![&format!("{address}/redis-99.0.1.tgz")],
    ] {
        let output = run(&args);
        assert!(output.stdout.starts_with(b"imported chart 99.0.1"), "{args:?}: {output:?}");
    }
    fs::remove_dir_all(home.path().join("data"))?;
    let output = run(&[address.as_str(), "--version", "99.0.2"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && stderr.contains("99.0.2") && stderr.lines().count() == 1, "{stderr}");
    let output = run(&["oci://127.0.0.1:1/charts/redis", "--version", "99.0.1"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && stderr.contains("check address, version and network"), "{stderr}");
    home.holds_nothing();
    Ok(())
}
