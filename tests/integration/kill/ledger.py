"""For tests that kill the broker: sessions with it, and a ledger of what it acknowledged."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2] / "conformance")]
import client as jdp  # noqa: E402  the client that was written from PROTOCOL.md alone
from program import BIN  # noqa: E402

SEED = int(os.environ.get("YARD_TEST_SEED", str(time.time_ns())))
TERMINAL = {"succeeded", "failed", "cancelled", "expired"}
WINDOW = 32


def connect(context, broker):
    session = jdp.Client(context, broker.endpoints["requests"], broker.endpoints["control"])
    session.session = session.ask(jdp.HELLO, {"client": "ledger", "versions": [1, 1]}).session
    session.on_their_way = {}
    return session


def close(session):
    for socket in (session.requests, session.control):
        socket.close(linger=0)


class Entry(NamedTuple):
    data: bytes
    grade: str
    ended: bool  # its result was told


class Ledger(dict):
    """Job ids to what was acknowledged of them."""

    def load(self, session, random, seconds, jobs_max, grades=("buffered", "synced")):
        """Submits as fast as it is answered, with a window, until the time is over or nobody answers."""
        until = time.monotonic() + seconds
        sent = 0
        while time.monotonic() < until and sent < jobs_max:
            while len(session.on_their_way) < WINDOW:
                id, data, grade = jdp.new_id(), random.randbytes(random.randrange(1, 200)), random.choice(grades)
                correlation = session.send(jdp.CALL, {"data": data, "mime_type": "text/plain"}, tool=b"cas_store", id=id,
                                           budget_ms=random.choice((0, 5_000)), options={"grade": grade})
                session.on_their_way[correlation] = id, data, grade
                sent += 1
            try:
                reply = session.receive(timeout_ms=max(1, int((until - time.monotonic()) * 1000)))
            except TimeoutError:
                return
            id, data, grade = session.on_their_way.pop(reply.correlation)
            assert reply.verb in (jdp.JOB, jdp.RESULT), reply.body
            assert reply.body["job_id"] == id.hex(), reply.body
            self[id] = Entry(data, grade, ended=reply.verb == jdp.RESULT)


def status(session, id):
    return session.ask(jdp.STATUS, {"job_id": id.hex()})


def ended(session, id):
    """The job's status once it has ended, or after a minute."""
    for _ in range(8):
        session.ask(jdp.WAIT, {"job_ids": [id.hex()]}, budget_ms=8_000)
        record = status(session, id).body
        if record["state"] in TERMINAL:
            break
    return record


def verify(folder):
    return subprocess.run([BIN / "switchyard-broker", "--verify", "--state", folder / "state"], capture_output=True,
                          text=True, check=False)
