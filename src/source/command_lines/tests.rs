//! Releases by commands.

use super::*;
use crate::yaml::{Notes, emit};

fn read(name: &str, text: &str) -> Vec<Declaration> {
    declarations(text, &Hints { path: Some(format!("deploy/{name}")), ..Hints::default() })
}

/// Each release in one line.
fn told(name: &str, text: &str) -> Vec<String> {
    let told = |found: &Declaration| {
        let chart = &found.chart;
        let place = match &chart.folder {
            Some(folder) => format!("{:?} {}", folder.base, folder.path),
            None => chart.repository.clone(),
        };
        let layers = found.layers.iter().map(|layer| match layer {
            Layer::Block(block) => {
                let values = block.document.values(Default::default()).unwrap();
                emit(&values, &Notes::default()).trim_end().replace('\n', "; ")
            }
            Layer::File(file) => format!("{:?} {}", file.base, file.path),
            Layer::Unknown { what, .. } => format!("unknown: {what}"),
            other => panic!("{other:?}"),
        });
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        format!(
            "{} {} {} ({place}) {} [{}]",
            or_none(&found.release),
            or_none(&found.namespace),
            chart.name,
            or_none(&found.version.text),
            layers.collect::<Vec<_>>().join(" | ")
        )
    };
    read(name, text).iter().map(told).collect()
}

#[test]
fn a_script_with_a_version_and_a_file() {
    let text = "# helm upgrade --install old bitnami/redis\nhelm upgrade --install redis oci://registry-1.docker.io/bitnamicharts/redis \\\n  --namespace cache --version 19.0.2 \\\n  --values values.yaml \\\n  --set slave.replicaCount=1\n";
    assert!(may_be_in(text, Some("deploy.sh")) && !may_be_in(text, Some("README.md")));
    assert_eq!(
        told("deploy.sh", text),
        [
            "redis cache redis (oci://registry-1.docker.io/bitnamicharts) 19.0.2 [HereOrAbove values.yaml | slave:;   replicaCount: 1]"
        ]
    );
    let found = read("deploy.sh", text).remove(0);
    let (at, _) = found.version.at.as_ref().unwrap();
    assert_eq!(at.put_back(text, "20.0.0").unwrap(), text.replace("19.0.2", "20.0.0"));
    assert_eq!((found.span.line, found.span.column), (2, 1));
    assert!(text[found.span.start..found.span.end].ends_with("slave.replicaCount=1"));
    let block = found.blocks().next().unwrap();
    let outer = Document::parse("a: 1").unwrap();
    let at = block.document.text().find("replicaCount").unwrap();
    let span = block.inset.outer(&outer, Span { start: at, end: at + 1, ..Span::default() });
    assert_eq!(&text[span.start..span.end], "slave.replicaCount=1");
}

#[test]
fn variables_and_aliases_of_the_text_are_resolved() {
    let text = r#"#!/bin/bash
set -euo pipefail
VERSION="${REDIS_VERSION:-18.6.1}"
export NS=cache
DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
TWICE=1
TWICE=2
ARGS=(
  --set architecture=standalone  # one
  -f "$DIR/values.yaml"
)
helm repo add --force-update bitnami-repo https://charts.bitnami.com/bitnami
if ! helm status redis; then
  helm install redis bitnami-repo/redis --version "$VERSION" -n "${NS}" "${ARGS[@]}"
else
  "$HELM" --kube-context prod upgrade redis bitnami-repo/redis --version=$VERSION -n${NS} "${ARGS[@]}" || exit 1
fi
helm install r2 "$CHART" --version $TWICE --set a='$NS',b="x y" --set-string c=1 -f $1 -f <(sops -d x.yaml) -f a.yaml,b.yaml > log 2>&1; echo "helm install x y"
cd sub && helm template . --set "$KEY=1" --set p=$(kubectl get secret x -o jsonpath='{.data.a}' | base64 -d)
"#;
    assert_eq!(
        told("deploy", text),
        [
            "redis cache redis (https://charts.bitnami.com/bitnami) 18.6.1 [Here values.yaml | architecture: standalone]",
            "r2 - ${CHART} () ${TWICE} [unknown: the name `${1}` is not known yet | unknown: `<(command)` is elsewhere | HereOrAbove a.yaml | HereOrAbove b.yaml | a: \"$NS\"; b: x y; c: \"1\"]",
            "- - . (HereOrAbove ./sub/.) - [unknown: `${KEY}` is not known yet | p: \"$(command)\"]",
        ]
    );
}

