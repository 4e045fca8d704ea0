// A mailbox's owner, from the link to "Connected", and every way to miss it.
'use strict';
const { lacks, holds, same, story } = require('./driver.js');

const [ANNA, BEN] = ['anna@example.com', 'ben@example.com'];
const MAIL = 'https://mail.google.com/';
const CALENDAR = 'https://www.googleapis.com/auth/calendar';

/** From the link's page to Google's. */
async function atGoogle(owner, link) {
    same(await owner.open(link), 200, 'the link');
    await owner.arrives('Connect your mailbox');
    await owner.press('Continue to Google');
    await owner.arrives('Sign in with Google');
}

/** Google's page as it is when more than one product is asked for: with boxes. */
async function ticking(owner, scopes) {
    const asked = new URL(owner.page.url());
    asked.searchParams.set('scope', `${asked.searchParams.get('scope')} ${CALENDAR}`);
    await owner.open(asked.href);
    for (const scope of scopes) await owner.page.getByLabel(scope).check();
}

async function scanned(link) {
    for (const method of ['GET', 'HEAD', 'GET']) {
        const answer = await fetch(link, { method, redirect: 'manual' });
        same([answer.status, answer.headers.get('set-cookie')], [200, null], `${method} by a scanner`);
    }
}

async function missed(owner, link) {
    await atGoogle(owner, link);
    await owner.press('Deny');
    await owner.arrives('Not connected');
    await owner.sees('Access was declined at Google');
    await owner.sees('Reference');

    await atGoogle(owner, link);
    await owner.page.getByLabel(BEN).check();
    await owner.press('Allow');
    await owner.arrives('Not connected');
    await owner.sees(`You signed in at Google as ${BEN}, but this connection is for ${ANNA}.`);

    await atGoogle(owner, link);
    await ticking(owner, [CALENDAR]);
    await owner.press('Allow');
    await owner.arrives('Not connected');
    await owner.sees('Gmail was not ticked at Google.');
}

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    const links = await admin.register([ANNA, BEN]);

    await admin.mailbox(ANNA);
    const before = await admin.text();
    holds(before, 'not connected yet');
    await scanned(links[ANNA]);
    await admin.page.reload();
    same(await admin.text(), before, 'the mailbox after a scanner');

    const owner = await person();
    await missed(owner, links[ANNA]);
    await admin.page.reload();
    holds(await admin.text(), 'not connected yet');

    await atGoogle(owner, links[ANNA]);
    same(await owner.page.getByLabel(ANNA).isChecked(), true, 'Google knows for whom');
    await owner.press('Allow');
    await owner.arrives('Connected');
    await owner.sees(`The mailbox ${ANNA} is connected.`);
    await owner.page.reload();
    await owner.arrives('Not connected');
    await owner.sees('used already');
    same(await owner.open(links[ANNA]), 410, 'the link, once more');
    await owner.open('/admin/accounts');
    await owner.arrives('Sign in');

    // Somebody else's browser cannot finish what another one began.
    const [ben, thief] = [await person(), await person()];
    await atGoogle(ben, links[BEN]);
    await thief.open(ben.page.url());
    await thief.page.getByLabel(BEN).check();
    await thief.press('Allow');
    await thief.arrives('Not connected');
    await thief.sees('started in another browser');
    await atGoogle(ben, links[BEN]);
    await ticking(ben, [MAIL, CALENDAR]);
    await ben.press('Allow');
    await ben.arrives('Connected');

    await admin.mailbox(ANNA);
    holds(await admin.text(), 'Gmail (reading and sending mail)');
    lacks(await admin.text(), 'not connected yet');
});
