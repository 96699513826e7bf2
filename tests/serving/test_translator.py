"""A real translator behind the server: byte for byte what the SavedModel gives in Python."""

import numpy as np
import pytest
import tensorflow as tf

from tests.serving.clients import Grpc, Rest, predict_request
from tf_transformer.export import load_saved_model
from tf_transformer.serving import start_server

TEXTS = [
    "o gato vê um livro.",
    "a menina compra três pães? O pescador pinta o navio!",
    "",
    "Ωmega 🙂 o gato",
    "a minha irmã não tem a porta azul. " * 9,
]
pytestmark = pytest.mark.long  # the model is loaded twice, and warmed up

SIGNATURES = ["serving_default", "translate_beam", "attend", "embed"]


@pytest.fixture(scope="module")
def model(first_run):
    return load_saved_model(first_run.model_dir)


@pytest.fixture(scope="module")
def server(first_run):
    with start_server(first_run.model_dir) as running:
        yield running


@pytest.fixture(scope="module")
def answers(model):
    """What the SavedModel gives in Python, by signature."""
    texts = tf.constant(TEXTS)
    called = {name: model.signatures[name](text=texts) for name in SIGNATURES}
    return {
        name: {key: value.numpy() for key, value in outputs.items()}
        for name, outputs in called.items()
    }


def as_tensors(listed, like):
    """Return what JSON says as arrays of the types that some arrays have."""
    found = {name: np.array(listed[name], like[name].dtype) for name in like}
    for name in like:
        if like[name].dtype == object:
            found[name] = np.vectorize(str.encode, otypes=[object])(found[name])
    return found


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].shape == tensor.shape
        if tensor.dtype == object:
            assert found[name].tolist() == tensor.tolist()
        else:
            assert found[name].tobytes() == tensor.tobytes()


@pytest.mark.parametrize("name", SIGNATURES)
def test_rest_gives_byte_for_byte_what_python_gives(server, answers, name):
    body = {"signature_name": name, "inputs": {"text": TEXTS}}
    outputs = Rest(server).predict(body, "/v1/models/mine").json()["outputs"]
    if len(answers[name]) == 1:
        outputs = dict.fromkeys(answers[name], outputs)
    assert_same(as_tensors(outputs, answers[name]), answers[name])


@pytest.mark.parametrize("name", SIGNATURES)
def test_grpc_gives_byte_for_byte_what_python_gives(server, answers, name):
    texts = [text.encode() for text in TEXTS]
    found, _ = Grpc(server).predict("mine", {"text": texts}, signature_name=name)
    assert_same(found, answers[name])


def test_all_signatures_but_attend_share_batches(server):
    _, model = server.server.versions.find()
    shares = {name: model.signatures[name].can_share_a_batch for name in SIGNATURES}
    assert shares == {**dict.fromkeys(SIGNATURES, True), "attend": False}


def test_rows_have_the_form_that_the_book_shows(server, answers):
    answer = Rest(server).predict({"instances": TEXTS}, "/v1/models/mine").json()
    translations = [row["translation"].encode() for row in answer["predictions"]]
    assert translations == answers["serving_default"]["translation"].tolist()
    assert {*answer["predictions"][0]} == {*answers["serving_default"]}


def test_tensorflow_serving_s_own_stubs_are_answered(server, answers):
    apis = pytest.importorskip("tensorflow_serving.apis", reason="needs the extra dev")
    grpc = pytest.importorskip("grpc")
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,
        get_model_status_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_service_pb2_grpc,
    )

    assert apis
    channel = grpc.insecure_channel(server.grpc_address)
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    for name in SIGNATURES:
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = "mine", name
        request.inputs["text"].CopyFrom(tf.make_tensor_proto(TEXTS))
        ours = predict_request("mine", {"text": TEXTS}, signature_name=name)
        assert len(ours.SerializeToString()) == request.ByteSize()
        found = stub.Predict(request, timeout=60)
        assert found.model_spec.version.value == 1
        assert_same({key: tf.make_ndarray(x) for key, x in found.outputs.items()}, answers[name])
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "mine"
    packed = stub.GetModelMetadata(request, timeout=60).metadata["signature_def"]
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert packed.Unpack(signatures)
    assert {*SIGNATURES} <= {*signatures.signature_def}
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "mine"
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    (state,) = stub.GetModelStatus(request, timeout=60).model_version_status
    assert state.state == get_model_status_pb2.ModelVersionStatus.AVAILABLE
