// A CRM token, shown once, and mail read with nothing but what the page shows.
'use strict';
const { lacks, same, story } = require('./driver.js');
const { newest } = require('./mail.js');

const ANNA = 'anna@example.com';

/** The column of the table of settings: host, port, security, user. */
async function settings(admin, column) {
    const rows = await admin.page.locator('tbody tr').all();
    return Object.fromEntries(await Promise.all(rows.map(async row =>
        [await row.locator('th').innerText(), await row.locator('td').nth(column).innerText()])));
}

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    await admin.mailbox(ANNA);
    await admin.fill('What to call it', 'espo');
    await admin.page.getByLabel('Used for').selectOption('both');
    await admin.press('Issue a CRM token');
    await admin.arrives(`CRM token for ${ANNA}`);
    const token = await admin.field('CRM token (password in the CRM)');
    same(token.startsWith('pst_'), true, 'a token');
    const imap = await settings(admin, 0);
    same(imap['User name'], ANNA, 'the user name');
    same(await newest(imap, token), 'Lunch?', 'the newest message');

    await admin.press('Back', 'link');
    await admin.arrives(ANNA);
    lacks(await admin.page.content(), token);
    await admin.press('Revoke: espo');
    await admin.arrives(ANNA);
    await admin.sees('revoked');
    same(await newest(imap, token).catch(() => 'refused'), 'refused', 'a revoked token');
});
