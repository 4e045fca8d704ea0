"""The stand-in Google of `postern demo`, running in the machine, and a browser before it."""

import html.parser
import re
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

CLIENT_ID = "demo.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-demo"
UNIT = "stand-in-google"


class Stay(urllib.request.HTTPRedirectHandler):
    """A browser that tells where it is sent and does not go there."""

    def redirect_request(self, *_):
        return None


class Form(html.parser.HTMLParser):
    """The fields of a consent page, every box ticked."""

    def __init__(self):
        super().__init__()
        self.fields = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        wanted = given.get("type") in ("hidden", "checkbox") or "checked" in given
        if tag == "input" and wanted:
            self.fields.append((given["name"], given["value"]))


class Google:
    def __init__(self, machine):
        """Starts it beside the gateway, whose ports it finds taken, and takes the next ones."""
        self.machine = machine
        machine.run(
            "systemd-run", f"--unit={UNIT}", "--quiet", "--property=StandardOutput=file:/run/demo.log",
            "--property=StandardError=inherit", "/usr/bin/postern", "demo",
        )
        told = self._until("Data is in ")
        self.oauth = re.search(r"a stand-in Google runs: (\S+)", told)[1]
        self.pages = re.search(r"pages 127\.0\.0\.1:(\d+)", told)[1]
        self.home = re.search(r"Data is in (\S+) until", told)[1]
        self.imap, self.smtp = self._mail_ports()

    def _until(self, words):
        # /run is a file system of the machine's own.
        log = Path(f"/proc/{self.machine.leader}/root/run/demo.log")
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            told = log.read_text() if log.exists() else ""
            if words in told:
                return told
            time.sleep(0.5)
        raise SystemExit(f"the stand-in Google does not come up:\n{told}")

    # Which they are is not told; their greetings tell it.
    def _mail_ports(self):
        found = {}
        for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]:
            words = line.split()
            port = int(words[1].split(":")[1], 16)
            if words[3] == "0A":
                greeting = greeted(port)
                for name, sign in (("imap", b"* OK Gimap"), ("smtp", b"220 smtp.gmail.com")):
                    if greeting.startswith(sign):
                        found[name] = port
        return found["imap"], found["smtp"]

    def settings(self):
        """What the section [google] of a gateway before it says."""
        return {
            "imap": f"localhost:{self.imap}",
            "smtp": f"localhost:{self.smtp}",
            "auth_url": f"{self.oauth}/o/oauth2/v2/auth",
            "token_url": f"{self.oauth}/token",
            "revoke_url": f"{self.oauth}/revoke",
            "tokeninfo_url": f"{self.oauth}/tokeninfo",
            "jwks_url": f"{self.oauth}/oauth2/v3/certs",
            "extra_ca_file": "/etc/postern/stand-in-ca.pem",
        }

    def public_url(self):
        """The only address that its client may be sent back to."""
        return f"http://localhost:{self.pages}"

    def consent(self, url):
        """Does what the owner of a mailbox does; the address that the browser ends on."""
        browser = urllib.request.build_opener(Stay)
        form = Form()
        form.feed(browser.open(url, timeout=20).read().decode())
        fields = [*form.fields, ("decision", "allow")]
        address = url.split("?")[0]
        try:
            browser.open(address, urllib.parse.urlencode(fields).encode(), timeout=20)
        except urllib.error.HTTPError as answer:
            if answer.code == 302:
                return answer.headers["Location"]
            raise SystemExit(f"the consent page answered {answer.code}: {answer.read().decode()}") from None
        raise SystemExit("the consent page led nowhere")


def greeted(port):
    """The first octets that a server says behind TLS; nothing where there is none."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as plain:
            plain.settimeout(2)
            with anybody.wrap_socket(plain) as secured:
                return secured.recv(100)
    except OSError:
        return b""
