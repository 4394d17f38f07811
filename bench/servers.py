# SPDX-License-Identifier: MIT
"""The servers of a comparison: starting, stopping, and what their processes are."""
import os
import shutil
import signal
import socket
import subprocess
import time

next_port = 21000


def first_of(*commands):
    return next((c for c in commands if c and os.access(c, os.X_OK)), None)


WINE = first_of("/usr/lib/wine/wine64", shutil.which("wine64"), shutil.which("wine"))
WINESERVER = first_of("/usr/lib/wine/wineserver64", "/usr/lib/wine/wineserver", shutil.which("wineserver"))


class Server:
    """One line of servers.conf. `folder` is where the built programs are."""

    def __init__(self, line, folder):
        self.name, options, self.command = line.split(None, 2)
        given = dict((x.split("=", 1) + [""])[:2] for x in options.split(",") if x != "-")
        self.cpus, self.max, self.wine = given.get("cpus", "0"), int(given.get("max", 10**9)), "wine" in given
        self.idle_main = "idle-main" in given
        self.folder, self.process, self.port = folder, None, 0

    def words(self):
        words = self.command.format(port=self.port).split()
        return [WINE or "wine"] + words[1:] if self.wine else words

    def missing(self):
        """What keeps the server from running here; an empty string for nothing."""
        if self.wine and not (WINE and WINESERVER):
            return "no Wine"
        program = self.words()[1 if self.wine else 0]
        return "" if os.path.exists(os.path.join(self.folder, program)) else f"{program} is not built"

    def start(self, wrap=(), stderr=subprocess.DEVNULL):
        global next_port
        for _ in range(2):  # a second try if it does not come up
            next_port += 1
            self.port = next_port
            self.process = subprocess.Popen(["taskset", "-c", self.cpus, *wrap, *self.words()], cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)
            end = time.monotonic() + 30
            while time.monotonic() < end and self.process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", self.port), 1).close()
                    time.sleep(0.05)
                    return True
                except OSError:
                    time.sleep(0.05)
            self.stop()
        return False

    def pids(self):
        """The server and, for Wine, the wineserver of our prefix."""
        found = [self.process.pid] + children(self.process.pid)
        if self.wine:
            found += wineservers(self.cpus)
        return list(dict.fromkeys(found))

    def stop(self):
        if self.process and self.process.poll() is None:
            for pid in children(self.process.pid) + [self.process.pid]:
                try:
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def settle(self):
        """Waits until the server has finished closing the connections of a sample."""
        pids = self.pids()
        for _ in range(200):
            before = cpu_ns(pids)
            time.sleep(0.05)
            if cpu_ns(pids) - before < 2_000_000:
                return


def read_list(files, folder):
    """The servers of the lists that can run here, and why the others cannot."""
    servers, reasons = [], []
    for file in files:
        for line in open(file, encoding="utf-8"):
            if not line.strip() or line.startswith("#"):
                continue
            server = Server(line.strip(), folder)
            reason = server.missing()
            if reason:
                reasons.append(f"{server.name}: {reason}")
            else:
                servers.append(server)
    return servers, reasons


def threads(pid):
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def children(pid):
    found = []
    for tid in threads(pid):
        try:
            direct = open(f"/proc/{pid}/task/{tid}/children", encoding="ascii").read().split()
        except OSError:
            continue
        for child in map(int, direct):
            found += [child] + children(child)
    return found


def cpu_ns(pids):
    total = 0
    for pid in pids:
        for tid in threads(pid):
            try:
                total += int(open(f"/proc/{pid}/task/{tid}/schedstat", encoding="ascii").read().split()[0])
            except OSError:
                pass
    return total


# ---- Wine ----

def use_wine(folder):
    """Sets Wine's environment: a prefix of its own below the folder unless WINEPREFIX names one, made when it is missing."""
    own = "WINEPREFIX" not in os.environ
    os.environ.setdefault("WINEPREFIX", os.path.join(folder, "wine-prefix"))
    os.environ.update(WINEDEBUG="-all", WINEDLLOVERRIDES="mscoree=;mshtml=", DISPLAY="")
    if not os.path.isdir(os.environ["WINEPREFIX"]):
        subprocess.run([WINE, "wineboot", "-u"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=300, check=False)
        subprocess.run([WINESERVER, "-w"], timeout=120, check=False)
    return own


def end_wine():
    subprocess.run([WINESERVER, "-k"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False)


def wineservers(cpus):
    """The wineserver processes of our prefix, moved to the server's CPUs."""
    st = os.stat(os.environ["WINEPREFIX"])
    mark = f"server-{st.st_dev:x}-{st.st_ino:x}"
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            name = open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace").read()
            if name.startswith("wineserver") and mark in os.readlink(f"/proc/{pid}/cwd"):
                found.append(int(pid))
                subprocess.run(["taskset", "-acp", cpus, pid], stdout=subprocess.DEVNULL, check=False)
        except OSError:
            pass
    return found
