#!/usr/bin/python3
"""Starts a broker, runs client.py against it, stops it by SIGTERM.

    run.py BROKER

Passes when every check passed and the broker drained and exited with 0.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

READY_SECONDS = 30
STOP_SECONDS = 30


def start(broker, state):
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [broker, "--listen", "tcp://127.0.0.1:*", "--iopub", "tcp://127.0.0.1:*", "--control", "tcp://127.0.0.1:*",
         "--state", state, "--ready-fd", str(writer), "--log-level", "warn"], pass_fds=[writer])
    os.close(writer)
    with os.fdopen(reader) as ready:
        line = ready.readline() if select.select([ready], [], [], READY_SECONDS)[0] else ""
    return process, json.loads(line) if line else None


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as state:
        process, endpoints = start(sys.argv[1], state)
        try:
            if endpoints is None:
                print("the broker did not become ready", file=sys.stderr)
                return 1
            client = subprocess.run(
                [sys.executable, "-B", str(Path(__file__).with_name("client.py"))] +
                [f"--{name}={endpoints[name]}" for name in ("requests", "control", "iopub")], check=False)
            process.send_signal(signal.SIGTERM)
            stopped = process.wait(STOP_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if stopped != 0:
            print(f"the broker exited with {stopped}", file=sys.stderr)
        return 1 if client.returncode != 0 or stopped != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
