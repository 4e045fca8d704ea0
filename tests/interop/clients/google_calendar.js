// Google's own client for Node, at a Calendar API that is not Google's. BASE: the API, with
// a slash at its end. TOKEN: an access token. OTHER: another calendar of the same user.
// STALE: one whose sync tokens are never good.
'use strict';
const env = process.env;
const { auth, calendar_v3 } = require(`${env.POSTERN_TEST_NODE_MODULES}/@googleapis/calendar`);

const { BASE, TOKEN, OTHER, STALE } = env;
const calendarId = 'primary';

const client = new auth.OAuth2();
client.setCredentials({ access_token: TOKEN });
const api = new calendar_v3.Calendar({ auth: client, rootUrl: BASE.replace(/calendar\/v3\/$/, '') });

function must(condition, what) {
    if (!condition) throw new Error(`not so: ${what}`);
}

async function refused(request, status, reason) {
    const error = await request.then(() => null, (error) => error);
    const found = error?.response?.data?.error?.errors?.[0]?.reason;
    must(error?.status === status && found === reason, `${status} ${reason}, but ${error?.status} ${found}`);
}

function hour(summary, more = {}) {
    const time = (hour) => ({ dateTime: `2027-04-01T${hour}:00:00Z` });
    return { summary, start: time(10), end: time(11), ...more };
}

async function pages(query) {
    const items = [];
    for (let pageToken; ; ) {
        const { data } = await api.events.list({ calendarId, ...query, pageToken });
        items.push(...data.items);
        pageToken = data.nextPageToken;
        if (!pageToken) return { items, syncToken: data.nextSyncToken };
    }
}

async function writing() {
    const requestBody = hour('One', { id: 'fedcba9876' });
    const made = (await api.events.insert({ calendarId, requestBody })).data;
    await refused(api.events.insert({ calendarId, requestBody }), 409, 'duplicate');
    const key = { calendarId, eventId: made.id };
    must((await api.events.get(key)).data.iCalUID === made.iCalUID, 'an event is read as it was made');
    const patched = (await api.events.patch({ ...key, requestBody: { location: 'Room 1' } })).data;
    must(patched.summary === 'One' && patched.location === 'Room 1', 'a patch adds');
    const late = { ...key, requestBody: hour('Late') };
    await refused(api.events.update(late, { headers: { 'If-Match': made.etag } }), 412, 'conditionNotMet');
    const updated = (await api.events.update(late, { headers: { 'If-Match': patched.etag } })).data;
    must(updated.location === undefined, 'an update replaces');
    await api.events.move({ ...key, destination: OTHER });
    await api.events.delete({ calendarId: OTHER, eventId: made.id });
    await refused(api.events.delete({ calendarId: OTHER, eventId: made.id }), 410, 'deleted');
}

async function listing() {
    const made = (await api.events.insert({ calendarId, requestBody: hour('Two') })).data;
    await api.events.insert({ calendarId, requestBody: hour('Three') });
    const { items, syncToken } = await pages({ maxResults: 1 });
    must(items.length === 2 && syncToken, 'a whole list ends with a sync token');
    await api.events.delete({ calendarId, eventId: made.id });
    const changed = (await pages({ syncToken })).items;
    must(changed.length === 1 && changed[0].status === 'cancelled', 'a deletion is listed');
    await refused(api.events.list({ calendarId: STALE, syncToken }), 410, 'fullSyncRequired');
    const calendars = (await api.calendarList.list()).data.items;
    must(calendars.some((it) => it.primary) && calendars.some((it) => it.id === OTHER), 'calendars are listed');
}

async function watching() {
    const requestBody = { id: 'channel-2', type: 'web_hook', address: 'https://crm.example.com/hook' };
    const { id, resourceId } = (await api.events.watch({ calendarId, requestBody })).data;
    await refused(api.events.watch({ calendarId, requestBody }), 400, 'channelIdNotUnique');
    await api.channels.stop({ requestBody: { id, resourceId } });
}

writing()
    .then(listing)
    .then(watching)
    .then(
        () => console.log('ok'),
        (error) => {
            console.error(error);
            process.exit(1);
        },
    );
