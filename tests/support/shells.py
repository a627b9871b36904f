"""Real shells, each on its own terminal, in which tests press keys and read the completions.

None reads a user's configuration. Each finds completions as on a system where `share` is one of its data directories. A
shell sends its command line through a pipe, so nothing is read from a screen.
"""
import os
import pty
import select
import shlex
import subprocess
import time

COMPLETE_ALL, TELL = b"\x19", b"\x14"  # Ctrl-Y and Ctrl-T, bound to what their names say
PATIENCE = 60  # seconds; only a shell that hangs takes so long

BASH = """
source /usr/share/bash-completion/bash_completion
"""

# Without bash-completion, a user sources the files; and some users remove '=' from the characters that break
# words.
BASH_ALONE = """
for file in SHARE/bash-completion/completions/*; do source "$file"; done
COMP_WORDBREAKS=${COMP_WORDBREAKS//=}
"""

BASH_KEYS = """
PS1=
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
tell() { printf '%s\\0' "$READLINE_LINE" >&PIPE; READLINE_LINE= READLINE_POINT=0; }
bind '"\\C-y": insert-completions'
bind -x '"\\C-t": tell'
printf '\\0' >&PIPE
"""

ZSH = """
fpath=(SHARE/zsh/site-functions $fpath)
autoload -Uz compinit
compinit -u -d ~/.zcompdump
PS1= RPS1=
unsetopt beep prompt_cr prompt_sp
zle -C complete-all complete-word _generic
zstyle ':completion:complete-all:*' insert yes
zstyle ':completion:complete-all::::' completer _all_matches _complete
tell() { printf '%s\\0' "$BUFFER" >&PIPE; BUFFER= }
zle -N tell
bindkey -e
bindkey '^Y' complete-all
bindkey '^T' tell
printf '\\0' >&PIPE
"""


class Terminal:
    """An interactive shell that has read a start file; the keys of COMPLETE_ALL and TELL are bound in it."""

    def __init__(self, command, environment, pipe):
        self.pipe, write_end = pipe
        self.keyboard, terminal = pty.openpty()
        self.shell = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment,
                                      cwd=environment["HOME"], pass_fds=[write_end], start_new_session=True)
        os.close(terminal)
        os.close(write_end)
        self.screen = b""
        self._answer()  # it has read its start file

    def press(self, line, key):
        """The command line after typing `line` and pressing `key`."""
        os.write(self.keyboard, line.encode() + key)
        os.write(self.keyboard, TELL)
        return self._answer()

    def close(self):
        self.shell.kill()
        self.shell.wait()
        os.close(self.keyboard)
        os.close(self.pipe)

    def _answer(self):
        """The next answer. Reads the shell's drawing meanwhile, or the shell would wait."""
        answer, end = b"", time.monotonic() + PATIENCE
        while not answer.endswith(b"\0"):
            ready, _, _ = select.select([self.pipe, self.keyboard], [], [], max(0, end - time.monotonic()))
            assert ready, f"{self.shell.args[0]} does not answer; its screen:\n{self.screen.decode(errors='replace')}"
            if self.keyboard in ready:
                self.screen += os.read(self.keyboard, 65536)
            if self.pipe in ready:
                some = os.read(self.pipe, 65536)
                assert some, f"{self.shell.args[0]} ended; its screen:\n{self.screen.decode(errors='replace')}"
                answer += some
        return answer[:-1].decode()


def environment(home, share):
    return {"HOME": str(home), "PATH": f"{share.parent}/bin:{os.environ['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8",
            "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
            "XDG_DATA_DIRS": f"{share}:/usr/local/share:/usr/share"}


class LineEditor:
    """bash or zsh; home is a fresh directory, and where they complete file names."""

    def __init__(self, home, share, start_file, start, command):
        read_end, write_end = os.pipe()
        start = start.replace("PIPE", str(write_end)).replace("SHARE", shlex.quote(str(share)))
        (home / start_file).write_text(start)
        self.terminal = Terminal(command, environment(home, share), (read_end, write_end))

    def offers(self, line):
        """All completions of the last word of the line, or of the part after its last '='."""
        answer = self.terminal.press(line, COMPLETE_ALL)
        before = line[:line.rindex(" ") + 1]
        assert answer.startswith(before), answer
        last = line[len(before):]
        option = last[:last.rindex("=") + 1] if last.startswith("--") and "=" in last else ""
        words = shlex.split(answer[len(before):])
        return set() if answer.rstrip(" ") == line.rstrip(" ") else {word.removeprefix(option) for word in words}

    def after_tab(self, line):
        return self.terminal.press(line, b"\t")

    def close(self):
        self.terminal.close()


def bash(home, share):
    return LineEditor(home, share, "start", BASH + BASH_KEYS, ["bash", "--noprofile", "--rcfile", "start", "-i"])


def bash_alone(home, share):
    return LineEditor(home, share, "start", BASH_ALONE + BASH_KEYS, ["bash", "--noprofile", "--rcfile", "start", "-i"])


def zsh(home, share):
    return LineEditor(home, share, ".zshrc", ZSH, ["zsh", "--no-global-rcs", "-i"])


class Fish:
    """fish prints its completions on request, as for its own interface; it needs no terminal for that."""

    def __init__(self, home, share):
        self.environment = environment(home, share)

    def offers(self, line):
        done = subprocess.run(["fish", "-c", "complete --do-complete $argv[1]", line], env=self.environment,
                              cwd=self.environment["HOME"], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        last = line[line.rindex(" ") + 1:]
        option = last[:last.rindex("=") + 1] if last.startswith("--") and "=" in last else ""
        return {offer.split("\t")[0].removeprefix(option) for offer in done.stdout.splitlines()}

    def close(self):
        pass


SHELLS = {"bash": bash, "bash-alone": bash_alone, "zsh": zsh, "fish": Fish}
