#!/usr/bin/python3
"""Schedules through the programs: set, listed, removed, refused, and there after a SIGKILL. What their instants do is tested
with the core and in the simulator, whose clocks don't take a minute for one."""

import datetime
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import unittest
import zoneinfo
from pathlib import Path

BIN = Path(os.environ.get("SWITCHYARD_BIN", "build/release/bin"))
TUNE = "abc=X:1\nT:Test\nK:C\nCDEF|\n"


def next_at(zone, hour, minute):
    """When it is the next time hour:minute there, in Unix milliseconds; not for hours that a clock skips or repeats."""
    now = datetime.datetime.now(zoneinfo.ZoneInfo(zone))
    instant = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if instant <= now:
        instant += datetime.timedelta(days=1)
    return int(instant.timestamp() * 1000)


class Schedules(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-schedules-"))
        self.log = open(self.folder / "log", "wb")
        self.start()

    def start(self):
        reader, writer = os.pipe()
        self.process = subprocess.Popen(
            [BIN / "switchyard-broker", "--listen", f"ipc://{self.folder}/requests", "--iopub", f"ipc://{self.folder}/iopub",
             "--control", f"ipc://{self.folder}/control", "--state", self.folder / "state", "--ready-fd", str(writer)],
            pass_fds=[writer], stdout=self.log, stderr=self.log)
        os.close(writer)
        ready, _, _ = select.select([reader], [], [], 20)
        line = os.read(reader, 4096) if ready else b""
        os.close(reader)
        if not line:
            raise RuntimeError("no broker: " + (self.folder / "log").read_text())
        self.endpoint = json.loads(line)["requests"]

    def tearDown(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.log.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def run_cli(self, *arguments, exit=0):
        done = subprocess.run([BIN / "switchyard", "schedule", *arguments], capture_output=True, text=True, timeout=60,
                              env=dict(os.environ, SWITCHYARD_ENDPOINT=self.endpoint), check=False)
        self.assertEqual(done.returncode, exit, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def json_of(self, *arguments):
        return json.loads(self.run_cli(*arguments, "--json").stdout)

    def test_instants_are_those_of_the_zone(self):
        for zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"):
            expected = next_at(zone, 12, 30)
            added = self.json_of("add", "noon", "30 12 * * *", "abc_to_midi", TUNE, "--zone", zone)
            if next_at(zone, 12, 30) == expected:
                self.assertEqual(added["next_ms"], expected, zone)

    def test_a_schedule_survives_a_kill(self):
        added = self.json_of("add", "yearly", "0 0 1 jan *", "abc_to_midi", TUNE, "--zone", "Europe/Berlin", "--missed", "once",
                             "--priority", "3", "--key", "yearly", "--deadline", "60000")
        self.assertEqual((added["cron"], added["missed"], added["priority"]), ("0 0 1 jan *", "once", 3))
        self.assertEqual(added["options"], {"deadline_ms": 60000, "key": "yearly"})
        self.run_cli("add", "gone", "@daily", "abc_to_midi", TUNE)
        self.run_cli("remove", "gone")
        self.process.kill()
        self.process.wait()
        self.start()
        self.assertEqual(self.json_of("show", "yearly"), added)
        self.assertEqual([schedule["name"] for schedule in self.json_of("list")], ["yearly"])
        listed = self.run_cli("list").stdout
        self.assertIn("Europe/Berlin", listed)
        self.assertIn("abc_to_midi", listed)
        self.assertEqual(self.json_of("remove", "yearly"), {"ok": True})
        self.assertIn("no schedules", self.run_cli("list").stdout)

    def test_what_is_wrong_is_named(self):
        for wrong, message in ((("61 * * * *", "abc_to_midi", TUNE), 'minute "61": expected 0 to 59'),
                               (("* * * *", "abc_to_midi", TUNE), "five fields"),
                               (("0 0 30 2 *", "abc_to_midi", TUNE), "no such day ever comes"),
                               (("@daily", "abc_to_midi", TUNE, "--zone", "Europe/Atlantis"), 'no time zone "Europe/Atlantis"'),
                               (("@daily", "abc_to_mid", TUNE), 'no tool "abc_to_mid"'),
                               (("@daily", "abc_validate", TUNE), "makes no job"),
                               (("@daily", "abc_to_midi", "--args", "{}"), "/arguments")):
            self.assertIn(message, self.run_cli("add", "wrong", *wrong, exit=1).stderr)
        self.assertIn("no schedule", self.run_cli("remove", "wrong", exit=1).stderr)
        self.assertIn("no schedule", self.run_cli("show", "wrong", exit=1).stderr)
        self.run_cli("add", "wrong", "@daily", "abc_to_midi", TUNE, "--missed", "some", exit=2)


if __name__ == "__main__":
    unittest.main()
