"""What Linux's ext4 itself promises in the moment in which it meets an error and becomes read-only, without Gridlock:
a program writes blocks to a file, one after the other, and counts a block once fdatasync() says that it is on the disk.
Then the disk is repaired as in the fault `read-only`, and what was counted is looked for. Uses nothing of the service.

usage: PYTHONPATH=ci python3 -m reliability.sync_at_error [ROUNDS]      needs root
"""

import os
import pathlib
import sys
import tempfile
import threading
import time

from reliability import disks

ROUNDS = 100
MEBIBYTES = 48
BLOCK_BYTES = 4096
WRITE_EVERY_SECONDS = 0.002
BEFORE_SECONDS = 0.1  # and after


class Syncer(threading.Thread):
    """Appends numbered blocks until the disk refuses one."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.file = path.open("wb", buffering=0)
        self.counted = 0
        self.ending = threading.Event()
        self.start()

    def run(self):
        with self.file:
            try:
                while not self.ending.wait(WRITE_EVERY_SECONDS):
                    self.file.write(block(self.counted))
                    os.fdatasync(self.file)
                    self.counted += 1
            except OSError:
                pass

    def end(self):
        self.ending.set()
        self.join()


def block(number):
    return number.to_bytes(8, "little") * (BLOCK_BYTES // 8)


def loses(folder):
    """How many blocks are gone that fdatasync() had acknowledged."""
    with disks.bad_disk(folder, MEBIBYTES) as disk:
        syncer = Syncer(disk.folder / "blocks")
        time.sleep(BEFORE_SECONDS)
        disk.go_bad()
        time.sleep(BEFORE_SECONDS)
        syncer.end()
        disk.repair()
        disk.mount()
        there = (disk.folder / "blocks").read_bytes()
    blocks = range(syncer.counted)
    return sum(there[at * BLOCK_BYTES:(at + 1) * BLOCK_BYTES] != block(at) for at in blocks)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        lost = [loses(pathlib.Path(folder) / str(number)) for number in range(rounds)]
    print(f"{rounds} disks gone bad: {sum(map(bool, lost))} lost what fdatasync() had acknowledged, "
          f"{sum(lost)} blocks in all")


if __name__ == "__main__":
    main()
