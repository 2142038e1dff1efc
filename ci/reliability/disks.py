"""Small disks of their own for a data folder, made and taken away by root: one to be filled, one that goes bad."""

import contextlib
import os
import pathlib
import subprocess
import threading

FILL_BYTES = 1 << 20
FILL_AGAIN_SECONDS = 0.05


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def why_not():
    """Why no disk can be made here; nothing if one can."""
    return None if os.geteuid() == 0 else "needs root to mount a disk of its own"


@contextlib.contextmanager
def memory_disk(folder, mebibytes):
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", folder)
    try:
        yield folder
    finally:
        run("umount", folder)


class Ballast:
    """Fills a disk to its last byte and keeps it full until it is taken away: what others free meanwhile goes too."""

    def __init__(self, folder):
        self.path = folder / "ballast"
        self.ending = threading.Event()
        self.full = threading.Event()
        self.thread = threading.Thread(target=self._fill, daemon=True)
        self.thread.start()
        self.full.wait()

    def _fill(self):
        with self.path.open("ab", buffering=0) as file:
            size = FILL_BYTES
            while not self.ending.is_set():
                try:
                    file.write(bytes(size))
                except OSError:
                    # What is smaller may still fit.
                    size //= 2
                if size == 0:
                    self.full.set()
                    self.ending.wait(FILL_AGAIN_SECONDS)
                    size = FILL_BYTES

    def take_away(self):
        self.ending.set()
        self.thread.join()
        self.path.unlink()


class BadDisk:
    """An ext4 in a file, which its kernel mounts read-only as soon as it sees an error."""

    def __init__(self, folder, mebibytes):
        self.image, self.folder = folder / "image", folder / "mounted"
        self.folder.mkdir()
        with self.image.open("wb") as file:
            file.truncate(mebibytes << 20)
        run("mkfs.ext4", "-q", "-F", self.image)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop,errors=remount-ro", self.image, self.folder)

    def mount_read_only(self):
        run("mount", "-o", "loop,ro", self.image, self.folder)

    def go_bad(self):
        """As if the kernel had met an error: from now on nothing can be written, through open files neither."""
        device = pathlib.Path(run("findmnt", "--noheadings", "--output", "SOURCE", self.folder)).name
        pathlib.Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("1", encoding="ascii")

    def repair(self):
        """Ends the mount, and checks and repairs what is there."""
        run("umount", self.folder)
        # 1: errors were there and are mended.
        done = subprocess.run(["e2fsck", "-f", "-y", self.image], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise OSError(f"e2fsck: exit code {done.returncode}: {done.stdout}")

    def take_away(self):
        if os.path.ismount(self.folder):
            run("umount", self.folder)


@contextlib.contextmanager
def bad_disk(folder, mebibytes):
    folder.mkdir()
    disk = BadDisk(folder, mebibytes)
    try:
        yield disk
    finally:
        disk.take_away()
