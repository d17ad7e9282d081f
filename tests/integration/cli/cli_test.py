#!/usr/bin/python3
"""The command line against the broker's own program: every command, its JSON, its exit status."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from program import BIN, Broker, BrokerCase  # noqa: E402

TUNE = "X:1\nT:Test\nM:4/4\nL:1/4\nQ:1/4=120\nK:C\nCDEF|GABc|\n"
BOOK = "".join(f"X:{i}\nT:Tune {i}\nM:4/4\nL:1/4\nQ:1/4=30\nK:C\n" + "CDEF|GABc|" * 40 + "\n\n" for i in range(1, 9))
SHORT_BOOK = "".join(f"X:{i}\nT:Tune {i}\nM:4/4\nL:1/4\nQ:1/4=240\nK:C\nCDEF|GABc|\n\n" for i in range(1, 5))
COMMANDS = ["serve", "demo", "tools", "call", "submit", "cast", "jobs", "job", "why", "history", "dead", "schedule", "wait", "cancel",
            "watch", "stats", "ping", "drain", "admin", "workers", "graph", "net", "completion", "bench", "sim"]


class CliCase(BrokerCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="yard-cli-"))
        cls.broker = Broker(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def submit_book(self):
        return self.json_of("call", "abc_render_book", "abc=" + BOOK, "--wait", "0")["job_id"]


class Bars(CliCase):
    def test_a_job_on_a_terminal_shows_a_moving_bar_and_wipes_it(self):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [BIN / "switchyard", "call", "abc_render_book", "abc=" + SHORT_BOOK, "--wait", "60000"], stdout=subprocess.PIPE, stderr=theirs,
            env=dict(os.environ, SWITCHYARD_ENDPOINT=self.broker.endpoints["requests"], TERM="xterm"))
        os.close(theirs)
        drawn = b""
        while True:
            try:
                drawn += os.read(ours, 4096)
            except OSError:  # the terminal's other end is closed: the program is done
                break
        os.close(ours)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertIn("items", json.loads(out))
        percents = [float(percent) for percent in re.findall(r"([0-9.]+) %", drawn.decode(errors="replace"))]
        self.assertEqual(percents, sorted(percents))
        self.assertGreater(len(set(percents)), 1, drawn)
        self.assertTrue(drawn.endswith(b"\r\x1b[K"), drawn[-80:])

    def test_what_is_no_terminal_gets_none(self):
        done = self.run_cli("call", "abc_render_book", "abc=" + SHORT_BOOK, "--wait", "60000")
        self.assertEqual(done.stderr, "")


class Batches(CliCase):
    def submit(self, lines, *flags, exit=0):
        done = self.run_cli("submit", "--batch", "-", "--json", *flags, exit=exit,
                            stdin="".join(json.dumps(line) + "\n" for line in lines))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_a_line_is_a_job(self):
        call = {"tool": "abc_render_book", "arguments": {"abc": SHORT_BOOK}}
        jobs = self.submit([call, {**call, "priority": 0}])
        self.assertEqual(len({job["job_id"] for job in jobs}), 2)
        self.run_cli("wait", *[job["job_id"] for job in jobs])
        again = self.submit([{**call, "id": jobs[0]["job_id"]}])
        self.assertEqual(again[0]["state"], "succeeded", "the same id is the same job")

    def test_atomic_is_all_or_none(self):
        identity = "0123456789abcdef0123456789abcdef"
        good = {"tool": "abc_render_book", "arguments": {"abc": SHORT_BOOK}, "id": identity}
        self.submit([good, {"tool": "nothing"}], "--atomic", exit=1)
        self.run_cli("job", identity, exit=1)
        jobs = self.submit([good, {"tool": "nothing"}], exit=1)
        self.assertEqual(jobs[1]["error"]["name"], "unknown_tool")
        self.run_cli("wait", identity)

    def test_what_one_request_does_not_hold_goes_in_several(self):
        for large, what in (({"values": [0] * 30_000}, "values"), ({"text": "x" * (3 << 19)}, "bytes")):
            calls = [{"tool": "nothing", "arguments": large}] * 3
            refused = self.submit(calls, exit=1)
            self.assertEqual([job["error"]["name"] for job in refused], ["unknown_tool"] * 3, what)
            self.submit(calls, "--atomic", exit=2)
        done = self.run_cli("submit", "--batch", "-", exit=2,
                            stdin="{}\n" + json.dumps({"tool": "nothing", "arguments": {"text": "x" * (4 << 20)}}))
        self.assertIn("-:2", done.stderr)

    def test_what_is_no_json_is_told_with_its_line(self):
        done = self.run_cli("submit", "--batch", "-", exit=2, stdin="{}\n[\n")
        self.assertIn("-:2", done.stderr)

    def test_calls_with_a_key_become_one_job(self):
        call = ["call", "abc_render_book", "abc=" + BOOK, "--wait", "0", "--key", "book", "--delay", "600000"]
        first = self.json_of(*call)
        second = self.json_of(*call)
        self.assertEqual((second["job_id"], second["joined"]), (first["job_id"], True))
        third = self.json_of(*call, "--coalesce", "supersede")
        self.assertNotEqual(third["job_id"], first["job_id"])
        self.run_cli("wait", first["job_id"], exit=1)
        self.assertIn("superseded by " + third["job_id"], self.json_of("job", first["job_id"])["error"]["message"])
        self.run_cli("cancel", third["job_id"])

    def test_a_dropped_result_leaves_its_tombstone(self):
        call = {"tool": "abc_render_book", "arguments": {"abc": SHORT_BOOK}, "options": {"result_ttl_ms": 1}}
        job = self.submit([call])[0]["job_id"]
        self.run_cli("wait", job)
        while "dropped_ms" not in self.json_of("job", job):
            pass
        self.assertIn("its result has been dropped at", self.run_cli("job", job).stdout)
        self.assertEqual(self.submit([{**call, "id": job}], exit=1)[0]["error"]["name"], "gone")


class Tools(CliCase):
    def test_lists_them(self):
        self.assertRegex(self.run_cli("tools").stdout, r"(?m)^NAME +KIND +CLASS +TITLE$")
        names = self.run_cli("tools", "--names").stdout.split()
        self.assertIn("abc_to_midi", names)
        self.assertEqual(names, [tool["name"] for tool in self.json_of("tools")["tools"]])

    def test_describes_one(self):
        text = self.run_cli("tools", "convert_midi_to_wav").stdout
        for part in ("short job", "input_hash  string, required", "annotations:", "arguments' schema"):
            self.assertIn(part, text)
        self.assertIn("input_hash", self.json_of("tools", "convert_midi_to_wav")["arguments"]["properties"])

    def test_says_when_there_is_none(self):
        self.assertRegex(self.run_cli("tools", "nothing", exit=1).stderr, r"^switchyard: unknown_tool: .*\nhint: ")


class Calls(CliCase):
    def test_immediate(self):
        self.assertEqual(json.loads(self.run_cli("call", "garden_status").stdout)["region_count"], 0)
        self.assertEqual(self.json_of("call", "abc_validate", "abc=" + TUNE)["reply"], "immediate")

    def test_ack_and_cast(self):
        self.assertEqual(self.json_of("call", "garden_play")["reply"], "ack")
        self.run_cli("cast", "garden_set_tempo", "bpm=132")
        self.assertEqual(self.json_of("call", "garden_status")["result"]["tempo_bpm"], 132)
        self.assertTrue(self.json_of("cast", "garden_set_tempo", "--args", '{"bpm": 90}')["sent"])

    def test_short_job_and_its_files(self):
        tune = self.folder / "tune.abc"
        tune.write_text(TUNE)
        midi = self.json_of("call", "abc_to_midi", f"abc=@{tune}", "transpose=2")
        self.assertEqual((midi["reply"], midi["state"]), ("result", "succeeded"))
        wav = self.json_of("call", "convert_midi_to_wav", "input_hash=" + midi["result"]["content_hash"])
        self.assertEqual(wav["state"], "succeeded")
        record = self.json_of("job", wav["job_id"])
        self.assertEqual(record["result"]["content_hash"], wav["result"]["content_hash"])

    def test_bytes_of_a_file(self):
        blob = self.folder / "blob"
        blob.write_bytes(b"\x00\xff\x00")
        kept = self.json_of("call", "cas_store", f"data=@{blob}", "mime_type=application/octet-stream")
        back = self.json_of("call", "cas_get", "hash=" + kept["result"]["hash"])["result"]
        self.assertEqual((back["data"], back["size"]), ("AP8A", 3))

    def test_arguments_from_standard_input(self):
        result = self.run_cli("call", "abc_validate", "--args", "@-", stdin=json.dumps({"abc": TUNE}))
        self.assertTrue(json.loads(result.stdout)["valid"])

    def test_the_grade_is_the_one_asked_for_or_synced(self):
        asked = self.json_of("call", "abc_to_midi", "abc=" + TUNE, "--wait", "0", "--grade", "volatile")
        self.assertEqual(asked["grade"], "volatile")
        self.assertEqual(self.json_of("call", "abc_to_midi", "abc=" + TUNE, "--wait", "0")["grade"], "synced")

    def test_the_same_id_gets_the_same_answer(self):
        arguments = ("call", "abc_to_midi", "abc=" + TUNE, "--id", "00112233445566778899aabbccddeeff")
        first, again = self.json_of(*arguments), self.json_of(*arguments)
        self.assertEqual(first["result"], again["result"])

    def test_failures_exit_1(self):
        refused = self.run_cli("call", "abc_to_midi", "--args", '{"abc": 7}', exit=1).stderr
        self.assertRegex(refused, r"^switchyard: invalid_arguments: .*\(at /abc\)\nhint: ")
        failed = self.run_cli("call", "convert_midi_to_wav", "input_hash=" + "0" * 32, exit=1)
        self.assertRegex(failed.stderr, r"^switchyard: \w+: ")

    def test_bad_usage_exits_2(self):
        for arguments in (["call"], ["call", "garden_set_tempo", "bpm"], ["call", "garden_set_tempo", "bpm=fast"],
                          ["call", "x", "--priority", "4"], ["call", "x", "--args", "{"], ["call", "x", "--id", "7"],
                          ["call", "x", "a=1", "--args", "{}"], ["job", "seven"], ["nothing"], [], ["wait"],
                          ["watch", "nothing"], ["completion", "fish"], ["demo", "--keep", "/proc/no"]):
            done = self.run_cli(*arguments, exit=2)
            self.assertTrue(done.stderr, arguments)


class Jobs(CliCase):
    def test_a_long_one_is_submitted_watched_and_cancelled(self):
        text = self.run_cli("call", "abc_render_book", "abc=" + BOOK).stdout
        job = re.search(r"switchyard wait ([0-9a-f]{32})", text)[1]
        progress = [json.loads(line) for line in
                    self.run_cli("watch", job, "--count", "5", "--json").stdout.splitlines()]
        self.assertEqual([event["seq"] for event in progress], [1, 2, 3, 4, 5])
        self.assertIn("running", self.run_cli("why", job).stdout + self.json_of("why", job)["state"])
        self.assertIn(job, self.run_cli("jobs").stdout)
        self.assertEqual(self.json_of("jobs", "--tool", "abc_render_book", "--limit", "1")["jobs"][0]["job_id"], job)
        self.assertIn("deadline_exceeded", self.run_cli("wait", job, "--timeout", "10", exit=1).stderr)
        self.assertRegex(self.run_cli("cancel", job, "--reason", "a test").stdout, r"is cancell(ing|ed)\n")
        self.assertIn("cancelled: ", self.run_cli("wait", job, exit=1).stderr)
        self.assertEqual(self.json_of("job", job)["state"], "cancelled")
        self.run_cli("cancel", job)  # the same request gets the same answer
        self.assertEqual(self.json_of("jobs", "--state", "cancelled")["jobs"][0]["job_id"], job)

    def test_watching_ends_with_the_job(self):
        midi = self.json_of("call", "abc_to_midi", "abc=" + TUNE)["result"]["content_hash"]
        job = self.json_of("call", "convert_midi_to_wav", "input_hash=" + midi, "--wait", "0")["job_id"]
        events = [json.loads(line) for line in self.run_cli("watch", job, "--json").stdout.splitlines()]
        self.assertEqual([event["seq"] for event in events], list(range(1, len(events) + 1)))
        self.assertEqual(events[-1]["kind"], "complete")
        self.assertIn("progress", {event["kind"] for event in events})
        later = self.run_cli("watch", "j." + job, "--from", str(len(events))).stdout.splitlines()
        self.assertEqual(len(later), 1)
        self.assertGreater(len(self.run_cli("watch", "--count", "2", "--json").stdout.splitlines()), 1)

    def test_several_are_waited_for(self):
        first = self.json_of("call", "abc_to_midi", "abc=" + TUNE, "--wait", "0", "--delay", "100")["job_id"]
        second = self.json_of("call", "abc_to_midi", "abc=" + TUNE, "--wait", "0", "--after", first)["job_id"]
        waited = self.json_of("wait", first, second)
        self.assertEqual({job["job_id"] for job in waited["ended"]}, {first, second})
        self.assertIn("succeeded", self.run_cli("wait", first, second, "--any").stdout)
        self.assertEqual(self.json_of("wait", first)["state"], "succeeded")

    def test_past_ones_are_found_by_what_went_wrong(self):
        self.run_cli("call", "convert_midi_to_wav", "input_hash=" + "0" * 32, exit=1)
        rows = self.run_cli("history", "--state", "failed", "--tool", "convert_midi_to_wav", "--last", "1h").stdout
        self.assertRegex(rows, r"(?m)^[0-9a-f]{32}  convert_midi_to_wav  failed  \d{4}-")
        found = self.json_of("history", "--state", "failed")["jobs"][0]
        self.assertEqual((found["tool"], found["attempts"]), ("convert_midi_to_wav", 1))
        word = found["message"].split()[0]
        self.assertIn(found["job_id"], self.run_cli("history", "--text", word).stdout)
        self.assertEqual(self.run_cli("history", "--text", "nothing says this").stdout, "no such jobs\n")

    def test_unknown_ones_exit_1(self):
        for command in ("job", "why", "wait", "cancel", "watch"):
            self.assertIn("not_found", self.run_cli(command, "f" * 32, exit=1).stderr, command)


class Brokers(CliCase):
    def test_ping_and_stats(self):
        self.assertIn("answered in", self.run_cli("ping").stdout)
        self.assertGreater(self.json_of("ping")["round_trip_ms"], 0)
        self.assertIn("sessions", self.run_cli("stats").stdout)
        self.assertIn("gauges", self.json_of("stats"))

    def test_nobody_there(self):
        done = self.run_cli("ping", exit=1, endpoint=f"ipc://{self.folder}/nobody")
        self.assertRegex(done.stderr, r"^switchyard: unavailable: .*\nhint: .*switchyard serve\n$")

    def test_a_second_one_on_the_same_state_is_refused(self):
        other = ["ipc://" + tempfile.mktemp(prefix="yard-") if flag.startswith("ipc://") else flag
                 for flag in self.broker.flags]
        self.assertIn("another broker uses the state folder", self.run_cli("serve", *other, exit=1).stderr)

    def test_help_and_version(self):
        self.assertRegex(self.run_cli("--version").stdout, r"^switchyard \d+\.\d+\.\d+")
        listed = self.run_cli("--help").stdout.split("Subcommands:\n")[1].split("\n\n")[0]
        self.assertEqual([line.split()[0] for line in listed.splitlines()], COMMANDS)
        for command in COMMANDS:
            self.assertIn("Examples:", self.run_cli(command, "--help").stdout, command)

    def test_completion(self):
        script = self.run_cli("completion", "bash").stdout
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)

        def complete(*words):
            ask = f"COMP_WORDS=(switchyard {' '.join(words)} ''); COMP_CWORD={len(words) + 1}; _switchyard"
            done = subprocess.run(["bash", "-c", script + ask + '; echo "${COMPREPLY[@]}"'], stdout=subprocess.PIPE,
                                  text=True, check=True)
            return done.stdout.split()

        self.assertEqual(complete(), [*COMMANDS, "--help", "--version"])
        self.assertEqual(complete("admin"), ["pause", "resume", "purge", "drain", "audit"])
        self.assertEqual(complete("dead"), ["list", "show", "replay", "purge"])
        self.assertEqual(complete("completion"), ["bash"])


class Ends(BrokerCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="yard-cli-"))
        self.broker = Broker(self.folder)

    def tearDown(self):
        self.broker.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def test_sigterm_exits_0(self):
        self.assertEqual(self.broker.stop(), 0)

    def test_drain_exits_0(self):
        self.run_cli("drain")
        self.assertEqual(self.broker.process.wait(30), 0)


if __name__ == "__main__":
    unittest.main()
