"""The programs, for tests that run them: a broker on a state folder, and the command line against it."""

import json
import os
import select
import signal
import subprocess
import unittest
from pathlib import Path

BIN = Path(os.environ.get("SWITCHYARD_BIN", "build/release/bin"))


class Broker:
    """The program, started; its folder is the caller's, and outlives it. `environment` is added to ours."""

    def __init__(self, folder, *flags, environment=None):
        self.folder = folder
        self.flags = ["--listen", f"ipc://{folder}/requests", "--iopub", f"ipc://{folder}/iopub",
                      "--control", f"ipc://{folder}/control", "--state", str(folder / "state"), *flags]
        reader, writer = os.pipe()
        self.log = open(folder / "log", "ab")
        self.process = subprocess.Popen(
            [BIN / "switchyard-broker", *self.flags, "--ready-fd", str(writer)], pass_fds=[writer],
            stdout=self.log, stderr=self.log, env={**os.environ, **(environment or {})})
        os.close(writer)
        ready, _, _ = select.select([reader], [], [], 30)
        line = os.read(reader, 4096) if ready else b""
        os.close(reader)
        if not line:
            self.kill()
            raise RuntimeError("no broker: " + (folder / "log").read_text()[-2000:])
        self.endpoints = json.loads(line)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        """Ends it in order and returns its exit status; one that doesn't end is killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        finally:
            self.kill()


class BrokerCase(unittest.TestCase):
    """Runs the command line against `broker`."""

    broker = None

    def run_cli(self, *arguments, exit=0, endpoint=None, stdin=None):
        environment = dict(os.environ, SWITCHYARD_ENDPOINT=endpoint or self.broker.endpoints["requests"])
        done = subprocess.run([BIN / "switchyard", *arguments], capture_output=True, text=True, timeout=60,
                              env=environment, input=stdin, check=False)
        self.assertEqual(done.returncode, exit, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def json_of(self, *arguments, exit=0):
        return json.loads(self.run_cli(*arguments, "--json", exit=exit).stdout)
