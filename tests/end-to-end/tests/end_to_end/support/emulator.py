"""Runs ministack, an AWS emulator, on a free loopback port until standard input ends.

Prints the port once calls are accepted. Whoever started this holds the other end of standard input,
so however that process ends, this one ends too, with the Lambda functions it started and the files it
unpacked.
"""

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading


def end_with_parent(folder):
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def main():
    # A group of its own: the functions belong to it, and nothing else does.
    os.setpgid(0, 0)
    folder = tempfile.mkdtemp(prefix="end-to-end-")
    tempfile.tempdir = folder
    threading.Thread(target=end_with_parent, args=(folder,), daemon=True).start()

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    # ministack reads these when it is imported.
    os.environ["GATEWAY_PORT"] = str(port)
    os.environ["TMPDIR"] = folder
    import ministack.app  # noqa: F401
    from hypercorn.__main__ import main as serve

    # The listener queues calls from here on, so nobody has to ask whether it is ready.
    print(port, flush=True)
    # Nobody reads on.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(["ministack.app:app", "--bind", f"fd://{listener.fileno()}", "--workers", "0", "--log-level", "ERROR"])


main()
