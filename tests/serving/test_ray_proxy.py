"""What Ray's proxy answers where a replica has died, without Ray."""

import asyncio
import importlib
import json

from starlette.responses import PlainTextResponse

from tests.first_run import CHECKOUT
from tf_transformer.serving.ray_proxy import AnswerForTheDead, middlewares

VARIABLE = "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"


async def silent(scope, receive, send):
    """End without an answer, as Ray's proxy does."""


def answered(proxy, kind="http"):
    """Return the messages that a proxy sends with the middleware before it."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "method": "POST", "path": "/", "headers": []}
    asyncio.run(AnswerForTheDead(proxy)(scope, None, send))
    return sent


def test_a_request_without_an_answer_may_be_sent_again():
    start, body = answered(silent)
    assert start["status"] == 503
    assert (b"content-type", b"application/json") in start["headers"]
    assert "send it again" in json.loads(body["body"])["error"]


def test_what_a_replica_answers_is_not_touched():
    start, body = answered(PlainTextResponse("mine", 500))
    assert (start["status"], body["body"]) == (500, b"mine")


def test_the_start_and_the_end_of_the_proxy_are_left_alone():
    assert answered(silent, "lifespan") == []


def test_the_command_names_the_middlewares():
    text = (CHECKOUT / "deploy/ray/serve.yaml").read_text()
    (line,) = (line for line in text.splitlines() if VARIABLE in line)
    module, _, name = line.partition(f"{VARIABLE}=")[2].rpartition(".")
    assert getattr(importlib.import_module(module), name) is middlewares
    assert [each.cls for each in middlewares()] == [AnswerForTheDead]
