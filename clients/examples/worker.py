#!/usr/bin/python3
"""A Switchyard worker in one file, written from PROTOCOL.md (sections 1 to 4 and 10).

    worker.py                      offers text_statistics and nap to the broker on this machine
    worker.py --workers EP         to the broker whose workers socket is there
    worker.py --concurrency N      at most N jobs at the same time
    worker.py --resource gpu:0=24000   it has so much, for tools that take some of it
    worker.py --ledger FILE        appends a line to FILE whenever a handler begins

    switchyard call text_statistics text="to be or not to be"

Needs python3-zmq and python3-msgpack. One thread owns the socket: it renews the lease, sends reports and keeps them
until they are acknowledged. Each handler runs on a thread of its own and talks to that one through a queue.
"""

import argparse
import math
import os
import queue
import secrets
import signal
import struct
import threading
import time
from collections import Counter, deque

import msgpack
import zmq

HEADER = struct.Struct("<4sBBBBQ16sQIIQQ")  # magic verb flags priority tool_length correlation id session … fence
HELLO, BYE, REGISTER, RENEW, START, PROGRESS, CHUNK, LOG, SUCCEED, FAIL = 1, 12, 32, 33, 34, 35, 36, 37, 38, 39
WELCOME, ACK, NACK, ASSIGN, STOP, REVOKE = 0x81, 0x84, 0x85, 0xA0, 0xA1, 0xA2

OWN = 1 << 63                 # correlation of messages that are no reports
REGISTERED = OWN + 1          # and of REGISTER
SILENCE = 3.0                 # seconds after which the broker is taken for gone
RESEND = 1.0                  # and a report for lost
LEAVE = 10.0                  # and after which one that was told to stop waits for it no longer
REPORT_MAX = (4 << 20) - HEADER.size
VALUES_MAX, DEPTH_MAX = 65_536, 32
BUFFERED_MAX = 64             # reports of one attempt that wait for their acknowledgement


