"""A running `gridlock serve` for the browser tests: started on a free port with a folder of its own, or somebody
else's, named by its address.
"""

import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
START_SECONDS_MAX = 60
# The first findings appear within a minute on two idle cores; machines that test are seldom idle.
FINDING_SECONDS_MAX = 300
STOP_SECONDS_MAX = 60
ANSWER_SECONDS_MAX = 30
ANNOUNCEMENT = re.compile(r"gridlock: serving (http://\S+)")


class Service:
    """`base`: address without a slash at the end; `program`: the gridlock whose commands the pages show. With a
    `token` it listens beyond loopback, and is asked through it.
    """

    def __init__(self, program, url=None, token=None):
        self.program = program
        self.token = token
        self.process = None
        self.folder = None
        self.said = []
        self.base = url.rstrip("/") if url else self._start()

    def _start(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gridlock-serve-", ignore_cleanup_errors=True)
        command = [self.program, "serve", "--data", self.folder.name, "--listen", "127.0.0.1:0", "--jobs", "2"]
        if self.token:
            token_file = pathlib.Path(self.folder.name, "token")
            token_file.write_text(f"{self.token}\n", encoding="utf-8")
            command[command.index("127.0.0.1:0")] = "0.0.0.0:0"
            command += ["--token-file", str(token_file)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        found = queue.Queue()
        threading.Thread(target=self._read, args=(found,), daemon=True).start()
        try:
            address = found.get(timeout=START_SECONDS_MAX)
        except queue.Empty:
            address = None
        if address is None:
            self.stop()
            raise RuntimeError(f"{' '.join(command)} did not say where it serves:\n{''.join(self.said)}")
        # Whoever asks takes one of the machine's addresses; this one every machine has.
        return address.rstrip("/").replace("//0.0.0.0:", "//127.0.0.1:")

    def _read(self, found):
        """Reads all that the server says, so that it never waits for a full pipe."""
        for line in self.process.stdout:
            self.said = self.said[-200:] + [line]
            match = ANNOUNCEMENT.search(line)
            if match:
                found.put(match[1])
        found.put(None)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.folder:
            self.folder.cleanup()

    def fetch(self, path):
        """(status, headers, bytes)"""
        try:
            with urllib.request.urlopen(self.base + path, timeout=ANSWER_SECONDS_MAX) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def get(self, path, **parameters):
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        status, _, body = self.fetch(f"/api/v1{path}{query}")
        if status != 200:
            raise AssertionError(f"/api/v1{path}{query} answers {status}: {body[:200]!r}")
        return json.loads(body)

    def explained_findings(self):
        """Findings whose page has everything, deadlocks and hangs first; waits until there is one."""
        deadline = time.monotonic() + FINDING_SECONDS_MAX
        while True:
            rows = [row for row in self.get("/findings", limit=100)["findings"]
                if row["triaged"] and row["state"] == "new"]
            found = [one for one in map(lambda row: self.get(f"/findings/{row['key']}"), rows[:20])
                     if one["explanation"] and len(one["explanation"]["steps"]) > 20 and one["decisions"] > 0]
            if found:
                return sorted(found, key=lambda one: one["verdict"] not in ("deadlock", "hang"))
            if time.monotonic() > deadline:
                raise AssertionError(f"no finding was triaged in {FINDING_SECONDS_MAX} s:\n{''.join(self.said[-20:])}")
            time.sleep(1)

    def run(self, command):
        """Runs a line as a person would paste it, where `gridlock` is the program under test."""
        path = f"{pathlib.Path(self.program).resolve().parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return subprocess.run(["bash", "-c", command], cwd=REPOSITORY, env={**os.environ, "PATH": path}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=FINDING_SECONDS_MAX, check=False)
