//! Releases in Terraform.

use super::*;
use crate::{
    source::declaration::Layer,
    yaml::{Notes, emit},
};

fn read(text: &str) -> Vec<Declaration> {
    declarations(text, &Hints::default(), &FolderInputs::default())
}

fn one(text: &str) -> Declaration {
    let mut all = read(text);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// The layers, each as YAML or as a name.
fn layers(declaration: &Declaration) -> Vec<String> {
    let layer = |layer: &Layer| match layer {
        Layer::Block(block) => emit(&block.document.values(Default::default()).unwrap(), &Notes::default()),
        Layer::File(file) => format!("{:?} {}", file.base, file.path),
        Layer::Unknown { what, .. } => format!("unknown: {what}"),
        other => panic!("{other:?}"),
    };
    declaration.layers.iter().map(layer).collect()
}

fn version(declaration: &Declaration) -> Option<&str> {
    declaration.version.text.as_deref()
}

const RELEASE: &str = r#"resource "helm_release" "redis" {
  name       = "redis"
  repository = "https://charts.bitnami.com/bitnami"
  chart      = "redis"
  version    = "21.2.11"

  set {
    name  = "auth.password"
    value = var.redis_password
  }
  set {
    name  = "master.containerPort"
    value = "6379"
  }
}
"#;

#[test]
fn a_release_has_its_chart_its_version_and_its_sets() {
    let found = one(RELEASE);
    assert_eq!((found.form, &*found.chart.name, version(&found)), ("Terraform helm_release", "redis", Some("21.2.11")));
    assert_eq!(found.chart.repository, "https://charts.bitnami.com/bitnami");
    assert_eq!(found.release.as_deref(), Some("redis"));
    assert_eq!((found.span.line, found.span.column), (1, 1));
    assert_eq!(layers(&found), ["auth:\n  password: \"${var.redis_password}\"\nmaster:\n  containerPort: 6379\n"]);
    let block = found.blocks().next().unwrap();
    let outer = crate::yaml::Document::parse("a: 1").unwrap();
    let port = block.document.text().find("containerPort").unwrap();
    let span = block.inset.outer(&outer, Span { start: port, end: port + 1, ..Span::default() });
    assert_eq!(&RELEASE[span.start..span.end], "\"master.containerPort\"");
    let renamed = block.inset.put_back(RELEASE, &block.document.text().replace("containerPort:", "port:")).unwrap();
    assert_eq!(renamed, RELEASE.replace("master.containerPort", "master.port"));
    let (at, path) = found.version.at.as_ref().unwrap();
    assert!(path.is_root());
    assert_eq!(at.put_back(RELEASE, "22.0.0").unwrap(), RELEASE.replace("21.2.11", "22.0.0"));
    let text = format!("{}locals {{\n  v = \"1.2.3\"\n}}\n", RELEASE.replace("\"21.2.11\"", "local.v"));
    let (at, _) = one(&text).version.at.unwrap();
    assert_eq!(at.put_back(&text, "22.0.0").unwrap(), text.replace("1.2.3", "22.0.0"));
}

#[test]
fn sets_of_provider_3_come_in_the_order_of_the_provider() {
    let found = one(r#"resource "helm_release" "redis" {
  name  = "r"
  chart = "oci://registry-1.docker.io/bitnamicharts/redis"
  set_sensitive = [{ name = "auth.password", value = "example" }]
  set_list = [{ name = "a", value = ["x", "y"] }]
  set = [
    { name = "a", value = "1" },
    { name = "b", value = "1", type = "string" },
    { name = "c", value = join(",", var.list) },
    { name = "d.${var.key}", value = 1 },
    { name = "nodeSelector.kubernetes\\.io/os", value = local.os },
  ]
  dynamic "set" {
    for_each = var.more
    content {
      name  = set.key
      value = set.value
    }
  }
  dynamic "set" {
    for_each = var.tls ? [1] : []
    content {
      name  = "tls.enabled"
      value = "true"
    }
  }
}
locals { os = "linux" }
"#);
    assert_eq!(found.chart.repository, "oci://registry-1.docker.io/bitnamicharts");
    assert_eq!(version(&found), None);
    assert_eq!(
        layers(&found),
        [
            "unknown: the expression `...` cannot be read",
            "unknown: `dynamic \"set\"`",
            "a: 1\nb: \"1\"\nc: \"${join(\\\",\\\", var.list)}\"\nnodeSelector:\n  kubernetes.io/os: linux\ntls:\n  enabled: \"${value}\"\n",
            "a:\n  - x\n  - \"y\"\n",
            "auth:\n  password: example\n",
        ]
    );
}

