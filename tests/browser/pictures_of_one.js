// One mailbox, from its registration to a token and to the end of it.
'use strict';
const { same, story } = require('./driver.js');
const { look } = require('./gallery.js');

const ANNA = 'anna@example.com';

async function connects(owner, link) {
    await owner.open(link);
    await look(owner, 'connect');
    await owner.press('Continue to Google');
    await owner.press('Deny');
    await look(owner, 'not-connected');
    await owner.open(link);
    await owner.press('Continue to Google');
    await owner.press('Allow');
    await owner.arrives('Connected');
    await look(owner, 'connected');
    await owner.press('See your mailbox', 'link');
    await look(owner, 'own-mailbox');
    await owner.press('Switch mail off');
    await look(owner, 'own-mailbox-off');
    await owner.press('Switch mail on');
    same(await owner.open(link), 410, 'the link, once more');
    await look(owner, 'link-used');
}

// The owner has left: what ends is shown, and then ended.
async function leaves(admin) {
    await admin.mailbox(ANNA);
    await admin.page.getByText('Everything about this person').click();
    await look(admin, 'mailbox-person');
    await admin.press('The owner has left', 'link');
    await look(admin, 'offboard');
    await admin.fill('Address of the successor', 'nobody@example.com');
    await admin.press('Show');
    await admin.sees('This mailbox cannot be the successor');
    await look(admin, 'offboard-nobody');
    await admin.mailbox(ANNA);
    await admin.press('The owner has left', 'link');
    await admin.fill(`Write ${ANNA} to confirm`, ANNA);
    await admin.press('Close the mailbox');
    await admin.arrives(`${ANNA} is closed`);
    await look(admin, 'offboarded');
    await admin.press('To the mailbox', 'link');
    await admin.sees('The owner left on');
    await look(admin, 'mailbox-left');
    await admin.press('Remove this mailbox', 'link');
    await look(admin, 'remove-forget');
}

story(async person => {
    const [admin, auditor, owner] = [await person(), await person(), await person()];
    await admin.enter(process.env.LINK);
    await admin.register([ANNA]);
    await admin.open('/admin');
    await look(admin, 'overview-1');
    await admin.open('/admin/accounts');
    await look(admin, 'mailboxes-1');
    await admin.mailbox(ANNA);
    await admin.press('Make a new link');
    await look(admin, 'new-link');
    const link = await admin.field('Link for the owner');
    await admin.open('/admin/accounts/onboarding');
    await look(admin, 'onboarding-1');
    await connects(owner, link);
    await admin.open('/admin');
    await look(admin, 'overview-well');
    await admin.mailbox(ANNA);
    await admin.press('Issue a CRM token');
    await look(admin, 'token');
    await admin.mailbox(ANNA);
    await admin.fill('Valid for days (empty: until revoked)', 'ten');
    await admin.press('Issue a CRM token');
    await look(admin, 'token-wrong');
    await auditor.enter(process.env.AUDITOR);
    await auditor.mailbox(ANNA);
    await look(auditor, 'mailbox-auditor');
    await auditor.open('/admin/accounts/new');
    await look(auditor, 'not-for-your-role');
    await leaves(admin);
});
