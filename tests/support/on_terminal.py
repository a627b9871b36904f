"""A program whose standard output is a terminal."""
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios

from tools import directory


def on_terminal(program, *arguments, columns=100, **environment):
    """The program's output; NO_COLOR and TERM are set only if they are given."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    base = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    with subprocess.Popen([directory() / program, *arguments], stdout=child, stdin=subprocess.DEVNULL,
                          env={**base, **environment}) as process:
        os.close(child)
        text = b""
        while select.select([parent], [], [], 20)[0]:
            try:
                piece = os.read(parent, 65536)
            except OSError:  # the other end is closed
                break
            text += piece
    os.close(parent)
    assert process.returncode == 0
    return text.decode().replace("\r\n", "\n")
