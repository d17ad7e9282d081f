#!/usr/bin/python3
"""The broker's program: start, refusals, SIGTERM under load."""

import json
import os
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import unittest
import uuid
from pathlib import Path

import msgpack
import zmq

BROKER = str(Path(os.environ["SWITCHYARD_BIN"]) / "switchyard-broker")
HEADER = struct.Struct("<4sBBBBQ16sQIIQQ")
HELLO, CALL, WELCOME, JOB, NACK, RESULT = 1, 2, 0x81, 0x83, 0x85, 0x86
NOBODY_ELSE = 0o077


def frame(verb, session=0, correlation=0, tool=b"", body=None, job=bytes(16), budget=0xFFFFFFFF):
    head = HEADER.pack(b"JDP1", verb, 0, 2, len(tool), correlation, job, session, budget, 0, 0, 0)
    return head + tool + (msgpack.packb(body) if body is not None else b"")


def parse(reply):
    fields = HEADER.unpack_from(reply)
    body = reply[HEADER.size + fields[4] :]
    return fields[1], fields[5], fields[7], msgpack.unpackb(body) if body else {}


class Broker(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="switchyard-broker-")
        self.addCleanup(self.folder.cleanup)
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)
        self.running = []

    def tearDown(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait(10)
            process.stderr.close()

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    def start(self, *arguments):
        reading, writing = os.pipe()
        sockets = [f"--{name}=ipc://{self.path('run', name)}" for name in ("iopub", "control")]
        command = [BROKER, f"--listen=ipc://{self.path('run', 'requests')}", *sockets, f"--state={self.path('state')}", f"--ready-fd={writing}", *arguments]
        process = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.PIPE, text=True)
        self.running.append(process)
        os.close(writing)
        with os.fdopen(reading) as ready:
            line = ready.readline()
        self.assertTrue(line, "the broker ended before it was ready")
        return process, json.loads(line)

    def dealer(self, endpoint):
        socket = self.context.socket(zmq.DEALER)
        socket.linger = 0
        socket.rcvtimeo = 20_000
        socket.connect(endpoint)
        return socket

    def session(self, endpoint):
        socket = self.dealer(endpoint)
        socket.send(frame(HELLO))
        verb, _, session, _ = parse(socket.recv())
        self.assertEqual(verb, WELCOME)
        return socket, session

    def refused(self, *arguments):
        done = subprocess.run([BROKER, f"--state={self.path('other')}", *arguments], capture_output=True, text=True, timeout=30)
        return done.returncode, done.stderr

    def test_the_sockets_are_nobody_elses(self):
        self.start()
        self.assertEqual(stat.S_IMODE(os.stat(self.path("run")).st_mode) & NOBODY_ELSE, 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("state")).st_mode) & NOBODY_ELSE, 0)

    def test_a_second_broker_on_the_same_state_is_refused(self):
        self.start()
        done = subprocess.run([BROKER, f"--state={self.path('state')}", "--listen=tcp://127.0.0.1:*", "--iopub=tcp://127.0.0.1:*", "--control=tcp://127.0.0.1:*"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("another broker uses the state folder", done.stderr)

    def test_a_second_broker_on_the_same_socket_is_refused(self):
        self.start()
        code, errors = self.refused(f"--listen=ipc://{self.path('run', 'requests')}")
        self.assertEqual(code, 1)
        self.assertIn("listens on", errors)

    def test_tcp_off_loopback_is_refused(self):
        code, errors = self.refused("--listen=tcp://0.0.0.0:5580")
        self.assertEqual(code, 1)
        self.assertIn("not on loopback", errors)

    def test_an_open_folder_is_refused(self):
        os.mkdir(self.path("open"), 0o755)
        os.chmod(self.path("open"), 0o755)
        code, errors = self.refused(f"--listen=ipc://{self.path('open', 'requests')}")
        self.assertEqual(code, 1)
        self.assertIn("chmod 700", errors)

    def test_an_unknown_setting_is_refused_with_its_line(self):
        with open(self.path("broker.toml"), "w") as config:
            config.write("[limits]\nsessions_maximum = 3\n")
        code, errors = self.refused(f"--config={self.path('broker.toml')}", "--check-config")
        self.assertEqual(code, 2)
        self.assertIn("line 2", errors)
        self.assertIn("sessions_maximum", errors)

    def test_settings_that_contradict_each_other_are_refused(self):
        for text, says in (("[limits]\nworker_lease_ms = 1500\n", "worker_renew_ms"),
                           ("[groups.slow]\nrate_per_s = 0.0001\nburst = 1000000\n", "more than a year")):
            with open(self.path("broker.toml"), "w") as config:
                config.write(text)
            code, errors = self.refused(f"--config={self.path('broker.toml')}", "--check-config")
            self.assertEqual(code, 2)
            self.assertIn(says, errors)

    def test_the_sample_configuration_is_valid(self):
        sample = Path(__file__).resolve().parents[3] / "deploy" / "broker.toml"
        # Every setting is commented out; with the comment signs gone it must still be valid.
        lines = [line[2:] if line.startswith("# [") or line.startswith("# ") and "=" in line and not line.endswith(".") else line for line in sample.read_text().splitlines()]
        with open(self.path("sample.toml"), "w") as config:
            config.write("\n".join(lines))
        for file in (str(sample), self.path("sample.toml")):
            done = subprocess.run([BROKER, f"--config={file}", "--check-config"], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("sessions_max", json.loads(done.stdout)["limits"])

    def test_sigterm_under_load_answers_everybody_and_ends_with_0(self):
        process, endpoints = self.start("--threads=2")
        subscriber = self.context.socket(zmq.SUB)
        subscriber.linger = 0
        subscriber.rcvtimeo = 20_000
        subscriber.connect(endpoints["iopub"])
        subscriber.subscribe(b"b.")
        socket, session = self.session(endpoints["requests"])
        tune = "X:1\nT:load\nM:4/4\nL:1/8\nK:C\n" + "CDEF GABc|" * 16 + "\n"
        jobs = [uuid.uuid4().bytes for _ in range(400)]
        for number, job in enumerate(jobs):
            socket.send(frame(CALL, session, number, b"abc_to_midi", {"abc": tune}, job, budget=30_000))
        process.send_signal(signal.SIGTERM)
        outcomes = {}
        while len(outcomes) < len(jobs):
            verb, number, _, body = parse(socket.recv())
            outcomes[number] = body["state"] if verb in (RESULT, JOB) else body["name"]
        self.assertTrue(set(outcomes.values()) <= {"succeeded", "cancelled", "draining", "queued"}, set(outcomes.values()))
        while True:
            event = subscriber.recv()
            if event[event.index(0) + 5] == 11:
                break
        self.assertEqual(process.wait(30), 0)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
