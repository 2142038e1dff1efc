"""A folder of programs for a server under test, in which `gridlock`, which it starts as its children, is a script that
goes wrong where it is told to and becomes the real program everywhere else.
"""

import os

SERVER = "gridlock-serve"  # the real program by another name: it looks for its children beside itself


def make(folder, real, script):
    """`script`: shell text that runs before the real program takes over. Gives the program to be started."""
    folder.mkdir()
    server = folder / SERVER
    try:
        os.link(real / "gridlock", server)
    except OSError:  # another disk
        server.write_bytes((real / "gridlock").read_bytes())
        server.chmod(0o755)
    child = folder / "gridlock"
    child.write_text(f'#!/bin/bash\n{script}\nexec "{real}/gridlock" "$@"\n', encoding="utf-8")
    child.chmod(0o755)
    return server
