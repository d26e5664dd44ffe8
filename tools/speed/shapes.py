"""Values files of one shape that grow: what people have many of in a file.

`texts(size)` gives the name, the text and the same text with other values, each of about `size` bytes.
"""

REPLICATED = "architecture: replication\n"
OLD = "cluster:\n  enabled: true\n"


def _grown(size, head, item, tail=""):
    parts, length, at = [head], len(head), 0
    while length < size:
        part = item(at)
        parts.append(part)
        length += len(part)
        at += 1
    return "".join(parts) + tail


def _shapes(size, other):
    def mark(at):
        return "x" if other and at % 97 == 0 else ""

    number = 1 if other else 0
    yield "list-items", _grown(
        size, f"{REPLICATED}master:\n  extraEnvVars:\n",
        lambda at: f'    - name: VAR_{at}\n      value: "some value {at}{mark(at)}"\n')
    yield "annotations", _grown(
        size, f"{REPLICATED}commonAnnotations:\n", lambda at: f'  example.com/annotation-{at}: "value {at}{mark(at)}"\n')
    yield "unknown-keys", _grown(
        size, REPLICATED, lambda at: f"unknownKey{at}:\n  inner: value {at}{mark(at)}\n")
    yield "nested-unknown-keys", _grown(
        size, f"{REPLICATED}master:\n", lambda at: f"  unknownKey{at}: value {at}{mark(at)}\n")
    yield "comments", _grown(
        size, REPLICATED, lambda at: f"# a comment line with some words in it, number {at}{mark(at)}\n",
        "replica:\n  replicaCount: 3\n")
    yield "directives", _grown(
        size, f"{REPLICATED}commonConfiguration: |-\n", lambda at: f'  rename-command COMMAND{at} "x{at}{mark(at)}"\n')
    yield "repeated-directives", _grown(
        size, f"{REPLICATED}commonConfiguration: |-\n", lambda at: f"  maxmemory {at}mb\n  save {900 + at} {1 + number}\n")
    yield "long-text", f'{REPLICATED}commonConfiguration: "{"x" * size}{"y" * number}"\n'
    yield "flow-list", _grown(
        size, f"{REPLICATED}master:\n  service:\n    type: LoadBalancer\n    loadBalancerSourceRanges: [",
        lambda at: f"10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}/{30 if mark(at) else 32}, ", "10.0.0.0/8]\n")
    yield "duplicate-keys", _grown(size, REPLICATED, lambda at: f"master:\n  count: {at % 3 + number}\n")
    yield "documents", _grown(size, REPLICATED, lambda at: f"---\nmaster:\n  count: {at % 3 + number}\n")
    yield "extra-objects", _grown(
        size, f"{REPLICATED}extraDeploy:\n",
        lambda at: "  - apiVersion: v1\n    kind: ConfigMap\n    metadata:\n"
        f"      name: map-{at}\n    data:\n      key: value{at}{mark(at)}\n")
    yield "network-policy", _grown(
        size, f"{REPLICATED}networkPolicy:\n  enabled: true\n  extraIngress:\n",
        lambda at: f"    - ports:\n        - port: {1000 + at % 60000}\n      from:\n        - podSelector:\n"
        f"            matchLabels:\n              app: name-{at}{mark(at)}\n")
    yield "service-annotations", _grown(
        size, f"{REPLICATED}master:\n  service:\n    type: LoadBalancer\n    annotations:\n",
        lambda at: f'      service.beta.kubernetes.io/aws-x-{at}: "value {at}{mark(at)}"\n')
    yield "applications", _grown(
        size, "",
        lambda at: "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n"
        f"  name: redis-{at}\n  namespace: argocd\nspec:\n  project: default\n  source:\n"
        "    repoURL: registry-1.docker.io/bitnamicharts\n    chart: redis\n    targetRevision: 18.6.1\n    helm:\n"
        "      valuesObject:\n        architecture: replication\n        replica:\n"
        f"          replicaCount: {3 if mark(at) else 2}\n        nonsense: {at}\n")
    yield "old-list-items", _grown(
        size, f"{OLD}slave:\n  extraEnvVars:\n",
        lambda at: f'    - name: VAR_{at}\n      value: "some value {at}{mark(at)}"\n')
    yield "old-annotations", _grown(
        size, f"{OLD}  slaveCount: 3\nmaster:\n  podAnnotations:\n",
        lambda at: f'    example.com/annotation-{at}: "value {at}{mark(at)}"\n', "slave:\n  podAnnotations:\n    a: b\n")
    yield "old-directives", _grown(
        size, f"{OLD}configmap: |-\n", lambda at: f'  rename-command COMMAND{at} "x{at}{mark(at)}"\n')


def texts(size):
    for (name, one), (_, other) in zip(_shapes(size, False), _shapes(size, True), strict=True):
        yield name, one, other
