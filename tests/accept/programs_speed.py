"""What row 3 of real programs measured: programs_speed.py FOLDER ROUNDS

FOLDER/NAME/ROUND has iperf3's JSON (client.json), of both ends the kernel's counters (client.netstat) and the interface's (client.link), and of
ours the words of `switchd test -v`.
"""
import json
import re
import statistics
import sys
from pathlib import Path


def verdict(held, text):
    print(f"row programs-3: {text} -- {'ok' if held else 'FAILED'}")
    return 0 if held else 1


def counter(path, name):
    lines = path.read_text(encoding="ascii").splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        if name in names.split():
            return int(values.split()[names.split().index(name)])
    raise KeyError(name)


def measured(folder):
    """Of one round: Mbit/s, segments sent again, of those needless ones, frames lost by the interfaces."""
    end = json.loads((folder / "client.json").read_text(encoding="utf-8"))["end"]
    lost = 0
    for side in ("client", "server"):
        stats = json.loads((folder / f"{side}.link").read_text(encoding="ascii"))[0]["stats64"]
        lost += sum(stats[way][what] for way in ("rx", "tx") for what in ("errors", "dropped"))
    return (end["sum_received"]["bits_per_second"] / 1e6, end["sum_sent"]["retransmits"],
            counter(folder / "client.netstat", "TCPDSACKRecv"), lost)


def ours(words):
    """Frames that our switch forwarded, and those that it or its links or taps lost or were to write in vain."""
    forwarded = int(re.search(r"^switch core: .*?(\d+) forwarded", words, re.M).group(1))
    lost = sum(int(n) for n in re.findall(r"(\d+) (?:dropped|not written|not let in)", words))
    return forwarded, lost


def main(folder, rounds):
    status, speed = 0, {}
    for name, what in (("ours-root", "through our switch, as root"), ("ours-sw", "through our switch, as an ordinary user"),
                       ("vde", "through VDE's switch"), ("plain", "through a plain loop from tap to tap")):
        found = sorted((folder / name).glob("*"))
        runs = [measured(path) for path in found]
        speed[name] = statistics.median(run[0] for run in runs)
        again, needless, lost = (sum(run[i] for run in runs) for i in (1, 2, 3))
        text = f"{what}: {speed[name]:.0f} Mbit/s (median of {len(runs)}: {' '.join(f'{run[0]:.0f}' for run in runs)}); "
        text += f"{again} segments sent again, {needless} of them needlessly, {lost} frames lost by the interfaces"
        held = len(runs) == rounds
        if name.startswith("ours"):
            counts = [ours((path / "words").read_text(encoding="utf-8")) for path in found]
            ours_lost = sum(n for _, n in counts)
            text += f", {ours_lost} by us of {sum(n for n, _ in counts)}"
            held = held and again <= needless and lost == 0 and ours_lost == 0
        else:
            text += f"; ours has {speed['ours-root'] / speed[name]:.2f} times that"
        status |= verdict(held, text)
    return status


sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
