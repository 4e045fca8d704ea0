"""A CRM's mail client: Python's own, in the clear on this machine's loopback."""

import email.message
import imaplib
import smtplib
import socket
import ssl

IMAP, SMTP, IMAPS = 1143, 1587, 1993


def greeting(authority):
    """What the gateway says first behind TLS, with a certificate of this authority."""
    trust = ssl.create_default_context(cadata=authority)
    with socket.create_connection(("localhost", IMAPS), 10) as plain:
        with trust.wrap_socket(plain, server_hostname="localhost") as secured:
            return secured.recv(1000)


def first_line(port):
    """What a server in the clear says first."""
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        return plain.recv(1000)


def newest(user, token):
    """The subject of the newest message in the inbox."""
    client = imaplib.IMAP4("127.0.0.1", IMAP, timeout=30)
    client.login(user, token)
    count = int(client.select("INBOX", readonly=True)[1][0])
    _, found = client.fetch(str(count), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    client.logout()
    return found[0][1].decode().removeprefix("Subject: ").strip()


def send(user, token, to, subject):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = user, to, subject
    message.set_content("Sent by the package's test.")
    with smtplib.SMTP("127.0.0.1", SMTP, timeout=30) as client:
        client.login(user, token)
        client.send_message(message)


class Imap:
    """A session that waits with a folder open."""

    def __init__(self, user, token):
        self.client = imaplib.IMAP4("127.0.0.1", IMAP, timeout=60)
        self.client.login(user, token)
        self.client.select("INBOX")

    def to_the_end(self):
        told = b""
        while octets := self.client.sock.recv(4096):
            told += octets
        return told


class Smtp:
    """A session between two messages."""

    def __init__(self, user, token):
        self.client = smtplib.SMTP("127.0.0.1", SMTP, timeout=60)
        self.client.login(user, token)

    def to_the_end(self):
        told = b""
        while octets := self.client.sock.recv(4096):
            told += octets
        return told
