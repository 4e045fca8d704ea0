#!/usr/bin/env python3
"""Google's own client for Python, at a Calendar API that is not Google's. Every answer is
held against Google's description of the API: a key it does not know, or a value of another
type, is a failure. BASE: the API, with a slash at its end. TOKEN: an access token. ADDRESS:
whose. GUEST: an address at the same Google. OTHER: another calendar of theirs. STALE: one
whose sync tokens are never good."""

import datetime
import os
import sys

from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient import discovery

from google_api import Description, Watched, must, refused

BASE, TOKEN = os.environ["BASE"], os.environ["TOKEN"]
ADDRESS, GUEST = os.environ["ADDRESS"], os.environ["GUEST"]
OTHER, STALE = os.environ["OTHER"], os.environ["STALE"]

KINDS = {
    "calendar#event": "Event",
    "calendar#events": "Events",
    "calendar#calendar": "Calendar",
    "calendar#calendarList": "CalendarList",
    "calendar#calendarListEntry": "CalendarListEntry",
    "api#channel": "Channel",
}

description = Description("calendar.v3")
seen = set()


def look(method, _uri, status, body):
    if status >= 300:
        return check_error(body, status)
    schema = KINDS[body["kind"]]
    seen.add(schema)
    description.check(body, {"$ref": schema}, f"{method} {schema}")


def check_error(body, status):
    error = body["error"]
    if error["code"] != status or not isinstance(error["message"], str) or not error["errors"]:
        sys.exit(f"no error of Google's: {body}")
    for entry in error["errors"]:
        if not {"domain", "reason", "message"} <= entry.keys():
            sys.exit(f"no error of Google's: {body}")


