"""One `gridlock serve` under test, seen only from outside: started, killed and started again on one data folder, and
talked to over HTTP.
"""

import http.client
import json
import os
import queue
import re
import signal
import subprocess
import threading
import urllib.parse
import uuid

from reliability import processes

SERVING = re.compile(r"^gridlock: serving http://127\.0\.0\.1:(\d+)/")
# Machines that test are seldom idle; each of these is far above what is ever seen.
START_SECONDS_MAX = 120
END_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 60
LINES_KEPT_MAX = 10_000
FINDINGS_MAX = 500  # a page of the API


class Gone(Exception):
    """The server does not answer: it is being started, or has been killed."""


class NotServing(Exception):
    """The server has ended instead of serving; the text is what it said."""


class Service:
    """`program`: what is started with `serve`; `data`: its data folder; `arguments`: more flags."""

    def __init__(self, program, data, arguments, environment=None):
        self.program, self.data, self.arguments = program, data, list(arguments)
        self.mark = uuid.uuid4().hex
        self.environment = {**os.environ, **(environment or {}), processes.MARK: self.mark}
        self.process = self.port = self.reader = None
        self.lines = []  # what all its lives have said, the newest last

    # -- Lives

    def spawn(self):
        """Starts it and does not wait for anything."""
        command = [self.program, "serve", "--data", self.data, "--listen", "127.0.0.1:0", *self.arguments]
        self.port = None
        self.announced = queue.SimpleQueue()
        self.process = subprocess.Popen(
            list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment,
            text=True, errors="replace")
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout, self.announced), daemon=True)
        self.reader.start()

    def _read(self, stream, announced):
        for line in stream:
            self.lines = self.lines[-LINES_KEPT_MAX:] + [line.rstrip("\n")]
            match = SERVING.match(line)
            if match:
                announced.put(int(match[1]))
        announced.put(None)

    def await_ready(self):
        """Raises NotServing if it ends, or says nothing in time."""
        if self.port:
            return
        try:
            self.port = self.announced.get(timeout=START_SECONDS_MAX)
        except queue.Empty:
            self.kill()
            raise NotServing(f"no address within {START_SECONDS_MAX} s\n" + self.said()) from None
        if not self.port:
            self.process.wait()
            self.reader.join()
            raise NotServing(self.said())

    def start(self):
        self.spawn()
        self.await_ready()

    def said(self):
        return "\n".join(self.lines[-40:])

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL to the server alone. Gives what is left of its processes after a while, which must be nothing."""
        if self.is_alive():
            self.process.kill()
        if self.process:
            self.process.wait()
            self.reader.join(END_SECONDS_MAX)
        left = processes.await_none(self.mark)
        for process in left:
            process.kill()
        return left

    def end(self):
        """SIGTERM. Gives its exit code, or nothing if it had to be killed."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.kill()

    def processes(self):
        return processes.marked(self.mark)

    # -- Requests

    def ask(self, method, path, body=None, headers=None):
        """(status, text). Raises Gone."""
        if not self.port:
            raise Gone("it has not said where it serves")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise Gone(str(error)) from error
        finally:
            connection.close()

    def get(self, path, **parameters):
        """The document. Raises Gone; any status but 200 is wrong."""
        status, text = self.ask("GET", f"/api/v1{path}?{urllib.parse.urlencode(parameters)}")
        if status != 200:
            raise AssertionError(f"GET {path} answers {status}: {text[:500]}")
        return json.loads(text)

    def post(self, path, document):
        """(status, document). Raises Gone."""
        headers = {"X-Gridlock": "1", "Content-Type": "application/json"}
        status, text = self.ask("POST", f"/api/v1{path}", json.dumps(document), headers)
        try:
            return status, json.loads(text)
        except ValueError:
            raise AssertionError(f"POST {path} answers {status} and no JSON: {text[:500]}") from None

    def findings(self):
        """Every row that there is, canaries among them."""
        rows = []
        for canary in (0, 1):
            page = self.get("/findings", canary=canary, limit=FINDINGS_MAX)
            if page["total"] > FINDINGS_MAX:
                raise AssertionError(f"{page['total']} findings are more than one page has")
            rows += page["findings"]
        return rows

    def metric(self, name, **labels):
        """The sum over all samples of that name with these labels."""
        status, text = self.ask("GET", "/metrics")
        if status != 200:
            raise AssertionError(f"/metrics answers {status}")
        total = 0.0
        for line in text.splitlines():
            match = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
            if match and all(f'{label}="{value}"' in (match[1] or "") for label, value in labels.items()):
                total += float(match[2])
        return total
