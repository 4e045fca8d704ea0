"""What an admin does with the package, from the first installation to the purge; see `run`."""

import argparse
import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import mail
from checks import check, closing_line, equal
from google import CLIENT_ID, CLIENT_SECRET, Google
from machine import Machine

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIG, KEY, DATABASE = "/etc/postern/postern.toml", "/etc/postern/postern.key", "/var/lib/postern/postern.db"
ANNA, BEN = "anna@example.com", "ben@example.com"
# What docs/administration.md and the manual page tell an admin to type.
SETUP = [
    "sudo", "-u", "postern", "postern", "--config", CONFIG, "setup",
    "--database-url", f"sqlite://{DATABASE}", "--key-file", KEY,
]  # fmt: skip
# The unit's own line in `systemd-analyze security`; it may become less.
EXPOSURE = 1.1


def build(binary, version, out):
    command = [REPOSITORY / "config/debian/build", "--out", out]
    command += ["--binary", binary] if binary else []
    command += ["--version", version] if version else []
    return Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


def packages(binary, out):
    """The package, and one of a higher version that holds the same."""
    first = build(binary, None, out / "a")
    binary = binary or Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "release/postern"
    version = first.name.split("_")[1]
    second = build(binary, f"{version}.1", out / "b")
    check("the package is built", first.exists(), f"{first.name}, {first.stat().st_size:,} octets")
    again = build(binary, None, out / "c")
    sums = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (first, again)]
    equal("packed again from the same binary it is the same, octet for octet", sums[1], sums[0])
    changes = str(first).removesuffix(".deb") + ".changes"
    told = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", changes], capture_output=True, text=True
    )
    equal("lintian finds neither errors nor warnings", (told.returncode, told.stdout + told.stderr), (0, ""))
    return first, second


