#!/usr/bin/python3
"""A client written from dispatch/wire/PROTOCOL.md alone, which checks that the broker keeps to the page.

    client.py --requests EP --control EP --iopub EP

It starts nothing: the broker runs already. Prints each check and closes with "N passed, M failed".
"""

import argparse
import secrets
import struct
import sys
import time

import msgpack
import zmq

# Section 2: magic, verb, flags, priority, tool_length, correlation, id, session, budget_ms, group, sent_ns, fence.
HEADER = struct.Struct("<4sBBBBQ16sQIIQQ")
# Section 7: magic, kind, three zeros, epoch, seq, lsn, wall_ns, job.
EVENT = struct.Struct("<4sB3xQQQQ16s")

HELLO, CALL, CAST, STATUS, LIST, WAIT, CANCEL, WHY, REPLAY, TOOLS, PING, BYE, STATS, DRAIN = range(1, 15)
SCHEDULE_SET, SCHEDULE_REMOVE, SCHEDULES = range(0x33, 0x36)
WELCOME, IMMEDIATE, JOB, ACK, NACK, RESULT, DATA, PONG = range(0x81, 0x89)
HAS_OPTIONS = 0x10
OF_CLASS = 0xFFFFFFFF
KINDS = {1: "state", 2: "progress", 3: "chunk", 4: "complete", 5: "error", 6: "artifact", 7: "log", 8: "value",
         9: "beacon", 10: "welcome", 11: "farewell", 12: "snapshot"}
ANSWER_MS = 10_000  # more than any check here needs; running out of it is a failure


class Reply:
    def __init__(self, frame):
        (self.magic, self.verb, self.flags, _, tool_length, self.correlation, self.id, self.session, *_) = \
            HEADER.unpack_from(frame)
        self.body = msgpack.unpackb(frame[HEADER.size + tool_length:], raw=False, strict_map_key=True)

    @property
    def error(self):
        return self.body["name"] if self.verb == NACK else None


class Event:
    def __init__(self, frame):
        topic, rest = frame.split(b"\0", 1)
        self.topic = topic.decode("ascii")
        magic, kind, self.epoch, self.seq, self.lsn, self.wall_ns, self.job = EVENT.unpack_from(rest)
        assert magic == b"JDE1", magic
        self.kind = KINDS[kind]
        self.body = msgpack.unpackb(rest[EVENT.size:], raw=False)


def dealer(context, endpoint):
    socket = context.socket(zmq.DEALER)
    socket.immediate = 1
    socket.linger = 1000
    socket.maxmsgsize = 8 << 20
    socket.connect(endpoint)
    return socket


class Client:
    def __init__(self, context, requests, control):
        self.requests = dealer(context, requests)
        self.control = dealer(context, control)
        self.session = 0
        self.correlation = 0

    def send(self, verb, body=None, tool=b"", flags=0, priority=2, id=bytes(16), budget_ms=OF_CLASS, group=0,
             sent_ns=0, fence=0, options=None, session=None, socket=None):
        self.correlation += 1
        packed = b"" if body is None else msgpack.packb(body)
        if options is not None:
            flags |= HAS_OPTIONS
            packed = msgpack.packb(options) + packed
        head = HEADER.pack(b"JDP1", verb, flags, priority, len(tool), self.correlation, id,
                           self.session if session is None else session, budget_ms, group, sent_ns, fence)
        (socket or self.requests).send(head + tool + packed)
        return self.correlation

    def receive(self, socket=None, timeout_ms=ANSWER_MS):
        socket = socket or self.requests
        if not socket.poll(timeout_ms):
            raise TimeoutError("no answer")
        parts = socket.recv_multipart()
        assert len(parts) == 1, f"a message has one frame, this one {len(parts)}"
        return Reply(parts[0])

    def ask(self, verb, body=None, **more):
        correlation = self.send(verb, body, **more)
        reply = self.receive(more.get("socket"))
        assert reply.magic == b"JDP1", reply.magic
        assert reply.correlation == correlation, f"correlation {reply.correlation}, expected {correlation}"
        return reply


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def run(self, check, *arguments):
        name = check.__doc__.strip()
        try:
            check(*arguments)
        except Exception as problem:  # a failed check must not hide the next ones
            self.failed += 1
            print(f"FAIL  {name}: {type(problem).__name__}: {problem}")
        else:
            self.passed += 1
            print(f"ok    {name}")


