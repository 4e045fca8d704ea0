#!/usr/bin/env python3
"""imaplib, as Odoo uses it: log in, list, append the large message, fetch it
back, compare, hear of a new message in IDLE. AUTH: command, plain, login."""

import imaplib
import os
import ssl
import sys

HOST, PORT = os.environ["IMAP_HOST"], int(os.environ["IMAP_PORT"])
TLS, AUTH = os.environ["IMAP_TLS"], os.environ.get("AUTH", "command")
USER, PASSWORD = os.environ["USERNAME"], os.environ["PASSWORD"]
FOLDER = os.environ.get("FOLDER", "INBOX")
NOTICE = b"From: a@example.com\r\nSubject: heard in IDLE\r\n\r\nnew\r\n"


def must(answer, *_):
    """imaplib reports a NO in the first item and raises only for a BAD."""
    status, data = answer
    if status != "OK":
        sys.exit(f"{status}: {data}")
    return data


def log_in():
    context = ssl.create_default_context(cafile=os.environ["CA_FILE"]) if TLS != "none" else None
    if TLS == "implicit":
        imap = imaplib.IMAP4_SSL(HOST, PORT, ssl_context=context, timeout=60)
    else:
        imap = imaplib.IMAP4(HOST, PORT, timeout=60)
    if TLS == "starttls":
        must(imap.starttls(context))
    if AUTH == "command":
        must(imap.login(USER, PASSWORD))
    elif AUTH == "plain":
        must(imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode()))
    elif AUTH == "login":
        answers = iter([USER.encode(), PASSWORD.encode()])
        must(imap.authenticate("LOGIN", lambda _: next(answers)))
    else:
        sys.exit(f"unknown AUTH {AUTH}")
    return imap


def hear_in_idle(imap):
    """imaplib knows no IDLE before Python 3.14, so it is spoken by hand."""
    tag = imap._new_tag()
    imap.send(tag + b" IDLE\r\n")
    while not imap.readline().startswith(b"+"):
        pass
    other = log_in()
    must(other.append(FOLDER, None, None, NOTICE))
    other.logout()
    while not (line := imap.readline()).rstrip().endswith(b"EXISTS"):
        if not line:
            sys.exit("connection lost in IDLE")
    imap.send(b"DONE\r\n")
    while not (line := imap.readline()).startswith(tag):
        if not line:
            sys.exit("connection lost after DONE")
    if not line.startswith(tag + b" OK"):
        sys.exit(f"IDLE ended with {line}")


with open(os.environ["MESSAGE_FILE"], "rb") as file:
    message = file.read()
imap = log_in()
if not any(b"INBOX" in line for line in must(imap.list())):
    sys.exit("no INBOX in the list")
must(imap.select(FOLDER))
must(imap.append(FOLDER, None, None, message))
must(imap.noop())
number = must(imap.search(None, "ALL"))[0].split()[-1].decode()
if must(imap.fetch(number, "(BODY.PEEK[])"))[0][1] != message:
    sys.exit("what was fetched is not what was appended")
hear_in_idle(imap)
if imap.logout()[0] != "BYE":
    sys.exit("no BYE")
print("ok")
