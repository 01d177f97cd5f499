"""What the checks of the house share: which files there are, and in which room each stands."""
import sys
from pathlib import Path

ROOMS = ["core", "stack/wire", "stack", "lan", "config", "switchd", "tests", "examples", "tools"]
PURE = ["core", "stack/wire", "stack", "lan"]


def arguments():
    """The root of the tree and the folder of the builds; each check is called with both."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    return root, Path(sys.argv[2] if len(sys.argv) > 2 else root / "build")


def room_of(path):
    name = path.as_posix()
    return next((room for room in ROOMS if name.startswith(room + "/")), None)


def sources(root, suffixes=(".c", ".h")):
    """Every file of the rooms with such an ending, relative to the root, in a fixed order."""
    tops = sorted({room.split("/")[0] for room in ROOMS})
    found = [p.relative_to(root) for top in tops for p in (root / top).rglob("*") if p.suffix in suffixes]
    return sorted(found)


def verdict(faults):
    """Prints what is wrong and ends the check."""
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)
