//! As much of a cluster, and of a chart repository, as Helm asks for when it installs into its own memory.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    thread,
};

use crate::support::Helm;

/// A Helm with a home, a memory and a cluster of its own.
pub struct Cluster {
    pub helm: Helm,
    pub repository: String,
    folder: tempfile::TempDir,
}

impl Cluster {
    /// Starts to serve; the chart of `tests/data/helm/chart` is in its repository as `redis` 1.0.0.
    pub fn start(helm: &Helm) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let this = Self { helm: helm.clone(), repository: format!("{address}/charts"), folder };
        fs::write(this.path().join("memory.yaml"), "[]").unwrap();
        fs::write(
            this.path().join("kubeconfig"),
            format!(
                "{{apiVersion: v1, kind: Config, current-context: c, users: [{{name: u, user: {{}}}}],\n \
                 clusters: [{{name: c, cluster: {{server: '{address}'}}}}],\n \
                 contexts: [{{name: c, context: {{cluster: c, user: u}}}}]}}"
            ),
        )
        .unwrap();
        this.expect(&["package", chart().to_str().unwrap(), "--destination", "."], "");
        let archive = fs::read(this.path().join("redis-1.0.0.tgz")).unwrap();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(answer(stream, &archive))));
        this
    }

    /// Where it runs.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn run<'a>(&self, args: impl IntoIterator<Item = &'a &'a str>, stdin: &str) -> Output {
        let mut child = self
            .helm
            .command(&self.path().join("home"))
            .args(args.into_iter().copied())
            .current_dir(self.path())
            .env("HOME", self.path())
            .env("KUBECONFIG", self.path().join("kubeconfig"))
            .env("HELM_DRIVER", "memory")
            .env("HELM_MEMORY_DRIVER_DATA", self.path().join("memory.yaml"))
            .env("HTTPS_PROXY", "http://127.0.0.1:9") // nobody listens: the test asks nothing of the world
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A Helm that does not read it, closes it.
        drop(child.stdin.take().map(|mut pipe| pipe.write_all(stdin.as_bytes())));
        child.wait_with_output().unwrap()
    }

    /// Runs it, and gives what it printed.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub fn expect<'a>(&self, args: impl IntoIterator<Item = &'a &'a str> + Clone, stdin: &str) -> String {
        let output = self.run(args.clone(), stdin);
        let args: Vec<_> = args.into_iter().copied().collect();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "helm {} {}\n{stderr}", self.helm.major, args.join(" "));
        format!("{}{stderr}", String::from_utf8_lossy(&output.stdout))
    }
}

/// The chart whose manifest is what Helm has read.
pub fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/helm/chart")
}

fn answer(stream: TcpStream, archive: &[u8]) -> std::io::Result<()> {
    let mut lines = BufReader::new(&stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let found = match path.split('?').next().unwrap_or_default() {
        "/version" => Some(&br#"{"major": "1", "minor": "33", "gitVersion": "v1.33.0"}"#[..]),
        "/api" => Some(&br#"{"kind": "APIVersions", "versions": ["v1"]}"#[..]),
        "/apis" => Some(&br#"{"kind": "APIGroupList", "apiVersion": "v1", "groups": []}"#[..]),
        "/api/v1" => Some(&br#"{"kind": "APIResourceList", "groupVersion": "v1", "resources": []}"#[..]),
        "/charts/index.yaml" => Some(
            &b"apiVersion: v1\nentries:\n  redis:\n  - {apiVersion: v2, name: redis, version: 1.0.0, urls: [redis-1.0.0.tgz]}\n"[..],
        ),
        "/charts/redis-1.0.0.tgz" => Some(archive),
        _ => None,
    };
    let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
    let body = found.unwrap_or_default();
    let kind = if path.starts_with("/charts") { "application/octet-stream" } else { "application/json" };
    let length = body.len();
    write!(
        &stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    (&stream).write_all(body)
}
