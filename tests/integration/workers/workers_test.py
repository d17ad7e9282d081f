#!/usr/bin/python3
"""Remote workers as real processes: killed, stopped, cut off from their broker, in Python and in C++."""

import functools
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import zmq

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1] / "kill"), str(HERE.parents[3] / "clients" / "examples")]
import worker  # noqa: E402  the example
from ledger import close, connect, jdp  # noqa: E402
from program import BIN, Broker  # noqa: E402  ledger knows where it is

PYTHON_WORKER = HERE.parents[3] / "clients" / "examples" / "worker.py"
CPP_WORKER = BIN / "switchyard-example-worker"


class Workers(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-workers-"))
        self.context = zmq.Context()
        self.processes = {}
        self.broker = Broker(self.folder)
        self.client = connect(self.context, self.broker)

    def tearDown(self):
        for process in self.processes.values():
            process.kill()
            process.wait()
        close(self.client)
        self.context.destroy(linger=0)
        self.broker.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- playing

    def start_worker(self, name, concurrency=4, program=PYTHON_WORKER):
        self.processes[name] = subprocess.Popen(
            [program, "--workers", self.broker.endpoints["workers"], "--name", name, "--ledger",
             self.folder / "ledger", "--concurrency", str(concurrency)])
        self.until(lambda: name in self.connected(), f"{name} to be there")

    def connected(self):
        return {worker["name"] for worker in self.client.ask(jdp.STATS, {}).body["workers"] if worker["connected"]}

    def submit(self, tool, arguments):
        id = jdp.new_id()
        reply = self.client.ask(jdp.CALL, arguments, tool=tool, id=id, budget_ms=0)
        self.assertEqual(reply.verb, jdp.JOB, reply.body)
        return id

    def job(self, id):
        return self.client.ask(jdp.STATUS, {"job_id": id.hex()}).body

    def wait(self, id):
        self.client.send(jdp.WAIT, {"job_ids": [id.hex()]}, budget_ms=30_000)
        reply = self.client.receive(timeout_ms=40_000)
        self.assertEqual(reply.body["reason"], "ended", self.job(id))
        return reply.body["ended"][0]

    def until(self, condition, what):
        give_up = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), give_up, f"waited for {what}")
            select_pause(0.02)

    def until_running(self, id):
        self.until(lambda: self.job(id)["state"] == "running", "the job to run")

    def runs_of(self, id):
        ledger = (self.folder / "ledger").read_text().splitlines()
        return [line.split()[2] for line in ledger if line.startswith(id.hex())]

    def stat(self, name):
        return self.client.ask(jdp.STATS, {}).body["counters"][name]

    # ---- the tests

    def test_a_tool_of_a_worker_is_a_tool(self):
        self.start_worker("w1")
        reply = self.client.ask(jdp.CALL, {"text": "to be or not to be", "top": 1}, tool=b"text_statistics",
                                id=jdp.new_id())
        self.assertEqual(reply.verb, jdp.RESULT, reply.body)
        self.assertEqual(reply.body["result"]["words"], 6)
        listed = subprocess.run([BIN / "switchyard", "workers", "--endpoint", self.broker.endpoints["requests"]],
                                capture_output=True, text=True, check=True).stdout
        self.assertIn("w1", listed)
        self.assertIn("0 of 4", listed)
        refused = self.client.ask(jdp.CALL, {"text": 7}, tool=b"text_statistics", id=jdp.new_id())
        self.assertEqual((refused.error, refused.body["pointer"]), ("invalid_arguments", "/text"))

    def test_a_worker_that_is_killed_loses_its_job_to_another(self):
        self.start_worker("w1")
        job = self.submit(b"nap", {"ms": 1500})
        self.until_running(job)
        self.start_worker("w2")
        self.processes["w1"].kill()
        ended = self.wait(job)
        self.assertEqual((ended["state"], ended["result"], ended["attempt"]), ("succeeded", {"by": "w2"}, 2))
        self.assertEqual(self.runs_of(job), ["w1", "w2"])

    def test_what_may_run_once_fails_with_its_worker(self):
        self.start_worker("w1")
        job = self.submit(b"nap_once", {"ms": 60_000})
        self.until_running(job)
        self.start_worker("w2")
        self.processes["w1"].kill()
        ended = self.wait(job)
        self.assertEqual((ended["state"], ended["error"]["name"]), ("failed", "worker_lost"))
        self.assertEqual(self.runs_of(job), ["w1"])

    def test_a_job_survives_its_broker_and_runs_once(self):
        self.survive_the_broker(PYTHON_WORKER)

    @unittest.skipUnless(CPP_WORKER.exists(), "the C++ example is not built")
    def test_a_job_in_cpp_survives_its_broker_and_runs_once(self):
        self.survive_the_broker(CPP_WORKER)

    def survive_the_broker(self, program):
        self.start_worker("w1", program=program)
        job = self.submit(b"nap_once", {"ms": 4000})
        self.until_running(job)
        close(self.client)
        self.broker.kill()
        self.broker = Broker(self.folder)
        self.client = connect(self.context, self.broker)
        ended = self.wait(job)
        self.assertEqual((ended["state"], ended["attempt"]), ("succeeded", 1), ended)
        self.assertEqual(self.runs_of(job), ["w1"])

    def test_a_worker_that_stands_still_past_its_lease_comes_too_late(self):
        self.start_worker("w1")
        job = self.submit(b"nap", {"ms": 2000})
        self.until_running(job)
        self.start_worker("w2")
        self.processes["w1"].send_signal(signal.SIGSTOP)
        ended = self.wait(job)
        self.assertEqual(ended["result"], {"by": "w2"})
        self.processes["w1"].send_signal(signal.SIGCONT)
        self.until(lambda: "w1" in self.connected(), "w1 to come back")
        self.until(lambda: all(worker["held"] == 0 for worker in self.client.ask(jdp.STATS, {}).body["workers"]),
                   "w1 to let go")
        self.assertEqual(self.job(job)["result"], {"by": "w2"})
        again = self.submit(b"nap", {"ms": 1})
        self.assertEqual(self.wait(again)["state"], "succeeded")

    def test_a_worker_that_is_told_to_leave_finishes_what_it_runs(self):
        for program in filter(Path.exists, (PYTHON_WORKER, CPP_WORKER)):
            name = program.name
            self.start_worker(name, program=program)
            job = self.submit(b"nap", {"ms": 1000})
            self.until_running(job)
            self.processes[name].terminate()
            self.assertEqual(self.wait(job)["result"], {"by": name})
            self.assertEqual(self.processes[name].wait(timeout=20), 0)
            self.assertNotIn(name, self.connected())

    def test_a_handlers_bug_is_its_own_jobs_failure(self):
        def exits(attempt):
            raise SystemExit("no more")

        handlers = {
            "unpackable": lambda attempt: {"a": object()},
            "not_a_number": lambda attempt: {"a": float("nan")},
            "odd_key": lambda attempt: {"a": {7: "b"}},
            "huge": lambda attempt: {"a": b"x" * (4 << 20)},
            "crowded": lambda attempt: {"a": [0] * 65_536},
            "deep": lambda attempt: {"a": functools.reduce(lambda inner, _: [inner], range(32), [])},
            "odd_chunk": lambda attempt: attempt.chunk("text, not bytes"),
            "odd_text": lambda attempt: attempt.log("info", "\ud800"),
            "exits": exits,
        }
        here = worker.Worker(self.broker.endpoints["workers"], "here", 8)
        for name, handler in {**handlers, "fine": lambda attempt: {}}.items():
            here.offer({"name": name, "description": "for tests", "arguments": {"type": "object"},
                        "result": {"type": "object"}}, handler)
        thread = threading.Thread(target=here.run, daemon=True)
        thread.start()
        self.until(lambda: "here" in self.connected(), "the worker to be there")
        jobs = {name: self.submit(name.encode(), {}) for name in handlers}
        failed = {name: self.wait(id)["error"]["name"] for name, id in jobs.items()}
        self.assertEqual(failed, {name: "too_large" if name in ("huge", "deep", "crowded") else "tool_failed" for name in handlers})
        self.assertEqual(self.wait(self.submit(b"fine", {}))["state"], "succeeded")
        here.stop()
        thread.join(timeout=20)
        self.assertFalse(thread.is_alive())

    def test_a_cancelled_job_is_woken_up(self):
        self.start_worker("w1")
        job = self.submit(b"nap", {"ms": 60_000})
        self.until_running(job)
        self.client.ask(jdp.CANCEL, {"job_id": job.hex(), "reason": "enough"}, socket=self.client.control)
        self.assertEqual(self.wait(job)["error"]["message"], "cancelled: enough")

    @unittest.skipUnless(CPP_WORKER.exists(), "the C++ example is not built")
    def test_a_tool_may_have_workers_in_two_languages(self):
        self.start_worker("python", concurrency=1)
        self.start_worker("cpp", concurrency=1, program=CPP_WORKER)
        jobs = [self.submit(b"nap", {"ms": 300}) for _ in range(4)]
        self.assertEqual({self.wait(job)["result"]["by"] for job in jobs}, {"python", "cpp"})
        picture = self.wait(self.submit(b"mandelbrot", {"width": 20, "height": 10}))
        self.assertEqual(picture["result"], {"lines": 10})
        self.assertEqual(picture["stream"]["seq"], 23, "queued, running, ten lines, each with its progress, the end")


def select_pause(seconds):
    """Lets the other processes run; what is waited for is asked for again."""
    zmq.select([], [], [], timeout=seconds)


if __name__ == "__main__":
    unittest.main(verbosity=2)
