#!/usr/bin/python3
"""What `cmake --install` puts into a folder works from there, without the build."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

BIN = Path(os.environ["SWITCHYARD_BIN"])


class Install(unittest.TestCase):
    def test_the_installed_programs_run_the_demo(self):
        with tempfile.TemporaryDirectory(prefix="yard-install-") as prefix:
            subprocess.run(["cmake", "--install", BIN.parent, "--prefix", prefix], check=True, capture_output=True)
            program = Path(prefix) / "bin" / "switchyard"
            version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
            self.assertRegex(version, r"^switchyard \d+\.\d+\.\d+")
            demo = subprocess.run([program, "demo"], check=True, capture_output=True, text=True, timeout=100).stdout
            self.assertIn("Latency by class of dispatch", demo)
            files = {str(path.relative_to(prefix)) for path in Path(prefix).rglob("*") if path.is_file()}
            self.assertIn("bin/switchyard-broker", files)
            self.assertIn("share/doc/switchyard/LICENSE", files)


if __name__ == "__main__":
    unittest.main()
