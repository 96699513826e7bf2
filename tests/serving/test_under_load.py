"""A server with a model that waits to be let go: full queues, time limits, hang-ups, the end."""

import concurrent.futures
import json
import signal
import socket
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.first_run import environment
from tests.serving.clients import Grpc, Rest
from tests.serving.test_json_request import ANYTHING
from tf_transformer.serving import Address, Limits, RunningServer, Server
from tf_transformer.serving.signature import Signature, Spec

TEXT = Spec("string", (None,))


class Waiting:
    """A model that answers with its input once its gate is open."""

    def __init__(self):
        self.signatures = {
            "serving_default": Signature("serving_default", {"text": TEXT}, {"text": TEXT})
        }
        self.signature_defs = {}
        self.gate = threading.Event()
        self.batches = []

    def function(self, signature):
        return self.answer

    def answer(self, inputs):
        self.batches.append(inputs["text"].tolist())
        assert self.gate.wait(30)
        return {"text": np.array(inputs["text"])}


@pytest.fixture
def model():
    return Waiting()


@pytest.fixture
def start(model, tmp_path):
    """Starts a server of one thread; what a test leaves running is stopped."""
    (tmp_path / "waiting" / "1").mkdir(parents=True)
    (tmp_path / "waiting" / "1" / "saved_model.pb").touch()
    running = []

    def start(**options):
        server = Server(
            tmp_path / "waiting",
            Address(rest_port=0, grpc_port=0),
            threads=1,
            load=lambda path: model,
            **options,
        )
        running.append(RunningServer(server))
        return running[-1]

    yield start
    model.gate.set()
    for each in running:
        each.stop()


@pytest.fixture
def clients():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        yield pool


def wait_for(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def ask(running, *texts):
    return Rest(running).predict({"instances": [*texts]}, "/v1/models/waiting")


def waiting_rows(running):
    return running.server.service.batcher.waiting_rows


def test_a_full_queue_answers_503_at_once(start, model, clients):
    running = start(max_waiting_rows=2)
    asked = [clients.submit(ask, running, "first")]
    wait_for(lambda: model.batches)
    asked.append(clients.submit(ask, running, "a", "b"))
    wait_for(lambda: waiting_rows(running) == 2)
    refused = ask(running, "c")
    assert refused.status_code == 503
    assert "The batch scheduling queue" in refused.json()["error"]
    with pytest.raises(grpc.RpcError) as caught:
        Grpc(running).predict("waiting", {"text": [b"c"]})
    assert caught.value.code().name == "UNAVAILABLE"
    model.gate.set()
    assert [each.result().status_code for each in asked] == [200, 200]


def test_what_takes_too_long_is_answered_504_and_frees_its_place(start, model, clients):
    running = start(limits=Limits(timeout=0.3))
    first = clients.submit(ask, running, "first")
    wait_for(lambda: model.batches)
    assert ask(running, "a").status_code == 504
    assert first.result().json() == {"error": "There was no answer within 0.3 s."}
    assert waiting_rows(running) == 0
    model.gate.set()
    wait_for(lambda: ask(running, "b").status_code == 200)
    assert [b"a"] not in model.batches


def test_who_hangs_up_frees_the_place(start, model, clients):
    running = start()
    first = clients.submit(ask, running, "first")
    wait_for(lambda: model.batches)
    body = b'{"instances": ["gone"]}'
    host, port = running.server.address.host, running.server.address.rest_port
    with socket.create_connection((host, port)) as client:
        head = f"POST /v1/models/waiting:predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
        client.sendall(head.encode() + b"\r\n\r\n" + body)
        wait_for(lambda: waiting_rows(running) == 1)
    wait_for(lambda: waiting_rows(running) == 0)
    call = Grpc(running)
    request = clients.submit(call.predict, "waiting", {"text": [b"gone"]})
    wait_for(lambda: waiting_rows(running) == 1)
    call.channel.close()
    wait_for(lambda: waiting_rows(running) == 0)
    assert request.exception()
    model.gate.set()
    assert first.result().status_code == 200
    assert model.batches == [[b"first"]]


def test_stopping_answers_what_has_begun_and_takes_nothing_new(start, model, clients):
    running = start()
    asked = [clients.submit(ask, running, "first")]
    wait_for(lambda: model.batches)
    asked += [clients.submit(ask, running, "a"), clients.submit(ask, running, "b")]
    asked.append(clients.submit(Grpc(running).predict, "waiting", {"text": [b"c"]}))
    wait_for(lambda: waiting_rows(running) == 3)
    stopping = clients.submit(running.stop)
    wait_for(lambda: not running.server.service.is_ready)
    wait_for(lambda: refuses(running))
    model.gate.set()
    stopping.result()
    assert [each.result().status_code for each in asked[:3]] == [200, 200, 200]
    assert asked[3].result()[0]["text"].tolist() == [b"c"]


def refuses(running):
    try:
        requests.get(f"{running.url}/healthz", timeout=5)
    except requests.ConnectionError:
        return True
    return False


def test_health_is_answered_while_a_model_loads_but_readiness_only_afterwards(tmp_path, model):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").touch()
    gate = threading.Event()

    def load(path):
        assert gate.wait(30)
        return model

    server = Server(tmp_path, Address(rest_port=0, grpc_port=0), load=load)
    starting = threading.Thread(target=RunningServer, args=[server])
    starting.start()
    try:
        wait_for(lambda: server.address.rest_port)
        url = f"http://127.0.0.1:{server.address.rest_port}"
        assert requests.get(f"{url}/healthz", timeout=5).status_code == 200
        assert requests.get(f"{url}/readyz", timeout=5).status_code == 503
        early = requests.post(f"{url}/v1/models/{tmp_path.name}:predict", data="{}", timeout=5)
        assert early.status_code == 404
        gate.set()
        starting.join()
        assert requests.get(f"{url}/readyz", timeout=5).status_code == 200
    finally:
        gate.set()
        server.stop()


def test_the_log_has_texts_only_if_asked(start, model):
    model.gate.set()
    for log_texts in (False, True):
        lines = []
        running = start(log=lines.append, log_texts=log_texts)
        ask(running, "um segredo")
        assert json.loads(lines[0]).get("texts") == (["um segredo"] if log_texts else None)
        assert ("segredo" in lines[0]) == log_texts


# Anything at all

PATHS = st.sampled_from(
    [
        *("/v1/models/waiting:predict", "/v1/models/waiting", "/v1/models/waiting/metadata"),
        *("/v1/models/x:predict", "/v1/models/waiting/labels/%FF:predict", "/v1/", "/%00", "//"),
        *(
            "/v1/models/waiting/versions/1:predict",
            "/v1/models/waiting/versions/99999999999999999999",
        ),
    ]
)
METHODS = st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
BODIES = st.one_of(
    ANYTHING.map(lambda value: json.dumps({"instances": value}).encode()),
    ANYTHING.map(lambda value: json.dumps({"inputs": value}).encode()),
    ANYTHING.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=80),
)
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "Content-Encoding", "Accept", "Origin", "Expect"]),
    st.sampled_from(["application/json", "gzip", "*/*", "http://x", "", "text/plain"]),
    max_size=2,
)


