// What helpdesk and auditor see, and what they do not.
'use strict';
const { same, story } = require('./driver.js');

const ANNA = 'anna@example.com';

async function buttons(person) {
    const names = await person.page.locator('main button, main .button').allInnerTexts();
    return names.map(name => name.trim());
}

story(async person => {
    const [helpdesk, auditor] = [await person(), await person()];
    await helpdesk.enter(process.env.HELPDESK);
    await helpdesk.mailbox(ANNA);
    same(await buttons(helpdesk), ['Make a new link'], 'helpdesk at a mailbox');
    same(await helpdesk.page.getByLabel('What to call it').count(), 0, 'helpdesk sees no token form');
    await helpdesk.press('Make a new link');
    await helpdesk.arrives(`Link for ${ANNA}`);
    const link = await helpdesk.field('Link for the owner');
    same(link.startsWith(`${process.env.BASE}/oauth/google/start?link=`), true, link);
    await helpdesk.register(['eva@example.com']);

    await auditor.enter(process.env.AUDITOR);
    await auditor.mailbox(ANNA);
    same(await buttons(auditor), [], 'an auditor at a mailbox');
    await auditor.open('/admin/accounts');
    same(await buttons(auditor), ['Search'], 'an auditor at the mailboxes');
    same(await auditor.open('/admin/accounts/new'), 403, 'an auditor registers nothing');
    await auditor.arrives('Not for your role');
});
