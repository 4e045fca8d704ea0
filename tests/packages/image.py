"""The image, and the gateway of the compose file in it; see `container`."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import yaml

import mail
from checks import check, closing_line, equal
from machine import CLONE_NEWNET, kernel, options, sources

REPOSITORY = Path(__file__).resolve().parents[2]
USER = "65532:65532"
VOLUMES = ["/var/lib/postern", "/var/lib/postern-key"]
# What the usual base, of the project "distroless", holds for a program that needs a libc.
BASE = "base-files,netbase,libc6,libgcc-s1,tzdata"


class Images:
    """buildah with a store below a temporary folder, which goes with it."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="postern-image.", dir="/var/tmp"))
        self.gateway = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.gateway is not None and self.gateway.poll() is None:
            self.gateway.kill()
            self.gateway.wait()
        self.buildah("rm", "--all", check=False)
        left = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if str(self.folder) in line]
        if left:
            raise SystemExit(f"still mounted, so nothing is removed: {left}")
        shutil.rmtree(self.folder)

    def words(self, *words):
        store = ["--storage-driver", "vfs", "--root", self.folder / "store", "--runroot", self.folder / "run"]
        return ["buildah", *store, *words]

    def buildah(self, *words, check=True, **how):
        done = subprocess.run(self.words(*words), capture_output=True, text=True, **how)
        if check and done.returncode != 0:
            raise SystemExit(f"buildah {words[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def of_folder(self, name, folder):
        recipe = self.folder / f"{name}.recipe"
        recipe.write_text("FROM scratch\nCOPY . /\n")
        self.buildah("build", "--isolation", "chroot", "-t", f"localhost/{name}", "-f", recipe, folder)

    def make(self, binary):
        base = self.folder / "base"
        command = ["mmdebstrap", "--quiet", "--variant=extract", f"--include={BASE}", *options(), "bookworm"]
        subprocess.run([*command, base, "-"], input="\n".join(sources()), text=True, check=True)
        bundle = base / "etc/ssl/certs/ca-certificates.crt"
        bundle.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", bundle)
        self.of_folder("base", base)
        out = self.folder / "binary/out"
        for name in ("postern", "postern-key"):
            (out / "var/lib" / name).mkdir(mode=0o700, parents=True)
        shutil.copy(binary, out / "postern")
        self.of_folder("binary", out.parent)
        # Should the recipe want another image, that must not come from somewhere.
        self.buildah(
            "build", "--isolation", "chroot", "--pull-never", "--build-arg", "BASE=localhost/base",
            "--build-arg", "BINARY=localhost/binary", "-f", REPOSITORY / "config/Containerfile",
            "-t", "localhost/postern", REPOSITORY,
        )  # fmt: skip


def look_at(images):
    told = json.loads(images.buildah("inspect", "--type", "image", "localhost/postern").stdout)["OCIv1"]["config"]
    equal("the image's user", told["User"], USER)
    equal("its volumes", sorted(told["Volumes"]), VOLUMES)
    equal("its signal to stop", told["StopSignal"], "SIGTERM")
    equal("what it runs", (told["Entrypoint"], told["Cmd"]), (["/usr/bin/postern"], ["serve"]))
    container = images.buildah("from", "--pull-never", "localhost/postern").stdout.strip()
    root = Path(images.buildah("mount", container).stdout.strip())
    shells = [path for path in ("bin/sh", "bin/bash", "usr/bin/dash", "usr/bin/apt", "usr/bin/perl") if (root / path).exists()]
    equal("it has no shell, no package manager, no interpreter", shells, [])
    for name in ("postern", "postern-key"):
        at = (root / "var/lib" / name).stat()
        seen = f"{at.st_uid}:{at.st_gid} {at.st_mode & 0o777:o}"
        equal(f"/var/lib/{name}", seen, f"{USER} 700")
    size = sum(path.lstat().st_size for path in root.rglob("*") if not path.is_symlink())
    check("its files are less than 120 MB", size < 120e6, f"{size / 1e6:.1f} MB")
    images.buildah("umount", container)
    return container


def look_over(office):
    """What a compose file can be judged by without Docker."""
    services = office["services"]
    networks = {name: service.get("networks", service.get("network_mode")) for name, service in services.items()}
    elsewhere = {name: at for name, at in networks.items() if at not in (["office"], "none")}
    equal("all services are in one network", elsewhere, {})
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    equal("published are pages alone, on this machine", ports, {"postern": ["127.0.0.1:8025:8025"], "espocrm": ["127.0.0.1:8080:80"]})
    told = [name for service in services.values() for name in service.get("environment", {})]
    plain = [name for name in told if "PASSWORD" in name and not name.endswith("_FILE")]
    equal("passwords stand in files", plain, [])
    wanted = {secret for service in services.values() for secret in service.get("secrets", [])}
    equal("every secret is declared, and none too many", wanted, set(office["secrets"]))
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    equal("and every volume", used, set(office["volumes"]))
    waits = {on: kind["condition"] for service in services.values() for on, kind in service.get("depends_on", {}).items()}
    healthy = {name for name, service in services.items() if "healthcheck" in service}
    equal("who is waited for tells whether it is healthy", set(waits), healthy)
    seconds = int(services["postern"]["stop_grace_period"].removesuffix("s"))
    check("Docker waits for the drain and 40 s", seconds >= 30 + 40, f"{seconds} s")


def allow_list(office, folder, advertised):
    """Runs the script that lists the gateway for EspoCRM."""
    service = office["services"]["espocrm-allow-list"]
    equal("the list is written by PHP", service["entrypoint"], ["php", "-r"])
    file = folder / "config-override.php"
    script = service["command"][0].replace("$$", "$").replace("/var/www/html/data/config-override.php", str(file))
    for _ in range(2):
        subprocess.run(["php", "-r", script], check=True)
    told = subprocess.run(["php", "-r", f"echo json_encode(include '{file}');"], check=True, capture_output=True, text=True)
    equal("EspoCRM is told of what the gateway advertises", json.loads(told.stdout), {"emailServerAllowedAddressList": advertised})
    file.write_text("<?php return ['mine' => 1];\n")
    subprocess.run(["php", "-r", script], check=True)
    check("a file that is there is left alone", "mine" in file.read_text())


def run_gateway(images, container, office):
    config = images.folder / "postern.toml"
    config.write_text(office["configs"]["postern"]["content"])
    inside = sorted(word.split(":")[1] for word in office["services"]["postern"]["volumes"])
    equal("the compose file keeps what the image names as volumes", inside, VOLUMES)
    # buildah makes new ones of the image's folders, as Docker does.
    images.folder.chmod(0o755)
    target = office["services"]["postern"]["configs"][0]["target"]
    run = ["run", "--isolation", "chroot", "--user", USER, "--volume", f"{config}:{target}:ro", container, "--"]
    told = images.buildah(*run, "/usr/bin/postern", "check", check=False)
    check("postern check finds no fault in the gateway's settings", told.returncode == 0, told.stdout + told.stderr)
    told = images.buildah(*run, "/usr/bin/postern", "setup", "--yes")
    check("setup makes keys, database and a link for the admin", "is ready" in told.stdout, told.stdout)
    made = {path.name: path.parent for path in images.folder.glob("store/*-containers/*/userdata/buildah-volumes/*/*.*")}
    apart = made.get("postern.key") != made.get("postern.db")
    check("the key in one volume, the database in the other", {"postern.key", "postern.db"} <= set(made) and apart, sorted(made))
    log = images.folder / "serve.log"
    with log.open("w") as out:
        images.gateway = subprocess.Popen(images.words(*run, "/usr/bin/postern", "serve"), stdout=out, stderr=out)
    deadline = time.monotonic() + 60
    while "ready" not in log.read_text():
        if images.gateway.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the gateway does not come up:\n{log.read_text()}")
        time.sleep(0.2)
    with urllib.request.urlopen("http://127.0.0.1:8025/postern/healthz", timeout=10) as answer:
        equal("/healthz", (answer.status, answer.read()), (200, b"ok"))
    check("IMAP greets", (told := mail.first_line(mail.IMAP)).startswith(b"* OK"), told)
    check("SMTP greets", (told := mail.first_line(mail.SMTP)).startswith(b"220 "), told)
    process = int(subprocess.run(["pgrep", "--ns", str(os.getpid()), "--nslist", "net", "-x", "postern"], capture_output=True, text=True).stdout)
    status = Path(f"/proc/{process}/status").read_text()
    equal("it runs as the image's user", status.split("\nUid:\t")[1].split("\t")[0], USER.split(":")[0])
    os.kill(process, signal.SIGTERM)
    equal("and ends well when it is told to stop", images.gateway.wait(60), 0)


def main():
    reader = argparse.ArgumentParser(prog="tests/packages/container")
    reader.add_argument("--binary", type=Path, required=True, help="a release")
    binary = reader.parse_args().binary.resolve()
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _: sys.exit(128 + number))
    office = yaml.safe_load((REPOSITORY / "config/compose.yaml").read_text())
    look_over(office)
    with Images() as images:
        allow_list(office, images.folder, ["postern:1143", "postern:1587"])
        images.make(binary)
        # A network with nothing but loopback: ports are free, and nobody is reached.
        kernel("unshare", CLONE_NEWNET)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        run_gateway(images, look_at(images), office)
    closing_line()


if __name__ == "__main__":
    main()
