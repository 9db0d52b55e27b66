"""Manifests for Kubernetes: a StatefulSet whose pods know their number, services, a router.

Scalars are JSON strings, which YAML reads alike; `$(NAME)` is Kubernetes' own reference to a
variable of the container.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from longctx.errors import UsageError
from longctx.serving import shell
from longctx.serving.launches import HEAD, NODE_RANK, Var

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.serving.launches import Launch, Process, Text

LOADING = 60
"""Probes of 30 seconds that a server may load for."""


def scalar(text: Text) -> str:
    said = "".join(
        f"$({piece.name})" if isinstance(piece, Var) else piece.replace("$(", "$$(")
        for piece in text
    )
    return json.dumps(said, ensure_ascii=False)


def text(launch: Launch) -> str:
    """All manifests, one after another."""
    if not launch.image:
        raise UsageError(f"no container image is known for {launch.engine}: name one with --image")
    parts = ["\n".join(_set(launch)), "\n".join(_peers(launch))]
    if launch.router is not None:
        parts.append("\n".join(_router(launch, launch.router)))
    parts.append("\n".join(_service(launch)))
    lines = [*shell.comments(launch), "#", "# kubectl apply -f FILE"]
    if launch.key:
        lines.append(
            f"# the key: kubectl create secret generic {launch.name}"
            f' --from-literal={launch.key}="${launch.key}"'
        )
    return "\n".join((*lines, "\n---\n".join(parts), ""))


def _set(launch: Launch) -> Iterator[str]:
    server = launch.servers[0]
    pods = launch.nodes if launch.nodes > 1 else len(launch.servers)
    yield "apiVersion: apps/v1"
    yield "kind: StatefulSet"
    yield f"metadata: {{name: {launch.name}}}"
    yield "spec:"
    yield f"  serviceName: {launch.name}-peers"
    yield f"  replicas: {pods}"
    yield "  podManagementPolicy: Parallel"
    yield f"  selector: {{matchLabels: {{app: {launch.name}}}}}"
    yield "  template:"
    yield f"    metadata: {{labels: {{app: {launch.name}}}}}"
    yield "    spec:"
    yield "      containers:"
    yield "        - name: server"
    yield f"          image: {scalar((launch.image,))}"
    yield "          command:"
    for word in _words(launch, server):
        yield f"            - {scalar(word)}"
    yield from _environment(launch)
    yield f"          ports: [{{containerPort: {server.port}}}]"
    if server.gpus:
        yield f"          resources: {{limits: {{nvidia.com/gpu: {server.gpus}}}}}"
    if launch.nodes == 1:
        probe = f"httpGet: {{path: {server.health}, port: {server.port}}}, timeoutSeconds: 20"
        yield f"          startupProbe: {{{probe}, periodSeconds: 30, failureThreshold: {LOADING}}}"
        yield f"          readinessProbe: {{{probe}, periodSeconds: 30}}"
    yield "          volumeMounts:"
    yield "            - {name: shm, mountPath: /dev/shm}"
    yield "            - {name: models, mountPath: /root/.cache/huggingface}"
    yield "      volumes:"
    yield "        - {name: shm, emptyDir: {medium: Memory}}"
    yield "        - {name: models, emptyDir: {}}   # a PersistentVolumeClaim spares the download"


def _words(launch: Launch, server: Process) -> Iterator[Text]:
    """The command; over several machines a shell first reads the pod's number from its name."""
    if launch.nodes == 1:
        # All pods run one command, each on a machine of its own.
        yield from server.words
        return
    said = " ".join(shell.word(word) for word in server.words)
    yield ("bash",)
    yield ("-euc",)
    # Kubernetes must not take the shell's own "$(" for a variable: there is none in it.
    yield (f'export {NODE_RANK.name}="${{HOSTNAME##*-}}"; exec {said}',)


def _environment(launch: Launch) -> Iterator[str]:
    if launch.nodes == 1 and not launch.key:
        return
    yield "          env:"
    if launch.nodes > 1:
        yield f"            - {{name: {HEAD.name}, value: {launch.name}-0.{launch.name}-peers}}"
    if launch.key:
        yield f"            - name: {launch.key}"
        key = f"{{name: {launch.name}, key: {launch.key}}}"
        yield f"              valueFrom: {{secretKeyRef: {key}}}"


def _peers(launch: Launch) -> Iterator[str]:
    yield "apiVersion: v1"
    yield "kind: Service"
    yield f"metadata: {{name: {launch.name}-peers}}"
    yield "spec:"
    yield "  clusterIP: None"
    yield "  publishNotReadyAddresses: true"
    yield f"  selector: {{app: {launch.name}}}"
    yield f"  ports: [{{port: {launch.servers[0].port}}}]"


def _router(launch: Launch, router: Process) -> Iterator[str]:
    first = launch.servers[0]
    urls = iter(
        f"http://{launch.name}-{index}.{launch.name}-peers:{first.port}"
        for index in range(len(launch.servers))
    )
    yield "apiVersion: apps/v1"
    yield "kind: Deployment"
    yield f"metadata: {{name: {launch.name}-router}}"
    yield "spec:"
    yield "  replicas: 1"
    yield f"  selector: {{matchLabels: {{app: {launch.name}-router}}}}"
    yield "  template:"
    yield f"    metadata: {{labels: {{app: {launch.name}-router}}}}"
    yield "    spec:"
    yield "      containers:"
    yield "        - name: router"
    yield f"          image: {scalar((launch.image,))}"
    yield "          command:"
    for word in router.words:
        if word and isinstance(word[0], str) and word[0].startswith("http://127.0.0.1:"):
            word = (next(urls),)
        yield f"            - {scalar(word)}"
    yield f"          ports: [{{containerPort: {router.port}}}]"
    probe = f"httpGet: {{path: {router.health}, port: {router.port}}}"
    yield f"          readinessProbe: {{{probe}, periodSeconds: 30}}"


def _service(launch: Launch) -> Iterator[str]:
    app = launch.name if launch.router is None else f"{launch.name}-router"
    yield "apiVersion: v1"
    yield "kind: Service"
    yield f"metadata: {{name: {launch.name}}}"
    yield "spec:"
    # Of several machines only the first answers requests.
    head = f"statefulset.kubernetes.io/pod-name: {launch.name}-0"
    yield f"  selector: {{{head if launch.nodes > 1 else f'app: {app}'}}}"
    yield f"  ports: [{{port: {launch.port}}}]"
