"""Children that go wrong: those of one engine hang, eat memory, write garbage or die at once, and the others go on."""

import os
import pathlib
import signal

from reliability import programs

VICTIM = "libfuzzer"
# A limit that is far above what is ever used, and far below what a machine has: 2 GiB for a child and all below it.
SERVER_MEBIBYTES_MAX = 400
PROCESSES_MAX = 60
RESTART_SECONDS_MAX = 480  # time in which a child gets no processor is forgiven it
REJECTED_FILES_MAX = 1000

# What a child of the victim does instead of fuzzing, by the reason that the server must give for its end.
SCRIPTS = {
    "child-dies": ("crash", "kill -SEGV $$"),
    "child-hangs": ("hung", "exec sleep 100000"),
    # It touches what it takes, so it has it.
    "child-eats": ("memory", "exec python3 -c 'held = []\nwhile True: held.append(bytearray(b\"x\") * (16 << 20))'"),
    # Lines without end; a status page, drops and names that are none.
    "child-garbage": ("garbage", """
while [ $# -gt 0 ]; do
  case "$1" in --out) out=$2 ;; --status-page) page=$2 ;; esac
  shift
done
mkdir -p "$out/x"
for number in 1 2 3 4 5 6 7 8; do head -c 5000 /dev/urandom >"$out/x/$number.repro"; done
printf 'target: nowhere\\nvariant: <script>\\n' >"$out/x/text.repro"
head -c 1000000 /dev/urandom >"$page"
exec cat /dev/urandom"""),
}


def script_for(name):
    body = SCRIPTS[name][1]
    return f'if [ "$1" = fuzz ] && [[ " $* " == *" --engine {VICTIM} "* ]]; then\n{body}\nfi'


def gone_wrong(name):
    def fault(world):
        reason = SCRIPTS[name][0]
        server = programs.make(world.folder / "bin", world.options.bin, script_for(name))
        # Few campaigns, so that the victim's turn comes soon.
        with world.session(program=server, targets=("demo-double-free", "demo-livelock")) as session:
            session.start()
            observe(world, session, reason)
            session.end()
    return fault


def restarts(session, reason):
    return session.service.metric("gridlock_campaign_restarts_total", engine=VICTIM, reason=reason)


def observe(world, session, reason):
    counted = world.options.restarts
    world.await_true(f"{counted} restarts for the reason '{reason}'",
                     lambda: restarts(session, reason) >= counted, RESTART_SECONDS_MAX)
    world.await_true("a campaign is shown backing off", lambda: any(
        worker["state"] == "backing-off" and worker["engine"] == VICTIM
        for worker in session.service.get("/overview")["workers"]), RESTART_SECONDS_MAX)
    session.await_findings()
    session.await_progress()
    session.check()
    stay_within_bounds(world, session)
    others = session.service.metric("gridlock_campaign_restarts_total", engine="builtin")
    world.check(f"{others:.0f} restarts of campaigns that did nothing wrong" if others else "")
    figures = session.ledger.figures()
    world.did = (f"{restarts(session, reason):.0f} children of {VICTIM} ended as '{reason}' and backed off; the other "
                 f"campaigns made {session.runs():,.0f} runs and {figures['findings']} findings")


def stay_within_bounds(world, session):
    text = pathlib.Path(f"/proc/{session.service.process.pid}/status").read_text(encoding="ascii")
    kibibytes = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM"))
    world.check(f"the server took {kibibytes >> 10} MiB" if kibibytes >> 10 > SERVER_MEBIBYTES_MAX else "")
    count = len(session.service.processes())
    world.check(f"{count} processes" if count > PROCESSES_MAX else "")
    rejected = len(list((session.service.data / "rejected").iterdir()))
    world.check(f"{rejected} files in rejected/" if rejected > REJECTED_FILES_MAX else "")


def stopped(world):
    """A child that works is stopped in the middle (SIGSTOP): its page stands still."""
    with world.session(targets=("demo-double-free", "demo-livelock")) as session:
        session.start()
        session.await_findings()
        for number in range(world.options.restarts):
            before = session.service.metric("gridlock_campaign_restarts_total", reason="hung")
            world.await_true("a child runs that can be stopped", lambda: stop_one(session))
            world.await_true("it is found to hang", lambda before=before: session.service.metric(
                "gridlock_campaign_restarts_total", reason="hung") > before, RESTART_SECONDS_MAX)
        session.await_progress()
        session.check(all_notes=True)
        session.end()
    world.did = f"{world.options.restarts} children at work were stopped; each was ended as 'hung' and replaced"


def stop_one(session):
    """Stops one that has just begun, so that its time is not up before it is seen to stand still."""
    server = session.service.process.pid
    for worker in session.service.get("/overview")["workers"]:
        pids = {process.pid for process in session.service.processes() if process.role(server) == "fuzzer"}
        if worker["state"] == "running" and worker["pid"] in pids:
            os.kill(worker["pid"], signal.SIGSTOP)
            return True
    return False