def hour(name, **more):
    start = datetime.datetime(2027, 3, 1, 10, tzinfo=datetime.timezone.utc)
    end = start + datetime.timedelta(hours=1)
    times = {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": end.isoformat()}}
    return {"summary": name, **times, **more}


def pages(**query):
    """All items of a list, and the sync token at its end."""
    request, items, body = events.list(**query), [], {}
    while request is not None:
        body = request.execute()
        items += body["items"]
        request = events.list_next(request, body)
    return items, body.get("nextSyncToken")


def conditional(request, etag):
    request.headers["If-Match"] = etag
    return request


def calendars(service):
    items = service.calendarList().list(maxResults=1).execute()["items"]
    must(items[0]["id"] in (ADDRESS, OTHER, STALE), "the calendars are listed")
    own = service.calendarList().get(calendarId="primary").execute()
    must(own["primary"] and own["id"] == ADDRESS, "the primary calendar is listed")
    must(service.calendars().get(calendarId=OTHER).execute()["timeZone"], "a calendar has a zone")
    refused(service.calendarList().get(calendarId="nobody@example.org"), 404, "notFound")


def single_events():
    made = events.insert(calendarId="primary", body=hour("One", id="abcdef0123", colorId="4")).execute()
    refused(events.insert(calendarId="primary", body=hour("Two", id="abcdef0123")), 409, "duplicate")
    key = {"calendarId": "primary", "eventId": made["id"]}
    must(events.get(**key).execute() == made, "an event is read as it was made")
    mark = {"private": {"crm": "1"}, "shared": {"team": "2"}}
    patched = events.patch(**key, body={"extendedProperties": mark}).execute()
    must(patched["extendedProperties"] == mark, "marks are kept")
    refused(conditional(events.update(**key, body=hour("Late")), made["etag"]), 412, "conditionNotMet")
    updated = conditional(events.update(**key, body=hour("Late")), patched["etag"]).execute()
    must("extendedProperties" not in updated and "colorId" not in updated, "an update replaces")
    refused(events.update(**key, body={"summary": "x"}), 400, "required")
    moved = events.move(**key, destination=OTHER).execute()
    must(moved["organizer"]["email"] == OTHER, "a moved event has another organizer")
    key["calendarId"] = OTHER
    must(events.delete(**key).execute() == "", "a deletion answers nothing")
    refused(events.delete(**key), 410, "deleted")
    imported = events.import_(calendarId="primary", body=hour("Three", iCalUID="three@example.org")).execute()
    must(imported["iCalUID"] == "three@example.org", "an imported event keeps its iCalUID")


def special_events():
    day = {"start": {"date": "2027-03-05"}, "end": {"date": "2027-03-06"}}
    office = {"type": "homeOffice", "homeOffice": {}}
    body = {**day, "summary": "Home", "eventType": "workingLocation", "visibility": "public",
            "transparency": "transparent", "workingLocationProperties": office}
    made = events.insert(calendarId="primary", body=body).execute()
    must(made["eventType"] == "workingLocation" and made["start"]["date"] == "2027-03-05", "a place of work")
    guests = [{"email": GUEST, "optional": True}, {"email": "x@elsewhere.org", "comment": "late"}]
    body = hour("Guests", attendees=guests, guestsCanModify=True, conferenceData={
        "createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}})
    made = events.insert(calendarId="primary", body=body, conferenceDataVersion=1, sendUpdates="none").execute()
    must([it["responseStatus"] for it in made["attendees"]] == ["needsAction"] * 2, "guests have not answered")


def series():
    body = hour("Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    refused(events.insert(calendarId="primary", body=body), 400, "required")
    for time in ("start", "end"):
        body[time]["timeZone"] = "America/New_York"
    made = events.insert(calendarId="primary", body=body).execute()
    instances = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
    must(len(instances) == 3, "a series has its instances")
    key = {"calendarId": "primary", "eventId": instances[1]["id"]}
    events.patch(**key, body={"summary": "Weekly"}).execute()
    events.delete(calendarId="primary", eventId=instances[2]["id"]).execute()
    left = events.instances(calendarId="primary", eventId=made["id"]).execute()["items"]
    must([it["summary"] for it in left] == ["Daily", "Weekly"], "exceptions stand in their places")


def lists():
    names, token = pages(calendarId="primary", maxResults=2)
    must(token and len(names) > 3, "a whole list ends with a sync token")
    must(pages(calendarId="primary", syncToken=token)[0] == [], "nothing has changed")
    made = events.insert(calendarId="primary", body=hour("Late comer")).execute()
    events.delete(calendarId="primary", eventId=names[0]["id"]).execute()
    changed, _ = pages(calendarId="primary", syncToken=token)
    status = {it["id"]: it["status"] for it in changed}
    must(status.get(made["id"]) == "confirmed" and status.get(names[0]["id"]) == "cancelled", "changes are listed")
    refused(events.list(calendarId="primary", syncToken="nonsense"), 400, "badRequest")
    refused(events.list(calendarId="primary", syncToken=token, timeMin="2026-01-01T00:00:00Z"), 400, "badRequest")
    refused(events.list(calendarId=STALE, syncToken=token), 410, "fullSyncRequired")
    singles, _ = pages(calendarId="primary", singleEvents=True, orderBy="startTime", timeMin="2027-03-01T00:00:00Z")
    starts = [it["start"].get("dateTime", it["start"].get("date")) for it in singles]
    must(len(starts) > 3, "single events are listed")


def channels(service):
    body = {"id": "channel-1", "type": "web_hook", "address": "https://crm.example.com/hook", "token": "t"}
    made = events.watch(calendarId="primary", body=body).execute()
    refused(events.watch(calendarId="primary", body=body), 400, "channelIdNotUnique")
    stop = {"id": made["id"], "resourceId": made["resourceId"]}
    service.channels().stop(body=stop).execute()
    refused(service.channels().stop(body=stop), 404, "notFound")


http = AuthorizedHttp(Credentials(TOKEN), http=Watched(look))
service = discovery.build("calendar", "v3", http=http, static_discovery=True, client_options={"api_endpoint": BASE})
events = service.events()
calendars(service)
single_events()
special_events()
series()
lists()
channels(service)
must(seen == set(KINDS.values()), f"every kind of answer was seen, not only {seen}")
print("ok")
