"""An API of Google's, held against Google's own description of it: a key it does not know, or a
value of another type, is a failure."""

import json
import os
import re
import sys

import httplib2
from googleapiclient import discovery_cache
from googleapiclient.errors import HttpError

TYPES = {"string": str, "boolean": bool, "object": dict, "array": list, "integer": int, "number": (int, float)}
TYPES["any"] = object
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
FORMATS = {"date": r"\d{4}-\d\d-\d\d", "date-time": TIME, "google-datetime": TIME, "int64": r"-?\d+"}


def must(condition, what):
    if not condition:
        sys.exit(f"not so: {what}")


def refused(request, status, reason):
    """`reason` is that of the first detail, or the message where there are no details."""
    try:
        request.execute()
    except HttpError as error:
        details = error.error_details
        found = details[0]["reason"] if isinstance(details, list) else error.reason
        must((error.status_code, found) == (status, reason), f"{status} {reason}, but {error}")
        return
    sys.exit(f"not refused: {status} {reason}")


class Description:
    """Google's document of an API, as `calendar.v3`."""

    def __init__(self, name):
        documents = os.path.join(os.path.dirname(discovery_cache.__file__), "documents")
        with open(os.path.join(documents, f"{name}.json"), encoding="utf-8") as file:
            self.document = json.load(file)

    def check(self, value, schema, place):
        """One value against the part of the description that is about it."""
        if "$ref" in schema:
            return self.check(value, self.document["schemas"][schema["$ref"]], place)
        kind = schema["type"]
        if not isinstance(value, TYPES[kind]) or (kind in ("integer", "number") and isinstance(value, bool)):
            sys.exit(f"{place}: {value!r} is no {kind}")
        pattern = FORMATS.get(schema.get("format"))
        if pattern and kind == "string" and not re.fullmatch(pattern, value):
            sys.exit(f"{place}: {value!r} is no {schema['format']}")
        if value not in schema.get("enum", [value]):
            sys.exit(f"{place}: {value!r} is none of {schema['enum']}")
        if kind == "array":
            for number, item in enumerate(value):
                self.check(item, schema["items"], f"{place}[{number}]")
        if kind == "object":
            for key, item in value.items():
                known = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
                if not known:
                    sys.exit(f"{place}: the key {key} is unknown")
                self.check(item, known, f"{place}.{key}")


class Watched(httplib2.Http):
    """Shows every answer on its way to `look(method, uri, status, body)`."""

    def __init__(self, look):
        super().__init__(timeout=30)
        self.look = look

    def request(self, uri, method="GET", *args, **kwargs):
        response, content = super().request(uri, method, *args, **kwargs)
        if content:
            self.look(method, uri, response.status, json.loads(content))
        return response, content