#[test]
fn variables_locals_and_other_resources_are_followed() {
    let text = r#"
variable "chart_version" {
  type    = string
  default = "18.6.1"
}
variable "password" {
  default   = "example"
  sensitive = true
}
variable "empty" { default = "" }
locals {
  chart = { name = "redis", repository = "https://charts.bitnami.com/bitnami" }
  file  = "values-${local.env}.yaml"
  env   = "prod"
  on    = false
}
resource "kubernetes_namespace" "cache" {
  metadata {
    name = "cache-${local.env}"
  }
}
resource "helm_release" "redis" {
  count      = local.on ? 1 : 0
  name       = "redis"
  chart      = local.chart.name
  repository = local.chart["repository"]
  version    = var.chart_version
  namespace  = kubernetes_namespace.cache.metadata[0].name
  values     = [file("${path.module}/${local.file}"), templatefile("a.tpl", { x = 1 }), file("${var.name}.yaml")]
  set {
    name  = "auth.password"
    value = var.password
  }
  set {
    name  = "auth.username"
    value = var.empty
  }
}
"#;
    let found = one(text);
    assert_eq!((version(&found), found.namespace.as_deref()), (Some("18.6.1"), Some("cache-prod")));
    assert_eq!((&*found.chart.name, found.off.as_deref()), ("redis", Some("`count` is 0")));
    assert_eq!(found.chart.repository, "https://charts.bitnami.com/bitnami");
    assert_eq!(
        layers(&found),
        [
            "Here values-prod.yaml",
            "HereOrAbove a.tpl",
            "unknown: the name `${var.name}.yaml` is not known yet",
            "auth:\n  password: \"${var.password}\"\n  username: \"${var.empty}\"\n",
        ]
    );
    let all = variables(text, None);
    let mut names: Vec<_> = all.iter().map(|(name, (text, _))| format!("{name}={text}")).collect();
    names.retain(|name| !name.starts_with("local.chart"));
    assert_eq!(
        names,
        ["local.env=prod", "local.file=values-prod.yaml", "local.on=false", "var.chart_version=18.6.1", "var.empty="]
    );
    let given = FolderInputs { variables: variables("chart_version = \"19.0.0\"\n", None), ..FolderInputs::default() };
    let found = declarations(text, &Hints::default(), &given).remove(0);
    assert_eq!(version(&found), Some("19.0.0"), "another text wins over the default");
}

#[test]
fn a_folder_of_another_file_is_followed() {
    let given = FolderInputs {
        variables: variables("locals {\n  folder = abspath(\"${path.module}/../values\")\n}\n", None),
        ..FolderInputs::default()
    };
    let text = "resource \"helm_release\" \"redis\" {\n  chart = \"redis\"\n  values = [file(\"${local.folder}/redis.yaml\")]\n}\n";
    let found = declarations(text, &Hints::default(), &given).remove(0);
    assert_eq!(layers(&found), ["Here ../values/redis.yaml"]);
}

