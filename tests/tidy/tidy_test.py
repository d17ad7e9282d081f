#!/usr/bin/python3
"""Each rule of tidy.py catches its bad example and lets the good one pass."""

import unittest

import tidy
from tidy import Tree


def found(rule, files: dict) -> list:
    return [f"{finding.path}:{finding.line}" for finding in rule(Tree(files))]


class TidyTest(unittest.TestCase):
    def refuses(self, rule, path: str, text: str, line: int = 1):
        self.assertEqual(found(rule, {path: text}), [f"{path}:{line}"], f"{rule.__name__} let pass: {path}: {text}")

    def accepts(self, rule, path: str, text: str):
        self.assertEqual(found(rule, {path: text}), [], f"{rule.__name__} refused: {path}: {text}")

    def test_includes_follow_the_road(self):
        for path, target in [
                ("jobs/a.cc", "iopub/event.h"), ("iopub/a.h", "engine/journal/journal.h"),
                ("iopub/a.h", "engine/base/id.h"), ("tools/graph/a.cc", "engine/graph/image.h"),
                ("dispatch/a.cc", "tools/tool.h"), ("dispatch/a.cc", "dispatch/wire/message.h"),
                ("broker/a.cc", "broker/core/core.h"), ("broker/core/a.cc", "dispatch/dispatcher.h"),
                ("clients/cli/a.cc", "engine/graph/image.h"), ("clients/mcp/a.cc", "clients/core/client.h"),
                ("clients/core/a.cc", "iopub/event.h"), ("dispatch/wire/a.cc", "jobs/job_id.h"),
                ("engine/nets/a.cc", "engine/base/id.h"), ("broker/main.cc", "version.h"),
                ("tests/jobs/a.cc", "broker/core/core.h"), ("clients/mcp/a.cc", "clients/mcp/b.h")]:
            self.accepts(tidy.include_direction, path, f'#include "{target}"\n')

    def test_includes_against_the_road(self):
        for path, target in [
                ("jobs/a.cc", "tools/tool.h"), ("iopub/a.h", "jobs/job_id.h"), ("iopub/a.h", "engine/graph/image.h"),
                ("jobs/a.h", "engine/nets/net.h"), ("tools/a.cc", "dispatch/dispatcher.h"),
                ("dispatch/wire/a.cc", "tools/tool.h"), ("dispatch/wire/a.cc", "iopub/stream_log.h"),
                ("dispatch/a.cc", "broker/core/core.h"), ("broker/core/a.cc", "broker/router.h"),
                ("engine/base/a.cc", "engine/graph/image.h"), ("engine/journal/a.cc", "engine/graph/image.h"),
                ("engine/graph/a.cc", "jobs/job_id.h"), ("clients/core/a.cc", "clients/cli/command.h"),
                ("clients/core/a.cc", "tools/tool.h"), ("clients/mcp/a.cc", "engine/graph/image.h"),
                ("clients/mcp/a.cc", "clients/web/page.h"), ("broker/a.cc", "clients/core/client.h"),
                ("broker/a.cc", "tests/support/fake_clock.h"), ("jobs/a.cc", "state.h"), ("elsewhere/a.cc", "")]:
            text = f'\n#include "{target}"\n' if target else "\n"
            self.refuses(tidy.include_direction, path, text, 2 if target else 1)

    def test_zmq_stays_at_the_edge(self):
        self.accepts(tidy.zmq_at_the_edge, "broker/router.cc", "#include <zmq.hpp>")
        self.accepts(tidy.zmq_at_the_edge, "iopub/zmq_publisher.cc", "#include <zmq.hpp>")
        for path in ["broker/core/core.cc", "jobs/a.cc", "iopub/event.cc", "dispatch/wire/message.cc"]:
            for header in ["zmq.h", "zmq.hpp", "zmq_addon.hpp"]:
                self.refuses(tidy.zmq_at_the_edge, path, f"#include <{header}>")

    def test_core_does_no_io(self):
        self.accepts(tidy.core_without_io, "broker/router.cc", "#include <thread>")
        for header in sorted(tidy.FORBIDDEN_IN_CORE):
            self.refuses(tidy.core_without_io, "broker/core/core.cc", f"#include <{header}>")

    def test_words(self):
        for text in ["std::this_thread::sleep_for(1s);", "catch (...) {", "auto* p = new Thing();", "std::thread t;",
                     "ZMQ_HEARTBEAT_IVL", "zmq_proxy(a, b, c);", 'std::format("{}", 1)',
                     "zmq::sockopt::heartbeat_ivl", "f(1'000, 'x'); usleep(5);"]:
            self.refuses(tidy.words, "jobs/a.cc", "\n" + text, 2)

    def test_words_that_are_none(self):
        for text in ["// a new thing", 'log("new value");', "std::jthread t;", "fmt::format(x);", "/* catch (...)\n */",
                     "std::thread::id who;", "int news = 1;", 'auto s = R"(new x)";', "renew it;",
                     "std::unique_ptr<Cas> cas(new Cas(root));",
                     "std::construct_at(place); ::new (place) int(0);"]:
            self.accepts(tidy.words, "jobs/a.cc", text)
        self.accepts(tidy.words, "jobs/executors/thread_executor.cc", "catch (...) {")

    def test_reminders(self):
        for word in ["TODO", "FIXME", "XXX", "HACK"]:
            self.refuses(tidy.reminders, "jobs/a.cc", f"// {word}: later")
            self.refuses(tidy.reminders, "deploy/a.sh", f"# {word} later")
            self.accepts(tidy.reminders, "jobs/a.cc", f"// {word}(issue 17): later")

    def test_pragma_once(self):
        self.refuses(tidy.pragma_once, "jobs/a.h", "// A header.\nint f();\n")
        self.accepts(tidy.pragma_once, "jobs/a.h", "// A header.\n#pragma once\n")

    def test_top_level(self):
        for path in ["src/a.cc", "notes.txt", "scripts/run", "main.cc"]:
            self.assertEqual(found(tidy.top_level, {path: None}), [f"{path}:1"])
        for path in ["README.md", ".ci/run", ".clang-tidy", "LICENSE", "jobs/state.h"]:
            self.assertEqual(found(tidy.top_level, {path: None}), [])

    def test_readmes(self):
        files = {"jobs/a.cc": "", "clients/core/a.cc": "", "engine/base/a.cc": "", "engine/README.md": None}
        missing = ["clients/README.md:1", "clients/core/README.md:1", "engine/base/README.md:1", "jobs/README.md:1"]
        self.assertEqual(found(tidy.readmes, files), missing)

    def test_every_rule_is_tested(self):
        tested = {name for name in dir(self) if name.startswith("test_")}
        names = {"include_direction": "test_includes_against_the_road", "zmq_at_the_edge": "test_zmq_stays_at_the_edge",
                 "core_without_io": "test_core_does_no_io"}
        for rule in tidy.RULES:
            self.assertIn(names.get(rule.__name__, "test_" + rule.__name__), tested)


if __name__ == "__main__":
    unittest.main()