class Story:
    def __init__(self, machine, first, second):
        self.machine, self.first, self.second = machine, first, second
        self.tokens = {}

    def postern(self, *words, **how):
        return self.machine.out("sudo", "-u", "postern", "postern", *words, **how)

    def apt(self, *words):
        done = self.machine.run("apt-get", "-q", "-y", *words)
        return done.stdout + done.stderr

    def owner(self, path):
        return self.machine.out("stat", "-c", "%U:%G %a", path, check=False)

    def there(self, path):
        return self.machine.run("test", "-e", path, check=False).returncode == 0

    def unit(self, *names):
        told = self.machine.out("systemctl", "show", "postern", *(f"-p{name}" for name in names))
        return dict(line.split("=", 1) for line in told.splitlines())

    def sum(self, path):
        return self.machine.out("sha256sum", path).split()[0]

    # --- the chapters

    def install(self):
        there = self.machine.out("find", "/etc/ssl/certs", "-name", "*.pem", check=False)
        equal("before the installation there are no certificates of authorities", there, "")
        self.apt("install", f"/root/{self.first.name}")
        state = self.machine.out("dpkg-query", "-W", "-f", "${Status} ${Version}", "postern")
        equal("apt installs the package", state, f"install ok installed {self.first.name.split('_')[1]}")
        state = self.machine.out("dpkg-query", "-W", "-f", "${Status}", "ca-certificates")
        equal("and what it depends on", state, "install ok installed")
        for path, wanted in {
            "/usr/bin/postern": "root:root 755",
            "/lib/systemd/system/postern.service": "root:root 644",
            "/usr/lib/sysusers.d/postern.conf": "root:root 644",
            "/usr/share/doc/postern/docs/administration.md": "root:root 644",
            "/usr/share/doc/postern/examples/postern.toml": "root:root 644",
            "/usr/share/doc/postern/copyright": "root:root 644",
            "/usr/share/doc/postern/sbom.cdx.json.gz": "root:root 644",
            "/usr/share/doc/postern/third-party-licences.gz": "root:root 644",
            "/usr/share/man/man1/postern.1.gz": "root:root 644",
            "/etc/postern": "postern:postern 750",
            "/var/lib/postern": "postern:postern 700",
        }.items():
            equal(path, self.owner(path), wanted)
        equal("every file is as it was packed", self.machine.out("dpkg", "--verify", "postern"), "")
        number, _, comment, home, shell = self.machine.out("getent", "passwd", "postern").split(":")[2:]
        equal("the user", (comment, home, shell), ("Postern mail gateway", "/var/lib/postern", "/usr/sbin/nologin"))
        check("is one of the system's", 100 <= int(number) < 1000, number)
        check("and has no password", "postern:!" in self.machine.out("grep", "^postern:", "/etc/shadow"))
        equal("the service is enabled", self.machine.out("systemctl", "is-enabled", "postern"), "enabled")
        seen = self.unit("ActiveState", "ConditionResult", "Result")
        wanted = {"ActiveState": "inactive", "ConditionResult": "no", "Result": "success"}
        equal("and passed over, as there is no configuration yet", seen, wanted)
        equal("no unit has failed", self.machine.out("systemctl", "list-units", "--failed", "--plain", "-q"), "")

    def judge_unit(self):
        told = self.machine.run("systemd-analyze", "--man=no", "verify", "/lib/systemd/system/postern.service", check=False)
        equal("systemd-analyze verify", (told.returncode, told.stdout + told.stderr), (0, ""))
        told = self.machine.out("systemd-analyze", "--no-pager", "security", "postern.service")
        exposure = re.search(r"Overall exposure level for postern\.service: ([\d.]+) (\S+)", told)
        check(f"systemd-analyze security: at most {EXPOSURE}", float(exposure[1]) <= EXPOSURE, exposure[0])

    def set_up(self):
        """At a terminal, where it asks for what no flag said."""
        ours, theirs = pty.openpty()
        try:
            os.write(ours, b"\n")
            done = subprocess.run(
                self.machine.command(*SETUP), stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True, timeout=60
            )
            asked = os.read(ours, 65536).decode()
        finally:
            os.close(ours)
            os.close(theirs)
        check("setup succeeds", done.returncode == 0, asked + done.stdout)
        for path in (CONFIG, KEY, DATABASE):
            equal(path, self.owner(path), "postern:postern 600")
        told = self.machine.run("sudo", "-u", "postern", "postern", "check", check=False)
        check("postern check finds no fault", told.returncode == 0, told.stdout + told.stderr)
        return done.stdout

    def start(self):
        self.machine.run("systemctl", "start", "postern")
        self.runs("the service runs and said READY")

    def runs(self, what):
        seen = self.unit("ActiveState", "SubState", "StatusText", "NRestarts", "MainPID")
        state = (seen["ActiveState"], seen["SubState"], seen["NRestarts"])
        check(what, state == ("active", "running", "0"), seen)
        with urllib.request.urlopen("http://127.0.0.1:8025/healthz", timeout=10) as answer:
            equal("/healthz", (answer.status, answer.read()), (200, b"ok"))
        return int(seen["MainPID"])

    def confined(self):
        process = self.machine.out("cat", f"/proc/{self.unit('MainPID')['MainPID']}/status")
        status = dict(line.split(":\t", 1) for line in process.splitlines())
        user = self.machine.out("id", "-u", "postern")
        equal("it runs as its user", status["Uid"].split()[0], user)
        powers = {name: status[name].strip() for name in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}
        none = "0" * 16
        equal("without any power", powers, {"CapEff": none, "CapBnd": none, "NoNewPrivs": "1", "Seccomp": "2"})
        self.machine.run("systemctl", "reload", "postern")
        self.runs("it runs on after systemctl reload")

    def point_at(self, google):
        """The configuration of setup, with the stand-in in Google's place."""
        text = self.machine.run("cat", CONFIG).stdout
        lines = "".join(f'{key} = "{value}"\n' for key, value in google.settings().items())
        text = text.replace("\n[google]\n", f"\n[google]\n{lines}", 1)
        # A listener with TLS, for which the gateway makes a certificate.
        text += f'\n[[imap.listen]]\naddr = "127.0.0.1:{mail.IMAPS}"\ntls = "implicit"\n'
        text, count = re.subn(r'(?m)^public_url = .*$', f'public_url = "{google.public_url()}"', text)
        check("the stand-in Google is put in its place", count == 1 and lines in text, google.oauth)
        self.machine.run("sudo", "-u", "postern", "tee", CONFIG, given=text)
        self.machine.run("install", "-m", "0644", f"{google.home}/google-ca.pem", "/etc/postern/stand-in-ca.pem")
        self.postern("check")
        self.machine.run("systemctl", "restart", "postern")
        self.runs("the service runs with it")
        told = mail.greeting(self.machine.out("cat", "/var/lib/postern/certs/dev-ca.pem"))
        check("and has made a certificate for this machine", told.startswith(b"* OK"), told)

    def connect(self, google):
        self.postern("client", "set", "--client-id", CLIENT_ID, "--client-secret-file", "-", given=CLIENT_SECRET)
        for address in (ANNA, BEN):
            self.postern("account", "add", address)
            command = self.machine.command("sudo", "-u", "postern", "postern", "account", "connect", address, "--paste")
            asking = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            ended_on = google.consent(asking.stdout.readline().strip())
            _, told = asking.communicate(ended_on + "\n", timeout=60)
            connected = f"{address} is connected" in told
            check(f"the owner of {address} consents", asking.returncode == 0 and connected, told.splitlines()[-1])
            self.tokens[address] = self.postern("token", "issue", address, "--name", "CRM")
            check("a CRM token is issued", self.tokens[address].startswith("pst_"), f"{self.tokens[address][:8]}…")

    def read_and_send(self):
        subject = mail.newest(ANNA, self.tokens[ANNA])
        check("the CRM reads over IMAP", bool(subject), subject)
        sent = f"From the package {time.time_ns()}"
        mail.send(ANNA, self.tokens[ANNA], BEN, sent)
        arrived = mail.newest(BEN, self.tokens[BEN])
        equal("and sends over SMTP, and it arrived", arrived, sent)

    def upgrade(self):
        """With sessions open, and a mode that the admin has changed."""
        self.machine.run("chmod", "0700", "/etc/postern")
        before = self.runs("before the upgrade the service runs")
        facts = self.facts()
        imap = mail.Imap(ANNA, self.tokens[ANNA])
        smtp = mail.Smtp(BEN, self.tokens[BEN])
        started = time.monotonic()
        self.apt("install", f"/root/{self.second.name}")
        took = time.monotonic() - started
        told = imap.to_the_end()
        check("an IMAP session that was open is asked to leave", b"* BYE" in told, told)
        told = smtp.to_the_end()
        check("an SMTP session, too", told.startswith(b"421"), told)
        # From the end of the sessions on nothing holds the old process.
        check("apt waits for the drain, within TimeoutStopSec", took < 70, f"{took:.1f} s")
        version = self.machine.out("dpkg-query", "-W", "-f", "${Version}", "postern")
        equal("the new version is there", version, self.second.name.split("_")[1])
        after = self.runs("the service runs again")
        check("it is another process", after != before, f"{before}, then {after}")
        log = self.machine.out("journalctl", f"_PID={before}", "--no-pager", "-o", "cat").splitlines()
        check("the old one came to its own end", log[-1].endswith("stopped"), log[-1])
        log = self.machine.out("journalctl", "-u", "postern", "--no-pager", "-o", "cat")
        equal("and was not killed", re.findall(r"timed out|SIGKILL|Failed with result .*", log), [])
        equal("the admin's mode of /etc/postern stays", self.owner("/etc/postern"), "postern:postern 700")
        equal("accounts, tokens and the key are the same", self.facts(), facts)
        self.read_and_send()
        self.machine.run("chmod", "0750", "/etc/postern")

    def facts(self):
        accounts = json.loads(self.postern("account", "list", "--json"))
        tokens = json.loads(self.postern("token", "list", "--json"))
        states = [(account["address"], account["state"]) for account in accounts]
        return states, [(token["id"], token["standing"]) for token in tokens], self.sum(KEY)

    def leave_alone(self):
        """What the admin has decided holds through an installation."""
        self.machine.run("systemctl", "disable", "--now", "postern")
        self.apt("install", "--reinstall", f"/root/{self.second.name}")
        state = self.machine.run("systemctl", "is-enabled", "postern", check=False).stdout.strip()
        equal("a service that is switched off stays so", (state, self.unit("ActiveState")["ActiveState"]), ("disabled", "inactive"))
        self.machine.run("systemctl", "enable", "--now", "postern")
        self.machine.run("cp", "-p", CONFIG, f"{CONFIG}.good")
        self.machine.run("sh", "-c", f"echo '[nonsense]' >>{CONFIG}")
        self.apt("install", "--reinstall", f"/root/{self.second.name}")
        seen = self.unit("ActiveState", "ExecMainStatus", "NRestarts")
        wanted = {"ActiveState": "failed", "ExecMainStatus": "64", "NRestarts": "0"}
        equal("a faulty configuration fails the service once, and not apt", seen, wanted)
        self.machine.run("mv", f"{CONFIG}.good", CONFIG)
        self.start()

    def remove(self):
        process = self.runs("before the removal the service runs")
        kept = {path: (self.sum(path), self.owner(path)) for path in (CONFIG, KEY)}
        self.apt("remove", "postern")
        check("remove ends the service", not self.there(f"/proc/{process}"))
        check("and takes the program", not self.there("/usr/bin/postern"))
        equal("configuration and key stay", {path: (self.sum(path), self.owner(path)) for path in kept}, kept)
        equal("and the database", self.owner(DATABASE), "postern:postern 600")
        check("and the user", "postern" in self.machine.out("getent", "passwd", "postern"))
        self.apt("install", f"/root/{self.second.name}")
        self.runs("installed again, the service runs at once")
        self.read_and_send()

    def purge(self, google):
        key = self.sum(KEY), self.owner(KEY)
        check("there is a certificate that was made up", self.there("/var/lib/postern/certs/dev-ca.pem"))
        told = self.apt("purge", "postern")
        check("purge says what it keeps", "rm -r /var/lib/postern /etc/postern" in told, last(told, "postern: "))
        check("the configuration is gone", not self.there(CONFIG))
        check("the made-up certificate, too", not self.there("/var/lib/postern/certs"))
        equal("the key ring stays", (self.sum(KEY), self.owner(KEY)), key)
        equal("and the database", self.owner(DATABASE), "postern:postern 600")
        units = self.machine.out("find", "/etc/systemd", "/var/lib/systemd", "/lib/systemd", "-name", "postern*")
        equal("nothing of the unit is left", units, "")
        user = self.machine.out("getent", "passwd", "postern")
        check("the user stays and cannot log in", user.endswith("/usr/sbin/nologin"), user)
        self.apt("install", f"/root/{self.second.name}")
        seen = self.unit("ActiveState", "ConditionResult")
        equal("installed again, it waits for setup", seen, {"ActiveState": "inactive", "ConditionResult": "no"})
        told = self.set_up()
        check("setup finds the installation", "is set up already" in told, told)
        self.start()
        self.point_at(google)
        self.read_and_send()

    def restore_elsewhere(self, google):
        """On a machine of another name on which nothing is left of the first, as docs/administration.md says."""
        saved, folder = "/var/backups/saved", "/var/backups/saved/monday"
        self.machine.run("install", "-d", "-o", "postern", "-g", "postern", "-m", "0700", saved)
        told = self.postern("backup", folder, "--with-key")
        check("a backup is made while the service runs", "was saved to" in told, told)
        config, facts = self.machine.run("cat", CONFIG).stdout, self.facts()
        told = self.apt("purge", "postern")
        self.machine.run("sh", "-c", re.search(r"to delete them: (rm -r .*)", told)[1])
        left = [path for path in self.left().splitlines() if not path.startswith(saved)]
        equal("of the first machine only the backup is left", left, [])
        self.machine.run("sh", "-c", "hostname another && echo another >/etc/hostname && echo 127.0.0.1 another >>/etc/hosts")
        self.apt("install", f"/root/{self.second.name}")
        self.machine.run("install", "-o", "postern", "-g", "postern", "-m", "0600", "/dev/null", CONFIG)
        self.machine.run("tee", CONFIG, given=config)
        self.machine.run("install", "-m", "0644", f"{google.home}/google-ca.pem", "/etc/postern/stand-in-ca.pem")
        told = self.postern("restore", folder, "--tokens", "keep")
        check("the backup fills the empty database, and brings its key file", "and its key file" in told, told)
        for path in (KEY, DATABASE):
            equal(path, self.owner(path), "postern:postern 600")
        self.start()
        equal("accounts, tokens and the key are those of the first machine", self.facts(), facts)
        self.read_and_send()
        told = self.machine.run("sudo", "-u", "postern", "postern", "doctor", check=False).stdout
        check("until it is adopted it is held, and the doctor says so", "store.home" in told and "postern adopt" in told)
        self.postern("adopt", "--yes")
        told = self.machine.run("sudo", "-u", "postern", "postern", "doctor", check=False).stdout
        check("adopted, it is at home", "the database is at home here" in told)
        self.machine.run("rm", "-r", saved)

    def purge_all(self):
        told = self.apt("purge", "postern")
        self.machine.run("sh", "-c", re.search(r"to delete them: (rm -r .*)", told)[1])
        equal("after purge and the command that it names nothing is left", self.left(), "")
        self.apt("install", f"/root/{self.first.name}")
        told = self.apt("purge", "postern")
        check("a purge of what was never set up keeps nothing", "are kept" not in told and self.left() == "", self.left())

    def left(self):
        places = ["/etc", "/var", "/usr", "/lib", "/opt", "/srv", "/home"]
        # dpkg's and apt's own memory, and what systemd keeps for the time it runs.
        passed_over = ["/var/lib/dpkg", "/var/cache/apt", "/var/lib/apt", "/var/log"]
        rule = [word for path in passed_over for word in ("-path", path, "-prune", "-o")]
        return self.machine.out("find", *places, *rule, "-name", "*postern*", "-print")