def equal(found, expected):
    assert found == expected, f"{found!r}, expected {expected!r}"


def new_id():
    return secrets.token_bytes(16)


def subscribe(context, endpoint, topic):
    socket = context.socket(zmq.SUB)
    socket.sndhwm = 0
    socket.linger = 0
    socket.maxmsgsize = 8 << 20
    socket.connect(endpoint)
    socket.subscribe(topic.encode() + b"\0")
    return socket


def next_event(socket, timeout_ms=ANSWER_MS):
    if not socket.poll(timeout_ms):
        raise TimeoutError("no event")
    return Event(socket.recv())


def replay_all(client, stream, start=1, max_bytes=None):
    """Asks page by page until there is no more; returns the events and the last answer."""
    events = []
    while True:
        body = {"stream": stream, "from": start}
        if max_bytes is not None:
            body["max_bytes"] = max_bytes
        answer = client.ask(REPLAY, body).body
        events += [Event(frame) for frame in answer["events"]]
        start = answer["next"]
        if start > answer["last"]:
            return events, answer


def store(client, data, id=None, **more):
    """Submits a small job: cas_store puts bytes on the disk."""
    return client.ask(CALL, {"data": data, "mime_type": "text/plain"}, tool=b"cas_store", id=id or new_id(), **more)


# ---- the checks; the first line of each says what it claims


def check_hello(client):
    """HELLO is welcomed with a session and the limits"""
    reply = client.ask(HELLO, {"client": "conformance", "versions": [1, 1]})
    equal(reply.verb, WELCOME)
    assert reply.session != 0
    client.session = reply.session
    for key in ("version", "broker", "epoch", "principal", "session_ttl_ms", "iopub", "control", "limits"):
        assert key in reply.body, key
    for key in ("frame_bytes", "pack_depth", "pack_nodes", "sessions", "jobs_live", "jobs_bytes", "ended_count",
                "ended_ttl_ms", "wait_ids"):
        assert key in reply.body["limits"], key
    equal(reply.body["version"], 1)


def check_hello_version(client):
    """HELLO of another version is unsupported"""
    equal(client.ask(HELLO, {"client": "conformance", "versions": [2, 3]}).error, "unsupported")


def check_no_session(client):
    """a request of an unknown session gets no_session"""
    reply = client.ask(LIST, {}, session=client.session ^ 1)
    equal((reply.error, reply.body["retryable"]), ("no_session", True))


def check_unknown_verb(client):
    """an unknown verb is refused with its correlation"""
    equal(client.ask(77, {}).error, "unsupported")


def check_critical_flag(client):
    """an unknown critical flag is refused"""
    equal(client.ask(PING, {}, flags=0x40).error, "unsupported")


def check_torn_frame(client):
    """a torn frame, and an empty one, get a NACK without correlation"""
    whole = HEADER.pack(b"JDP1", PING, 0, 2, 0, 99, bytes(16), client.session, 0, 0, 0, 0)
    for length in (0, 1, 10, 63):
        client.requests.send(whole[:length])
        reply = client.receive()
        equal((reply.error, reply.correlation), ("bad_frame", 0))


def check_lying_length(client):
    """a tool's name longer than the frame is a bad frame"""
    client.requests.send(HEADER.pack(b"JDP1", CALL, 0, 2, 9, 98, bytes(16), client.session, 0, 0, 0, 0) + b"abc")
    reply = client.receive()
    equal((reply.error, reply.correlation), ("bad_frame", 98))


def check_other_major(client):
    """another major version is unsupported"""
    client.requests.send(HEADER.pack(b"JDP2", PING, 0, 2, 0, 97, bytes(16), client.session, 0, 0, 0, 0))
    equal(client.receive().error, "unsupported")


def check_torn_body(client):
    """a torn body is a bad request"""
    client.requests.send(HEADER.pack(b"JDP1", LIST, 0, 2, 0, 96, bytes(16), client.session, 0, 0, 0, 0) + b"\x81\xa1")
    equal(client.receive().error, "bad_request")


def check_too_large(client):
    """a frame above 4 MiB is too large and costs nothing else"""
    client.requests.send(HEADER.pack(b"JDP1", CALL, 0, 2, 0, 95, bytes(16), client.session, 0, 0, 0, 0) +
                         bytes((4 << 20) + 1))
    reply = client.receive()
    equal((reply.error, reply.correlation), ("too_large", 95))
    equal(client.ask(PING).verb, PONG)


