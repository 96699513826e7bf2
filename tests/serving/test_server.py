"""A server with a real, small SavedModel: REST, gRPC, versions, limits and the end."""

import asyncio
import concurrent.futures
import json
import shutil
import socket
import time

import grpc
import pytest
import tensorflow as tf
from google.protobuf import any_pb2
from tensorflow.core.protobuf import meta_graph_pb2

from tests.serving.capitals import export
from tests.serving.clients import Grpc, Rest
from tf_transformer.errors import UserError
from tf_transformer.export.messages import message_class
from tf_transformer.serving import Limits, start_server
from tf_transformer.serving.server import listening

M = "/v1/models/capitals"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Three versions of a model, apart: where they are served, one is copied after the other."""
    directory = tmp_path_factory.mktemp("exported") / "capitals"
    for mark in "!?.":
        export(directory, mark)
    return directory


@pytest.fixture
def model_dir(exported, tmp_path):
    directory = tmp_path / "capitals"
    directory.mkdir()
    add(exported, directory, 1)
    return directory


def add(exported, directory, version):
    shutil.copytree(exported / str(version), directory / f".{version}")
    (directory / f".{version}").rename(directory / str(version))


@pytest.fixture(scope="module")
def lines():
    return []


@pytest.fixture(scope="module")
def server(exported, tmp_path_factory, lines):
    directory = tmp_path_factory.mktemp("served") / "capitals"
    directory.mkdir()
    add(exported, directory, 1)
    with start_server(directory, log=lines.append) as running:
        yield running


@pytest.fixture(scope="module")
def rest(server):
    return Rest(server)


def wait_for(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


# The page


def test_the_page_is_shown_as_soon_as_it_is_there(server, rest, tmp_path):
    page = server.server.versions.directory / "page"
    missing = rest.get("/")
    assert missing.status_code == 404
    assert f"make it with tft page --run_dir=RUN --export={page}, where" in missing.json()["error"]
    page.mkdir()
    (page / "index.html").write_text("<h1>Olá</h1>", encoding="utf-8")
    (page / "page.js").write_text("1 + 1", encoding="utf-8")
    (page.parent / "secret").write_text("mine")
    try:
        shown = rest.get("/")
        assert (shown.status_code, shown.text) == (200, "<h1>Olá</h1>")
        assert shown.headers["Content-Type"].startswith("text/html")
        assert rest.get("/page.js").headers["Content-Type"].startswith("text/javascript")
        assert rest.get("/v1/models/capitals").status_code == 200
        for path in ("/other.js", "/../secret", "/%2e%2e/secret", "/..%2fsecret", "/%00"):
            assert rest.get(path).status_code == 404
        assert rest.send("POST", "/").status_code == 404
    finally:
        shutil.rmtree(page)


def test_a_folder_without_a_page_is_refused(model_dir, tmp_path):
    with pytest.raises(UserError, match=r"has no index\.html: make a page with tft page"):
        start_server(model_dir, page_dir=tmp_path)


# REST


def test_rows_and_columns_are_answered(rest):
    rows = rest.predict({"instances": ["olá", ""]})
    assert (rows.status_code, rows.headers["Content-Type"]) == (200, "application/json")
    assert rows.json() == {
        "predictions": [
            {"translation": "OLÁ!", "score": -1.3333334},
            {"translation": "!", "score": -0.0},
        ]
    }
    columns = rest.predict({"inputs": {"text": ["a"]}, "signature_name": "translate_beam"})
    assert columns.json() == {"outputs": [["A!", "a"]]}
    assert rest.predict({"inputs": []}).json() == {"outputs": {"translation": [], "score": []}}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("POST", f"{M}:predict", "", 400, "JSON Parse error: The document is empty"),
        ("POST", "/v1/models/x:predict", "{", 400, "JSON Parse error: Missing a name for object"),
        ("POST", "/v1/models/x:predict", "{}", 404, "Servable not found for request: Latest(x)"),
        (
            *("POST", f"{M}/versions/7:predict", "{}", 404),
            "Servable not found for request: Specific(capitals, 7)",
        ),
        ("POST", f"{M}/labels/x:predict", "{}", 400, "Unrecognized servable version label: x"),
        ("POST", f"{M}:predict", "{}", 400, "Missing 'inputs' or 'instances' key"),
        ("POST", f"{M}:classify", "{}", 501, "This server predicts; it does not classify."),
        ("GET", f"{M}:predict", None, 400, f"Malformed request: GET {M}:predict"),
        ("PUT", f"{M}:predict", "{}", 400, f"Malformed request: PUT {M}:predict"),
        ("GET", "/v1/models", None, 400, "Missing model name in request."),
        ("GET", "/v1/models/x", None, 404, "Could not find any versions of model x"),
        ("GET", f"{M}/versions/7", None, 404, "Could not find version 7 of model capitals"),
        ("GET", "/v1/models/x/metadata", None, 404, "Servable not found for request: Latest(x)"),
        ("GET", "/v2/models", None, 404, "Not Found"),
    ],
)
def test_what_is_wrong_has_tensorflow_serving_s_status_and_words(
    rest, method, path, body, status, says
):
    answer = rest.send(method, path, data=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    assert [*answer.json()] == ["error"]
    assert says in answer.json()["error"]
    assert answer.text.startswith('{\n    "error": ')


def test_a_version_beyond_int64_and_options_have_no_body(rest):
    answer = rest.get(f"{M}/versions/{2**63}")
    assert (answer.status_code, answer.content) == (400, b"")
    refused = rest.send("OPTIONS", M)
    assert (refused.status_code, refused.content) == (400, b"")


def test_a_failure_of_the_model_is_a_status_and_no_traceback(rest, capfd):
    answer = rest.predict({"instances": ["a"], "signature_name": "fail"})
    assert answer.status_code == 400
    assert "none, please" in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert "Traceback" not in capfd.readouterr().err


def test_status_and_metadata_are_told(rest):
    status = {"error_code": "OK", "error_message": ""}
    state = {"version": "1", "state": "AVAILABLE", "status": status}
    assert rest.get(M).json() == {"model_version_status": [state]}
    metadata = rest.get(f"{M}/metadata").json()
    assert metadata["model_spec"] == {"name": "capitals", "signature_name": "", "version": "1"}
    signature = metadata["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["method_name"] == "tensorflow/serving/predict"
    shape = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    text = signature["inputs"]["text"]
    assert (text["dtype"], text["tensor_shape"]) == ("DT_STRING", shape)


def test_health_and_figures(rest, lines):
    assert rest.get("/healthz").text == "ok\n"
    assert rest.get("/readyz").text == "ready\n"
    assert rest.predict({"instances": ["a", "bc"]}).ok
    metrics = rest.get("/monitoring/prometheus/metrics").text
    assert ':tensorflow:serving:request_count{model_name="capitals",status="OK"} ' in metrics
    latency = ':tensorflow:serving:request_latency_bucket{API="Predict",entrypoint="REST",le="10.0"'
    assert latency in metrics
    for name in ("runtime_latency", "tft_batch_rows", "tft_queue_rows 0", "tft_text_bytes_total"):
        assert name in metrics
    line = json.loads(lines[-1])
    assert (line["code"], line["rows"], line["text_bytes"]) == ("OK", 2, 3)
    assert "texts" not in line


def test_tokens_are_counted_where_the_answer_has_them(rest):
    def counts():
        lines = rest.get("/monitoring/prometheus/metrics").text.splitlines()
        figures = dict(line.rsplit(" ", 1) for line in lines if line.startswith("tft_"))
        return [float(figures[f"tft_{side}_tokens_total"]) for side in ("source", "target")]

    before = counts()
    assert rest.predict({"instances": ["a b c"]}).ok
    assert counts() == before
    asked = {"signature_name": "attend", "instances": ["a b c", "d"]}  # two rows are filled with ""
    assert rest.predict(asked).ok
    source, target = (after - was for after, was in zip(counts(), before, strict=True))
    assert (source, target) == (4, 2)


def test_what_has_one_size_for_all_texts_can_share_a_batch(server):
    _, model = server.server.versions.find()
    shares = {name: each.can_share_a_batch for name, each in model.signatures.items()}
    assert shares["serving_default"]
    assert shares["translate_beam"]  # whose graph does not know the size of its beam
    assert not shares["attend"]


def test_many_at_once_each_get_their_own_answer(rest):
    def ask(number):
        return rest.predict({"instances": [f"número {number}"]}).json()

    with concurrent.futures.ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(ask, range(64)))
    told = [answer["predictions"][0]["translation"] for answer in answers]
    assert told == [f"NÚMERO {number}!" for number in range(64)]


# gRPC


def test_grpc_answers_with_tensors(server):
    found, spec = Grpc(server).predict("capitals", {"text": ["olá".encode(), b"\xff"]})
    assert found["translation"].tolist() == ["OLÁ!".encode(), "\ufffd!".encode()]
    assert (spec.name, spec.version.value, spec.signature_name) == (
        *("capitals", 1, "serving_default"),
    )
    found, _ = Grpc(server).predict("capitals", {"text": [b"a"]}, output_filter=["score"])
    assert [*found] == ["score"]


@pytest.mark.parametrize(
    ("name", "inputs", "spec", "code", "says"),
    [
        ("x", {}, {}, "NOT_FOUND", "Servable not found for request: Latest(x)"),
        ("capitals", {}, {"version": 7}, "NOT_FOUND", "Specific(capitals, 7)"),
        ("capitals", {}, {"label": "x"}, "INVALID_ARGUMENT", "Unrecognized servable version label"),
        (
            *("capitals", {}, {"signature_name": "x"}, "FAILED_PRECONDITION"),
            'Serving signature key "x" not found.',
        ),
        (
            *("capitals", {}, {}, "INVALID_ARGUMENT"),
            "input size does not match signature: 0!=1 len({}) != len({text}). Sent extra: {}. "
            "Missing but required: {text}.",
        ),
        ("capitals", {"text": [1]}, {}, "INVALID_ARGUMENT", "Input text has type int32"),
        ("capitals", {"text": b"\x0f"}, {}, "INVALID_ARGUMENT", "Input text is no valid tensor"),
        (
            *("capitals", {"text": [b"a"]}, {"output_filter": ["x"]}, "INVALID_ARGUMENT"),
            "output tensor alias not found in signature: x",
        ),
    ],
)
def test_grpc_refuses_with_codes(server, name, inputs, spec, code, says):
    with pytest.raises(grpc.RpcError) as caught:
        Grpc(server).predict(name, inputs, **spec)
    assert caught.value.code().name == code
    assert says in caught.value.details()


def test_a_few_bytes_cannot_claim_a_tensor_of_any_size(server):
    tensor = tf.make_tensor_proto([b"a"])
    tensor.tensor_shape.dim[0].size = 10**12
    with pytest.raises(grpc.RpcError, match="at most 1000 rows"):
        Grpc(server).predict("capitals", {"text": tensor.SerializeToString()})


def test_grpc_tells_status_and_metadata(server):
    client = Grpc(server)
    (status,) = client.about("ModelService", "GetModelStatus", "capitals").model_version_status
    assert (status.version, status.state, status.status.error_code) == (1, 30, 0)
    about = ("PredictionService", "GetModelMetadata", "capitals")
    (entry,) = client.about(*about, metadata_field=["signature_def"]).metadata
    packed = any_pb2.Any.FromString(entry.value)
    assert packed.type_url.endswith("/tensorflow.serving.SignatureDefMap")
    signatures = message_class("SignatureDefMap").FromString(packed.value).signature_def
    by_name = {each.key: meta_graph_pb2.SignatureDef.FromString(each.value) for each in signatures}
    assert [*by_name["serving_default"].inputs] == ["text"]
    with pytest.raises(grpc.RpcError, match="at least one metadata_field"):
        client.about(*about)


# Versions


def test_a_new_version_takes_over_without_a_failed_request(exported, model_dir):
    with start_server(model_dir, poll_seconds=0.05) as running:
        rest, told, stop = Rest(running), [], False

        def ask():
            while not stop:
                answer = rest.predict({"instances": ["a"]})
                told.append((answer.status_code, answer.json()["predictions"][0]["translation"]))

        with concurrent.futures.ThreadPoolExecutor(4) as clients:
            asking = [clients.submit(ask) for _ in range(4)]
            try:
                wait_for(lambda: told)
                add(exported, model_dir, 2)
                wait_for(lambda: told[-1] == (200, "A?"))
            finally:
                stop = True
            [each.result() for each in asking]
        assert {*told} == {(200, "A!"), (200, "A?")}
        states = rest.get(M).json()["model_version_status"]
        assert [(x["version"], x["state"]) for x in states] == [("2", "AVAILABLE"), ("1", "END")]


def test_a_damaged_version_is_refused_and_the_old_one_stays(exported, model_dir):
    with start_server(model_dir, poll_seconds=0.05) as running:
        rest = Rest(running)
        (model_dir / "2").mkdir()
        (model_dir / "2" / "saved_model.pb").write_bytes(b"damaged")
        wait_for(lambda: '"END"' in rest.get(f"{M}/versions/2").text)
        (state,) = rest.get(f"{M}/versions/2").json()["model_version_status"]
        assert (state["version"], state["status"]["error_code"]) == ("2", "INTERNAL")
        assert "damaged" in state["status"]["error_message"]
        assert rest.predict({"instances": ["a"]}).json()["predictions"][0]["translation"] == "A!"


def test_labels_name_versions(exported, model_dir):
    add(exported, model_dir, 2)
    (model_dir / "labels.json").write_text('{"stable": 1, "canary": 2}')
    with start_server(model_dir) as running:
        rest = Rest(running)
        for path, says in (("labels/stable", "A!"), ("labels/canary", "A?"), ("versions/1", "A!")):
            answer = rest.predict({"inputs": ["a"]}, f"{M}/{path}")
            assert answer.json()["outputs"]["translation"] == [says]


# Limits


def test_limits_are_told(model_dir):
    limits = Limits(max_rows=2, max_text_bytes=5, max_body_bytes=300, timeout=20)
    with start_server(model_dir, limits=limits) as running:
        rest = Rest(running)
        assert rest.predict({"instances": ["aaaaa", "b"]}).ok
        rows = rest.predict({"instances": ["a", "b", "c"]})
        assert (rows.status_code, "at most 2" in rows.json()["error"]) == (400, True)
        long = rest.predict({"instances": ["a", "olá, olá"]})
        assert "Row 1 of input text has 10 bytes" in long.json()["error"]
        large = rest.predict({"instances": ["a" * 300]})
        assert (large.status_code, "more than 300 bytes" in large.json()["error"]) == (413, True)
        with pytest.raises(grpc.RpcError) as caught:
            Grpc(running).predict("capitals", {"text": [b"a" * 400]})
        assert caught.value.code().name == "RESOURCE_EXHAUSTED"


def test_a_token_keeps_others_out(model_dir):
    with start_server(model_dir, limits=Limits(token="secret")) as running:
        other, friend = Rest(running), Rest(running, {"Authorization": "Bearer secret"})
        for path in (M, "/monitoring/prometheus/metrics"):
            assert other.get(path).status_code == 401
            assert friend.get(path).status_code == 200
        assert other.get("/readyz").status_code == 200
        with pytest.raises(grpc.RpcError) as caught:
            Grpc(running).predict("capitals", {"text": [b"a"]})
        assert caught.value.code().name == "UNAUTHENTICATED"
        found, _ = Grpc(running, "secret").predict("capitals", {"text": [b"a"]})
        assert found["translation"].tolist() == [b"A!"]


# Start and end


def test_a_port_that_is_taken_is_told(model_dir):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for name in ("rest_port", "grpc_port"):
            with pytest.raises(UserError, match=f"{name}={port} is taken"):
                start_server(model_dir, **{name: port})


def test_an_answer_is_sent_without_waiting_for_the_client():
    async def is_sent_at_once():
        connections = asyncio.Queue()
        with listening("127.0.0.1", 0) as listener:
            server = await asyncio.start_server(
                lambda reader, writer: connections.put(writer), sock=listener
            )
            _, client = await asyncio.open_connection(*listener.getsockname())
            connection = await connections.get()
            option = connection.get_extra_info("socket").getsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY
            )
            for each in (client, connection, server):
                each.close()
            return option != 0

    assert asyncio.run(is_sent_at_once())


def test_a_directory_without_a_model_is_told(model_dir, tmp_path):
    with pytest.raises(UserError, match="is not a directory"):
        start_server(tmp_path / "nowhere")
    with pytest.raises(UserError, match="holds no SavedModel"):
        start_server(tmp_path)
    with pytest.raises(UserError, match="is a version of a model"):
        start_server(model_dir / "1")


def test_a_model_that_is_damaged_from_the_start_is_told(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").write_bytes(b"damaged")
    with pytest.raises(UserError, match="no version of the model can be served"):
        start_server(tmp_path)
