"""Steps that have to hold."""

passed = 0


def check(what, holds, seen=""):
    """The first that does not hold ends the run."""
    global passed
    seen = str(seen).strip()
    if not holds:
        raise SystemExit(f"FAILED  {what}\n        seen: {seen}")
    passed += 1
    print(f"ok  {what}" + (f": {seen}" if seen else ""), flush=True)


def equal(what, seen, wanted):
    check(what, seen == wanted, seen if seen == wanted else f"{seen!r}, wanted {wanted!r}")


def closing_line():
    print(f"{passed} passed, 0 failed")
