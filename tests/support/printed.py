"""Commands as documents print them: found in manuals and in Markdown, and run as a reader would type them.

A command begins with "$ ", and continues on the next line after a backslash or a "|". The lines after it, up to the next command,
are its output, from both outputs; "..." in them matches anything, and alone on a line any lines. Without such lines, the output is
not compared. Every command must end with 0, except one that "$ echo $?" follows.

Numbers of three digits and more may be a tenth off: a compressor decides some of them, and another version may do better.

A command that cannot run in a test has the reason before it, in a comment of the document: "not run: REASON".
"""
import dataclasses
import re
import subprocess

PROMPT, ANYTHING = "$ ", "..."
SHELL = ["bash", "--noprofile", "--norc", "-c"]


@dataclasses.dataclass
class Command:
    line: str       # as typed; several with continuations
    printed: list   # the lines after it
    not_run: str    # why, or nothing


def commands_of(lines, not_run):
    """Commands of one display."""
    found, goes_on = [], False
    for line in lines:
        if line.startswith(PROMPT):
            found.append(Command(line.removeprefix(PROMPT), [], not_run))
        elif goes_on:
            found[-1].line += "\n" + line
        else:
            assert found, f"'{line}' stands behind no command"
            found[-1].printed.append(line)
        goes_on = line.endswith(("\\", "|")) and (goes_on or line.startswith(PROMPT))
    return found


# -- manuals ---------------------------------------------------------------------------------------------------------

ESCAPES = {"\\(aq": "'", "\\(dq": '"', "\\-": "-", "\\&": "", "\\e": "\\"}


def as_shown(text):
    """Text of mdoc as mandoc shows it."""
    return re.sub(r"\\(?:\((?:aq|dq)|[-&e])", lambda escape: ESCAPES[escape.group()], text)


def displays(text):
    """The literal displays of a manual."""
    return [as_shown(display) for display in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.DOTALL | re.MULTILINE)]


def in_manual(text):
    """The commands of the section EXAMPLES, in lines of .Dl and in literal displays."""
    section = text.split("\n.Sh EXAMPLES\n")[1].split("\n.Sh ")[0] + "\n"
    found, not_run = [], ""
    parts = re.findall(r'^\.\\" not run: (.*)\n|^\.Dl (.*)\n|^\.Bd -literal.*\n((?:(?!\.Ed).*\n)*)', section, re.MULTILINE)
    for reason, line, display in parts:
        lines = as_shown(line or display).splitlines()
        if lines and lines[0].startswith(PROMPT):
            found += commands_of(lines, not_run)
        not_run = reason
    return found


# -- Markdown --------------------------------------------------------------------------------------------------------

COMMANDS = "console"  # the name of a block with commands; a block of any other name has none


def in_markdown(text):
    """The commands of the fenced blocks that are named console."""
    found = []
    blocks = re.findall(r"(?:^<!-- not run: ([^\n]*) -->\n)?^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) * 2 == len(re.findall("^```", text, re.MULTILINE)), "a block is not closed"
    for reason, name, body in blocks:
        assert (name == COMMANDS) == body.startswith(PROMPT), f"commands stand in blocks named {COMMANDS}:\n{body}"
        if name == COMMANDS:
            found += commands_of(body.splitlines(), reason)
    return found


# -- running them ----------------------------------------------------------------------------------------------------

NUMBER = re.compile(r"\d{3,}")


def line_fits(wanted, line):
    """Whether a printed line equals the document's. The number of blanks between words depends on the numbers, so it is
    ignored."""
    wanted, line = " ".join(wanted.split()), " ".join(line.split())
    pattern = re.escape(NUMBER.sub("\0", wanted)).replace(re.escape(ANYTHING), ".*").replace("\0", r"(\d+)")
    found = re.fullmatch(pattern, line)
    return bool(found) and all(abs(int(seen) - int(number)) <= int(number) // 10
                               for seen, number in zip(found.groups(), NUMBER.findall(wanted), strict=True))


def fits(wanted, printed):
    """Whether printed lines are as the document has them."""
    if not wanted:
        return not printed
    if wanted[0] == ANYTHING:
        return any(fits(wanted[1:], printed[skipped:]) for skipped in range(len(printed) + 1))
    return bool(printed) and line_fits(wanted[0], printed[0]) and fits(wanted[1:], printed[1:])


def run_commands(commands, directory, environment):
    """Run the commands that can run, in their order. Files that a command made are there for the next; variables are
    not."""
    status = 0
    for command, behind in zip(commands, [*commands[1:], None]):
        if command.not_run:
            continue
        done = subprocess.run([*SHELL, f"umask 022; set -o pipefail; (exit {status})\n{command.line}"], cwd=directory, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        status, said = done.returncode, done.stdout.decode(errors="replace")
        if not behind or behind.line != "echo $?":
            assert status == 0, f"$ {command.line}\n{said}ended with {status}"
        wanted = "\n".join(command.printed).strip("\n").splitlines()
        if wanted:
            assert fits(wanted, said.strip("\n").splitlines()), \
                f"$ {command.line}\nprinted\n{said}and the document says\n" + "\n".join(wanted)
