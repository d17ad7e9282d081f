#!/usr/bin/python3
"""House rules that no compiler knows: who includes whom, which words are out, what lies where.

    tidy.py ROOT              checks the tree below ROOT; exits 1 when a rule is broken
    tidy.py ROOT --readmes    checks that each folder says what it is

A rule is a function that takes a Tree and yields Finding. Each has a bad example in tidy_test.py.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NamedTuple


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.rule}]"


class Tree(NamedTuple):
    """Files by path relative to the root; None for what is not text we check."""

    files: dict

    @staticmethod
    def read(root: Path) -> "Tree":
        return Tree({path: read_source(root / path) for path in list_files(root) if (root / path).is_file()})


SOURCE_SUFFIXES = {".h", ".cc", ".py", ".sh", ".cmake", ".js", ".ts", ".mjs"}


def list_files(root: Path) -> list:
    """What git tracks or would track; the whole folder where it is no work tree."""
    git = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "--cached", "--others",
         "--exclude-standard", "-z"], capture_output=True, check=False)
    if git.returncode == 0:
        return sorted(set(git.stdout.decode().split("\0")) - {""})
    skipped = {"build", ".git", "__pycache__", "node_modules"}
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if not skipped & set(path.parts))


def read_source(path: Path):
    if path.suffix not in SOURCE_SUFFIXES and path.name != "CMakeLists.txt":
        return None
    return path.read_text(encoding="utf-8", errors="replace")


# ---- includes

# A folder and what it may include beside itself; the longest name that fits a path counts. The
# drawing is in ARCHITECTURE.md: clients -> broker -> dispatch -> tools -> jobs -> iopub -> engine.
WIRE = ("dispatch/wire", "iopub/event.h", "jobs/job_id.h", "engine/base")
MAY_INCLUDE = {
    "engine/base": (),
    "engine/journal": ("engine/base",),
    "engine": (),
    "iopub": ("engine/base", "engine/journal"),
    "jobs": ("iopub", "engine/base", "engine/journal"),
    "tools": ("jobs", "iopub", "engine"),
    "dispatch/wire": ("iopub/event.h", "jobs/job_id.h", "engine/base"),
    "dispatch": ("tools", "jobs", "iopub", "engine"),
    "broker/core": ("dispatch", "tools", "jobs", "iopub", "engine"),
    "broker": ("dispatch", "tools", "jobs", "iopub", "engine"),
    "clients/core": WIRE,
    "clients/cli": WIRE + ("clients/core", "clients/realtime", "engine"),
    "clients": WIRE + ("clients/core",),
    "tests": ("",),
}
GENERATED = {"version.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def is_below(path: str, place: str) -> bool:
    return place == "" or path == place or path.startswith(place + "/")


def module_of(path: str):
    """The most particular entry of MAY_INCLUDE that `path` lies in; clients/* are modules of their own."""
    found = max((module for module in MAY_INCLUDE if is_below(path, module)), key=len, default=None)
    return "/".join(path.split("/")[:2]) if found == "clients" else found


def includes_of(text: str) -> Iterator[tuple]:
    for number, line in enumerate(text.splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1] == '"', match[2]


def cpp_files(tree: Tree) -> Iterator[tuple]:
    for path, text in tree.files.items():
        if text is not None and path.endswith((".h", ".cc")):
            yield path, text


def include_direction(tree: Tree) -> Iterator[Finding]:
    """Includes follow the road: a folder knows what lies downstream of it and nothing else."""
    for path, text in cpp_files(tree):
        module = module_of(path)
        if module is None:
            yield Finding(path, 1, "include-direction", "this folder has no place on the road; see MAY_INCLUDE")
            continue
        allowed = (module,) + MAY_INCLUDE.get(module, MAY_INCLUDE["clients"])
        for line, quoted, target in includes_of(text):
            if not quoted or target in GENERATED:
                continue
            if module_of(target) is None:
                yield Finding(path, line, "include-direction",
                              f'"{target}" is not a path from the root; other people\'s headers go in <>')
            elif not any(is_below(target, place) for place in allowed) or \
                    (module == "broker/core" and module_of(target) == "broker"):
                yield Finding(path, line, "include-direction", f"{module} may not include {target}")


ZMQ_PLACES = re.compile(r"^(broker/(?!core/)|iopub/zmq|clients/|tests/)")
FORBIDDEN_IN_CORE = {"thread", "fstream", "filesystem", "mutex", "condition_variable", "future"}


def zmq_at_the_edge(tree: Tree) -> Iterator[Finding]:
    """Sockets stand around the core: ZeroMQ is known to the broker's shell, the publisher and clients."""
    for path, text in cpp_files(tree):
        for line, _, target in includes_of(text):
            if re.match(r"zmq(_addon)?\.h(pp)?$", target) and not ZMQ_PLACES.match(path):
                yield Finding(path, line, "zmq-at-the-edge", "no ZeroMQ here")


def core_without_io(tree: Tree) -> Iterator[Finding]:
    """The broker's core is a state machine: no thread, no lock, no file."""
    for path, text in cpp_files(tree):
        if not path.startswith("broker/core/"):
            continue
        for line, _, target in includes_of(text):
            if target in FORBIDDEN_IN_CORE:
                yield Finding(path, line, "core-without-io", f"the core includes no <{target}>")


# ---- words

class Word(NamedTuple):
    pattern: re.Pattern
    instead: str
    allowed: re.Pattern = re.compile(r"(?!)")  # paths where it may stand


# In code; comments and strings don't count.
WORDS = (
    Word(re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b"),
         "no sleeping to synchronise: FakeClock, a latch, or a wait with a deadline"),
    Word(re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)"), "only who runs handlers catches everything",
         re.compile(r"^(jobs/executors/|clients/core/worker_attempt\.cc$|engine/reactive/(events\.h|failure\.cc|run\.cc)$)")),
    # std::unique_ptr<Cas> cas(new Cas(…)) is how a factory reaches a private constructor.
    Word(re.compile(r"^(?!.*\bunique_ptr<).*(\bnew)\s+[A-Za-z_:]"), "std::make_unique, or a value"),
    Word(re.compile(r"\bstd::thread\b(?!\s*::)"), "std::jthread, which joins"),
    Word(re.compile(r"\bZMQ_HEARTBEAT_\w+|\bzmq::sockopt::heartbeat_\w+"), "heartbeats are messages of the protocol",
         re.compile(r"^tests/")),  # which play the peer that sets them
    Word(re.compile(r"\bzmq_proxy\w*|\bzmq::proxy\w*"), "the router loop is ours"),
    Word(re.compile(r"\bstd::format\b"), "libstdc++ 12 has no <format>; fmt comes with spdlog"),
)
# Anywhere, comments first of all. The line may name the issue it belongs to.
REMINDER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
CPP_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def code_only(text: str) -> str:
    """`text` with comments and literals blanked and every line where it was."""
    return CPP_TOKEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def words(tree: Tree) -> Iterator[Finding]:
    """Words that have a better replacement."""
    for path, text in cpp_files(tree):
        for number, line in enumerate(code_only(text).splitlines(), 1):
            for word in WORDS:
                if (match := word.pattern.search(line)) and not word.allowed.match(path):
                    yield Finding(path, number, "words", f'"{match[match.lastindex or 0]}": {word.instead}')


def reminders(tree: Tree) -> Iterator[Finding]:
    """What is left to do stands in an issue."""
    for path, text in tree.files.items():
        if text is None or path.startswith("tests/tidy/"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if (match := REMINDER.search(line)) and "issue" not in line.lower():
                yield Finding(path, number, "reminders", f"{match[0]} without its issue")


def pragma_once(tree: Tree) -> Iterator[Finding]:
    """A header may be included twice."""
    for path, text in cpp_files(tree):
        if path.endswith(".h") and not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield Finding(path, 1, "pragma-once", "the header lacks #pragma once")


# ---- the tree

TOP_FOLDERS = {"broker", "dispatch", "jobs", "tools", "iopub", "engine", "clients", "tests", "deploy"}
TOP_FILES = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "NOTICE"}


def top_level(tree: Tree) -> Iterator[Finding]:
    """The root is a table of contents: the road, the tests, the pages."""
    for path in tree.files:
        top, _, below = path.partition("/")
        known = top in TOP_FOLDERS if below else top in TOP_FILES or top.endswith(".md")
        if not known and not top.startswith("."):
            yield Finding(path, 1, "top-level", f"{top} has no place at the top")


README_FOLDERS = {"engine/base", "dispatch/wire", "broker/core"}


def folders_with_readme(tree: Tree) -> set:
    """Every top folder, every client, every library of the engine that holds sources, and a few more."""
    expected = set(TOP_FOLDERS)
    for path, text in tree.files.items():
        parts = path.split("/")
        if text is not None and len(parts) > 2 and parts[0] in {"clients", "engine"}:
            expected.add("/".join(parts[:2]))
    expected |= {place for place in README_FOLDERS if any(is_below(path, place) for path in tree.files)}
    return {place for place in expected if any(is_below(path, place) for path in tree.files)}


def readmes(tree: Tree) -> Iterator[Finding]:
    """A folder says what it is."""
    for folder in sorted(folders_with_readme(tree)):
        if f"{folder}/README.md" not in tree.files:
            yield Finding(f"{folder}/README.md", 1, "readmes", "is missing")


RULES = (include_direction, zmq_at_the_edge, core_without_io, words, reminders, pragma_once, top_level)


def main(arguments: list) -> int:
    if not arguments or set(arguments[1:]) - {"--readmes"}:
        print(__doc__, file=sys.stderr)
        return 2
    rules = (readmes,) if "--readmes" in arguments else RULES
    tree = Tree.read(Path(arguments[0]).resolve())
    findings = [finding for rule in rules for finding in rule(tree)]
    for finding in findings:
        print(finding)
    print(f"tidy: {len(rules)} rules, {len(tree.files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
