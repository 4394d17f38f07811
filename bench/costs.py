# SPDX-License-Identifier: MIT
"""What a message costs apart from time: system calls and their kinds, context switches, instructions in user space."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from servers import threads

CONNS, SIZE = 50, 64


def load(server, *args, timeout=120):
    """One run of the load generator against a server that is up, as a dict; empty when it failed."""
    command = ["taskset", "-c", "1", "./load", *map(str, args), "-p", str(server.port),
               "-P", ",".join(map(str, server.pids()))]
    run = subprocess.run(command, cwd=server.folder, capture_output=True, text=True, timeout=timeout, check=False)
    return {} if run.returncode else {k: float(v) for k, v in re.findall(r"(\w+)=([-\d.]+)", run.stdout)}


def counted(server, conns, size):
    """A sample with counters of system calls and instructions on."""
    if not server.start():
        return {}
    try:
        return load(server, "echo", "-c", conns, "-s", size, "-t", 0.7, "-S")
    finally:
        server.stop()


def traced(pids):
    """Has the tracer got hold of every thread?"""
    for pid in pids:
        for tid in threads(pid):
            try:
                if re.search(r"^TracerPid:\t0$", open(f"/proc/{pid}/task/{tid}/status", encoding="ascii").read(), re.M):
                    return False
            except OSError:
                pass
    return True


def kinds(server):
    """System calls per message by name, under strace; the opening and closing of the connections included."""
    messages = 2000 if server.wine else 10000
    if not shutil.which("strace") or not server.start():
        return {}
    pids = server.pids()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        out = os.path.join(scratch, "calls")
        which = [x for pid in pids for x in ("-p", str(pid))]
        with subprocess.Popen(["strace", "-c", "-f", "-o", out, *which], stderr=subprocess.DEVNULL) as tracer:
            end = time.monotonic() + 5
            while time.monotonic() < end and not traced(pids):
                time.sleep(0.02)
            load(server, "echo", "-c", min(CONNS, server.max), "-s", SIZE, "-n", messages)
            tracer.send_signal(signal.SIGINT)
        server.stop()
        text = open(out, encoding="ascii").read()
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", text, re.M)
    return {name: int(n) / messages for n, name in rows if name != "total"}


def callgrind_total(server, messages):
    """Instructions of a whole run under callgrind."""
    with tempfile.TemporaryFile() as log:
        if not server.start(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"], stderr=log):
            return None
        done = load(server, "echo", "-c", min(CONNS, server.max), "-s", SIZE, "-n", messages).get("msgs")
        server.stop()
        log.seek(0)
        found = re.search(rb"Collected : (\d+)", log.read())
    return (int(found[1]), done) if found and done else None


def instructions(server):
    """Per message, as the difference of a short and a long run, so that starting and connecting do not count."""
    if server.wine or not shutil.which("valgrind"):
        return None
    short, long = callgrind_total(server, 2000), callgrind_total(server, 12000)
    return (long[0] - short[0]) / (long[1] - short[1]) if short and long else None


def number(value, form=".2f"):
    return "-" if value is None or value < 0 else format(value, form)


def table(servers, cells):
    print(f"### What a message costs ({CONNS} connections x {SIZE} B unless said otherwise; with the wineserver's share)\n")
    print("| server | instructions in user space | context switches | "
          + " | ".join(f"system calls, {c} x {z} B" for c, z in cells) + " | kinds under strace |")
    print("|---|--:|--:|" + "--:|" * len(cells) + "---|", flush=True)
    record = {}
    for server in servers:
        samples = {cell: counted(server, *cell) if cell[0] <= server.max else {} for cell in cells}
        usual = samples.get((CONNS, SIZE), {})
        work = usual.get("instructions_per_msg", -1)
        if work < 0:
            work = instructions(server)
        by_kind = sorted(kinds(server).items(), key=lambda x: -x[1])
        calls = {cell: s.get("syscalls_per_msg", -1) for cell, s in samples.items()}
        if calls.get((CONNS, SIZE), -1) < 0 and by_kind:
            calls[(CONNS, SIZE)] = sum(n for _, n in by_kind)
        print(f"| {server.name} | {number(work, ',.0f')} | {number(usual.get('switches_per_msg'), '.3f')} | "
              + " | ".join(number(calls[cell]) for cell in cells)
              + " | " + ", ".join(f"{k} {n:.2f}" for k, n in by_kind if n >= 0.01) + " |", flush=True)
        record[server.name] = {"instructions": work, "switches": usual.get("switches_per_msg"), "kinds": dict(by_kind),
                               "syscalls": {f"{c}-{z}": n for (c, z), n in calls.items()}}
    print()
    return record