#[test]
fn makefiles_dockerfiles_and_other_shells() {
    let make = "CHART_VERSION ?= 17.0.0 # newest\nNAME := cache\n\ninstall: ## helm install it\n\t@echo \"helm install $(NAME) bitnami/redis\"\n\t@helm upgrade -i $(NAME) bitnami/redis --version '$(CHART_VERSION)' \\\n\t\t--set auth.password=$$REDIS_PASSWORD --set auth.enabled=true\n\n# helm install no x/redis\n";
    assert_eq!(
        told("Makefile", make),
        ["cache - redis (bitnami) 17.0.0 [auth:;   password: \"${REDIS_PASSWORD}\";   enabled: true]"]
    );
    let docker = "FROM alpine/helm\nENV REDIS_VERSION=18.0.0\nRUN helm template redis bitnami/redis --version ${REDIS_VERSION} && \\\n    helm install other ./charts/other\n";
    assert_eq!(
        told("Dockerfile", docker),
        ["redis - redis (bitnami) 18.0.0 []", "other - other (HereOrAbove ./charts/other) - []"]
    );
    let power = "$Version = \"18.1.0\"\nhelm upgrade --install redis bitnami/redis `\n  --version $Version `\n  -f \"$PSScriptRoot/values.yaml\" `\n  --set \"auth.password=$env:PASS\"\n";
    assert_eq!(
        told("deploy.ps1", power),
        ["redis - redis (bitnami) 18.1.0 [Here values.yaml | auth:;   password: \"${PASS}\"]"]
    );
    let batch = "set VERSION=18.2.0\r\nREM helm install a b/redis\r\nhelm install redis bitnami/redis ^\r\n  --version %VERSION%\r\n";
    assert_eq!(told("deploy.bat", batch), ["redis - redis (bitnami) 18.2.0 []"]);
    let jenkins = "stage('x') {\n  // helm install a b/redis\n  sh \"helm upgrade --install redis bitnami/redis --version 18.3.0 --set a='b c'\"\n  sh '''\n    helm install two bitnami/redis\n  '''\n}\n";
    assert_eq!(told("Jenkinsfile", jenkins), ["redis - redis (bitnami) 18.3.0 [a: b c]", "two - redis (bitnami) - []"]);
}

