#!/usr/bin/env python3
"""Run a program on a terminal of its own, type as a person would, and print what the terminal showed.

    terminal.py PROGRAM [ARGUMENT ...] < steps.json

Standard input is a list of steps, done in order: {"wait": "a regular expression"} reads until what came since the last
match holds one, {"send": "characters"} types once the program reads keys, {"terminate": true} sends SIGTERM then (and
says on standard error if the terminal is not given back as it was), {"interrupt": true} types Ctrl-C once it has given
the terminal back: a prompt shows a moment before keys are read, and what is typed in between is echoed by the
terminal, and again by the program. Then the program is read to its end, whose status is ours: 128 and the
signal where it was killed, 124 where something that was waited for did not come.
"""
import json
import os
import pty
import re
import select
import signal
import sys
import termios
import time

# A program that hangs is to fail the test, not to hang it; nothing is measured by this.
PATIENCE, LONGEST = 120, 300


def main():
    steps = json.load(sys.stdin)
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    shown, matched, start = "", 0, time.monotonic()

    def read():
        nonlocal shown
        if time.monotonic() - start > LONGEST:
            fail("it takes without end")
        if not select.select([terminal], [], [], PATIENCE)[0]:
            fail("nothing came any more")
        try:
            data = os.read(terminal, 4096)
        except OSError:  # Linux says EIO where the other end is closed.
            data = b""
        shown += data.decode("utf-8", "replace")
        return data

    def fail(problem):
        sys.stdout.write(shown)
        sys.stderr.write(f"terminal.py: {problem}\n")
        os.kill(child, 9)
        sys.exit(124)

    def type(keys, read_as_lines):
        while bool(termios.tcgetattr(terminal)[3] & termios.ICANON) != read_as_lines:
            if time.monotonic() - start > LONGEST:
                fail("it is not ready to be typed to")
            time.sleep(0.002)
        os.write(terminal, keys.encode())

    for step in steps:
        if "terminate" in step:
            type("", read_as_lines=False)
            os.kill(child, signal.SIGTERM)
            continue
        if "wait" not in step:
            type(step.get("send", "\x03"), read_as_lines="interrupt" in step)
            continue
        while True:
            match = re.search(step["wait"], shown[matched:])
            if match:
                matched += match.end()
                break
            if not read():
                fail(f"the program ended before {step['wait']!r}")
    while read():
        pass
    if any("terminate" in step for step in steps) and not termios.tcgetattr(terminal)[3] & termios.ICANON:
        sys.stderr.write("terminal.py: the terminal was not given back as it was\n")
    sys.stdout.write(shown)
    status = os.waitpid(child, 0)[1]
    sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


main()
