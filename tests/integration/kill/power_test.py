#!/usr/bin/python3
"""The power fails at random moments under load: lossy_disk.cc, preloaded into the broker's program, keeps what was not
synced out of the files, and SIGKILL takes it. LOSSY_DISK is that library, which a program with a sanitizer cannot
preload; SWITCHYARD_KILLS says how often (the tests: a few times)."""

import os
import random
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import zmq

sys.dont_write_bytecode = True
from ledger import SEED, TERMINAL, Ledger, close, connect, ended, jdp, status, verify  # noqa: E402
from program import Broker  # noqa: E402  ledger knows where it is

SKIPPED = 77  # as tests/CMakeLists.txt says
KILLS = int(os.environ.get("SWITCHYARD_KILLS", "4"))
FAILURES = max(2, KILLS // 4)
JOBS_A_KILL = 150


class PowerLoss(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-power-"))
        self.context = zmq.Context()
        self.random = random.Random(SEED)
        print(f"YARD_TEST_SEED={SEED}", file=sys.stderr)

    def tearDown(self):
        self.context.destroy(linger=0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, mode, below="state", at=0):
        return Broker(self.folder, environment={
            "LD_PRELOAD": os.environ["LOSSY_DISK"], "LOSSY_DISK_FOLDER": str(self.folder / below), "LOSSY_DISK_MODE": mode,
            "LOSSY_DISK_AT": str(at), "LOSSY_DISK_SEED": str(self.random.randrange(1, 1 << 30))})

    def load_and_kill(self, mode, ledger, seconds, grades):
        broker = self.start(mode)
        session = connect(self.context, broker)
        ledger.load(session, self.random, seconds, JOBS_A_KILL, grades)
        close(session)
        broker.kill()

    def forget_what_is_lost(self, session, ledger):
        """Takes jobs that are gone out of the ledger and returns their entries. What is there kept what was said."""
        lost = []
        for id, entry in list(ledger.items()):
            reply = status(session, id)
            if reply.verb == jdp.NACK:
                self.assertEqual(reply.error, "not_found")
                lost.append(ledger.pop(id))
            elif entry.ended and entry.grade == "synced":
                self.assertEqual(reply.body["state"], "succeeded", "an end that was told is gone")
        return lost

    def assert_all_end_once(self, session, ledger):
        for id, entry in ledger.items():
            record = ended(session, id)
            self.assertIn(record["state"], TERMINAL)
            if record["state"] == "succeeded":
                self.assertEqual(record["result"]["size"], len(entry.data))
            events, _ = jdp.replay_all(session, "j." + id.hex())
            self.assertEqual([event.seq for event in events], list(range(1, len(events) + 1)))
            self.assertEqual([event.kind in ("complete", "error") for event in events], [False] * (len(events) - 1) + [True])

    def test_no_synced_acknowledgement_is_lost(self):
        ledger = Ledger()
        synced = lost = 0
        for _ in range(KILLS):
            broker = self.start("hold")
            session = connect(self.context, broker)
            gone = self.forget_what_is_lost(session, ledger)
            self.assertEqual([entry for entry in gone if entry.grade == "synced"], [])
            lost += len(gone)
            ledger.load(session, self.random, self.random.uniform(0.02, 0.4), JOBS_A_KILL)
            synced = sum(entry.grade == "synced" for entry in ledger.values())
            close(session)
            broker.kill()
        self.assertGreater(synced, KILLS)
        self.assertEqual(verify(self.folder).returncode, 0)
        broker = self.start("hold")
        session = connect(self.context, broker)
        gone = self.forget_what_is_lost(session, ledger)
        self.assertEqual([entry for entry in gone if entry.grade == "synced"], [])
        self.assert_all_end_once(session, ledger)
        close(session)
        self.assertEqual(broker.stop(), 0)
        self.assertIn("closed in order", verify(self.folder).stdout, "an orderly end hands everything on")
        print(f"{KILLS} losses of power, {synced} synced jobs kept, {lost + len(gone)} buffered ones lost", file=sys.stderr)

    def test_what_is_only_buffered_may_be_lost(self):
        ledger = Ledger()
        self.assertEqual(self.start("hold").stop(), 0)
        self.load_and_kill("hold", ledger, 5, ["buffered"])
        broker = self.start("hold")
        session = connect(self.context, broker)
        self.assertGreater(len(self.forget_what_is_lost(session, ledger)), 0)
        close(session)
        self.assertEqual(broker.stop(), 0)

    def test_a_disk_that_lies_is_noticed(self):
        """Or else the test above could not notice anything."""
        ledger = Ledger()
        self.assertEqual(self.start("hold").stop(), 0)
        self.load_and_kill("lie", ledger, 5, ["synced"])
        broker = self.start("hold")
        session = connect(self.context, broker)
        self.assertGreater(len(self.forget_what_is_lost(session, ledger)), 0)
        self.assertEqual(ledger, {})
        close(session)
        self.assertEqual(broker.stop(), 0)

    def fail_at_random(self, mode, complaint):
        """The broker stops by itself when the log's disk fails, says why, and has kept what it acknowledged."""
        ledger = Ledger()
        self.assertEqual(self.start("hold").stop(), 0)
        for _ in range(FAILURES):
            broker = self.start(mode, below="state/jobs", at=self.random.randrange(3, 30))
            session = connect(self.context, broker)
            while broker.process.poll() is None:
                ledger.load(session, self.random, 0.3, JOBS_A_KILL, ["synced"])
            close(session)
            self.assertEqual(broker.stop(), 1)
            self.assertRegex((self.folder / "log").read_text(), complaint)
            broker = self.start("hold")
            session = connect(self.context, broker)
            self.assertEqual(self.forget_what_is_lost(session, ledger), [])
            close(session)
            broker.kill()
        self.assertGreater(len(ledger), 0)

    def test_a_sync_that_fails_is_the_end_and_is_not_tried_again(self):
        self.fail_at_random("fail_sync", r"cannot sync log-\S+: Input/output error")

    def test_a_write_that_fails_is_the_end(self):
        self.fail_at_random("fail_write", r"cannot write log-\S+: Input/output error")


if __name__ == "__main__":
    if "LOSSY_DISK" not in os.environ:
        print("skipped: no lossy disk to preload here", file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main()
