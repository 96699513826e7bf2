"""A browser without a window, driven through pipes: Chromium, by its DevTools protocol."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time


class Browser:
    """A page of Chromium, as a context: it ends with the block.

    Args:
        width: of the page, in pixels.
        height: of the page, in pixels.
        dark: whether pages are shown dark, where they can be. Defaults to `False`.
    """

    def __init__(self, width, height, dark=False):
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_read, to_write)]

        def give_pipes():  # where Chromium looks for them
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        command = [shutil.which("chromium") or "google-chrome", "--headless", "--no-sandbox"]
        command += ["--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars"]
        command += [f"--user-data-dir={self._folder.name}", "about:blank"]
        self._process = subprocess.Popen(
            command, preexec_fn=give_pipes, pass_fds=(3, 4), stderr=subprocess.DEVNULL
        )
        for end in (to_read, to_write, *ends):
            os.close(end)
        self._received, self._count, self._session = b"", 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.call("Page.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        if dark:
            feature = {"name": "prefers-color-scheme", "value": "dark"}
            self.call("Emulation.setEmulatedMedia", features=[feature])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._folder.cleanup()

    def call(self, method, **params):
        """Call a method of the protocol and return its result."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _next(self):
        while b"\0" not in self._received:
            received = os.read(self._read, 1 << 16)
            if not received:
                raise RuntimeError("the browser has ended")
            self._received += received
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    def open(self, url, seconds):
        """Open a page, and wait until it is likely to be drawn."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        time.sleep(seconds)

    def run(self, script, seconds=1.0):
        """Run a script in the page, wait, and return its value."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        time.sleep(seconds)
        return result["result"].get("value")

    def screenshot(self):
        """Return what the page looks like, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