#[test]
fn workflows_hold_commands_in_texts_and_lists() {
    let text = r#"env:
  REDIS_CHART: "18.6.1"
variables:
  NS: {value: cache, description: helm install it}
jobs:
  a:
    steps:
      - name: helm install redis bitnami/redis
        run: |
          helm repo add bitnami https://charts.bitnami.com/bitnami
          # helm install old bitnami/redis
          helm upgrade --install redis bitnami/redis \
            --version ${{ env.REDIS_CHART }} --set auth.password='${{ secrets.REDIS }}' \
            -n $NS -f "$GITHUB_WORKSPACE/k8s/redis.yaml"
      - run: helm install two bitnami/redis --version "1.2.3" && true
  b:
    script:
      - >-
        helm install three bitnami/redis
        --version 2.0.0
  c:
    containers:
      - image: alpine/helm
        args: [upgrade, --install, four, bitnami/redis, --version=20.10.1, --set, "a=b,c=d"]
      - command: ["helm"]
        args:
          - install
          - five
          - "oci://registry-1.docker.io/bitnamicharts/redis"
"#;
    assert_eq!(
        told("ci.yaml", text),
        [
            "redis cache redis (https://charts.bitnami.com/bitnami) 18.6.1 [Root k8s/redis.yaml | auth:;   password: \"${{ value }}\"]",
            "two - redis (https://charts.bitnami.com/bitnami) 1.2.3 []",
            "three - redis (https://charts.bitnami.com/bitnami) 2.0.0 []",
            "four - redis (https://charts.bitnami.com/bitnami) 20.10.1 [a: b; c: d]",
            "five - redis (oci://registry-1.docker.io/bitnamicharts) - []",
        ]
    );
    let found = read("ci.yaml", text);
    let versions: Vec<_> = found.iter().map(|one| one.version.at.is_some()).collect();
    assert_eq!(versions, [false, true, true, true, false]);
    let at = &found[0].layers[1];
    let Layer::Block(block) = at else { panic!("{at:?}") };
    let outer = Document::parse(text).unwrap();
    let inner = block.document.text().find("password").unwrap();
    let span = block.inset.outer(&outer, Span { start: inner, end: inner + 1, ..Span::default() });
    assert_eq!(&text[span.start..span.end], "auth.password='${{ secrets.REDIS }}'");
    let template = "{{- if x }}\n  - helm install redis bitnami/redis --version {{ .version }}\n{{ end }}\n";
    assert_eq!(told("task.yaml", template), ["redis - redis (bitnami) ${{ value }} []"]);
}

#[test]
fn the_order_of_sets_is_the_one_of_helm() {
    let text = "helm install r redis --repo https://charts.bitnami.com/bitnami --set-string a=1 --set-file a=x.conf --set a=2 --set-json 'b.c={\"d\":[1,\"x\"]}' --set-json '{\"e\":true}' --set-literal f=x,y -f v.yaml --wait --timeout 5m\n";
    assert_eq!(
        told("x.sh", text),
        [
            "r - redis (https://charts.bitnami.com/bitnami) - [HereOrAbove v.yaml | b:;   c:;     d:;       - 1;       - x | e: true | a: \"${file}\"; f: \"x,y\"]"
        ]
    );
}

#[test]
fn other_forms_of_the_command() {
    let text = "helm install --name old --namespace ns stable/redis\nhelm install bitnami/redis --generate-name --version 1.0.0\nhelm secrets upgrade r bitnami/redis -f secrets://s.yaml\nhelm diff upgrade r bitnami/redis -f s.yaml\nhelm template x ./redis-17.9.3.tgz\nhelm upgrade only\nhelm list --version 1\nhelm pull bitnami/redis --version 1\nthe helm chart installs: upgrade it\ncd k8s && helm upgrade q bitnami/redis -f v.yaml\nhelm upgrade dev bitnami/redis -f dev.yaml\nhelm upgrade dev bitnami/redis -f prod.yaml\nhelm upgrade c charts/redis\nhelm upgrade c2 oci://h/redis:1.2.3\n";
    assert_eq!(
        told("x.sh", text),
        [
            "old ns redis (stable) - []",
            "- - redis (bitnami) 1.0.0 []",
            "r - redis (bitnami) - [HereOrAbove s.yaml]",
            "x - redis (HereOrAbove ./redis-17.9.3.tgz) 17.9.3 []",
            "q - redis (bitnami) - [HereOrAbove k8s/v.yaml]",
            "dev - redis (bitnami) - [HereOrAbove dev.yaml]",
            "dev - redis (bitnami) - [HereOrAbove prod.yaml]",
            "c - redis (charts) - []",
            "c2 - redis (oci://h) 1.2.3 []",
        ]
    );
}

#[test]
fn words_are_those_of_the_shell() {
    let none = Values::default();
    let words = |text: &str| -> Vec<String> {
        words::command(text, 0, Language::Shell, &none).unwrap().into_iter().map(|word| word.text).collect()
    };
    // The crate reads an empty word between two blanks here, and a shell reads none.
    assert_eq!(words("a \\\n b"), ["a", "b"]);
    for text in ["a 'b c' d\\ e \"f g\\\"h\" i'j'k", "'' \"\" x", "\"a\\\nb\"", "a=b,c='{d}' \"\\$x\"", "a\\\nb"] {
        assert_eq!(words(text), shlex::split(text).unwrap(), "{text}");
    }
}