def check_ping(client):
    """PING on both sockets tells the clocks"""
    for socket in (client.requests, client.control):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        reply = client.ask(PING, socket=socket)
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        equal((reply.verb, reply.body["session"]), (PONG, True))
        assert before <= reply.body["steady_ns"] <= after, "on the same machine it is CLOCK_MONOTONIC"
        assert abs(reply.body["wall_ns"] - time.time_ns()) < 60 * 10**9


def check_tools(client):
    """TOOLS lists, and gives one with its schemas"""
    names = [tool["name"] for tool in client.ask(TOOLS, {}).body["tools"]]
    assert "cas_store" in names and names == sorted(names), names
    one = client.ask(TOOLS, {"name": "cas_store"}).body["tools"]
    equal((len(one), one[0]["kind"]), (1, "job"))
    assert one[0]["arguments"]["type"] == "object"
    equal(client.ask(TOOLS, {"name": "no_such_tool"}).error, "unknown_tool")


def check_immediate(client):
    """an Immediate tool answers IMMEDIATE, an empty body counts as an empty map"""
    equal(client.ask(CALL, {}, tool=b"config_get").verb, IMMEDIATE)
    equal(client.ask(CALL, None, tool=b"garden_status").verb, IMMEDIATE)


def check_refusals(client):
    """unknown tools and arguments are refused, with a pointer"""
    equal(client.ask(CALL, {}, tool=b"no_such_tool").error, "unknown_tool")
    reply = client.ask(CALL, {"data": 7}, tool=b"cas_store", id=new_id())
    equal((reply.error, reply.body["pointer"]), ("invalid_arguments", "/data"))
    equal(client.ask(CALL, {"data": b"x"}, tool=b"cas_store").error, "bad_request")  # no id
    equal(store(client, b"x", options={"no_such_option": 1}).error, "bad_request")


def check_socket_verbs(client):
    """CALL and REPLAY go to requests, DRAIN to control"""
    equal(client.ask(CALL, {}, tool=b"config_get", socket=client.control).error, "unsupported")
    equal(client.ask(REPLAY, {"stream": "l."}, socket=client.control).error, "unsupported")
    equal(client.ask(DRAIN).error, "unauthorized")


def check_result_in_time(client):
    """a job that ends within the wait answers RESULT"""
    reply = store(client, b"in time")
    equal((reply.verb, reply.body["state"]), (RESULT, "succeeded"))
    for key in ("job_id", "tool", "tool_version", "priority", "timeout_class", "grade", "attempt", "created_ms",
                "started_ms", "ended_ms", "result", "stream"):
        assert key in reply.body, key


def check_late_subscription(client, context, iopub):
    """a late subscriber misses nothing: welcome, REPLAY, dense seq, the end last"""
    id = new_id()
    reply = store(client, b"followed", id=id, budget_ms=0)
    equal((reply.verb, reply.body["job_id"]), (JOB, id.hex()))
    cursor = reply.body["stream"]
    equal(cursor["topic"], "j." + id.hex())
    waited = client.ask(WAIT, {"job_ids": [id.hex()]}).body
    equal((waited["reason"], waited["ended"][0]["state"], waited["pending"]), ("ended", "succeeded", []))
    socket = subscribe(context, iopub, cursor["topic"])
    welcome = next_event(socket)
    equal((welcome.kind, welcome.topic, welcome.seq), ("welcome", cursor["topic"], 0))
    events, answer = replay_all(client, cursor["topic"])
    equal((answer["truncated"], answer["epoch"]), (False, cursor["epoch"]))
    equal([event.seq for event in events], list(range(1, welcome.body["last"] + 1)))
    assert cursor["seq"] <= events[-1].seq
    equal((events[0].kind, events[0].body["state"]), ("state", "queued"))
    equal((events[-1].kind, events[-1].body["state"]), ("complete", "succeeded"))
    assert all(event.job == id and event.topic == cursor["topic"] for event in events)
    assert [event.lsn for event in events] == sorted(event.lsn for event in events)
    socket.close()


