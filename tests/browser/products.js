// An owner leaves products out here and at Google, and switches contacts off and on.
'use strict';
const { holds, lacks, same, story } = require('./driver.js');

const ANNA = 'anna@example.com';
const MAIL = 'https://mail.google.com/';
const AUTH = 'https://www.googleapis.com/auth';
const CALENDAR = [`${AUTH}/calendar.calendarlist.readonly`, `${AUTH}/calendar.events`];
const CONTACTS = `${AUTH}/contacts`;
const TICKS = {
    gmail: 'Gmail (reading and sending mail)',
    calendar: 'Calendar (seeing and editing events)',
    contacts: 'Contacts (seeing and editing people)'
};

/** What Google's page asks for, beside who it is. */
function asked(owner) {
    const scopes = new URL(owner.page.url()).searchParams.get('scope').split(' ');
    return scopes.filter(scope => !['openid', 'email'].includes(scope)).sort();
}

/** By the link to Google's page, with these products ticked here. */
async function choosing(owner, link, products) {
    same(await owner.open(link), 200, 'the link');
    await owner.sees('Contacts: the CRM sees and edits the people of your Google contacts.');
    await owner.sees('It gets no access to your files.');
    for (const [product, label] of Object.entries(TICKS)) {
        const tick = owner.page.getByLabel(label);
        same(await tick.isChecked(), true, `${product} before a choice`);
        if (!products.includes(product)) await tick.uncheck();
    }
    await owner.press('Continue to Google');
    await owner.arrives('Sign in with Google');
}

/** Ticks these scopes at Google, and allows. */
async function allow(owner, scopes) {
    for (const scope of scopes) await owner.page.getByLabel(scope, { exact: true }).check();
    await owner.press('Allow');
}

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    const links = await admin.register([ANNA]);
    const owner = await person();

    await choosing(owner, links[ANNA], ['gmail', 'contacts']);
    same(asked(owner), [MAIL, CONTACTS].sort(), 'asked for without the calendar');
    await allow(owner, [CONTACTS]);
    await owner.arrives('Not connected');
    await owner.sees('Gmail was not ticked at Google.');

    // Contacts alone: there is one scope, and so no box at Google.
    await choosing(owner, links[ANNA], ['contacts']);
    same(asked(owner), [CONTACTS], 'asked for alone');
    await allow(owner, []);
    await owner.arrives('Connected');
    await owner.press('See your mailbox', 'link');
    const alone = await owner.text();
    ['Gmail: not given', 'Calendar: not given', TICKS.contacts, 'Contacts are on'].forEach(it => holds(alone, it));

    // All is asked for, and contacts are left without a tick at Google.
    await owner.press('Connect again');
    await owner.arrives('Sign in with Google');
    same(asked(owner), [MAIL, ...CALENDAR, CONTACTS].sort(), 'asked for again');
    await allow(owner, [MAIL, ...CALENDAR]);
    await owner.arrives('Connected');
    await owner.press('See your mailbox', 'link');
    await owner.sees('Contacts: not given');
    await owner.sees('You have not given the contacts.');
    lacks(await owner.text(), 'Switch contacts');
    await admin.mailbox(ANNA);
    await admin.sees('Contacts: not given');

    await owner.press('Connect again');
    await owner.arrives('Sign in with Google');
    await allow(owner, [MAIL, ...CALENDAR, CONTACTS]);
    await owner.arrives('Connected');
    await owner.press('See your mailbox', 'link');
    await owner.press('Switch contacts off');
    await owner.sees('You have switched contacts off');
    await owner.sees('Mail is on');
    await owner.sees('The calendar is on');
    await owner.press('Switch contacts on');
    await owner.sees('Contacts are on');

    await admin.mailbox(ANNA);
    const sheet = await admin.text();
    Object.values(TICKS).forEach(words => holds(sheet, words));
    await admin.open('/admin/google');
    for (const scope of [MAIL, ...CALENDAR, CONTACTS]) await admin.sees(scope);
    await admin.sees('People API');
});
