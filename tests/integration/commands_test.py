#!/usr/bin/python3
"""Tools that the configuration declares as command lines, through the broker's program and the command line."""

import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
from program import Broker, BrokerCase  # noqa: E402

COUNT = """
import json, sys
text = json.load(sys.stdin)["text"]
print(json.dumps({"progress": {"percent": 50, "message": "reading"}}), flush=True)
print(json.dumps({"chunk": text.split()[0]}), flush=True)
print(json.dumps({"result": {"words": len(text.split())}}))
"""
CONFIG = """
[broker]
processes = 2
[[commands]]
name = "word_count"
idempotent = true
deterministic = true
description = "Counts words."
argv = ["/usr/bin/python3", "{folder}/count.py"]
arguments = '{{"type": "object", "properties": {{"text": {{"type": "string"}}}}, "required": ["text"]}}'
[[commands]]
name = "stubborn"
argv = ["/bin/sh", "-c", "trap '' TERM; echo $$ > {folder}/pid; while :; do sleep 1 & wait; done"]
timeout_class = "long"
[[commands]]
name = "verbose"
argv = ["/usr/bin/python3", "-c", "import json; print(json.dumps({{'result': {{'text': 'all of it ' * 20000}}}}))"]
[[commands]]
name = "crash"
argv = ["/bin/sh", "-c", "kill -SEGV $$"]
idempotent = true
[[commands]]
name = "broken"
argv = ["/bin/sh", "-c", "echo it is no use >&2; exit 3"]
"""


class Commands(BrokerCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="yard-commands-"))
        (cls.folder / "count.py").write_text(COUNT)
        (cls.folder / "config.toml").write_text(CONFIG.format(folder=cls.folder))
        cls.broker = Broker(cls.folder, "--config", cls.folder / "config.toml")

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def test_a_command_is_a_tool_like_any_other(self):
        self.assertIn("word_count", [tool["name"] for tool in self.json_of("tools")["tools"]])
        done = self.json_of("call", "word_count", "text=one two three")
        self.assertEqual((done["state"], done["result"]), ("succeeded", {"words": 3}))
        events = [json.loads(line) for line in self.run_cli("watch", "j." + done["job_id"], "--json").stdout.splitlines()]
        self.assertEqual([event["kind"] for event in events], ["state", "state", "progress", "chunk", "complete"])

    def test_its_arguments_are_checked_before_anything_runs(self):
        refused = self.run_cli("call", "word_count", exit=1)
        self.assertIn("invalid_arguments", refused.stdout + refused.stderr)

    def test_what_is_deterministic_runs_once_for_equal_calls(self):
        first = self.json_of("call", "word_count", "text=just once")
        self.assertEqual(self.json_of("call", "word_count", "text=just once")["job_id"], first["job_id"])
        fresh = self.json_of("call", "word_count", "text=just once", "--fresh")
        self.assertNotEqual(fresh["job_id"], first["job_id"])
        self.assertEqual(fresh["result"], first["result"])

    def test_a_large_result_is_kept_in_the_store_and_found_there(self):
        done = self.json_of("call", "verbose")
        self.assertEqual(done["result"]["text"], "all of it " * 20000)
        record = self.json_of("job", done["job_id"])
        self.assertNotIn("result", record)
        self.assertGreater(record["result_ref"]["size_bytes"], 200_000)
        self.assertEqual(self.json_of("wait", done["job_id"])["result"], done["result"])

    def test_a_failure_says_what_the_program_said(self):
        done = self.json_of("call", "broken", exit=1)
        self.assertEqual(done["error"]["name"], "tool_failed")
        self.assertIn("it is no use", done["error"]["message"])

    def test_what_kills_its_process_is_a_dead_letter_after_three_deaths(self):
        job = self.json_of("call", "crash", "why=nobody knows", "--wait", "30000", exit=1)
        self.assertEqual((job["state"], job["error"]["name"], job["deaths"]), ("failed", "worker_lost", 3))
        self.assertEqual([dead["job_id"] for dead in self.json_of("dead", "list")["jobs"]], [job["job_id"]])
        self.assertEqual(self.json_of("dead", "show", job["job_id"])["arguments"], {"why": "nobody knows"})
        replay = self.json_of("dead", "replay", job["job_id"])["job_id"]
        self.run_cli("wait", replay, exit=1)
        self.assertEqual(self.json_of("job", replay)["replay_of"], job["job_id"])
        self.assertEqual(self.json_of("dead", "purge", job["job_id"])["purged"], 1)
        self.assertEqual(self.json_of("dead", "purge", "--all")["purged"], 1)
        self.assertEqual(self.json_of("dead", "list")["jobs"], [])
        self.run_cli("dead", "purge", exit=2)

    def test_what_ignores_its_stop_is_killed_and_the_record_says_so(self):
        job = self.json_of("call", "stubborn", "--wait", "0")["job_id"]
        while not (self.folder / "pid").exists() or not (self.folder / "pid").read_text().strip():
            self.run_cli("wait", job, "--timeout", "20", exit=1)
        pid = int((self.folder / "pid").read_text())
        self.json_of("cancel", job)
        self.run_cli("wait", job, exit=1)
        record = self.json_of("job", job)
        self.assertEqual((record["state"], record["stopped"]), ("cancelled", "killed"))
        self.assertFalse(Path(f"/proc/{pid}").exists(), "the slot is free when the exit was seen")


if __name__ == "__main__":
    unittest.main()
