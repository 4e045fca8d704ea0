// The quick start of docs/usage.md, step by step and in its words.
'use strict';
const { holds, same, story } = require('./driver.js');

const { ANNA, ANNA_ID, CLIENT, CLIENT_SECRET, CONTACT, LINK } = process.env;

story(async person => {
    const admin = await person();
    await admin.enter(LINK);

    // 1. The client.
    await admin.open('/admin/google');
    await admin.fill('Client id', CLIENT);
    await admin.press('Next');
    await admin.fill('Client secret', CLIENT_SECRET);
    await admin.press('Set this client');
    await admin.open('/admin/google');
    await admin.sees(CLIENT);

    // 2. The jobs.
    await admin.open('/admin/jobs');
    const jobs = await admin.text();
    ['Keep calendars in step', 'every 10 min', 'Keep contacts in step'].forEach(words => holds(jobs, words));

    // 3. The mailbox, with who that is in the CRM.
    const links = await admin.register([`${ANNA}, ${ANNA_ID}`]);

    // 4. The user connects all three products.
    const anna = await person();
    await anna.open(links[ANNA]);
    for (const product of ['Gmail', 'Calendar', 'Contacts']) {
        const tick = anna.page.getByRole('checkbox', { name: new RegExp(`^${product}`) });
        same(await tick.isChecked(), true, product);
    }
    await anna.connect(links[ANNA]);

    // 5. The main calendar.
    await anna.open('/me');
    await anna.press('Choose calendars', 'link');
    await anna.page.getByLabel('Main calendar').selectOption({ index: 1 });
    await anna.press('Save');
    await anna.sees('Saved.');

    // 6. The group of contacts.
    await anna.open('/me');
    await anna.press('Choose contacts', 'link');
    await anna.press('Read the groups from Google again');
    const group = await anna.page.locator('#group option', { hasText: 'Customers' }).getAttribute('value');
    await anna.page.locator('#group').selectOption(group);
    await anna.press('Save');
    await anna.sees('Saved.');

    // 7. The meeting of the CRM appears.
    await anna.awaits('/me/calendar', '1 made, 0 changed, 0 removed.');

    // 8. A contact is pushed.
    await anna.open('/me/contacts');
    await anna.press('Push records of the CRM', 'link');
    await anna.fill('Records', CONTACT);
    await anna.press('Push');
    await anna.arrives('Records that were pushed to Google Contacts');
    await anna.sees('A person was made in Google.');
});
