// Google's own client for Node, at a People API that is not Google's. BASE: the API, with /v1/ at
// its end. TOKEN: an access token. STALE_TOKEN: one of somebody whose sync tokens are never good.
'use strict';
const env = process.env;
const { auth, people_v1 } = require(`${env.POSTERN_TEST_NODE_MODULES}/@googleapis/people`);

const personFields = 'names,clientData,memberships,metadata';
const resourceName = 'people/me';

function client(access_token) {
    const oauth = new auth.OAuth2();
    oauth.setCredentials({ access_token });
    return new people_v1.People({ auth: oauth, rootUrl: env.BASE.replace(/v1\/$/, '') });
}

const api = client(env.TOKEN);

function must(condition, what) {
    if (!condition) throw new Error(`not so: ${what}`);
}

async function refused(request, status, word, reason) {
    const error = await request.then(() => null, (error) => error);
    const found = error?.response?.data?.error;
    const same = error?.status === status && found?.status === word && found?.details?.[0]?.reason === reason;
    must(same, `${status} ${word} ${reason}, but ${error?.status} ${JSON.stringify(found)}`);
}

async function pages(query) {
    const found = [];
    for (let pageToken; ; ) {
        const { data } = await api.people.connections.list({ resourceName, personFields, ...query, pageToken });
        found.push(...(data.connections ?? []));
        pageToken = data.nextPageToken;
        if (!pageToken) return { found, syncToken: data.nextSyncToken };
    }
}

async function writing() {
    const group = (await api.contactGroups.create({ requestBody: { contactGroup: { name: 'Node' } } })).data;
    const again = api.contactGroups.create({ requestBody: { contactGroup: { name: 'Node' } } });
    await refused(again, 409, 'ALREADY_EXISTS');
    const membership = { contactGroupMembership: { contactGroupResourceName: group.resourceName } };
    const requestBody = {
        names: [{ givenName: 'Ada' }],
        clientData: [{ key: 'crm', value: '42' }],
        memberships: [membership],
    };
    const made = (await api.people.createContact({ personFields, requestBody })).data;
    must(made.clientData[0].value === '42' && made.memberships.length === 1, 'a contact is as it was made');
    const update = (etag) =>
        api.people.updateContact({
            resourceName: made.resourceName,
            updatePersonFields: 'names',
            personFields,
            requestBody: { etag, names: [{ givenName: 'Eve' }] },
        });
    const updated = (await update(made.etag)).data;
    must(updated.names[0].displayName === 'Eve', 'an update replaces');
    await refused(update(made.etag), 400, 'FAILED_PRECONDITION');
    const members = (await api.contactGroups.get({ resourceName: group.resourceName, maxMembers: 5 })).data;
    must(members.memberResourceNames[0] === made.resourceName, 'a group has its members');
    await api.people.deleteContact({ resourceName: made.resourceName });
    await refused(api.people.get({ resourceName: made.resourceName, personFields }), 404, 'NOT_FOUND');
}

async function listing() {
    const contacts = ['A', 'B', 'C'].map((givenName) => ({ contactPerson: { names: [{ givenName }] } }));
    const batch = { contacts, readMask: 'names' };
    const made = (await api.people.batchCreateContacts({ requestBody: batch })).data.createdPeople;
    const { found, syncToken } = await pages({ pageSize: 2, requestSyncToken: true });
    must(found.length === 3 && syncToken, 'a whole list ends with a sync token');
    const gone = made[0].person.resourceName;
    await api.people.batchDeleteContacts({ requestBody: { resourceNames: [gone] } });
    const changed = (await pages({ pageSize: 2, syncToken })).found;
    must(changed.length === 1 && changed[0].metadata.deleted && changed[0].resourceName === gone, 'a deletion is listed');
    const stale = client(env.STALE_TOKEN).people.connections.list({ resourceName, personFields, syncToken });
    await refused(stale, 400, 'FAILED_PRECONDITION', 'EXPIRED_SYNC_TOKEN');
}

writing()
    .then(listing)
    .then(
        () => console.log('ok'),
        (error) => {
            console.error(error);
            process.exit(1);
        },
    );
