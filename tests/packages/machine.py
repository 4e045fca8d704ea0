"""A clean Debian 12 below a temporary folder, booted with systemd as its first process.

It has a network of its own with nothing but loopback, so its ports are free
whatever runs here, and nothing in it reaches anybody.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

# What a machine has on which somebody is told to type `sudo -u postern ...`.
# No certificates of authorities: the package has to bring them.
PACKAGES = "systemd-sysv,dbus,sudo"
NAME = "gateway"
CLONE_NEWNET = 0x40000000
VARIABLES = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}


def kernel(call, *arguments):
    """A call that this Python does not know yet."""
    if getattr(ctypes.CDLL(None, use_errno=True), call)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), call)


def text_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sources():
    """The Debian 12 archives that this machine uses, as one-line entries."""
    lines = set()
    shown = "$(CREATED_BY)|$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(CODENAME)|$(COMPONENT)"
    for line in text_of("apt-get", "indextargets", "--format", shown).splitlines():
        kind, origin, uri, release, codename, component = line.split("|")
        if kind != "Packages" or origin != "Debian" or component != "main":
            continue
        if codename in ("bookworm", "bookworm-updates", "bookworm-security"):
            lines.add(f"deb {uri} {release} main")
    if not lines:
        raise SystemExit("this machine's apt knows no archive of Debian 12: see `apt-get indextargets`")
    return sorted(lines)


def options():
    """How this machine's apt reaches its archives: through a proxy, by a snapshot that is old."""
    told = text_of("apt-config", "dump").splitlines()
    wanted = ("Acquire::http", "Acquire::Check-", "Acquire::Retries")
    return [f"--aptopt={line}" for line in told if line.startswith(wanted) and not line.endswith('"";')]


def groups():
    """Control groups that are no service's: without a systemd here nobody tidies up those of the machine."""
    if Path("/run/systemd/system").exists():
        return set()
    tops = Path("/sys/fs/cgroup").rglob("payload")
    return {Path(folder) for top in tops for folder, _, _ in os.walk(top)}


class Machine:
    """To be used with `with`: whatever happens, it is halted and its folder removed."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="postern-packages.", dir="/var/tmp"))
        self.root = self.folder / "root"
        self.log = self.folder / "boot.log"
        self.nspawn = None
        self.leader = None
        self.groups = groups()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        self.halt()
        # Its mounts were in a namespace of its own, which is gone with it.
        left = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if str(self.folder) in line]
        if left:
            raise SystemExit(f"still mounted, so nothing is removed: {left}")
        shutil.rmtree(self.folder)

    # Where no systemd runs nobody keeps a register of containers.
    @staticmethod
    def _nspawn(*arguments):
        alone = [] if Path("/run/systemd/system").exists() else ["--register=no", "--keep-unit"]
        return ["systemd-nspawn", "--quiet", *alone, *arguments]

    def make(self):
        """Unpacks the system."""
        # The folders above it are private, and apt's helper is another user.
        self.folder.chmod(0o755)
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", *options(), "bookworm"]
        subprocess.run([*command, self.root, "-"], input="\n".join(sources()), text=True, check=True)

    def name(self):
        """A name that it can resolve itself, as any machine's."""
        (self.root / "etc/hostname").write_text(f"{NAME}\n")
        (self.root / "etc/hosts").write_text(f"127.0.0.1 localhost {NAME}\n::1 localhost\n")

    def fetch(self, *files):
        """Lays packages into the system, and fetches what they depend on; booted, it has no network."""
        for file in files:
            shutil.copy(file, self.root / "root")
        names = " ".join(f"/root/{Path(file).name}" for file in files[:1])
        script = f"apt-get -q update && apt-get -q install -y --download-only {names}"
        command = self._nspawn(f"--directory={self.root}", "--as-pid2", "--pipe", "/bin/sh", "-c", script)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"apt-get cannot fetch what the package depends on:\n{done.stdout}{done.stderr}")

    def boot(self):
        """Starts it, and moves this process into its network."""
        command = self._nspawn(f"--directory={self.root}", "--boot", "--private-network", f"--hostname={NAME}", "--console=read-only")
        with self.log.open("w") as log:
            self.nspawn = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.leader = self._first_process()
        own_network = os.open(f"/proc/{self.leader}/ns/net", os.O_RDONLY)
        kernel("setns", own_network, CLONE_NEWNET)
        os.close(own_network)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
            if state in ("running", "degraded"):
                return state
            time.sleep(0.5)
        raise SystemExit(f"the system does not come up: {state}\n{self.log.read_text()[-3000:]}")

    # The only child of systemd-nspawn that is a process number 1.
    def _first_process(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.nspawn.poll() is not None:
                raise SystemExit(f"systemd-nspawn boots nothing here:\n{self.log.read_text()}")
            children = Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split()
            for child in children:
                status = Path(f"/proc/{child}/status").read_text()
                name = Path(f"/proc/{child}/comm").read_text().strip()
                if "\tsystemd\n" in status and name == "systemd" and status.split("NSpid:")[1].split("\n")[0].split()[-1] == "1":
                    return int(child)
            time.sleep(0.1)
        raise SystemExit("systemd-nspawn started no first process within a minute")

    def halt(self):
        if self.nspawn is None:
            return
        self.nspawn.terminate()
        try:
            self.nspawn.wait(60)
        except subprocess.TimeoutExpired:
            # With its first process every other one of the system ends.
            if self.leader:
                os.kill(self.leader, signal.SIGKILL)
            self.nspawn.kill()
            self.nspawn.wait()
        self.nspawn = None
        # The innermost first; empty, as all of it has ended.
        for group in sorted(groups() - self.groups, reverse=True):
            group.rmdir()

    def command(self, *command):
        """The words that run a command in it, as root in /, where every user may be."""
        variables = [f"{name}={value}" for name, value in VARIABLES.items()]
        enter = ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root"]
        inside = ["env", "--ignore-environment", "--chdir=/", *variables, *command]
        return [*enter, "--", *inside]

    def run(self, *command, check=True, given=None, timeout=180):
        stdin = {"input": given} if given is not None else {"stdin": subprocess.DEVNULL}
        done = subprocess.run(
            self.command(*command), capture_output=True, text=True, timeout=timeout, **stdin
        )
        if check and done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def out(self, *command, **how):
        return self.run(*command, **how).stdout.strip()