class Failed(Exception):
    """Raised by a handler: the job fails with this error's name (PROTOCOL.md, section 4)."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = name


def is_odd(value):
    """Whether msgpack packs what no body may hold."""
    return isinstance(value, (msgpack.ExtType, msgpack.Timestamp)) or isinstance(value, float) and not math.isfinite(value)


def pack_report(body):
    """As msgpack. Raises for what the broker would refuse, each time anew (section 2)."""
    packed = msgpack.packb(body)
    left, values = [(body, 0)], 0
    while left:
        value, depth = left.pop()
        values += 1
        inside = []
        if is_odd(value):
            raise ValueError(f"{value} can't be reported")
        if isinstance(value, dict):
            if not all(isinstance(key, str) for key in value):
                raise ValueError("the keys of a map are strings")
            inside = value.values()
            values += len(value)
        elif isinstance(value, (list, tuple)):
            inside = value
        if len(packed) > REPORT_MAX or values > VALUES_MAX or inside and depth == DEPTH_MAX:
            raise Failed("too_large", "what a worker says at once has at most 4 MiB, 65,536 values and 32 levels")
        left.extend((each, depth + 1) for each in inside)
    return packed


def failure(name, message):
    return {"name": name, "message": message[:10_000].encode(errors="replace").decode()}


class Attempt:
    """One attempt at a job: what its handler may ask and say. Its reports are numbered and kept until acknowledged."""

    def __init__(self, worker, job, fence, tool, order):
        self.job, self.fence, self.tool = job, fence, tool
        self.arguments, self.once, self.number = order["arguments"], order["once"], order["attempt"]
        self.stopped = threading.Event()   # set: end soon
        self._worker = worker
        self._begun = threading.Event()    # START is acknowledged
        self._room = threading.BoundedSemaphore(BUFFERED_MAX)
        self.kept = deque()                # (number, frame without session), of the socket's thread
        self.last = self.reported = 0      # the newest report, and the newest that was acknowledged
        self.sent_at = 0.0
        self.closed = False                # nothing more is said
        self.running = True                # the handler
        self.waiting = False               # for the broker, while it runs

    def progress(self, percent, message=""):
        self._say(PROGRESS, {"percent": percent, "message": message})

    def chunk(self, data):
        self._say(CHUNK, {"data": bytes(data)})

    def log(self, level, message):
        self._say(LOG, {"level": level, "message": message})

    def _say(self, verb, body):
        packed = pack_report(body)
        self._await(self._room.acquire)  # a broker that can't keep up slows the handler down
        self._worker.tell(lambda: self._worker.report(self, verb, packed))

    def _await(self, wait):
        self.waiting = True
        wait()
        self.waiting = False

    def run(self, handler):
        self._say(START, {})
        if self.once:
            self._await(self._begun.wait)
        try:
            if self.stopped.is_set():
                raise Failed("cancelled", "told to stop before it began")
            self._say(SUCCEED, handler(self))
        except Failed as failed:
            self._say(FAIL, failure(failed.name, str(failed)))
        except BaseException as error:  # a handler's bug, or exit, is its job's failure, not the worker's
            self._say(FAIL, failure("tool_failed", f"{type(error).__name__}: {error}"))
        self._worker.tell(lambda: self._worker.handler_over(self))

    def acknowledge(self, number):
        self._begun.set()
        self.reported = max(self.reported, number)
        while self.kept and self.kept[0][0] <= number:
            self.kept.popleft()
            self._room.release()

    def refuse(self, number, message):
        """Fails in the place of its report `number`, which the broker doesn't take; nothing is said after it."""
        place = number - self.kept[0][0] if self.kept else -1
        if not 0 <= place < len(self.kept) or self.kept[place][1] == FAIL:
            return  # acknowledged meanwhile, or refused again and replaced already
        while self.kept[-1][0] > number:
            self.kept.pop()
            self._room.release()
        self.kept[-1] = (number, FAIL, msgpack.packb(failure("tool_failed", message)))
        self.last, self.closed = number, True
        self.stopped.set()
        self._begun.set()

    def revoke(self):
        self.closed = True
        self.stopped.set()
        self.acknowledge(self.last)

    @property
    def listed(self):
        return {"job_id": self.job.hex(), "fence": self.fence, "reported": self.reported}