def answer_anything(running, examples, capfd):
    session = requests.Session()

    @given(METHODS, PATHS, BODIES, HEADERS)
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def answered(method, path, body, headers):
        answer = session.request(method, running.url + path, data=body, headers=headers, timeout=30)
        assert answer.status_code < 500, (answer.status_code, answer.text)
        assert "Traceback" not in answer.text

    answered()
    assert ask(running, "still here").json() == {"predictions": ["still here"]}
    assert "Traceback" not in capfd.readouterr().err


def test_no_request_makes_the_server_fail(start, model, capfd):
    model.gate.set()
    answer_anything(start(), 60, capfd)


@pytest.mark.long
def test_ten_thousand_requests_do_not_make_the_server_fail(start, model, capfd):
    model.gate.set()
    answer_anything(start(), 10_000, capfd)


# The program

SERVE = """
import sys, time
import tf_transformer.cli
import tf_transformer.serving.server as server
from tests.serving.test_under_load import TEXT, Waiting

class Slow(Waiting):
    def answer(self, inputs):
        print("begun", flush=True)
        time.sleep(1)
        return {"text": inputs["text"]}

init = server.Server.__init__
init.__kwdefaults__["load"] = lambda path: Slow()
sys.argv = ["tft", "serve", *sys.argv[1:]]
tf_transformer.cli.main()
"""


@pytest.mark.long  # it imports TensorFlow anew
def test_sigterm_ends_the_program_when_its_last_request_is_answered(start, tmp_path, clients):
    (tmp_path / "slow" / "1").mkdir(parents=True)
    (tmp_path / "slow" / "1" / "saved_model.pb").touch()
    arguments = ["--model_dir=slow", "--rest_port=0", "--grpc_port=0"]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, *arguments],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr.readline() == "version 1 serves\n"
        url = process.stderr.readline().removeprefix("slow is served: REST at ").partition(",")[0]
        body = {"instances": ["a"]}
        request = clients.submit(requests.post, f"{url}:predict", json=body, timeout=60)
        wait_for(lambda: request.done() or process.stdout.readline() == "begun\n")
        process.send_signal(signal.SIGTERM)
        assert request.result().json() == {"predictions": ["a"]}
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert json.loads(out)["code"] == "OK"
    finally:
        process.kill()