def check_live_stream(client, context, iopub):
    """a subscriber between submit and start sees everything from its cursor on, in order"""
    id = new_id()
    cursor = store(client, b"live", id=id, budget_ms=0, options={"delay_ms": 400}).body["stream"]
    socket = subscribe(context, iopub, cursor["topic"])
    events = {}
    while not any(event.kind in ("complete", "error") for event in events.values()):
        event = next_event(socket)
        if event.kind == "welcome":
            for old in replay_all(client, cursor["topic"], cursor["seq"])[0]:
                events[old.seq] = old
        else:
            assert event.seq not in events or events[event.seq].kind == event.kind
            events[event.seq] = event
    seqs = sorted(events)
    equal(seqs, list(range(seqs[0], seqs[-1] + 1)))
    equal(seqs[0], cursor["seq"])
    equal([events[seq].body["state"] for seq in seqs if events[seq].kind == "state"],
          ["scheduled", "queued", "running"])
    socket.close()


def check_replay_pages(client):
    """REPLAY comes in pages and names unknown streams"""
    whole, _ = replay_all(client, "t.local")
    pages, _ = replay_all(client, "t.local", max_bytes=1)
    equal([event.seq for event in pages], [event.seq for event in whole])
    equal(whole[-1].seq, len(whole))
    equal(client.ask(REPLAY, {"stream": "j." + new_id().hex()}).error, "not_found")
    beyond = client.ask(REPLAY, {"stream": "l.", "from": 10**6}).body
    equal((beyond["events"], beyond["next"]), ([], 10**6))


def check_resubmit(client):
    """the same id and body is the same job; another body is a conflict"""
    id = new_id()
    first = store(client, b"once", id=id)
    second = store(client, b"once", id=id)
    equal((second.verb, second.body["result"]), (RESULT, first.body["result"]))
    equal(second.body["attempt"], 1)
    equal(store(client, b"twice", id=id).error, "conflict")


def check_cancel(client):
    """CANCEL of a job that has not begun cancels it, however often it is sent; an ended one is too late"""
    id = new_id()
    equal(store(client, b"never", id=id, budget_ms=0, options={"delay_ms": 600_000}).body["state"], "scheduled")
    why = client.ask(WHY, {"job_id": id.hex()}).body
    equal(why["state"], "scheduled")
    assert why["reason"]
    cancelled = client.ask(CANCEL, {"job_id": id.hex(), "reason": "not needed"}, socket=client.control)
    equal((cancelled.verb, cancelled.body["state"], cancelled.body["error"]["name"]), (DATA, "cancelled", "cancelled"))
    equal(client.ask(CANCEL, {"job_id": id.hex()}).body["state"], "cancelled")
    done = new_id()
    equal(store(client, b"done", id=done).verb, RESULT)
    equal(client.ask(CANCEL, {"job_id": done.hex()}).error, "too_late")
    events, _ = replay_all(client, "j." + id.hex())
    equal([event.kind for event in events], ["state", "error"])
    equal(client.ask(CANCEL, {"job_id": new_id().hex()}).error, "not_found")


def check_schedules(client):
    """a schedule is set, shown with its first instant, and removed; the same id gets the same answer"""
    schedule = {"name": "conformance", "cron": "0 0 1 1 *", "zone": "America/New_York", "missed": "all", "tool": "cas_store",
                "arguments": {"data": b"yearly", "mime_type": "text/plain"}}
    id = new_id()
    answer = client.ask(SCHEDULE_SET, schedule, id=id)
    equal(answer.verb, DATA)
    equal(time.gmtime(answer.body["next_ms"] / 1000)[1:5], (1, 1, 5, 0))
    equal(client.ask(SCHEDULE_SET, schedule, id=id).body, answer.body)
    equal(client.ask(SCHEDULE_SET, dict(schedule, missed="once"), id=id).error, "conflict")
    listed = client.ask(SCHEDULES).body["schedules"]
    equal([(entry["name"], entry["priority"], "arguments" in entry) for entry in listed], [("conformance", 2, False)])
    equal(client.ask(SCHEDULES, {"name": "conformance"}).body["schedules"], [answer.body])
    equal(client.ask(SCHEDULE_SET, dict(schedule, cron="0 0 31 2 *"), id=new_id()).error, "bad_request")
    equal(client.ask(SCHEDULE_SET, schedule).error, "bad_request")
    id = new_id()
    for _ in range(2):
        equal(client.ask(SCHEDULE_REMOVE, {"name": "conformance"}, id=id).verb, ACK)
    equal(client.ask(SCHEDULE_REMOVE, {"name": "conformance"}, id=new_id()).error, "not_found")


