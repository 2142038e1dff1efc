"""The processes that come of one server, whatever they have become: each inherits a variable of the environment that
no other process of the machine has.
"""

import os
import pathlib
import signal
import time

MARK = "GRIDLOCK_FAULTS_MARK"
# The kernel ends what dies with its parent at once, and a busy machine takes its time to say so.
GONE_SECONDS_MAX = 20
LOOK_SECONDS = 0.02  # processes that are not ours to wait for can only be looked for
TRIAGE_COMMANDS = (b"replay", b"minimize", b"explain")


class Process:
    """One that runs: `pid`, `parent`, its words and what it does for the server."""

    def __init__(self, pid, parent, words):
        self.pid, self.parent, self.words = pid, parent, words

    def role(self, server):
        """"server", "fuzzer" or "triage" for what the server has started itself, "worker" for what is below."""
        if self.pid == server:
            return "server"
        if self.parent != server:
            return "worker"
        if b"fuzz" in self.words[1:2]:
            return "fuzzer"
        return "triage" if self.words[1:2] and self.words[1] in TRIAGE_COMMANDS else "worker"

    def kill(self):
        """False if it had ended already."""
        try:
            os.kill(self.pid, signal.SIGKILL)
            return True
        except ProcessLookupError:
            return False

    def __str__(self):
        return f"{self.pid} {b' '.join(self.words)[:200].decode(errors='replace')}"


def read_process(folder, mark):
    """Nothing if it is not ours, has ended, or only waits to be waited for."""
    try:
        if mark not in (folder / "environ").read_bytes().split(b"\0"):
            return None
        state, parent = (folder / "stat").read_text(errors="replace").rsplit(")", 1)[1].split()[:2]
        words = (folder / "cmdline").read_bytes().split(b"\0")
    except (OSError, IndexError):
        return None
    return None if state in "ZX" else Process(int(folder.name), int(parent), words)


def marked(mark):
    """All processes with that mark."""
    sought = f"{MARK}={mark}".encode()
    folders = (folder for folder in pathlib.Path("/proc").iterdir() if folder.name.isdigit())
    found = (read_process(folder, sought) for folder in folders)
    return [process for process in found if process and process.pid != os.getpid()]


def await_none(mark, seconds_max=GONE_SECONDS_MAX):
    """Those that are left when the time is over; nothing as soon as there is none."""
    deadline = time.monotonic() + seconds_max
    while True:
        left = marked(mark)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(LOOK_SECONDS)


def shared_memory_of(pids):
    """Segments of System V shared memory that nobody has attached and one of these processes has made."""
    left = []
    for line in pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
        fields = line.split()
        creator, attached = int(fields[4]), int(fields[6])
        if attached == 0 and creator in pids:
            left.append(fields[1])
    return left
