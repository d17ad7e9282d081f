#!/usr/bin/python3
"""Graphs through the command line: run, replayed, verified, compared, explained. No broker."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ.get("SWITCHYARD_BIN", "build/release/bin"))
FLOW = Path(__file__).resolve().parents[2] / "engine" / "graph" / "FORMAT.md"


def flow():
    """The document that FORMAT.md shows."""
    text = FLOW.read_text()
    begin = text.index("```json") + len("```json")
    return json.loads(text[begin:text.index("```", begin)])


class Graph(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-graph-"))
        self.file = self.write("flow.json", flow())

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, name, document):
        path = self.folder / name
        path.write_text(json.dumps(document))
        return path

    def graph(self, *arguments, lines=None, exit_code=0):
        text = "" if lines is None else "".join(json.dumps(line) + "\n" for line in lines)
        done = subprocess.run([BIN / "switchyard", "graph", *map(str, arguments)], input=text, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return done.stdout

    def rows(self, *arguments, lines=None, exit_code=0):
        return [json.loads(line) for line in self.graph(*arguments, lines=lines, exit_code=exit_code).splitlines()]

    def run_journaled(self, name, lines, *more):
        return self.rows("run", self.file, "--events", "-", "--journal", self.folder / name, *more, lines=lines)

    LINES = [{"type": "set", "node": "key1", "value": 5}, {"type": "advance", "ms": 6500},
             {"type": "batch", "causes": [{"type": "set", "node": "key1", "value": 1},
                                          {"type": "set", "node": "key2", "value": 4}]}]

    def test_tells_changes_and_effects_in_their_order(self):
        rows = self.rows("run", self.file, "--events", "-", lines=self.LINES)
        self.assertEqual([row["type"] for row in rows[:2]], ["effect", "snapshot"])
        effects = [row["value"] for row in rows if row["type"] == "effect"]
        self.assertEqual(effects, [7.5, 17.5, 20.0, 22.5, 17.5])
        last = [row for row in rows if row["type"] == "delta"][-1]
        self.assertEqual(last["sum:out1"], 7.0)
        ids = [row["event_id"] for row in rows]
        self.assertEqual(ids, sorted(ids))

    def test_refuses_a_line_and_goes_on(self):
        rows = self.rows("run", self.file, "--events", "-", exit_code=1,
                         lines=[{"type": "set", "node": "key9", "value": 5}, {"type": "get", "node": "sum"}])
        refused = [row for row in rows if row.get("ok") is False]
        self.assertEqual([(row["line"], row["pointer"]) for row in refused], [(1, "/node")])
        self.assertIn({"ok": True, "value": 3.0}, rows)

    def test_a_journal_is_replayed_and_verified(self):
        self.run_journaled("one", self.LINES)
        self.assertIn("every witness", self.graph("replay", self.folder / "one", "--verify"))
        at_end = self.rows("replay", self.folder / "one", "--json")[0]
        self.assertEqual(at_end["sum:out1"], 7.0)
        kinds = [row["kind"] for row in self.rows("replay", self.folder / "one", "--records")]
        self.assertEqual(kinds[:2], ["Began", "Reload"])
        self.assertIn("StepCommitted", kinds)
        set_at = kinds.index("Set") + 1
        self.assertEqual(self.rows("replay", self.folder / "one", "--to", set_at - 1, "--json")[0]["sum:out1"], 3.0)

    def test_any_number_of_workers_writes_the_same_files(self):
        for workers in (1, 2, 5):
            self.run_journaled(f"w{workers}", self.LINES, "--workers", workers, "--level", "causes")
        def files(name):
            return {path.name: path.read_bytes() for path in (self.folder / name).iterdir() if path.name != "LOCK"}
        self.assertEqual(files("w1"), files("w2"))
        self.assertEqual(files("w1"), files("w5"))

    def build(self, *arguments):
        """The system's compiler, strictly."""
        command = ["c++", "-std=c++20", "-O1", "-ffp-contract=off", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
                   "-Wshadow", "-Werror", f"-I{self.folder}", *map(str, arguments), "-o", str(self.folder / "built")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.folder / "built"

    def test_a_library_of_it_runs_the_same(self):
        library = self.folder / "flow.so"
        self.graph("compile", self.file, "--shared", "-o", library)
        compiled = ["--compiled", library]
        self.assertEqual(self.rows("run", self.file, "--events", "-", lines=self.LINES),
                         self.rows("run", self.file, "--events", "-", *compiled, lines=self.LINES))
        self.run_journaled("kernels", self.LINES, "--level", "causes")
        self.run_journaled("compiled", self.LINES, "--level", "causes", *compiled)
        self.assertIn("the same", self.graph("diff", self.folder / "kernels", self.folder / "compiled"))
        other = flow()
        other["options"]["seed"] = 8
        done = subprocess.run([BIN / "switchyard", "graph", "run", self.write("other.json", other), *compiled],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is of graph", done.stderr)

    def test_the_host_that_is_written_runs_it(self):
        self.graph("compile", self.file, "-o", self.folder / "flow.h", "--namespace", "flow", "--main")
        program = self.build(self.folder / "flow_main.cc")
        done = subprocess.run([program], input="set key1:out1 5\ntick 6500\nprint\n", capture_output=True, text=True)
        lines = done.stdout.splitlines()
        self.assertEqual([line.split()[-1] for line in lines if " level " in line], ["7.5", "17.5", "20", "22.5"])
        self.assertIn("sum:out1 = 9", lines)

    def test_the_example_has_it_within(self):
        self.graph("compile", FLOW.parents[2] / "deploy" / "demo" / "flow.json", "-o", self.folder / "flow.h",
                   "--namespace", "flow")
        done = subprocess.run([self.build(FLOW.parents[2] / "deploy" / "demo" / "embed" / "meter.cpp")], capture_output=True,
                              text=True)
        self.assertIn("sum 10.0", done.stdout)

    def test_kinds_that_cannot_be_written_are_refused_at_once(self):
        document = flow()
        first = len(document["nodes"])
        document["nodes"] += [{"id": "parse", "type": "ParseJson"}, {"id": "at", "type": "JsonAt",
                              "outputs": [{"id": "out", "type": "json"}], "parameters": {"pointer": "/a"}}]
        self.write("flow.json", document)
        told = json.loads(self.graph("compile", self.file, "--json", "-o", self.folder / "none.h", exit_code=1))
        self.assertEqual([problem["pointer"] for problem in told["problems"]],
                         [f"/nodes/{first}/type", f"/nodes/{first + 1}/type"])
        self.assertFalse((self.folder / "none.h").exists())

    def test_goes_on_with_a_journal(self):
        self.run_journaled("one", self.LINES)
        rows = self.run_journaled("one", [{"type": "advance", "ms": 3000}])
        self.assertEqual(rows[0]["type"], "snapshot")
        self.assertEqual(rows[0]["sum:out1"], 7.0)
        self.assertEqual(rows[-1]["counter:out1"], 3)
        demands = [row for row in self.rows("replay", self.folder / "one", "--records") if row["kind"] == "Demand"]
        self.assertEqual(sum(1 if row["looked_at"] else -1 for row in demands), 6, "who looked on before does no longer")
        self.graph("replay", self.folder / "one", "--verify")

    def test_a_flipped_bit_is_found(self):
        self.run_journaled("one", self.LINES)
        log = next((self.folder / "one").glob("log-*"))
        damaged = bytearray(log.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        log.write_bytes(damaged)
        done = subprocess.run([BIN / "switchyard", "graph", "replay", self.folder / "one", "--verify"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("byte", done.stderr)

    def test_journals_and_snapshots_are_compared(self):
        self.run_journaled("one", self.LINES)
        self.run_journaled("same", self.LINES)
        self.run_journaled("other", [{"type": "set", "node": "key1", "value": 6}] + self.LINES[1:])
        self.assertIn("the same", self.graph("diff", self.folder / "one", self.folder / "same"))
        differing = self.graph("diff", self.folder / "one", self.folder / "other", exit_code=1)
        self.assertIn("Set value: 5 | 6", differing)
        for name in ("one", "other"):
            (self.folder / f"{name}.json").write_text(self.graph("replay", self.folder / name, "--to", 40, "--json"))
        self.assertIn("sum:out1", self.graph("diff", self.folder / "one.json", self.folder / "other.json", exit_code=1))

    def test_says_why(self):
        self.run_journaled("one", self.LINES)
        told = json.loads(self.graph("why", self.folder / "one", "sum", "--json"))
        self.assertEqual([step["output"] for step in told["steps"]][0], "sum:out1")
        self.assertEqual({cause["kind"] for cause in told["causes"]}, {"Set"})
        self.assertEqual({step["output"] for step in told["steps"]}, {"sum:out1", "key1:out1", "key2:out1"})

    def test_shows_what_is_hot(self):
        rows = json.loads(self.graph("profile", self.file, "--advance", 60000, "--json"))["nodes"]
        runs = {row["node"]: row["runs"] for row in rows}
        self.assertEqual(runs["metronome"], 20)
        self.assertEqual(runs["show"], 20)

    def test_only_what_is_watched_runs(self):
        document = flow()
        document["nodes"].append({"id": "aside", "type": "Negate", "outputs": [{"id": "out", "type": "double"}]})
        document["connections"].append({"fromNode": "key1", "fromPort": "out1", "toNode": "aside", "toPort": "x"})
        self.write("flow.json", document)
        rows = self.rows("run", self.file, "--events", "-", "--watch", "sum",
                         lines=[{"type": "set", "node": "key1", "value": 9}, {"type": "get", "node": "aside"}])
        self.assertIn(True, [row.get("stale") for row in rows])


if __name__ == "__main__":
    unittest.main(verbosity=2)