class Worker:
    def __init__(self, endpoint, name, concurrency, resources=None):
        self._endpoint, self._name, self._concurrency, self._resources = endpoint, name, concurrency, resources or {}
        self._id = secrets.token_hex(16)
        self._tools, self._handlers = [], {}
        self._held = {}                    # by fence
        self._orders = queue.Queue()       # for the socket's thread; bounded by the attempts' own bounds
        self._session = 0
        self._stopping = False
        self._renew_every = 1.0
        self._context = zmq.Context()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._socket = None

    def offer(self, declaration, handler):
        """`handler(attempt)` returns the result, a dict; it looks at attempt.stopped now and then."""
        self._tools.append(declaration)
        self._handlers[declaration["name"]] = handler

    def stop(self):
        """Takes nothing new; run() returns when what runs is over, and its broker knows or was not heard for LEAVE."""
        self._stopping = True

    # ---- what other threads call

    def tell(self, order):
        self._orders.put(order)
        os.eventfd_write(self._wake, 1)

    # ---- the socket's thread

    def run(self):
        self._heard = time.monotonic()
        self._connect()
        said_stopping = False
        while not (self._stopping and (not self._held or self._is_alone())):
            self._wait()
            now = time.monotonic()
            if self._stopping and not said_stopping and self._session:
                said_stopping, self._concurrency = True, 0
                self._register()
            if now - max(self._heard, self._connected) > SILENCE:
                self._connect()
            if now >= self._renew_at and self._session:
                self._renew_at = now + self._renew_every
                self._ask(RENEW, {"attempts": [attempt.listed for attempt in self._held.values()]})
                for attempt in self._held.values():
                    if attempt.kept and now - attempt.sent_at > RESEND:
                        self._resend(attempt)
        self._ask(BYE, {})
        self._context.destroy(linger=1000)

    def _is_alone(self):
        busy = any(attempt.running and not attempt.waiting for attempt in self._held.values())
        return not busy and time.monotonic() - self._heard > LEAVE

    def _wait(self):
        if self._wake in dict(self._poller.poll(200)):
            os.eventfd_read(self._wake)
        if not self._said_hello:
            self._said_hello = self._ask(HELLO, {"client": self._name})
        while not self._orders.empty():
            self._orders.get()()
        try:
            while True:
                self._receive(self._socket.recv(zmq.NOBLOCK))
        except zmq.Again:
            pass

    def _connect(self):
        """A new connection and a new session, with everything that is held."""
        if self._socket is not None:
            self._socket.close(linger=0)
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.immediate, self._socket.linger, self._socket.maxmsgsize = 1, 1000, 8 << 20
        self._socket.connect(self._endpoint)
        self._poller = zmq.Poller()
        self._poller.register(self._wake, zmq.POLLIN)
        self._poller.register(self._socket, zmq.POLLIN)
        self._session, self._said_hello = 0, False
        self._connected = self._renew_at = time.monotonic()

    def _register(self):
        self._ask(REGISTER, {"worker": self._id, "name": self._name, "concurrency": self._concurrency,
                             "resources": self._resources, "tools": self._tools, "attempts": [each.listed for each in self._held.values()]},
                  REGISTERED)

    def _ask(self, verb, body, correlation=OWN):
        return self._send(self._frame(verb, msgpack.packb(body), correlation))

    def _frame(self, verb, body, correlation, job=bytes(16), fence=0):
        return HEADER.pack(b"JDP1", verb, 0, 0, 0, correlation, job, self._session, 0, 0, 0, fence) + body

    def _send(self, frame):
        try:
            self._socket.send(frame, zmq.NOBLOCK)
            return True
        except zmq.Again:
            return False  # nobody is there: silence brings it up again

    def report(self, attempt, verb, packed):
        if attempt.closed:
            return attempt._room.release()
        attempt.last += 1
        attempt.kept.append((attempt.last, verb, packed))
        attempt.sent_at = time.monotonic()
        if self._session:
            self._send_report(attempt, attempt.kept[-1])

    def _send_report(self, attempt, kept):
        number, verb, body = kept
        self._send(self._frame(verb, body, number, attempt.job, attempt.fence))

    def _resend(self, attempt):
        attempt.sent_at = time.monotonic()
        for kept in attempt.kept:
            self._send_report(attempt, kept)

    def handler_over(self, attempt):
        attempt.running = False
        self._forget_if_over(attempt)

    def _forget_if_over(self, attempt):
        if not attempt.running and not attempt.kept:
            self._held.pop(attempt.fence, None)

    def _receive(self, frame):
        magic, verb, _, _, tool_length, correlation, job, session, _, _, _, fence = HEADER.unpack_from(frame)
        tool = frame[HEADER.size:HEADER.size + tool_length].decode()
        body = msgpack.unpackb(frame[HEADER.size + tool_length:] or b"\x80")
        self._heard = time.monotonic()
        attempt = self._held.get(fence)
        if verb == WELCOME:
            self._session = session
            self._register()
            for each in self._held.values():
                self._resend(each)
        elif verb == ASSIGN and attempt is None:
            self._begin(Attempt(self, job, fence, tool, body))
        elif verb == ACK and fence == 0:
            self._renew_every = body.get("renew_ms", 1000) / 1000
        elif verb == ACK and attempt is not None:
            attempt.acknowledge(correlation)
            self._forget_if_over(attempt)
        elif verb == STOP and attempt is not None:
            attempt.stopped.set()
        elif verb == REVOKE and attempt is not None:
            attempt.revoke()
            self._forget_if_over(attempt)
        elif verb == NACK and body["name"] == "no_session" and self._session:
            self._connect()
        elif verb == NACK and correlation == REGISTERED:
            raise SystemExit(f"the broker refuses: {body['message']}")
        elif verb == NACK and attempt is not None and not body["retryable"]:
            attempt.refuse(correlation, body["message"])
            self._resend(attempt)

    def _begin(self, attempt):
        self._held[attempt.fence] = attempt
        handler = self._handlers[attempt.tool]
        threading.Thread(target=attempt.run, args=(handler,), daemon=True).start()


