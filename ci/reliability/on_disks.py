"""A data folder on a disk that is full, or that can be read only, and two servers on one folder."""

import re
import subprocess

from reliability import disks
from reliability.service import END_SECONDS_MAX, NotServing
from reliability.world import Skipped

FULL_MEBIBYTES = 96
FULL_ROUNDS = 5
BAD_MEBIBYTES = 192  # the smallest that leaves room for the journal of ext4 and for SQLite's log
REFUSALS_MIN = 5
ANSWERS_SECONDS_MAX = 60
LINES_MAX = 100  # that a server may say of one fault that stays
SERVERS_AT_ONCE = 8
REFUSED_STATUSES = {503, 507}
EXIT_WRONG_USE = 2


def need_disk():
    reason = disks.why_not()
    if reason:
        raise Skipped(reason)


def refuses_and_answers(world, session, why):
    """Writes are refused with a reason, reads are answered, and the server does not talk without end."""
    writer, lines = session.writer, len(session.service.lines)
    there = writer.await_more(writer.refused, REFUSALS_MIN, ANSWERS_SECONDS_MAX)
    world.check("" if there else f"writes are not refused: {writer.statuses}")
    wrong = {status for status in writer.statuses if status not in REFUSED_STATUSES | {200, 429}}
    world.check(f"statuses {wrong}" if wrong else "")
    world.check("" if why in writer.last_reason else f"refused without '{why}': {writer.last_reason}")
    session.check()
    said = len(session.service.lines) - lines
    world.check(f"{said} lines of one fault" if said > LINES_MAX else "")


def accepts_again(world, session):
    writer = session.writer
    there = writer.await_more(writer.accepted, REFUSALS_MIN, ANSWERS_SECONDS_MAX)
    world.check("" if there else f"writes are refused though there is room: {writer.statuses}")
    session.await_progress()


def restart_on_full_disk(world, session, ballast):
    """A server that is killed on the full disk either starts again on it, or says what is in its way."""
    session.kill()
    try:
        session.start()
    except NotServing as error:
        clear = session.service.process.returncode == EXIT_WRONG_USE and re.search("full|No space", str(error))
        world.check("" if clear else f"does not start on the full disk, and does not say why:\n{error}")
    ballast.take_away()
    if not session.service.is_alive():
        session.start_or_tell()


def full_disk(world):
    need_disk()
    with disks.memory_disk(world.folder / "small", FULL_MEBIBYTES) as disk:
        with world.session(data=disk / "data") as session:
            session.start()
            session.await_findings()
            for number in range(FULL_ROUNDS):
                ballast = disks.Ballast(disk)
                refuses_and_answers(world, session, "full")
                if number % 2:
                    restart_on_full_disk(world, session, ballast)
                else:
                    ballast.take_away()
                accepts_again(world, session)
                session.kill()
                if not session.start_or_tell():
                    return
                session.check()
                world.say(f"round {number + 1}: {session.writer.statuses}")
            session.check(all_notes=True)
            session.end()
            refused, figures = session.writer.refused(), session.ledger.figures()
    world.did = (f"filled to the last byte {FULL_ROUNDS} times while campaigns ran: {refused} writes refused, "
                 f"{figures['findings']} findings and {figures['notes']} notes promised")


def read_only(world):
    need_disk()
    with disks.bad_disk(world.folder / "bad", BAD_MEBIBYTES) as disk, \
            world.session(data=disk.folder / "data") as session:
        session.start()
        session.await_findings()
        # Nothing is being written in this moment: ext4 acknowledges a sync then that it never does (sync_at_error.py).
        with session.writer.quiet:
            disk.go_bad()
        refuses_and_answers(world, session, "cannot be written to")
        world.check("" if session.service.is_alive() else f"the server died:\n{session.service.said()}")
        code = session.service.end()
        world.check("" if code == 0 else f"ended with exit code {code}:\n{session.service.said()}")
        disk.repair()
        disk.mount_read_only()
        refuses_to_start(world, session.service, "Read-only")
        disk.take_away()
        disk.mount()
        if session.start_or_tell():
            session.check(all_notes=True)
            accepts_again(world, session)
            session.end()
        figures = session.ledger.figures()
        world.did = (f"gone bad under the server, read-only at its start, writable again: "
                     f"{session.writer.refused()} writes refused, {figures['findings']} findings and "
                     f"{figures['notes']} notes promised")


def refuses_to_start(world, service, why):
    try:
        service.start()
        world.check("serves from what it cannot write to")
        service.end()
    except NotServing as error:
        clear = service.process.returncode == EXIT_WRONG_USE and why in str(error)
        world.check("" if clear else f"exit code {service.process.returncode}, and not '{why}':\n{error}")


def two_servers(world):
    with world.session() as session:
        session.start()
        pid = session.service.process.pid
        command = [session.service.program, "serve", "--data", session.service.data, "--listen", "127.0.0.1:0",
                   *session.service.arguments]
        command = list(map(str, command))
        second = subprocess.run(command, capture_output=True, text=True, timeout=END_SECONDS_MAX, check=False)
        refused = second.returncode == EXIT_WRONG_USE and str(pid) in second.stderr
        world.check("" if refused else f"the second server: exit code {second.returncode}, {second.stderr}")
        salvage = subprocess.run([*command, "--salvage"], capture_output=True, text=True, timeout=END_SECONDS_MAX,
                                 check=False)
        refused = salvage.returncode == EXIT_WRONG_USE and str(pid) in salvage.stderr
        world.check("" if refused else f"salvage beside a server: exit code {salvage.returncode}, {salvage.stderr}")
        session.check()
        session.kill()
        several_at_once(world, session.service, command)
    world.did = f"a second server, and then {SERVERS_AT_ONCE} started at once on one folder: one serves"


def several_at_once(world, service, command):
    """Each says that it serves, or that another does."""
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=service.environment) for _ in range(SERVERS_AT_ONCE)]
    try:
        serving, lines = [], []
        # The loser ends, the winner prints its address: either way its output gets a first line or an end.
        for process in started:
            line = process.stdout.readline()
            (serving if line.startswith("gridlock: serving") else lines).append(process)
        world.check("" if len(serving) == 1 else f"{len(serving)} of {SERVERS_AT_ONCE} serve")
        codes = {process.wait(END_SECONDS_MAX) for process in lines}
        world.check("" if codes == {EXIT_WRONG_USE} else f"those refused end with exit codes {codes}")
        pids = {str(process.pid) for process in serving}
        unnamed = sum(not any(pid in process.stderr.read() for pid in pids) for process in lines)
        world.check(f"{unnamed} of those refused do not name who serves" if unnamed else "")
    finally:
        for process in started:
            process.kill()
            process.wait()
