#!/usr/bin/env python3
"""smtplib, as Odoo uses it: send the small and the large message as they are.
AUTH: plain, login (both with initial response), plain-two, login-two."""

import os
import smtplib
import ssl
import sys

HOST, PORT = os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])
TLS, AUTH = os.environ["SMTP_TLS"], os.environ.get("AUTH", "plain")
USER = os.environ["USERNAME"]

context = ssl.create_default_context(cafile=os.environ["CA_FILE"]) if TLS != "none" else None
if TLS == "implicit":
    smtp = smtplib.SMTP_SSL(HOST, PORT, "client.example.com", timeout=300, context=context)
else:
    smtp = smtplib.SMTP(HOST, PORT, "client.example.com", timeout=300)
if TLS == "starttls":
    smtp.starttls(context=context)
smtp.ehlo_or_helo_if_needed()
smtp.user, smtp.password = USER, os.environ["PASSWORD"]
mechanism, _, two_step = AUTH.partition("-")
answer = {"plain": smtp.auth_plain, "login": smtp.auth_login}.get(mechanism) or sys.exit(f"unknown AUTH {AUTH}")
smtp.auth(mechanism.upper(), answer, initial_response_ok=not two_step)
for name in "SMALL_FILE", "MESSAGE_FILE":
    with open(os.environ[name], "rb") as file:
        smtp.sendmail(os.environ.get("SENDER", USER), [os.environ["RECIPIENT"]], file.read())
smtp.quit()
print("ok")