#[test]
fn repositories_of_old_providers_are_followed() {
    let text = r#"resource "helm_repository" "stable" {
  name = "stable"
  url  = "https://kubernetes-charts.storage.googleapis.com"
}
resource "helm_release" "redis" {
  name       = "redis"
  chart      = "stable/redis"
  repository = "${helm_repository.stable.metadata.0.name}"
}
"#;
    let found = one(text);
    assert_eq!(found.chart.repository, "https://kubernetes-charts.storage.googleapis.com");
    let found = one(&text.replace("helm_repository.stable", "data.helm_repository.other"));
    assert_eq!((&*found.chart.repository, &*found.chart.name), ("stable", "redis"));
}

#[test]
fn a_heredoc_is_written_back_in_its_place() {
    let text = "resource \"helm_release\" \"redis\" {\n  name  = \"r\"\n  chart = \"bitnami/redis\"\n  values = [<<-EOT\n\n    auth:\n      password: ${var.a ? \"x\" : \"y\"} # secret\n    slave:\n      replicaCount: 1\n    EOT\n    , <<EOF\narchitecture: ${var.architecture}\nfoo: \"$${BAR}\"\nEOF\n  ]\n}\n";
    let found = one(text);
    assert_eq!((&*found.chart.repository, &*found.chart.name), ("bitnami", "redis"));
    let blocks: Vec<_> = found.blocks().collect();
    assert_eq!(blocks.len(), 2, "{found:#?}");
    let at = blocks[0].document.text().find("slave").unwrap();
    let outer = crate::yaml::Document::parse("a: 1").unwrap();
    let span = blocks[0].inset.outer(&outer, Span { start: at, end: at + 5, ..Span::default() });
    assert_eq!(&text[span.start..span.end], "slave");
    let changed = blocks[0].document.text().replace("slave", "replica");
    let written = blocks[0].inset.put_back(text, &changed).unwrap();
    assert_eq!(written, text.replace("slave", "replica"));
    let changed = blocks[1].document.text().replace("foo", "bar");
    assert_eq!(blocks[1].inset.put_back(text, &changed).unwrap(), text.replace("foo", "bar"));
}

#[test]
fn a_heredoc_with_directives_is_read() {
    let text = "resource \"helm_release\" \"redis\" {\n  chart = \"redis\"\n  values = [<<-EOT\n    a: 1\n    %{ if var.x }\n    b: 2\n    %{ else }\n    b: 3\n    %{ endif }\n    c: ${ jsonencode({\n      d = 1\n    })}\n  EOT\n  ]\n}\n";
    let found = one(text);
    assert_eq!(found.blocks().count(), 1, "{found:#?}");
    let keys: Vec<_> =
        found.blocks().next().unwrap().document.values(Default::default()).unwrap().keys().map(str::to_owned).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    assert!(!found.blocks().next().unwrap().inset.can_change(), "a line has no room for a word");
}

#[test]
fn an_encoded_object_has_its_types_and_its_places() {
    let text = r#"
locals {
  labels = { app = "redis" }
}
data "template_file" "old" {
  template = file("${path.module}/old.yaml")
}
resource "helm_release" "redis" {
  chart  = "${path.module}/charts/redis"
  values = concat([
    data.template_file.old.rendered,
    yamlencode({
      auth    = { enabled = "true", password = var.password }
      replica = { replicaCount = 3, nodeSelector = local.labels, ports = [6379, "a"], x = null, y = 1.5 }
      "tls"   : { enabled = var.tls && true }
      (var.k) = 1
    }),
    yamlencode(merge({ a = 1 }, var.more, { a = tonumber("2") })),
    "architecture: standalone\nauth: {}",
    "${file("last.yaml")}",
  ], var.extra)
}
"#;
    let found = one(text);
    let folder = found.chart.folder.as_ref().unwrap();
    assert_eq!((&*folder.path, folder.base), ("./charts/redis", Base::Here));
    assert_eq!(
        layers(&found),
        [
            "Here old.yaml",
            "unknown: the expression `1` cannot be read",
            "auth:\n  enabled: \"true\"\n  password: \"${var.password}\"\nreplica:\n  replicaCount: 3\n  nodeSelector:\n    app: redis\n  ports:\n    - 6379\n    - a\n  x: null\n  \"y\": 1.5\ntls:\n  enabled: \"${var.tls && true}\"\n",
            "a: 1\n",
            "unknown: the expression `var.more` cannot be read",
            "a: 2\n",
            "architecture: standalone\nauth: {}\n",
            "HereOrAbove last.yaml",
            "unknown: the expression `var.extra` cannot be read",
        ]
    );
    let block = found.blocks().next().unwrap();
    let outer = crate::yaml::Document::parse("a: 1").unwrap();
    for (name, expected) in [("replicaCount", "replicaCount"), ("tls", "\"tls\""), ("app", "app")] {
        let at = block.document.text().find(name).unwrap();
        let span = block.inset.outer(&outer, Span { start: at, end: at + 1, ..Span::default() });
        assert_eq!(&text[span.start..span.end], expected);
    }
}

