"""The server on Ray Serve: the same answers as from `tft serve`, and replicas that may die."""

import concurrent.futures
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest
import requests
import yaml

from tests.first_run import CHECKOUT, environment
from tests.serving.capitals import export
from tests.serving.clients import Grpc, predict_request
from tf_transformer.export.messages import message_class
from tf_transformer.serving import start_server

pytest.importorskip("ray", reason="needs Ray Serve: pip install '.[ray]'")
pytestmark = pytest.mark.long  # Ray takes a minute to start, each replica imports TensorFlow

SLOWEST_START = 900  # seconds
TRIES = 3  # Ray gives each of its parts some seconds to start, which other work may need
MODEL = "/v1/models/capitals"
QUIET = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # all of Ray's ports are on this machine
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",  # a token would be written into the user's home
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "tf_transformer.serving.ray_proxy.middlewares",
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",  # on a machine that has other work
    "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "60",
}


class RayServer:
    """`serve run` with the YAML file of `deploy`, on free ports, with gRPC and two replicas."""

    def __init__(self, directory, model_dir):
        rest_port, grpc_port = free_port(), free_port()
        self.url, self.grpc_address = f"http://127.0.0.1:{rest_port}", f"127.0.0.1:{grpc_port}"
        config = yaml.safe_load((CHECKOUT / "deploy" / "ray" / "serve.yaml").read_text())
        config["http_options"]["port"] = rest_port
        config["grpc_options"] = {
            "port": grpc_port,
            "grpc_servicer_functions": ["tf_transformer.serving.grpc_names.add_services"],
        }
        (application,) = config["applications"]
        application["args"] = {"model_dir": str(model_dir), "poll_seconds": 0.5}
        (replica,) = application["deployments"]
        replica["ray_actor_options"]["num_cpus"] = 0.1
        replica["autoscaling_config"].update({"min_replicas": 2, "max_replicas": 2})
        self.path, self.log = directory / "serve.yaml", directory / "log"
        self.path.write_text(yaml.safe_dump(config))

    def start(self):
        for _ in range(TRIES):
            with self.log.open("w") as log:
                self.process = subprocess.Popen(
                    [Path(sys.executable).with_name("serve"), "run", self.path],
                    env=environment() | QUIET,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            if self._is_ready():
                return
            self.stop()
        raise AssertionError(self.log.read_text())

    def _is_ready(self):
        """Wait until it answers; return whether it does."""
        end = time.monotonic() + SLOWEST_START
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.url}/readyz", timeout=30).ok:
                    return True
            time.sleep(1)
        return False

    def stop(self):
        """Stop Ray; what survives is killed by its number."""
        family = descendants(self.process.pid)
        self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(120)
        self.process.kill()
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def descendants(pid):
    """Return the numbers of the processes that a process has started, directly or not."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found[1:]


def replicas(server):
    """Return the numbers of the processes that answer."""
    names = {pid: Path(f"/proc/{pid}/cmdline") for pid in descendants(server.process.pid)}
    return [pid for pid, name in names.items() if "ServeReplica" in name.read_text()]


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    directory = tmp_path_factory.mktemp("ray") / "capitals"
    export(directory, "!", slow=True)
    (directory / "page").mkdir()
    (directory / "page" / "index.html").write_text("<h1>Olá</h1>", encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def server(model_dir):
    running = RayServer(model_dir.parent, model_dir)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def usual(model_dir):
    with start_server(model_dir) as running:
        yield running


REQUESTS = [
    ("POST", f"{MODEL}:predict", '{"instances": ["olá", "a b", ""]}'),
    ("POST", f"{MODEL}/versions/1:predict", '{"inputs": {"text": ["olá", "🙂"]}}'),
    ("POST", f"{MODEL}:predict", '{"signature_name": "translate_beam", "instances": ["a"]}'),
    ("POST", f"{MODEL}:predict", '{"signature_name": "fail", "instances": ["a"]}'),
    ("POST", f"{MODEL}:predict", '{"instances": [{"b64": "/w=="}]}'),
    ("POST", f"{MODEL}:predict", '{"instances": [7]}'),
    ("POST", f"{MODEL}:predict", "{"),
    ("POST", f"{MODEL}:predict", ""),
    ("POST", "/v1/models/x:predict", "{}"),
    ("POST", f"{MODEL}/labels/x:predict", "{}"),
    ("POST", f"{MODEL}:classify", "{}"),
    ("PUT", f"{MODEL}:predict", "{}"),
    ("GET", MODEL, None),
    ("GET", f"{MODEL}/versions/7", None),
    ("GET", f"{MODEL}/versions/{2**63}", None),
    ("GET", "/v2/models", None),
    ("GET", "/healthz", None),
    ("GET", "/", None),
    ("GET", "/page.js", None),
]


def test_rest_gives_byte_for_byte_what_tft_serve_gives(server, usual):
    both = (server, usual)
    for method, path, body in REQUESTS:
        told = [
            requests.request(method, each.url + path, data=body and body.encode(), timeout=60)
            for each in both
        ]
        ours, theirs = ((x.status_code, x.content, x.headers["Content-Type"]) for x in told)
        assert ours == theirs, path
    told = [requests.get(f"{each.url}{MODEL}/metadata", timeout=60).json() for each in both]
    assert told[0] == told[1]  # in any order: a protobuf's map has none


def test_grpc_gives_byte_for_byte_what_tft_serve_gives(server, usual):
    request = predict_request("capitals", {"text": ["olá".encode(), b"\xff"]})
    ours, theirs = (
        Grpc(each).call("PredictionService", "Predict", request) for each in (server, usual)
    )
    assert ours.outputs
    assert sorted(ours.outputs, key=str) == sorted(theirs.outputs, key=str)
    assert ours.model_spec == theirs.model_spec
    state = message_class("GetModelStatusRequest")()
    state.model_spec.name = "capitals"
    ours, theirs = (
        Grpc(each).call("ModelService", "GetModelStatus", state) for each in (server, usual)
    )
    assert ours == theirs


@pytest.mark.parametrize(("name", "code"), [("x", "NOT_FOUND"), ("capitals", "INVALID_ARGUMENT")])
def test_grpc_refuses_as_tft_serve_does_and_shows_nothing_of_the_inside(server, usual, name, code):
    refusals = []
    for each in (server, usual):
        with pytest.raises(grpc.RpcError) as caught:
            Grpc(each).predict(name, {})
        refusals.append((caught.value.code().name, caught.value.details()))
    assert refusals[0] == refusals[1]
    assert refusals[0][0] == code
    assert "Traceback" not in refusals[0][1]


def test_it_listens_on_this_machine_alone(server):
    """Except for gRPC, which Ray opens to all, and which the file therefore leaves out."""
    port = server.url.rpartition(":")[2]
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    addresses = {
        line.split()[1].partition(":")[0]
        for line in listening.splitlines()
        if line.split()[1].endswith(f":{int(port):04X}") and line.split()[3] == "0A"
    }
    assert addresses == {"0100007F"}


def test_a_replica_that_is_killed_under_load_costs_its_own_requests_at_most(server):
    first, stop, statuses = replicas(server), False, []
    assert len(first) == 2

    def ask():
        with requests.Session() as session:
            while not stop:
                body = {"signature_name": "slow", "instances": ["a"]}
                answer = session.post(f"{server.url}{MODEL}:predict", json=body, timeout=120)
                statuses.append(answer.status_code)

    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        asking = [clients.submit(ask) for _ in range(4)]
        try:
            wait_for(lambda: len(statuses) > 20)
            os.kill(first[0], signal.SIGKILL)
            now = len(statuses)
            wait_for(lambda: len(statuses) > now + 40)
            wait_for(lambda: len({*replicas(server)} - {first[0]}) == 2)
        finally:
            stop = True
        [each.result() for each in asking]
    failed = [status for status in statuses if status != 200]
    assert 0 < len(failed) <= 4  # it had some in its hands, and there are no more clients
    assert {*failed} == {503}


def wait_for(condition):
    end = time.monotonic() + SLOWEST_START
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.2)
