#!/usr/bin/env python3
"""Google's own client for Python, at a People API that is not Google's. Every answer is held
against Google's description of the API. BASE: the API, with /v1/ at its end. TOKEN: an access
token. STALE_TOKEN: one of somebody whose sync tokens are never good."""

import os
import re
import sys
from urllib.parse import urlsplit

from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient import discovery

from google_api import Description, Watched, must, refused

BASE = os.environ["BASE"].removesuffix("v1/")
FIELDS = "names,emailAddresses,phoneNumbers,addresses,biographies,birthdays,organizations,urls,userDefined," \
    "externalIds,clientData,memberships,metadata,photos"
STALE_ETAG = "Request person.etag is different than the current person.etag. " \
    "Clear local cache and get the latest person."

description = Description("people.v1")
seen = set()


def methods(resource):
    for method in resource.get("methods", {}).values():
        yield method
    for inner in resource.get("resources", {}).values():
        yield from methods(inner)


def method_of(verb, uri):
    for method in methods(description.document):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(method["flatPath"]))
        if method["httpMethod"] == verb and re.fullmatch(pattern, urlsplit(uri).path.lstrip("/")):
            return method
    sys.exit(f"no method of Google's: {verb} {uri}")


def look(verb, uri, status, body):
    method = method_of(verb, uri)
    if status >= 300:
        return check_error(body["error"], status)
    seen.add(method["id"])
    description.check(body, method["response"], method["id"])


def check_error(error, status):
    words = all(isinstance(error[key], str) for key in ("message", "status"))
    details = all(it["@type"].startswith("type.googleapis.com/") for it in error.get("details", []))
    if error["code"] != status or not words or not details or "errors" in error:
        sys.exit(f"no error of Google's: {error}")


def service_of(token):
    http = AuthorizedHttp(Credentials(token), http=Watched(look))
    options = {"api_endpoint": BASE}
    return discovery.build("people", "v1", http=http, static_discovery=True, client_options=options)


def pages(service, **query):
    """All people of a list, and the sync token at its end."""
    request, found, body = service.people().connections().list(resourceName="people/me", **query), [], {}
    while request is not None:
        body = request.execute()
        found += body.get("connections", [])
        request = service.people().connections().list_next(request, body)
    return found, body.get("nextSyncToken")


def grouping(service):
    groups = service.contactGroups()
    made = groups.create(body={"contactGroup": {"name": "Customers"}}).execute()
    refused(groups.create(body={"contactGroup": {"name": "Customers"}}), 409, "Contact group name already exists.")
    renamed = groups.update(resourceName=made["resourceName"], body={"contactGroup": {"name": "Clients"}}).execute()
    must(renamed["name"] == "Clients", "a group has another name")
    listed = groups.list(pageSize=1000).execute()
    must(any(it.get("formattedName") == "My Contacts" for it in listed["contactGroups"]), "the system has groups")
    other = groups.create(body={"contactGroup": {"name": "Other", "clientData": [{"key": "k", "value": "v"}]}}).execute()
    groups.delete(resourceName=other["resourceName"]).execute()
    changed = groups.list(pageSize=1000, syncToken=listed["nextSyncToken"]).execute()["contactGroups"]
    must(changed[0]["metadata"]["deleted"], "a group that is gone is told")
    return made["resourceName"]


