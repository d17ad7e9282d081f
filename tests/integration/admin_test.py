#!/usr/bin/python3
"""Limits that the configuration sets and what administrators do, through the programs; and a SIGKILL between."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
from program import BIN, Broker, BrokerCase  # noqa: E402

CONFIG = """
[broker]
processes = 4
[resources]
"gpu:0" = 24000
[groups.single]
concurrency = 1
[tenants.local]
weight = 4
budget = {{gpu_seconds = 1000000, window_s = 86400}}
[[commands]]
name = "hold"
argv = ["/bin/sh", "-c", "while [ ! -e {folder}/go ]; do sleep 0.05; done; echo '{{\\"result\\": {{}}}}'"]
resources = {{"gpu:0" = 16000}}
spends = {{gpu_seconds = 1}}
[[commands]]
name = "lone"
argv = ["/bin/sh", "-c", "while [ ! -e {folder}/go ]; do sleep 0.05; done; echo '{{\\"result\\": {{}}}}'"]
groups = ["single"]
[[commands]]
name = "vast"
argv = ["/bin/true"]
resources = {{"gpu:0" = 24001}}
"""


class Admin(BrokerCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-admin-"))
        (self.folder / "config.toml").write_text(CONFIG.format(folder=self.folder))
        self.start()

    def start(self):
        self.broker = Broker(self.folder, "--config", self.folder / "config.toml")

    def tearDown(self):
        (self.folder / "go").touch()
        self.broker.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def submit(self, tool):
        return self.json_of("call", tool, "--wait", "0")["job_id"]

    def limit_of(self, job):
        return self.json_of("why", job)["limit"]

    def test_why_names_the_resource_and_the_group(self):
        self.submit("hold")
        second = self.submit("hold")
        limit = self.limit_of(second)
        self.assertEqual((limit["kind"], limit["name"], limit["used"], limit["max"], limit["needed"], limit["holders"]),
                         ("resource", "gpu:0", 16000, 24000, 16000, ["1 x hold"]))
        self.submit("lone")
        waits = self.submit("lone")
        self.assertEqual(self.limit_of(waits)["name"], "group single")
        refused = self.run_cli("call", "vast", exit=1)
        self.assertIn("24001 of gpu:0", refused.stdout + refused.stderr)
        (self.folder / "go").touch()
        for job in (second, waits):
            self.assertEqual(self.json_of("wait", job)["state"], "succeeded")

    def test_a_pause_survives_a_kill_and_is_audited(self):
        self.run_cli("admin", "pause", "--tool", "lone", "--reason", "a test")
        job = self.submit("lone")
        self.assertEqual(self.limit_of(job)["kind"], "pause")
        self.broker.kill()
        self.start()
        self.assertEqual(self.limit_of(job), {"kind": "pause", "name": "tool=lone"})
        audit = self.json_of("admin", "audit")
        self.assertEqual(audit["paused"], [{"tool": "lone"}])
        self.assertEqual([(entry["action"], entry["principal"], entry["target"], entry["reason"]) for entry in audit["entries"]],
                         [("pause", "local", {"tool": "lone"}, "a test")])
        (self.folder / "go").touch()
        self.run_cli("admin", "resume", "--tool", "lone")
        self.assertEqual(self.json_of("wait", job)["state"], "succeeded")
        self.run_cli("admin", "resume", "--tool", "lone", exit=1)

    def test_a_purge_cancels_what_waits(self):
        running = self.submit("lone")
        waiting = [self.submit("lone") for _ in range(3)]
        self.assertEqual(self.json_of("admin", "purge", "--tool", "lone", "--reason", "wrong input")["purged"], 3)
        for job in waiting:
            ended = self.json_of("job", job)
            self.assertEqual((ended["state"], ended["error"]["message"]),
                             ("cancelled", "cancelled: purged by local: wrong input"))
        (self.folder / "go").touch()
        self.assertEqual(self.json_of("wait", running)["state"], "succeeded")
        self.run_cli("admin", "purge", exit=2)

    def test_a_misspelt_limit_is_refused(self):
        for wrong, message in (("groups = [\"sngle\"]", "no group sngle"), ("resources = {\"gpu:1\" = 1}", "no resource gpu:1"),
                               ("spends = {gpu = 1}", "no tenant with a budget of gpu"), ("cost = 0", "cost: expected 1 to 100"),
                               ("per_key = {concurency = 1}", "unknown setting concurency")):
            file = self.folder / "wrong.toml"
            file.write_text(f'[groups.single]\nconcurrency = 1\n[[commands]]\nname = "x"\nargv = ["/bin/true"]\n{wrong}\n')
            done = subprocess.run([BIN / "switchyard-broker", "--config", file, "--check-config"], capture_output=True,
                                  text=True, timeout=30, check=False)
            self.assertNotEqual(done.returncode, 0, wrong)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
