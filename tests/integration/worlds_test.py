#!/usr/bin/python3
"""Graphs that the broker hosts: through its program and the command line."""

import base64
import json
import random
import shutil
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
from program import Broker, BrokerCase  # noqa: E402

DEMO = Path(__file__).resolve().parents[2] / "deploy/demo"
TUNE = "X:1\nT:Test\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n"


def port(name, kind):
    return {"id": name, "type": kind}


def wire(source, target, to_port, from_port="out"):
    return {"fromNode": source, "fromPort": from_port, "toNode": target, "toPort": to_port}


ADDER = {
    "nodes": [
        {"id": "a", "type": "Value", "outputs": [port("out", "double")], "parameters": {"value": 1}},
        {"id": "b", "type": "Value", "outputs": [port("out", "double")], "parameters": {"value": 2}},
        {"id": "sum", "type": "Add", "outputs": [port("out", "double")]},
        {"id": "show", "type": "Emit", "inputs": [port("x", "double")]},
    ],
    "connections": [wire("a", "sum", "a"), wire("b", "sum", "b"), wire("sum", "show", "x")],
}
CLOCK = {
    "nodes": [
        {"id": "tick", "type": "Timer", "outputs": [port("out", "double")], "parameters": {"interval_ms": 1}},
        {"id": "count", "type": "Counter", "inputs": [port("in1", "int64")], "outputs": [port("out", "int64")]},
        {"id": "show", "type": "Emit", "inputs": [port("x", "int64")]},
    ],
    "connections": [wire("tick", "count", "in1"), wire("count", "show", "x")],
}


def caller(tool, arguments):
    return {
        "nodes": [
            {"id": "arguments", "type": "Value", "outputs": [port("out", "json")], "parameters": {"value": arguments}},
            {"id": "call", "type": "Call", "parameters": {"tool": tool}},
        ],
        "connections": [wire("arguments", "call", "arguments")],
    }