#[test]
fn what_has_chart_address_and_version_is_a_candidate() {
    let all = read(
        r#"
module "redis" {
  source     = "terraform-module/release/helm"
  repository = "https://charts.bitnami.com/bitnami"
  namespace  = "cache"
  app = {
    name    = "redis"
    chart   = "redis"
    version = "18.6.1"
    enabled = false
  }
  values = [file("${path.module}/values.yaml")]
  set = [{ name = "a", value = "b" }]
}
module "wrapper" {
  source          = "../argo-app"
  name            = "redis-cache"
  repo_url        = "registry-1.docker.io/bitnamicharts"
  chart           = "redis"
  target_revision = "20.1.0"
  namespace       = "cache"
  values          = <<-EOT
    architecture: standalone
  EOT
}
resource "argocd_application" "redis" {
  metadata { name = "x" }
  spec {
    destination {
      namespace = "ns"
    }
    source {
      repo_url        = "https://charts.bitnami.com/bitnami"
      chart           = "redis"
      target_revision = "19.0.0"
      helm {
        release_name = "cache"
        value_files  = ["$config/redis.yaml"]
        parameter {
          name         = "a"
          value        = "1"
          force_string = true
        }
        values = yamlencode({ b = 1 })
      }
    }
  }
}
locals {
  charts = {
    one = { chart = "redis", repository = "oci://registry-1.docker.io/bitnamicharts", version = "17.0.0", values = { a = 1 } }
    two = { chart = "nginx", version = "1.0.0" }
  }
  chart = "other"
}
"#,
    );
    let told: Vec<_> = all
        .iter()
        .map(|found| {
            let release = found.release.as_deref().unwrap_or("-");
            let namespace = found.namespace.as_deref().unwrap_or("-");
            let repository = found.chart.repository.rsplit("//").next().unwrap();
            let text = version(found).unwrap();
            format!(
                "{}: {release} {namespace} {} of {repository} {text} {}",
                found.form,
                found.chart.name,
                layers(found).join("|")
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "Terraform module: redis cache redis of charts.bitnami.com/bitnami 18.6.1 Here values.yaml|a: b\n",
            "Terraform module: redis-cache cache redis of registry-1.docker.io/bitnamicharts 20.1.0 architecture: standalone\n",
            "Terraform Argo CD application: cache ns redis of charts.bitnami.com/bitnami 19.0.0 Root redis.yaml|b: 1\n|a: \"1\"\n",
            "Terraform object: - - redis of registry-1.docker.io/bitnamicharts 17.0.0 a: 1\n",
        ]
    );
    assert_eq!(all[0].off.as_deref(), Some("`enabled` is false"));
}

#[test]
fn an_object_that_a_release_takes_over_is_no_release_of_its_own() {
    let all = read(
        r#"
locals {
  redis = { chart = "redis", repository = "https://x", version = "1.2.3" }
}
resource "helm_release" "redis" {
  chart      = local.redis.chart
  repository = local.redis.repository
  version    = local.redis.version
}
"#,
    );
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!(all[0].form, "Terraform helm_release");
}

#[test]
fn hostile_and_half_written_texts_give_nothing() {
    for text in [
        "resource \"helm_release\" \"redis\" {\n  chart = \"redis\"\n",
        "a = <<EOT\n",
        "",
        "\u{feff}",
        "a = \"${",
        &format!("a = {}", "[".repeat(100_000)),
        &format!("a = {}", "{a=".repeat(100_000)),
        &format!("a = {}", "\"${".repeat(100_000)),
        &"a {\n".repeat(50_000),
        &format!("a = {}1", "-".repeat(100_000)),
        &format!("a = 1{}", "+1".repeat(100_000)),
        &format!("a = b{}", ".c".repeat(100_000)),
    ] {
        assert_eq!(read(text).len(), 0, "{}", &text[..text.len().min(40)]);
        variables(text, None);
    }
}

#[test]
fn locals_that_multiply_or_circle_end() {
    let mut text = String::from("locals {\n  a0 = \"x\"\n  me = local.me\n");
    for at in 1..40 {
        let before = format!("${{local.a{}}}", at - 1);
        text.push_str(&format!("  a{at} = \"{}\"\n", before.repeat(10)));
    }
    text.push_str("  l = concat(local.l, local.l)\n  o = { a = local.o, b = local.o }\n}\nresource \"helm_release\" \"r\" {\n  name = local.a39\n  chart = local.me\n  values = concat(local.l, [yamlencode(local.o)])\n}\n");
    assert_eq!(read(&text).len(), 1);
}

#[test]
fn an_object_with_very_many_items_is_not_read() {
    let items: String = (0..MOST_ITEMS).map(|at| format!("k{at}=1\n")).collect();
    assert!(parse(&format!("a = {{\n{items}}}\n")).is_none());
    assert!(parse(&"# a comment\n".repeat(LONGEST)).is_none());
}

#[test]
fn a_text_that_ends_anywhere_is_read() {
    let text = format!("{RELEASE}locals {{\n  a = <<-EOT\n    é: ${{var.x ? 1 : 2}}\n  EOT\n}}\n");
    for (end, _) in text.char_indices() {
        read(&text[..end]);
        read(&text[end..]);
    }
}

#[test]
fn literal_instances_are_releases_of_their_own() {
    let text = r#"
locals {
  caches = { a = { version = "18.6.1", size = "8Gi" }, b = { version = "25.5.3", size = "16Gi" } }
}
resource "helm_release" "redis" {
  for_each = local.caches
  name     = "redis-${each.key}"
  chart    = "oci://registry-1.docker.io/bitnamicharts/redis"
  version  = each.value.version
  set {
    name  = "master.persistence.size"
    value = each.value.size
  }
}
resource "helm_release" "counted" {
  count = 2
  name  = "redis-${count.index}"
  chart = "oci://registry-1.docker.io/bitnamicharts/redis"
}
resource "helm_release" "open" {
  for_each = toset(var.names)
  name     = each.key
  chart    = "oci://registry-1.docker.io/bitnamicharts/redis"
}
resource "helm_release" "none" {
  for_each = toset([])
  name     = "none"
  chart    = "oci://registry-1.docker.io/bitnamicharts/redis"
}
"#;
    let found = read(text);
    let rows: Vec<_> =
        found.iter().map(|one| (one.release.as_deref().unwrap(), version(one), one.off.as_deref())).collect();
    assert_eq!(
        rows,
        [
            ("redis-a", Some("18.6.1"), None),
            ("redis-b", Some("25.5.3"), None),
            ("redis-0", None, None),
            ("redis-1", None, None),
            ("${each.key}", None, None),
            ("none", None, Some("`for_each` is empty")),
        ]
    );
    assert_eq!(layers(&found[1]), ["master:\n  persistence:\n    size: \"16Gi\"\n"]);
    let (at, _) = found[1].version.at.as_ref().unwrap();
    assert_eq!(at.put_back(text, "26.0.0").unwrap(), text.replace("25.5.3", "26.0.0"));
}

const MODULE: &str = r#"
resource "helm_release" "redis" {
  name    = var.name
  chart   = "oci://registry-1.docker.io/bitnamicharts/redis"
  version = var.chart_version
  values  = concat([file("${path.module}/base.yaml")], var.values)
  set {
    name  = "architecture"
    value = var.settings.architecture
  }
}
variable "chart_version" { default = "25.5.3" }
"#;

/// The calls of the module `./m` in a text of the root.
fn calls_in(text: &str, outer: Option<&ModuleCall>) -> Vec<ModuleCall> {
    calls(text, &variables(text, None), outer, ("", ".."), &|source| source == "./m")
}

#[test]
fn a_call_gives_its_arguments_to_the_module() {
    let text = r#"
locals { version = "18.6.1" }
module "a" {
  source        = "./m"
  name          = "a"
  chart_version = local.version
  settings      = { architecture = "standalone" }
  values = [
    file("${path.module}/a.yaml"),
    file("values/b.yaml"),
    yamlencode({ commonLabels = { team = "x", id = data.x.y.id } }),
    <<-EOT
      auth:
        enabled: false
    EOT
    , data.x.y.values
  ]
}
module "b" {
  count         = 0
  source        = "./m"
  chart_version = data.x.y.version
}
module "other" {
  source = "./n"
}
"#;
    let inputs = FolderInputs { variables: Variables::new(), calls: calls_in(text, None) };
    let found = declarations(MODULE, &Hints::default(), &inputs);
    let addresses: Vec<_> = found.iter().map(|one| one.call.as_deref().unwrap()).collect();
    assert_eq!(addresses, ["module.a", "module.b"]);
    assert_eq!((version(&found[0]), found[0].off.as_deref()), (Some("18.6.1"), None));
    assert_eq!(
        layers(&found[0]),
        [
            "Here base.yaml",
            "Here ../a.yaml",
            "Root values/b.yaml",
            "commonLabels:\n  team: x\n  id: \"${unknown}\"\n",
            "auth:\n  enabled: false\n",
            "unknown: an argument of the module call cannot be read",
            "architecture: standalone\n",
        ]
    );
    // The version of the call is unknown, and the default does not apply.
    assert_eq!((version(&found[1]), found[1].off.as_deref()), (Some("${var.chart_version}"), Some("`count` is 0")));
    assert_eq!(found[1].release.as_deref(), Some("${var.name}"));
    // A text of an argument has no place in the module, and is found where the module uses it.
    let block = found[0].blocks().next().unwrap();
    let outer = crate::yaml::Document::of_other_text(MODULE);
    let at = block.document.text().find("team").unwrap();
    let span = block.inset.outer(&outer, Span { start: at, end: at + 4, ..Span::default() });
    assert_eq!(&MODULE[span.start..span.end], "var.values");
}

#[test]
fn a_call_in_a_module_is_made_once_for_each_call_of_the_module() {
    let outer =
        calls_in("module \"a\" {\n  source = \"./m\"\n  for_each = toset([\"x\", \"y\"])\n  n = each.key\n}\n", None);
    let inner = "module \"b\" {\n  source = \"./m\"\n  name = \"redis-${var.n}\"\n}\n";
    let calls: Vec<ModuleCall> = outer.iter().flat_map(|outer| calls_in(inner, Some(outer))).collect();
    let inputs = FolderInputs { variables: Variables::new(), calls };
    let found = declarations(MODULE, &Hints::default(), &inputs);
    let rows: Vec<_> =
        found.iter().map(|one| (one.call.as_deref().unwrap(), one.release.as_deref().unwrap())).collect();
    assert_eq!(rows, [("module.a[\"x\"].module.b", "redis-x"), ("module.a[\"y\"].module.b", "redis-y")]);
}