# ---- the tools

TEXT_STATISTICS = {
    "name": "text_statistics", "title": "Text statistics", "timeout_class": "short",
    "description": "Counts lines, words and characters of a text and names its most frequent words.",
    "idempotent": True, "read_only": True, "grade": "buffered",
    "arguments": {"type": "object", "required": ["text"], "additionalProperties": False,
                  "properties": {"text": {"type": "string"},
                                 "top": {"type": "integer", "minimum": 0, "maximum": 100, "default": 5}}},
    "result": {"type": "object", "properties": {"lines": {"type": "integer"}, "words": {"type": "integer"},
                                                "characters": {"type": "integer"}, "top": {"type": "array"}}},
}


def text_statistics(attempt):
    text = attempt.arguments["text"]
    words = text.split()
    top = Counter(word.strip(".,;:!?\"'()").lower() for word in words).most_common(attempt.arguments.get("top", 5))
    return {"lines": len(text.splitlines()), "words": len(words), "characters": len(text),
            "top": [{"word": word, "count": count} for word, count in top]}


def nap_tool(name, idempotent):
    return {
        "name": name, "title": "Nap", "timeout_class": "long", "streams": True, "idempotent": idempotent,
        "description": "Does nothing for a while, tells how far it is every 100 ms, and can be stopped.",
        "arguments": {"type": "object", "required": ["ms"], "additionalProperties": False,
                      "properties": {"ms": {"type": "integer", "minimum": 0, "maximum": 3600000}}},
        "result": {"type": "object", "properties": {"by": {"type": "string"}}},
    }


def nap_by(name):
    def nap(attempt):
        milliseconds = attempt.arguments["ms"]
        begun = time.monotonic()
        while (passed := (time.monotonic() - begun) * 1000) < milliseconds:
            attempt.progress(100 * passed / milliseconds)
            if attempt.stopped.wait(min(100, milliseconds - passed) / 1000):
                raise Failed("cancelled", "woken up")
        return {"by": name}
    return nap


def default_endpoint():
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return f"ipc://{runtime}/switchyard/workers" if runtime else f"ipc:///tmp/switchyard-{os.getuid()}/workers"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", default=default_endpoint(), help="the broker's workers endpoint")
    parser.add_argument("--name", default=f"python-{os.getpid()}")
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--resource", action="append", default=[], metavar="NAME=AMOUNT",
                        help="what there is here, e.g. gpu:0=24000; a tool's declaration says what one job takes")
    parser.add_argument("--ledger", help="append a line here whenever a handler begins")
    line = parser.parse_args()
    resources = {name: int(amount) for name, _, amount in (each.rpartition("=") for each in line.resource)}
    worker = Worker(line.workers, line.name, line.concurrency, resources)

    def noted(handler):
        def run(attempt):
            if line.ledger:
                with open(line.ledger, "a", encoding="utf-8") as ledger:
                    ledger.write(f"{attempt.job.hex()} {attempt.number} {line.name}\n")
            return handler(attempt)
        return run

    worker.offer(TEXT_STATISTICS, noted(text_statistics))
    worker.offer(nap_tool("nap", idempotent=True), noted(nap_by(line.name)))
    worker.offer(nap_tool("nap_once", idempotent=False), noted(nap_by(line.name)))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


if __name__ == "__main__":
    main()
