"""What zsh makes of words when Tab is pressed behind them: zsh_offers.py FOLDER WORDS...

An interactive zsh, that finds its completions in FOLDER as it finds all others (compinit), in a terminal of its own. Prints each command
line as it is then, and what was listed where there is more than one way to go on.
"""
import os
import pty
import select
import sys
import tempfile
import time

WAIT = 20  # seconds, for one Tab


def main():
    folder, *lines = sys.argv[1:]
    with tempfile.TemporaryDirectory() as tmp:
        said = os.path.join(tmp, "said")
        child, terminal = pty.fork()
        if child == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "HOME": tmp, "TERM": "dumb"})

        def type_in(text, wanted):
            """Until the file has so many lines."""
            os.write(terminal, text.encode())
            until = time.monotonic() + WAIT
            while not os.path.exists(said) or len(open(said).readlines()) < wanted:
                if select.select([terminal], [], [], 0.02)[0]:
                    os.read(terminal, 65536)
                if time.monotonic() > until:
                    sys.exit(f"nothing comes of {text!r}")

        try:
            type_in(f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -d {tmp}/dump; "
                    f"tab() {{ zle complete-word; print -r -- \"$BUFFER\" >>{said} }}; zle -N tab; bindkey '^I' tab; print ready >{said}\n", 1)
            for i, line in enumerate(lines):
                type_in("\x15" + line + "\t", i + 2)  # ^U: the line anew
        finally:
            os.close(terminal)  # which ends it
            os.waitpid(child, 0)
        print("".join(open(said).readlines()[1:]), end="")


main()