def check_parents(client):
    """a child waits for its parent, and fails with it"""
    parent, child = new_id(), new_id()
    store(client, b"parent", id=parent, budget_ms=0, options={"delay_ms": 600_000})
    blocked = store(client, b"child", id=child, budget_ms=0, options={"after": [parent.hex()]})
    equal(blocked.body["state"], "blocked")
    client.ask(CANCEL, {"job_id": parent.hex()})
    status = client.ask(STATUS, {"job_id": child.hex()}).body
    equal((status["state"], status["error"]["name"]), ("failed", "dependency_failed"))


def check_deadline(client):
    """a deadline expires a job that has not begun"""
    id = new_id()
    reply = store(client, b"late", id=id, options={"delay_ms": 600_000, "deadline_ms": 50})
    equal((reply.verb, reply.body["state"], reply.body["error"]["name"]), (RESULT, "expired", "expired"))


def check_wait(client):
    """WAIT ends with its budget, and tells what it does not know"""
    id, unknown = new_id(), new_id()
    store(client, b"waited", id=id, budget_ms=0, options={"delay_ms": 600_000})
    waited = client.ask(WAIT, {"job_ids": [id.hex(), unknown.hex()], "mode": "all"}, budget_ms=50).body
    equal((waited["reason"], waited["ended"], waited["pending"], waited["unknown"]),
          ("timeout", [], [id.hex()], [unknown.hex()]))
    client.ask(CANCEL, {"job_id": id.hex()})


def check_list(client):
    """LIST pages through the jobs, newest first"""
    listed, body = [], {"limit": 3}
    while True:
        page = client.ask(LIST, body).body
        listed += page["jobs"]
        assert len(page["jobs"]) <= 3
        if "cursor" not in page:
            break
        body["cursor"] = page["cursor"]
    equal(len(listed), page["total"])
    equal(sum(page["by_state"].values()), page["total"])
    created = [job["created_ms"] for job in listed]
    equal(created, sorted(created, reverse=True))
    assert all("result" not in job for job in listed)
    failed = client.ask(LIST, {"state": "failed"}).body["jobs"]
    assert failed and all(job["state"] == "failed" for job in failed)


def check_cast(client, context, iopub):
    """a CAST has no reply; a stale one is told on l."""
    socket = subscribe(context, iopub, "l.")
    equal(next_event(socket).kind, "welcome")
    now = client.ask(PING).body["steady_ns"]
    client.send(CAST, {"beat": 2.0}, tool=b"garden_seek", sent_ns=now, group=1, fence=2, budget_ms=60_000)
    client.send(CAST, {"beat": 3.0}, tool=b"garden_seek", sent_ns=now, group=1, fence=1, budget_ms=60_000)
    client.send(CAST, {"beat": 4.0}, tool=b"garden_seek", sent_ns=now - 10**10, budget_ms=100)
    equal(client.ask(PING).verb, PONG)  # the next thing that comes is not about a cast
    for word in ("stale", "expired"):
        event = next_event(socket)
        equal((event.kind, event.body["level"]), ("log", "warn"))
        assert word in event.body["message"], event.body["message"]
    socket.close()


def check_stats(client):
    """STATS counts and measures"""
    stats = client.ask(STATS, {}, socket=client.control).body
    assert stats["counters"]["frames"] > 0 and stats["gauges"]["sessions"] >= 1


def check_bye(client):
    """BYE ends the session"""
    equal(client.ask(BYE).verb, ACK)
    equal(client.ask(LIST).error, "no_session")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("requests", "control", "iopub"):
        parser.add_argument("--" + name, required=True)
    line = parser.parse_args()
    context = zmq.Context()
    client = Client(context, line.requests, line.control)
    checks = Checks()
    for check in (check_hello, check_hello_version, check_no_session, check_unknown_verb, check_critical_flag,
                  check_torn_frame, check_lying_length, check_other_major, check_torn_body, check_too_large,
                  check_ping, check_tools, check_immediate, check_refusals, check_socket_verbs,
                  check_result_in_time):
        checks.run(check, client)
    for check in (check_late_subscription, check_live_stream):
        checks.run(check, client, context, line.iopub)
    for check in (check_replay_pages, check_resubmit, check_cancel, check_schedules, check_parents, check_deadline, check_wait,
                  check_list):
        checks.run(check, client)
    checks.run(check_cast, client, context, line.iopub)
    for check in (check_stats, check_bye):
        checks.run(check, client)
    print(f"{checks.passed} passed, {checks.failed} failed")
    context.destroy(linger=0)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
