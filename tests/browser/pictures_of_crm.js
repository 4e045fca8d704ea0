// An admin has a mail account written into the CRM, looked at and taken back.
'use strict';
const { lacks, story } = require('./driver.js');
const { look } = require('./gallery.js');

const ANNA = 'anna@example.com';
const PAGE = '/admin/accounts/crm';

/** Chooses Anna's mailbox, presses, and waits for the words. */
async function presses(admin, button, words) {
    await admin.page.getByLabel(`Choose ${ANNA}`).check();
    await admin.press(button);
    await admin.page.getByText(words).first().waitFor();
    lacks(await admin.page.content(), 'pst_');
}

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    await admin.open('/admin/accounts');
    await admin.press('Mail accounts in the CRM', 'link');
    await admin.arrives('Mail accounts in the CRM');
    await look(admin, 'crm-mail');
    await presses(admin, 'Look what is in the way', 'A new account would be made.');
    await look(admin, 'crm-mail-looked');
    await admin.open(PAGE);
    await presses(admin, 'Write into the CRM', 'not done');
    await look(admin, 'crm-mail-refused');
    const answer = await fetch(process.env.ALLOW, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', Authorization: `Basic ${process.env.CRM_ADMIN}` },
        body: JSON.stringify({ emailServerAllowedAddressList: process.env.PLACES.split(' ') }),
    });
    if (!answer.ok) throw new Error(`the CRM's settings: ${answer.status}`);
    await admin.open(PAGE);
    await presses(admin, 'Write into the CRM', /^written$/);
    await look(admin, 'crm-mail-written');
    await presses(admin, 'Take back', 'The account was deleted.');
    await look(admin, 'crm-mail-undone');
});
