"""Runs a command at a terminal of its own, as the steps on standard input say:

expect TEXT   waits until the terminal has shown TEXT, after what was expected before
send TEXT     types TEXT and the return key
type C        types the control character of the letter C
touch FILE    makes a file

At the end prints what the terminal showed, whether it echoes, and the exit code.
"""
import os, pty, select, signal, sys, termios

LIMIT_SECONDS = 300
steps = [line.rstrip("\n").split(" ", 1) for line in sys.stdin if line.strip()]
pid, terminal = pty.fork()
if pid == 0:
    for each in signal.SIGINT, signal.SIGHUP:  # under nohup, or behind an ampersand, they are ignored
        signal.signal(each, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
seen = 0


def read():
    """Reads what there is; false at the end."""
    global shown
    if not select.select([terminal], [], [], LIMIT_SECONDS)[0]:
        sys.exit("nothing was shown for %s s; so far: %r" % (LIMIT_SECONDS, shown))
    try:
        chunk = os.read(terminal, 4096)
    except OSError:
        return False
    shown += chunk
    return bool(chunk)


for verb, text in steps:
    if verb == "expect":
        wanted = text.encode()
        while shown.find(wanted, seen) < 0:
            if not read():
                sys.exit("%r was never shown, only: %r" % (text, shown))
        seen = shown.find(wanted, seen) + len(wanted)
    elif verb == "send":
        os.write(terminal, text.encode() + b"\n")
    elif verb == "type":
        os.write(terminal, bytes([ord(text) & 31]))
    elif verb == "touch":
        open(text, "w").close()
while read():
    pass
_, status = os.waitpid(pid, 0)
sys.stdout.write(shown.decode(errors="replace").replace("\r\n", "\n"))
echoes = "unknown"
try:
    echoes = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
except termios.error:
    pass
print("\n[echo %s, exit %s]" % (echoes, os.waitstatus_to_exitcode(status)))