class WorldCase(BrokerCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-worlds-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.broker = Broker(self.folder, *self.flags())
        self.addCleanup(lambda: self.broker.stop())

    def flags(self):
        return []

    def restart(self, hard=True):
        self.broker.kill() if hard else self.assertEqual(self.broker.stop(), 0)
        self.broker = Broker(self.folder, *self.flags())

    def call(self, tool, exit=0, **arguments):
        reply = json.loads(self.run_cli("call", tool, "--args", json.dumps(arguments), "--json", exit=exit).stdout)
        return reply["error"] if exit else reply["result"]

    def wait_for(self, look, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(0.02)
        self.fail(f"it did not come to pass: {self.call('graph_list')}")


class Worlds(WorldCase):
    def test_a_world_is_loaded_fed_and_read(self):
        loaded = self.call("graph_load", world="w", graph=ADDER)
        self.assertEqual([effect["value"] for effect in loaded["effects"]], [3])
        self.assertEqual(self.call("graph_set", world="w", node="a", value=5, outputs=["sum"])["values"], {"sum:out": 7})
        stepped = self.call("graph_step", world="w", advance_ms=10, outputs=["sum"],
                            causes=[{"type": "set", "node": "a", "value": 1}, {"type": "set", "node": "b", "value": 1}])
        self.assertEqual((stepped["values"], stepped["now_ms"]), ({"sum:out": 2}, 10))
        self.assertEqual(len(stepped["effects"]), 1, "both causes happened at once")
        listed = self.call("graph_list")["worlds"]
        self.assertEqual([(world["world"], world["nodes"], world["state"]) for world in listed], [("w", 4, "resting")])

    def test_what_is_wrong_is_said_with_its_place(self):
        self.call("graph_load", world="w", graph=ADDER)
        before = self.call("graph_snapshot", world="w")
        for arguments, name, pointer in [
            ({"node": "sum", "value": 1}, "invalid_arguments", "/node"),
            ({"node": "nobody", "value": 1}, "not_found", "/node"),
            ({"node": "a", "value": "x"}, "invalid_arguments", "/value"),
        ]:
            error = self.call("graph_set", exit=1, world="w", **arguments)
            self.assertEqual((error["name"], error["pointer"]), (name, pointer))
        graph = {"nodes": [{"id": "a", "type": "Nope"}, {"id": "a", "type": "Value"}], "connections": []}
        error = self.call("graph_reload", exit=1, world="w", graph=graph)
        self.assertEqual(error["pointer"], "/graph/nodes/0/type")
        self.assertIn("/nodes/1/id", error["message"])
        self.assertEqual(self.call("graph_snapshot", world="w"), before, "the old graph goes on")
        self.assertEqual(self.call("graph_snapshot", exit=1, world="v")["pointer"], "/world")
        self.assertEqual(self.call("graph_load", exit=1, world="w", graph=ADDER)["name"], "conflict")
        self.call("graph_load", exit=1, world="bad", graph=graph)
        self.call("graph_load", world="bad", graph=ADDER)

    def test_worlds_are_as_before_after_a_kill_and_replay_says_so(self):
        self.call("graph_load", world="w", graph=CLOCK, journal="full")
        self.call("graph_step", world="w", advance_ms=7)
        before = self.call("graph_snapshot", world="w")
        self.restart()
        self.assertEqual(self.call("graph_snapshot", world="w"), before)
        self.call("graph_step", world="w", advance_ms=5)
        replayed = self.call("graph_replay", world="w")
        now = self.call("graph_snapshot", world="w")
        self.assertEqual((replayed["verified"], replayed["state_hash"]), (True, now["state_hash"]))
        self.assertEqual(now["values"]["count:out"], 12)
        kinds = [record["kind"] for record in self.call("graph_journal", world="w", limit=1000)["records"]]
        self.assertEqual(kinds[:2], ["Began", "Reload"])
        self.assertIn("StepCommitted", kinds)

    def test_an_unloaded_world_is_kept_until_it_is_deleted(self):
        self.call("graph_load", world="w", graph=ADDER)
        self.call("graph_set", world="w", node="a", value=9)
        self.call("graph_unload", world="w")
        self.restart()
        self.assertEqual(self.call("graph_list"), {"worlds": [], "unloaded": ["w"]})
        self.call("graph_load", world="w")
        self.assertEqual(self.call("graph_snapshot", world="w", outputs=["sum"])["values"], {"sum:out": 11})
        self.call("graph_unload", world="w", delete=True)
        self.restart()
        self.assertEqual(self.call("graph_list"), {"worlds": [], "unloaded": []})
        self.assertEqual(list((self.folder / "state/worlds").iterdir()), [])

    def test_a_subscriber_hears_schema_snapshot_deltas_and_effects(self):
        self.call("graph_load", world="w", graph=ADDER)
        job = self.json_of("call", "graph_subscribe", "--args", json.dumps({"world": "w", "rate_hz": 0}), "--wait",
                           "0")["job_id"]
        self.wait_for(lambda: self.json_of("job", job)["state"] == "running")
        self.call("graph_set", world="w", node="a", value=4)
        self.run_cli("cancel", job)
        lines = self.run_cli("watch", job, "--json").stdout.splitlines()
        events = [json.loads(line) for line in lines]
        text = b"".join(base64.b64decode(event["body"]["data"]) for event in events if event["kind"] == "chunk")
        rows = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([row["type"] for row in rows], ["schema", "snapshot", "effect", "delta"])
        self.assertEqual(rows[1]["sum:out"], 3)
        self.assertEqual((rows[3]["a:out"], rows[3]["sum:out"]), (4, 6))
        self.assertEqual(self.json_of("job", job)["state"], "cancelled")

    def test_a_node_calls_a_tool_and_gets_its_result(self):
        self.call("graph_load", world="w", graph=caller("abc_validate", {"abc": TUNE}))
        answered = self.call("graph_step", world="w", until_answered=True, outputs=["call:result", "call:answered"])
        self.assertTrue(answered["values"]["call:result"]["valid"])
        self.assertEqual(answered["values"]["call:answered"], 1)
        self.assertEqual(answered["open_calls"], 0)

    def test_a_call_that_fails_is_a_fault_and_the_node_recovers(self):
        self.call("graph_load", world="w", graph=caller("abc_validate", {"tune": 1}))
        values = self.call("graph_step", world="w", until_answered=True, outputs=["call:result"])["values"]
        self.assertEqual(values["call:result"]["fault"], "call_failed")
        self.assertIn("/tune", values["call:result"]["text"])
        values = self.call("graph_set", world="w", node="arguments", value={"abc": TUNE}, until_answered=True,
                           outputs=["call:result"])["values"]
        self.assertTrue(values["call:result"]["valid"])

    @unittest.skipUnless(shutil.which("c++"), "there is no compiler")
    def test_a_world_is_compiled_and_goes_on_as_before(self):
        self.call("graph_load", world="w", graph=CLOCK)
        self.call("graph_load", world="plain", graph=CLOCK)
        self.call("graph_step", world="w", advance_ms=5)
        self.assertEqual(self.call("graph_optimize", world="w", mode="fast")["mode"], "fast")
        self.call("graph_step", world="w", advance_ms=5)
        self.assertEqual(self.call("graph_optimize", world="w", mode="managed")["mode"], "managed")
        self.call("graph_step", world="w", advance_ms=5)
        for _ in range(3):
            self.call("graph_step", world="plain", advance_ms=5)
        self.assertEqual(self.call("graph_snapshot", world="w")["state_hash"],
                         self.call("graph_snapshot", world="plain")["state_hash"])
        self.assertTrue(self.call("graph_replay", world="w")["verified"])

    def test_nets_are_reduced(self):
        net = (DEMO / "nets/fib.net").read_text()
        done = self.call("net_run", net=net)
        self.assertEqual((done["normal"], done["interactions"]), (True, 460))
        self.assertTrue(self.call("net_check", net=net)["valid"])
        self.assertFalse(self.call("net_check", net="nonsense (")["valid"])
        self.assertEqual(self.call("net_run", exit=1, net="nonsense (")["pointer"], "/net")
        self.assertEqual(self.call("net_run", net=net, max_interactions=100)["normal"], False)

    def test_a_node_is_another_world(self):
        self.call("graph_load", world="inner", graph=ADDER)
        self.call("graph_load", world="outer", graph=caller("graph_step", {
            "world": "inner", "causes": [{"type": "set", "node": "a", "value": 40}], "outputs": ["sum"]}))
        values = self.call("graph_step", world="outer", until_answered=True, outputs=["call:result"])["values"]
        self.assertEqual(values["call:result"]["values"], {"sum:out": 42})

    def test_casts_come_in_order_and_calls_cast(self):
        self.call("graph_load", world="w", graph=ADDER)
        for value in range(20):
            self.run_cli("cast", "graph_set", "--args", json.dumps({"world": "w", "node": "a", "value": value}))
        self.wait_for(lambda: self.call("graph_snapshot", world="w")["values"]["a:out"] == 19)
        self.call("graph_load", world="player", graph=caller("garden_seek", {"beat": 7}))
        self.call("graph_step", world="player", until_answered=True)
        self.assertEqual(self.json_of("call", "garden_status")["result"]["position_beats"], 7)

    def test_a_world_that_never_rests_delays_nobody_and_can_be_unloaded(self):
        self.call("graph_load", world="wild", graph=CLOCK, synced=False)
        self.run_cli("call", "graph_step", "--args", json.dumps({"world": "wild", "advance_ms": 1e12}), "--wait", "0")
        self.call("graph_load", world="w", graph=ADDER)
        self.assertEqual(self.call("graph_set", world="w", node="a", value=5, outputs=["sum"])["values"], {"sum:out": 7})
        self.wait_for(lambda: [world["state"] for world in self.call("graph_list")["worlds"]
                               if world["world"] == "wild"] == ["running"])
        self.call("graph_unload", world="wild", delete=True)
        self.assertEqual([world["world"] for world in self.call("graph_list")["worlds"]], ["w"])

    def test_real_time_goes_on_by_itself(self):
        self.call("graph_load", world="w", graph=CLOCK, clock="real")
        self.wait_for(lambda: self.call("graph_snapshot", world="w", outputs=["count"])["values"]["count:out"] > 20)
        self.assertEqual(self.call("graph_step", exit=1, world="w", advance_ms=1)["pointer"], "/advance_ms")
        times = [self.call("graph_step", world="w")["now_ms"] for _ in range(20)]
        self.assertEqual(times, sorted(set(times)), "what is done is done now")

    def test_worlds_nodes_and_calls_are_found(self):
        self.call("graph_load", world="adder", graph=ADDER)
        found = self.call("graph_find", name="SU")
        self.assertEqual([(node["world"], node["node"], node["kind"]) for node in found["nodes"]], [("adder", "sum", "Add")])
        self.assertEqual([world["world"] for world in self.call("graph_find", name="add")["worlds"]], ["adder"])
        self.assertIn("world adder: resting, 4 nodes", self.call("graph_context")["context"])

    def test_graphs_too_large_for_a_frame_come_by_their_hash(self):
        big = {"nodes": ADDER["nodes"] + [
            {"id": f"value_{i}", "type": "Value", "outputs": [port("out", "double")], "parameters": {"value": i}}
            for i in range(20_000)], "connections": ADDER["connections"]}
        file = self.folder / "big.json"
        file.write_text(json.dumps(big))
        stored = self.json_of("call", "cas_store", f"data=@{file}", "mime_type=application/json")["result"]
        self.call("graph_load", world="big", content_hash=stored["hash"])
        self.assertEqual(self.call("graph_list")["worlds"][0]["nodes"], 20_004)


class Workflow(WorldCase):
    def result(self):
        return self.call("graph_snapshot", world="flow", outputs=["chosen"])["values"]["chosen:out"]

    def load(self):
        self.call("graph_load", world="flow", graph=json.loads((DEMO / "workflow.json").read_text()), journal="full")

    def records(self):
        records, start = [], 1
        while True:
            page = self.call("graph_journal", world="flow", **{"from": start}, limit=1000)
            records += page["records"]
            start += len(page["records"])
            if not page["has_more"]:
                return records

    def check_receipts(self):
        calls = [record["intent_hash"] for record in self.records()
                 if record["kind"] == "EffectQueued" and record["channel"] != "mix"]
        receipts = [record["intent_hash"] for record in self.records() if record["kind"] == "ReceiptAppended"]
        self.assertEqual(len(receipts), len(set(receipts)), "one receipt an intent")
        self.assertEqual(set(receipts), set(calls))
        return len(calls)

    def test_a_tune_is_validated_transposed_rendered_and_one_is_chosen(self):
        self.load()
        self.call("graph_set", world="flow", node="tune", value=TUNE, until_answered=True)
        chosen = self.result()
        self.assertTrue(chosen.startswith("artifact_"), chosen)
        made = self.call("artifact_list", creator="workflow")["artifacts"]
        self.assertEqual(sorted(one["mime_type"] for one in made), ["audio/midi"] * 3 + ["audio/wav"] * 3)
        self.assertIn(chosen, [one["id"] for one in made])
        self.assertEqual(self.check_receipts(), 1 + 3 * 3)
        replayed = self.call("graph_replay", world="flow")
        self.assertTrue(replayed["verified"], replayed)
        self.assertEqual(replayed["values"]["chosen:out"], chosen)

    def test_a_tune_that_is_not_valid_makes_nothing(self):
        self.load()
        self.call("graph_set", world="flow", node="tune", value="nothing of music", until_answered=True)
        self.assertEqual(self.call("artifact_list", creator="workflow")["artifacts"], [])
        self.assertEqual(self.check_receipts(), 1)

    def test_killed_at_any_moment_it_goes_on_where_it_was(self):
        seed = time.time_ns() % 1_000_000
        print(f"seed {seed}", file=sys.stderr)
        chance = random.Random(seed)
        self.load()
        self.run_cli("call", "graph_set", "--args", json.dumps({"world": "flow", "node": "tune", "value": TUNE}),
                     "--wait", "0")
        for _ in range(6):
            time.sleep(chance.uniform(0, 0.06))
            self.restart()
        self.call("graph_step", world="flow", until_answered=True)
        count = self.check_receipts()
        made = self.call("artifact_list", creator="workflow")["artifacts"]
        self.assertLessEqual(len(made), count, "nothing ran twice")
        self.assertTrue(self.call("graph_replay", world="flow")["verified"])


if __name__ == "__main__":
    unittest.main()
