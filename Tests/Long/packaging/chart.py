"""The Helm chart, rendered for many values: Kubernetes' schemas, restricted pods, and refusals of values that cannot work."""

import json
import sys

import yaml
from common import ROOT, TOOLS, run

CHART = ROOT / "deploy/helm/mynah"
VERSIONS = ["1.33", "1.34", "1.35", "1.36", "1.37"]
KEYS = {"settings": {"PUBLIC_URL": "https://চ্যাট.example.com"}, "secrets": {"SECRET_KEY": "s", "ENCRYPTION_KEY": "e"}}
DATABASE = {"secrets": {"DATABASE_URL": "postgres://mynah:p@db/mynah"}}
BUCKET = {"settings": {"FILES_URL": "s3://files"}}


def merged(*parts):
    """The values of all parts, with mappings merged."""
    values = {}
    for part in parts:
        for name, value in part.items():
            mapping = isinstance(value, dict) and isinstance(values.get(name), dict)
            values[name] = merged(values[name], value) if mapping else value
    return values


# Each with its values and the kinds that are rendered besides those of every release.
GOOD = {
    "one pod with SQLite": ({}, set()),
    "without a volume": ({"persistence": {"enabled": False}}, set()),
    "an existing volume": ({"persistence": {"existingClaim": "mine"}}, set()),
    "a storage class": ({"persistence": {"storageClass": "fast", "size": "1Ti"}}, set()),
    "an existing secret": ({"existingSecret": "mine", "secrets": None}, set()),
    "three pods": (merged(DATABASE, BUCKET, {"replicas": 3, "persistence": {"enabled": False}}), {"PodDisruptionBudget"}),
    "a shared volume": (
        merged(DATABASE, {"replicas": 2, "persistence": {"accessModes": ["ReadWriteMany"]}}), {"PodDisruptionBudget"}),
    "a secret with the database": (
        merged(BUCKET, {"existingSecret": "mine", "secrets": None, "replicas": 2}), {"PodDisruptionBudget"}),
    "autoscaling": (
        merged(DATABASE, BUCKET, {"autoscaling": {"enabled": True}}), {"PodDisruptionBudget", "HorizontalPodAutoscaler"}),
    "an ingress with TLS": (
        {"ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls", "annotations": {"a/b": "c"}}}, {"Ingress"}),
    "a plain ingress": ({"ingress": {"enabled": True, "host": "mynah.internal"}}, {"Ingress"}),
    "a digest": ({"image": {"repository": "registry.example/mynah", "digest": "sha256:" + "0" * 64}}, set()),
    "placement": (
        {"nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "k", "operator": "Exists"}], "topologySpread": False,
         "affinity": {"nodeAffinity": {}}, "imagePullSecrets": [{"name": "pull"}], "podAnnotations": {"a": "b"}}, set()),
    "callers of one namespace": (
        {"networkPolicy": {"from": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]}}, set()),
    "settings of every kind": (
        {"settings": {"PORT": 8000, "RATE_LIMIT": "120/minute", "MAIL_FROM": "মাইনা <m@example.com>", "SHUTDOWN_GRACE": 5,
                      "EMAIL_VERIFICATION": "on"}, "secrets": {"SMTP_URL": "smtp://u:p'\"{}@h"}}, set()),
}
BAD = {
    "PUBLIC_URL": {"settings": {"PUBLIC_URL": ""}},
    "SECRET_KEY": {"secrets": {"SECRET_KEY": ""}},
    "PostgreSQL": {"replicas": 2},
    "ReadWriteMany": merged(DATABASE, {"replicas": 2}),
}


def render(name, values, check=True):
    """Returns what Helm made of the values."""
    file = ROOT / ".build/long/packages" / "values.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(merged(KEYS, values), ensure_ascii=False), encoding="utf-8")
    return run(TOOLS / "helm-program", "template", "release", CHART, "--namespace", "chat", "--values", file, check=check)


def check_restricted(deployment):
    """What the Pod Security Standard `restricted` demands, and a root that cannot be written."""
    pod = deployment["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert not pod["automountServiceAccountToken"] and not pod.get("hostNetwork")
    assert all({"persistentVolumeClaim", "emptyDir"} & volume.keys() for volume in pod["volumes"])
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()


def check(name, values, kinds):
    documents = [one for one in yaml.safe_load_all(render(name, values).stdout) if one]
    rendered = {one["kind"] for one in documents}
    always = {"Deployment", "Service", "ConfigMap", "ServiceAccount", "NetworkPolicy"}
    assert always | kinds <= rendered <= always | kinds | {"Secret", "PersistentVolumeClaim"}, (name, rendered)
    import kubernetes_validate

    for document in documents:
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)
        if document["kind"] == "Deployment":
            check_restricted(document)
            strategy = document["spec"]["strategy"]["type"]
            assert (strategy == "RollingUpdate") == ("PodDisruptionBudget" in kinds), (name, strategy)
    return documents


def main():
    """Checks all values; returns a line for the report."""
    sys.path.insert(0, str(TOOLS))
    run(TOOLS / "helm-program", "lint", "--strict", CHART, "--set", "settings.PUBLIC_URL=https://a.example",
        "--set", "secrets.SECRET_KEY=s,secrets.ENCRYPTION_KEY=e")
    count = sum(len(check(name, *one)) for name, one in GOOD.items())
    for word, values in BAD.items():
        refused = render(word, values, check=False)
        assert refused.returncode != 0 and word in refused.stdout, refused.stdout
    folder = ROOT / ".build/long/packages/manifests"
    folder.mkdir(parents=True, exist_ok=True)
    run(ROOT / "scripts/make-manifests", folder)
    same = (folder / "mynah.yaml").read_text() == (ROOT / "deploy/kubernetes/mynah.yaml").read_text()
    assert same, "deploy/kubernetes/mynah.yaml is not what the chart makes: run 'make manifests'"
    return f"{len(GOOD)} sets of values, {count} objects valid for Kubernetes {', '.join(VERSIONS)}, {len(BAD)} refused"
