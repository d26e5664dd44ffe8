//! The real chart, rendered by the real Helm for the Kubernetes of today.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
};

use redisgen::{
    chart::{Chart, kubernetes_today},
    effective::EffectiveValues,
    yaml::{Document, Map, Value, merge::Layers, read_values},
};

use super::bare;
use crate::support::Helm;

pub struct Renderer {
    charts: PathBuf,
    scratch: PathBuf,
    helm: Helm,
    kubernetes: String,
    /// What was rendered before: most files of a pair come to the same.
    known: RefCell<HashMap<String, Result<Vec<Value>, String>>>,
    count: Cell<usize>,
}

impl Renderer {
    /// None where the charts or Helm are not here.
    pub fn find(scratch: &Path) -> Option<Self> {
        let Some(charts) = env::var_os("REDISGEN_CHARTS").map(PathBuf::from) else {
            println!("left out: REDISGEN_CHARTS does not name the folder of the charts");
            return None;
        };
        let helm = Helm::both().into_iter().find_map(Result::ok)?;
        let (known, count) = (RefCell::default(), Cell::new(0));
        Some(Self { charts, scratch: scratch.to_owned(), helm, kubernetes: kubernetes_today(), known, count })
    }

    /// How often Helm ran.
    pub fn count(&self) -> usize {
        self.count.get()
    }

    /// The objects that a chart version makes of values, or why it makes none.
    pub fn render(&self, chart: &Chart, values: &str) -> Result<Vec<Value>, String> {
        // A comment changes nothing.
        let said = format!("{} {:?}", chart.version(), read_values(values).map_err(|error| error.to_string())?);
        if let Some(known) = self.known.borrow().get(&said) {
            return known.clone();
        }
        let made = self.template(chart, values);
        self.known.borrow_mut().insert(said, made.clone());
        made
    }

    /// The objects that the chart makes with its own defaults in the topology of these values.
    pub fn own(&self, chart: &Chart, values: &Map) -> Vec<Value> {
        let topology = EffectiveValues::new(values.clone(), Layers::default(), chart).topology;
        self.render(chart, &(bare(chart, topology) + "metrics:\n  enabled: true\n")).unwrap()
    }

    fn template(&self, chart: &Chart, values: &str) -> Result<Vec<Value>, String> {
        self.count.set(self.count.get() + 1);
        let file = self.scratch.join("values.yaml");
        fs::write(&file, values).unwrap();
        let folder = self.charts.join(chart.version().to_string()).join("redis");
        let mut command = self.helm.command(&self.scratch.join("helm"));
        command.args(["template", "rel"]).arg(folder).arg("--values").arg(&file);
        command.args(["--kube-version", &self.kubernetes, "--api-versions", "monitoring.coreos.com/v1"]);
        let output = command.output().unwrap();
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(why.lines().find(|line| line.contains("rror")).unwrap_or_default().to_owned());
        }
        let text = String::from_utf8(output.stdout).unwrap();
        let document = Document::parse(&text).unwrap();
        let all = document.documents().iter().map(|node| document.value(*node).unwrap());
        Ok(all.filter(|object| *object != Value::Null).collect())
    }
}
