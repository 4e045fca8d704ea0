#!/usr/bin/env python3
"""A mail server that writes down what it is given: sink.py FOLDER [PORT].

The first line on stdout is its port (0 or none: any free one). Message N of the
run becomes FOLDER/0000N.eml, byte for byte without the dot-stuffing, and then
0000N.json with the envelope: when the second is there, the first is complete.
"""

import asyncio
import itertools
import json
import os
import sys

LARGEST = 64 * 1024 * 1024
FOLDER = sys.argv[1]
NUMBERS = itertools.count(1)


def record(data, envelope):
    """Both files appear whole, under their names, or not at all."""
    name = f"{FOLDER}/{next(NUMBERS):05}"
    for suffix, content in (".eml", data), (".json", json.dumps(envelope).encode()):
        with open(name + ".part", "wb") as file:
            file.write(content)
        os.rename(name + ".part", name + suffix)


async def message(reader):
    """Only CRLF.CRLF ends a message; a lone CR or LF is part of it."""
    lines = [b"\r\n", await reader.readuntil(b"\r\n")]
    while lines[-1] != b".\r\n":
        lines.append(await reader.readuntil(b"\r\n"))
    return b"".join(lines[:-1]).replace(b"\r\n.", b"\r\n")[2:]


def address(text):
    """`<a@b> SIZE=1` is the address and what was said about it."""
    path, _, parameters = text.strip().partition(" ")
    return path.strip("<>"), parameters


async def session(reader, writer):
    def say(text):
        writer.write(text.encode() + b"\r\n")

    sender, parameters, recipients, helo = None, "", [], None
    say("220 sink ESMTP")
    while line := await reader.readline():
        command = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        verb = command[:4].upper()
        if verb == "EHLO":
            helo = command[5:]
            say("250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 SIZE %d" % LARGEST)
        elif verb == "HELO":
            helo = command[5:]
            say("250 sink")
        elif verb == "MAIL":
            (sender, parameters), recipients = address(command[10:]), []
            say("250 2.1.0 sender ok")
        elif verb == "RCPT" and sender is not None:
            recipients.append(address(command[8:])[0])
            say("250 2.1.5 recipient ok")
        elif verb == "DATA" and recipients:
            say("354 go on")
            data = await message(reader)
            record(data, {"helo": helo, "from": sender, "parameters": parameters, "to": recipients, "size": len(data)})
            sender, recipients = None, []
            say("250 2.0.0 written down")
        elif verb == "RSET":
            sender, recipients = None, []
            say("250 2.0.0 ok")
        elif verb == "NOOP":
            say("250 2.0.0 ok")
        elif verb == "QUIT":
            say("221 2.0.0 bye")
            break
        else:
            say("503 5.5.1 not now")
        await writer.drain()


async def client(reader, writer):
    """A peer that goes away in the middle leaves no message behind."""
    try:
        await session(reader, writer)
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = await asyncio.start_server(client, "127.0.0.1", port, limit=LARGEST)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
