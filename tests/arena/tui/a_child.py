"""A cheap child process for tests: `python -m tests.arena.tui.a_child [deaf] [noisy] [tree]`.

It says that it has started and stops at "quit" or at the end of stdin; `deaf` hears neither these nor
SIGTERM, `noisy` writes what is no event, `tree` has a child of its own that hears nothing.
"""

import json
import os
import signal
import subprocess
import sys
import time


def main() -> None:
    facts: dict[str, object] = {"event": "started", "pid": os.getpid()}
    if "tree" in sys.argv:
        facts["grandchild"] = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid
    if "deaf" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "noisy" in sys.argv:
        print("a library says hello", flush=True)
        print("[1, 2]", flush=True)
        print("something went wrong over there", file=sys.stderr, flush=True)
    print(json.dumps(facts), flush=True)
    if "deaf" in sys.argv:
        time.sleep(600)
    for line in sys.stdin:
        if line.strip() == "quit":
            print(json.dumps({"event": "closed"}), flush=True)
            break


if __name__ == "__main__":
    main()
