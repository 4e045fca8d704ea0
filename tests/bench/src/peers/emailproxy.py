"""The configuration of email-oauth2-proxy with accounts that need no consent."""

import base64
import configparser
import os
import sys

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

# The program's own number.
ITERATIONS = 1_200_000

path, password, cert, key, imap, upstream_imap, smtp, upstream_smtp, http, *users = sys.argv[1:]
config = configparser.RawConfigParser()
for name, local, server in (("IMAP", imap, upstream_imap), ("SMTP", smtp, upstream_smtp)):
    config[f"{name}-{local}"] = {
        "server_address": "localhost",
        "server_port": server,
        "local_address": "127.0.0.1",
        "local_certificate_path": cert,
        "local_key_path": key,
    }
config["emailproxy"] = {"delete_account_token_on_password_error": "False"}
salt = os.urandom(16)
derived = PBKDF2HMAC(hashes.SHA256(), 32, salt, ITERATIONS).derive(password.encode())
fernet = Fernet(base64.urlsafe_b64encode(derived))
for user in users:
    config[user] = {
        "permission_url": f"http://127.0.0.1:{http}/auth",
        "token_url": f"http://127.0.0.1:{http}/token",
        "oauth2_scope": "https://mail.google.com/",
        "redirect_uri": "http://localhost",
        "client_id": "bench-client",
        "client_secret": "bench-secret",
        "token_salt": base64.b64encode(salt).decode(),
        "token_iterations": str(ITERATIONS),
        "refresh_token": fernet.encrypt(f"rt.{user}".encode()).decode(),
    }
with open(path, "w", encoding="utf-8") as file:
    config.write(file)