def last(text, start):
    return [line for line in text.splitlines() if line.startswith(start)][-1]


def main():
    reader = argparse.ArgumentParser(prog="tests/packages/run")
    reader.add_argument("--binary", type=Path, help="a release that is built already")
    binary = reader.parse_args().binary
    # Whoever ends this ends the machine, too.
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _: sys.exit(128 + number))
    with Machine() as machine:
        first, second = packages(binary and binary.resolve(), machine.folder)
        machine.make()
        machine.name()
        machine.fetch(first, second)
        state = machine.boot()
        check("a clean Debian 12 is booted with systemd", True, f"{state}, {machine.out('systemctl', '--version').splitlines()[0]}")
        story = Story(machine, first, second)
        try:
            story.install()
            story.judge_unit()
            story.set_up()
            story.start()
            story.confined()
            google = Google(machine)
            story.point_at(google)
            story.connect(google)
            story.read_and_send()
            story.upgrade()
            story.leave_alone()
            story.remove()
            story.purge(google)
            story.restore_elsewhere(google)
            story.purge_all()
        except BaseException:
            told = machine.run("journalctl", "-u", "postern", "-n", "40", "--no-pager", check=False)
            print(told.stdout, file=sys.stderr)
            raise
    closing_line()


if __name__ == "__main__":
    main()
