"""A server for as long as a command needs one: it answers, it ends, and what is left is ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.running import ROOT
from training.served import LEFT, NoServer, Place, end_left_over, served
from training.serving import answers

SERVER = """\
#!{python}
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass

port = int(sys.argv[sys.argv.index("--port") + 1])
print("listening", flush=True)
{more}
HTTPServer(("127.0.0.1", port), Healthy).serve_forever()
"""
COMMAND = """\
import sys, time
from pathlib import Path
from training.served import Place, served
with served(Place(Path(sys.argv[1]), Path(sys.argv[2])), []) as serving:
    print(serving.url, flush=True)
    time.sleep(60)
"""


def place(home: Path, more: str = "") -> Place:
    """Its Python is a program that takes vLLM's arguments and answers /health."""
    program = home / "python"
    program.write_text(SERVER.format(python=sys.executable, more=more))
    program.chmod(0o755)
    return Place(home, program, within=30)


def test_it_answers_while_it_is_needed_and_not_after(tmp_path: Path):
    with served(place(tmp_path), []) as serving:
        assert answers(serving.url)
        assert (tmp_path / LEFT).exists()
    assert not answers(serving.url)
    assert not (tmp_path / LEFT).exists()


def test_a_server_that_does_not_start_is_told_with_its_last_words(tmp_path: Path):
    dying = place(tmp_path, more="sys.exit('out of memory')")
    with pytest.raises(NoServer, match="out of memory"), served(dying, []):
        raise AssertionError("it never answered")
    assert not (tmp_path / LEFT).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_its_command_for_good(tmp_path: Path, number: signal.Signals):
    here = place(tmp_path)
    words = [sys.executable, "-c", COMMAND, str(here.home), str(here.python)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as command:  # fmt: skip
        assert command.stdout is not None
        url = command.stdout.readline().strip()
        assert answers(url)
        os.kill(command.pid, number)
        command.wait(30)
    assert end_left_over(here) is (number is signal.SIGKILL)
    assert _is_gone(url)


def _is_gone(url: str) -> bool:
    """Soon: the system takes the port back a moment after the kill."""
    for _ in range(100):
        if not answers(url):
            return True
        time.sleep(0.05)
    return False
