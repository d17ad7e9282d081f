#!/usr/bin/python3
"""Runs the commands of README.md's section "Use it", as they stand there, against the programs just built."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ["SWITCHYARD_BIN"])


def commands_of(section):
    text = (ROOT / "README.md").read_text()
    body = text.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    block = re.search(r"```sh\n(.*?)```", body, re.S).group(1)
    return [line.split(" #", 1)[0].strip() for line in block.splitlines() if line.strip()]


class Readme(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="switchyard-readme-")
        self.addCleanup(self.folder.cleanup)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder.name, XDG_STATE_HOME=self.folder.name)
        self.environment.pop("SWITCHYARD_ENDPOINT", None)
        self.broker = None

    def tearDown(self):
        if self.broker and self.broker.poll() is None:
            self.broker.send_signal(signal.SIGTERM)
            self.broker.wait(30)

    def start(self, command):
        self.broker = subprocess.Popen(command.split(), cwd=ROOT, env=self.environment, stderr=subprocess.DEVNULL)
        ping = [str(BIN / "switchyard"), "ping"]
        for _ in range(4):  # each one waits some seconds for a broker to answer
            if subprocess.run(ping, env=self.environment, capture_output=True, timeout=30).returncode == 0:
                return
        self.fail("the broker does not answer")

    def test_every_command_of_use_it_works(self):
        commands = commands_of("Use it")
        self.assertGreater(len(commands), 5)
        for command in commands:
            command = command.replace("build/release/bin", str(BIN))
            with self.subTest(command=command):
                if command.endswith("&"):
                    self.start(command.rstrip("& "))
                    continue
                done = subprocess.run(command.split(), cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120)
                self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.broker.wait(60), 0, "drain ends the broker with 0")

    def test_the_two_commands_exist(self):
        for command in commands_of("Two commands"):
            self.assertTrue(os.access(ROOT / command, os.X_OK), command)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