def single_people(service, group):
    people = service.people()
    membership = {"contactGroupMembership": {"contactGroupResourceName": group}}
    body = {
        "names": [{"givenName": "Ada", "familyName": "King"}],
        "emailAddresses": [{"value": "ada@x.example", "type": "work"}],
        "phoneNumbers": [{"value": "+420 601 123 456", "type": "mobile"}],
        "addresses": [{"streetAddress": "1 Main St", "city": "Brno", "country": "CZ", "type": "work"}],
        "biographies": [{"value": "Notes", "contentType": "TEXT_PLAIN"}],
        "birthdays": [{"date": {"year": 1815, "month": 12, "day": 10}}],
        "organizations": [{"name": "Acme", "title": "Chief", "type": "work", "current": True}],
        "urls": [{"value": "https://x.example", "type": "homePage"}],
        "userDefined": [{"key": "k", "value": "v"}],
        "externalIds": [{"value": "7", "type": "customer"}],
        "clientData": [{"key": "crm", "value": "42"}],
        "memberships": [membership],
    }
    made = people.createContact(body=body, personFields=FIELDS).execute()
    must(made["names"][0]["displayName"] == "Ada King", "a name is made up")
    must(made["phoneNumbers"][0]["canonicalForm"] == "+420601123456", "a phone is made canonical")
    key = {"resourceName": made["resourceName"]}
    must(people.get(**key, personFields=FIELDS).execute() == made, "a contact is read as it was made")
    eve = {"etag": made["etag"], "names": [{"givenName": "Eve"}]}
    updated = people.updateContact(**key, updatePersonFields="names", body=eve, personFields=FIELDS).execute()
    must(updated["clientData"][0]["value"] == "42", "other fields stay")
    refused(people.updateContact(**key, updatePersonFields="names", body=eve), 400, STALE_ETAG)
    modify = service.contactGroups().members().modify
    outcome = modify(resourceName=group, body={"resourceNamesToRemove": [made["resourceName"]]}).execute()
    must(outcome["canNotRemoveLastContactGroupResourceNames"] == [made["resourceName"]], "the last group stays")
    members = service.contactGroups().get(resourceName=group, maxMembers=10).execute()
    must(members["memberResourceNames"] == [made["resourceName"]], "a group has its members")
    batch = service.contactGroups().batchGet(resourceNames=[group, "contactGroups/none"], maxMembers=1).execute()
    must(batch["responses"][1]["status"]["code"] == 5, "a group is not found")
    must(people.deleteContact(**key).execute() == {}, "a deletion answers nothing")
    refused(people.get(**key, personFields="names"), 404, "Requested entity was not found.")
    must(people.get(resourceName="people/me", personFields="names").execute()["names"], "people know themselves")


def batches(service):
    people = service.people()
    contacts = [{"contactPerson": {"names": [{"givenName": f"N{number}"}]}} for number in range(5)]
    made = people.batchCreateContacts(body={"contacts": contacts, "readMask": "names,metadata"}).execute()
    made = [it["person"] for it in made["createdPeople"]]
    names = [it["resourceName"] for it in made]
    update = {it["resourceName"]: {"etag": it["etag"], "names": [{"givenName": "New"}]} for it in made}
    body = {"contacts": update, "updateMask": "names", "readMask": "names"}
    results = people.batchUpdateContacts(body=body).execute()["updateResult"]
    must(all(results[it]["person"]["names"][0]["givenName"] == "New" for it in names), "all have changed")
    read = people.getBatchGet(resourceNames=[*names, "people/c1"], personFields="names").execute()["responses"]
    must([it.get("httpStatusCode") for it in read] == [200] * 5 + [404], "all but one are found")
    must(people.batchDeleteContacts(body={"resourceNames": names[:2]}).execute() == {}, "two are gone")


def lists(service, stale):
    query = {"personFields": FIELDS, "pageSize": 2, "sources": ["READ_SOURCE_TYPE_CONTACT"]}
    found, token = pages(service, **query, requestSyncToken=True)
    must(len(found) == 3 and token, "a whole list ends with a sync token")
    must(pages(service, **query, syncToken=token)[0] == [], "nothing has changed")
    service.people().deleteContact(resourceName=found[0]["resourceName"]).execute()
    changed, token = pages(service, **query, syncToken=token)
    must([it["metadata"]["deleted"] for it in changed] == [True], "a deletion is listed")
    must(token, "a list of changes ends with a sync token")
    listing = stale.people().connections().list
    query = {"resourceName": "people/me", "personFields": "names", "syncToken": token}
    refused(listing(**query), 400, "EXPIRED_SYNC_TOKEN")


own, stale = service_of(os.environ["TOKEN"]), service_of(os.environ["STALE_TOKEN"])
single_people(own, grouping(own))
batches(own)
lists(own, stale)
wanted = {it["id"] for it in methods(description.document)}
elsewhere = re.compile("otherContacts|irectoryPeople|searchContacts|ContactPhoto")
missing = {it for it in wanted - seen if not elsewhere.search(it)}
must(not missing, f"every method was tried, but {missing}")
print("ok")
