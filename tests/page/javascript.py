"""Runs the page's scripts in Node.js, and finds what runs them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tf_transformer.page import runtime
from tf_transformer.page.page_folder import STATIC

NODE = shutil.which("node")
in_node = pytest.mark.skipif(NODE is None, reason="there is no Node.js")

NPM_DIR = os.environ.get("NPM_DIR", ".")
RUNTIME = Path(NPM_DIR, "node_modules", runtime.PACKAGE, "dist").absolute()
needs_runtime = pytest.mark.skipif(
    not RUNTIME.is_dir(), reason=f"NPM_DIR={NPM_DIR} has no {runtime.PACKAGE}: {runtime.INSTALL}"
)
needs_browser = pytest.mark.skipif(
    not (shutil.which("chromium") or shutil.which("google-chrome")), reason="there is no Chromium"
)

_RUN = """
const fs = require("fs"), vm = require("vm");
const { scripts, code, given } = JSON.parse(fs.readFileSync(0, "utf8"));
globalThis.require = require;
for (const path of scripts) vm.runInThisContext(fs.readFileSync(path, "utf8"), { filename: path });
globalThis.given = given;
Promise.resolve(vm.runInThisContext(`(async () => { ${code} })()`))
  .then((found) => console.log(JSON.stringify(found)));
"""


def run_javascript(scripts, code, given, timeout=300):
    """Return what a function's body returns, after some scripts have run; it sees `given`.

    Scripts are names of the page's, or paths.
    """
    paths = [str(STATIC / f"{each}.js" if isinstance(each, str) else each) for each in scripts]
    finished = subprocess.run(
        [NODE, "-e", _RUN],
        input=json.dumps({"scripts": paths, "code": code, "given": given}),
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)