#[test]
fn a_tiltfile_installs_charts() {
    let text = "load('ext://helm_resource', 'helm_resource', 'helm_repo')\nVERSION = '18.6.1'\nhelm_repo('bitnami', 'https://charts.bitnami.com/bitnami')\n# helm_resource('old', 'bitnami/redis')\nhelm_resource(\n  'redis',\n  'bitnami/redis',\n  namespace='cache',\n  flags=['--version=' + VERSION, '--set=auth.enabled=false', '-f', './redis.yaml', get()],\n  labels=labels(),\n)\nhelm_remote('redis', repo_name='bitnami', repo_url='https://x', version=\"17.0.0\", values=['a.yaml'], set=['a=b'])\nk8s_yaml(helm('charts/redis', name='three', values=['./v.yaml']))\nlocal('helm upgrade --install four bitnami/redis -f k8s/v.yaml')\n";
    assert_eq!(
        told("Tiltfile", text),
        [
            "redis cache redis (https://charts.bitnami.com/bitnami) 18.6.1 [HereOrAbove ./redis.yaml | auth:;   enabled: false]",
            "redis - redis (https://x) 17.0.0 [HereOrAbove a.yaml | a: b]",
            "three - redis (HereOrAbove ./charts/redis) - [HereOrAbove ./v.yaml]",
            "four - redis (https://charts.bitnami.com/bitnami) - [HereOrAbove k8s/v.yaml]",
        ]
    );
}

#[test]
fn hostile_texts_end() {
    for text in [
        &"helm install \"".repeat(50_000),
        &"helm install \"\n".repeat(50_000),
        &"helm install r x/redis $(".repeat(5_000),
        &"X=$X$X\n".repeat(20_000),
        &format!(
            "A0=xxxxxxxxxx\n{}helm install r x/redis --version $A30\n",
            (1..31).map(|at| format!("A{at}=$A{0}$A{0}$A{0}$A{0}\n", at - 1)).collect::<String>()
        ),
        "helm install",
        "helm install r x/redis --set",
        "helm install r x/redis -f 'a",
        "helm\n",
        "a=(helm install",
        "é`helm install é/é -",
        "cat <<EOF\nhelm install r x/redis\nEOF\n",
    ] {
        for name in ["x.sh", "Makefile", "x.ps1", "x.bat", "x.yaml", "Tiltfile"] {
            let start = std::time::Instant::now();
            read(name, text);
            assert!(start.elapsed().as_secs() < 30, "{name}: {}", &text[..40]);
        }
    }
    assert!(read("x.sh", "cat <<EOF\nhelm install r x/redis\nEOF\n").is_empty());
}

#[test]
fn a_text_that_ends_anywhere_is_read() {
    let shell = "é=\"${Y:-1}\" \\\n'x' $(cd \"$(dirname x)\" && pwd)\nX=(a 'b' # c\n)\nhelm upgrade \"$(é)\" $$X `b` \\\n --set a={{ é }},b=${{ c }} -f <(x) \"${X[@]}\" --set-json 'é={\"a\":1}' %X% \"\\\"é\" 2>&1\n";
    let tilt = "X = 'é'\nhelm_resource('é', \"\"\"b/é\"\"\", flags=['--set=a=b' + X, é(1, [2])], x = lambda: 1)\n";
    let yaml = "env: {X: é}\nrun: |\n  helm upgrade é b/é --version $X\nargs: [helm, upgrade, é, \"b/é\"]\n";
    for text in [shell, tilt, yaml] {
        for name in ["x.sh", "Makefile", "x.ps1", "x.bat", "x.yaml", "Tiltfile"] {
            for (end, _) in text.char_indices() {
                read(name, &text[..end]);
                read(name, &text[end..]);
            }
        }
    }
}
