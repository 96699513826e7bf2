"""Paths: what is asked, and what is malformed."""

import pytest

from tf_transformer.serving.failures import Failure
from tf_transformer.serving.rest_path import Asked, EmptyFailure, read_path


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("POST", "/v1/models/m:predict", Asked("predict", "m")),
        ("POST", "/V1/Models/M:PREDICT", Asked("predict", "M")),
        ("POST", "/v1/models/m/versions/7:predict", Asked("predict", "m", 7)),
        ("POST", "/v1/models/m/versions/007:predict", Asked("predict", "m", 7)),
        ("POST", "/v1/models/m/versions/0:predict", Asked("predict", "m", 0)),
        ("POST", "/v1/models/m/labels/stable:predict", Asked("predict", "m", None, "stable")),
        ("POST", "/v1/models/ol%C3%A1%2F:predict", Asked("predict", "olá/")),
        ("POST", "/v1/models/m:classify", Asked("classify", "m")),
        ("GET", "/v1/models/m", Asked("status", "m")),
        ("GET", "/v1/models/m/versions/7", Asked("status", "m", 7)),
        ("GET", "/v1/models/m/labels/a%20b", Asked("status", "m", None, "a b")),
        ("GET", "/v1/models/m/metadata", Asked("metadata", "m")),
        ("GET", "/v1/models/m/versions/7/metadata", Asked("metadata", "m", 7)),
        ("GET", f"/v1/models/m/versions/{2**63 - 1}", Asked("status", "m", 2**63 - 1)),
    ],
)
def test_a_path_names_a_model_and_perhaps_a_version(method, path, asked):
    assert read_path(method, path) == asked


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models/m:predict"),
        ("PUT", "/v1/models/m:predict"),
        ("DELETE", "/v1/models/m"),
        ("HEAD", "/v1/models/m"),
        ("POST", "/v1/models/m"),
        ("POST", "/v1/models/m:predict/"),
        ("POST", "/v1/models/m:guess"),
        ("POST", "/v1/models/a/b:predict"),
        ("POST", "/v1/models/m/versions/x:predict"),
        ("POST", "/v1/models/m/versions/٣:predict"),
        ("POST", "/v1/models/m/versions/1/labels/a:predict"),
        ("GET", "/v1/models/m/"),
        ("GET", "/v1/"),
    ],
)
def test_anything_else_is_malformed(method, path):
    with pytest.raises(Failure) as caught:
        read_path(method, path)
    assert caught.value.http_status == 400
    assert caught.value.message == f"Malformed request: {method} {path}"


def test_there_is_no_list_of_models():
    with pytest.raises(Failure, match="Missing model name in request"):
        read_path("GET", "/v1/models")


@pytest.mark.parametrize("version", [str(2**63), "9" * 5_000])
def test_a_version_that_is_no_int64_is_answered_without_a_body(version):
    with pytest.raises(EmptyFailure) as caught:
        read_path("GET", f"/v1/models/m/versions/{version}")
    assert caught.value.http_status == 400
