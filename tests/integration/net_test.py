#!/usr/bin/python3
"""Interaction nets through the command line: checked, reduced, stopped and gone on with. No broker."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ.get("SWITCHYARD_BIN", "build/release/bin"))
NETS = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "nets"


class Net(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-net-"))

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def net(self, *arguments, exit_code=0):
        done = subprocess.run([BIN / "switchyard", "net", *map(str, arguments)], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return done.stdout

    def test_prints_the_normal_form_and_the_exact_count(self):
        self.assertEqual(self.net("run", NETS / "fib.net"),
                         "result ~ S^34(Z)\nfib = 34\n460 interactions, 35 agents\n")
        for workers in (1, 2, 4, 8):
            told = json.loads(self.net("run", NETS / "ack.net", "--json", "--workers", workers))
            self.assertEqual((told["interactions"], told["derived"], told["normal"]), (64024, {"ack": 253}, True))

    def test_any_number_of_workers_writes_the_same_snapshot(self):
        for workers in (1, 2, 8):
            self.net("run", NETS / "ack.net", "--workers", workers, "--max", 5000, "--snapshot", self.folder / str(workers))
        self.assertEqual((self.folder / "1").read_bytes(), (self.folder / "2").read_bytes())
        self.assertEqual((self.folder / "1").read_bytes(), (self.folder / "8").read_bytes())

    def test_stops_where_it_is_told_and_goes_on(self):
        half = self.folder / "half"
        self.assertIn("100 interactions", self.net("run", NETS / "fib.net", "--max", 100, "--snapshot", half))
        self.assertIn("not normal yet", self.net("run", half, "--max", 1))
        self.assertIn("460 interactions, 35 agents", self.net("run", half))
        self.assertIn("fib = 34", self.net("run", half))

    def test_shows_every_interaction(self):
        lines = self.net("run", NETS / "gcd.net", "--trace").splitlines()
        self.assertEqual(lines[0], "1  Gcd ~ Int[462]")
        self.assertEqual(lines[-3:], ["result ~ Int[21]", "gcd = 21", "10 interactions, 1 agents"])

    def test_lists_every_problem_with_its_place(self):
        bad = self.folder / "bad.net"
        bad.write_text("agent A 1, B\nrule A(x) ~ B => none\nnet A(r) ~ Q\n")
        lines = self.net("check", bad, exit_code=1).splitlines()
        self.assertTrue(lines[0].endswith("bad.net:2:8: x is used once; a wire has two ends"), lines)
        told = json.loads(self.net("check", bad, "--json", exit_code=1))
        self.assertEqual([problem["where"] for problem in told["problems"]], ["2:8", "3:7", "3:12"])
        self.net("run", bad, exit_code=1)
        self.net("check", self.folder / "none", exit_code=1)

    def test_all_demonstrations_are_fine(self):
        for file in sorted(NETS.iterdir()):
            self.assertIn("fine", self.net("check", file))
            self.assertTrue(json.loads(self.net("run", file, "--json"))["normal"], file)


if __name__ == "__main__":
    unittest.main(verbosity=2)
