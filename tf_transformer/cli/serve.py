"""`tft serve`: serves a model over REST and gRPC, as TensorFlow Serving does."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TextIO

from absl import flags

from tf_transformer.cli.newest import find_model
from tf_transformer.errors import warn
from tf_transformer.serving import Address, Limits, Server, read_token
from tf_transformer.serving.threads import share_cores

FLAGS = flags.FLAGS


def main() -> None:
    """Serve until SIGTERM or Ctrl-C, and log one line of JSON for each request."""
    share_cores(FLAGS.threads)
    address = Address(FLAGS.host, FLAGS.rest_port, FLAGS.grpc_port)
    token = read_token(FLAGS.token_file)
    server = Server(
        find_model(FLAGS.model_dir),
        address,
        Limits(FLAGS.max_rows, FLAGS.max_text_bytes, FLAGS.max_body_bytes, FLAGS.timeout, token),
        threads=FLAGS.threads,
        max_batch_rows=FLAGS.max_batch_rows,
        max_waiting_rows=FLAGS.max_waiting_rows,
        poll_seconds=FLAGS.poll_seconds,
        drain_seconds=FLAGS.drain_seconds,
        log=lambda line: say(line, sys.stdout),
        log_texts=FLAGS.log_texts,
        tell=lambda line: say(line, sys.stderr),
        page_dir=FLAGS.page_dir,
    )
    if address.is_public and not token:
        warn(f"host={address.host} is open to other machines, and nobody has to send a token.")
    asyncio.run(server.serve())


def say(line: str, stream: TextIO) -> None:
    """Write a line, if it can be written: requests are answered even if nobody reads the log."""
    with contextlib.suppress(OSError):
        print(line, file=stream, flush=True)
