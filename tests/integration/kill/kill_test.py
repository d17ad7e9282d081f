#!/usr/bin/python3
"""SIGKILL at random moments under load, checked against a ledger of our own: what was acknowledged is there after
the next start, and ends exactly once. SWITCHYARD_KILLS says how often (the tests: a few times)."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import zmq

sys.dont_write_bytecode = True
from ledger import SEED, TERMINAL, Ledger, close, connect, ended, jdp, status, verify  # noqa: E402
from program import BIN, Broker  # noqa: E402  ledger knows where it is

KILLS = int(os.environ.get("SWITCHYARD_KILLS", "10"))
JOBS_A_KILL = 300  # at most, so that they can all be done in the end


class Killed(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-kill-"))
        self.context = zmq.Context()
        self.random = random.Random(SEED)

    def tearDown(self):
        self.context.destroy(linger=0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def test_nothing_that_was_acknowledged_is_lost_and_everything_ends_once(self):
        print(f"YARD_TEST_SEED={SEED}", file=sys.stderr)
        ledger = Ledger()
        for _ in range(KILLS):
            broker = Broker(self.folder)
            session = connect(self.context, broker)
            for id in self.random.sample(sorted(ledger), min(50, len(ledger))):
                self.assertNotEqual(status(session, id).verb, jdp.NACK, "an acknowledged job is gone")
            ledger.load(session, self.random, self.random.uniform(0.02, 0.4), JOBS_A_KILL)
            broker.kill()
            close(session)
        verified = verify(self.folder)
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.assertIn("was not stopped in order", verified.stdout)
        broker = Broker(self.folder)
        session = connect(self.context, broker)
        lost_to_workers = 0
        self.assertGreater(len(ledger), KILLS)
        for id, entry in ledger.items():
            record = ended(session, id)
            self.assertIn(record["state"], TERMINAL)
            lost_to_workers += record["state"] == "failed" and record["error"]["name"] == "worker_lost"
            if record["state"] == "succeeded":
                self.assertEqual(record["result"]["size"], len(entry.data))
            events, _ = jdp.replay_all(session, "j." + id.hex())
            self.assertEqual([event.seq for event in events], list(range(1, len(events) + 1)))
            ends = [event.kind for event in events if event.kind in ("complete", "error")]
            self.assertEqual(ends, ["complete" if record["state"] == "succeeded" else "error"])
            self.assertEqual(events[-1].kind, ends[0], "nothing comes behind the end")
        print(f"{KILLS} kills, {len(ledger)} acknowledged jobs, {lost_to_workers} ended as worker_lost", file=sys.stderr)
        self.assertEqual(broker.stop(), 0)
        verified = verify(self.folder)
        self.assertIn("closed in order", verified.stdout + verified.stderr)

    def test_a_second_broker_on_the_folder_is_refused(self):
        broker = Broker(self.folder)
        second = subprocess.run([BIN / "switchyard-broker", "--listen", f"ipc://{self.folder}/other", "--state",
                                 self.folder / "state"], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another broker uses the state folder", second.stderr)
        self.assertEqual(broker.stop(), 0)

    def test_damage_in_the_middle_is_refused_and_named(self):
        broker = Broker(self.folder)
        session = connect(self.context, broker)
        for _ in range(20):
            jdp.store(session, b"x" * 50)
        close(session)
        self.assertEqual(broker.stop(), 0)
        segment = next((self.folder / "state" / "jobs").glob("log-*"))
        damaged = bytearray(segment.read_bytes())
        damaged[700] ^= 1
        segment.write_bytes(damaged)
        for flags in (["--verify"], []):
            refused = subprocess.run([BIN / "switchyard-broker", *flags, "--listen", f"ipc://{self.folder}/requests",
                                      "--state", self.folder / "state"], capture_output=True, text=True, timeout=20,
                                     check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertRegex(refused.stderr, rf"bad_frame: .*{segment.name}: byte \d+")


@unittest.skipUnless(os.geteuid() == 0, "mounts a small file system")
class Full(unittest.TestCase):
    MIB = 1 << 20

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-full-"))
        (self.folder / "state").mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", self.folder / "state"], check=False)
        if mounted.returncode != 0:
            shutil.rmtree(self.folder)
            self.skipTest("may not mount")
        self.context = zmq.Context()

    def tearDown(self):
        self.context.destroy(linger=0)
        if self.broker.process.poll() is None:
            self.broker.kill()
        subprocess.run(["umount", self.folder / "state"], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def submit(self, session):
        tune = "X:1\nT:full\nK:C\nCDEF|\n" + "% a comment\n" * 10_000
        return session.ask(jdp.CALL, {"abc": tune}, tool=b"abc_to_midi", id=jdp.new_id(), budget_ms=0,
                           options={"grade": "buffered"})

    def test_a_full_disk_refuses_new_jobs_and_recovers_by_itself(self):
        self.broker = Broker(self.folder)
        session = connect(self.context, self.broker)
        self.assertEqual(self.submit(session).verb, jdp.JOB)
        filler = self.folder / "state" / "filler"
        free = shutil.disk_usage(self.folder / "state").free
        filler.write_bytes(bytes(free - 4 * self.MIB))
        accepted = []
        refused = None
        while refused is None:
            reply = self.submit(session)
            if reply.verb == jdp.NACK:
                refused = reply
            else:
                accepted.append(reply.body["job_id"])
        self.assertEqual(refused.error, "queue_full")
        self.assertIn("disk is full", refused.body["message"])
        self.assertGreater(refused.body["retry_after_ms"], 0)
        self.assertEqual(session.ask(jdp.PING).verb, jdp.PONG)
        # A job that does not end while this test runs: to wait for it is to wait.
        pause = session.ask(jdp.CALL, {"abc": "X:1"}, tool=b"abc_to_midi", id=jdp.new_id(), budget_ms=0,
                            options={"grade": "volatile", "delay_ms": 600_000}).body["job_id"]
        filler.unlink()
        for _ in range(100):
            reply = self.submit(session)
            if reply.verb != jdp.NACK:
                break
            session.ask(jdp.WAIT, {"job_ids": [pause]}, budget_ms=100)
        self.assertEqual(reply.verb, jdp.JOB, "it takes jobs again without being told")
        accepted.append(reply.body["job_id"])
        close(session)
        self.broker.kill()
        self.broker = Broker(self.folder)
        session = connect(self.context, self.broker)
        for id in accepted:
            self.assertEqual(session.ask(jdp.STATUS, {"job_id": id}).verb, jdp.DATA, "an acknowledged job is gone")
        close(session)
        self.assertEqual(self.broker.stop(), 0)


if __name__ == "__main__":
    unittest.main()
