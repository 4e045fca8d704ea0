// Mailboxes from pasted lines, two of which are bad.
'use strict';
const { lacks, same, story } = require('./driver.js');

const LINES = ['anna@example.com, 5f3a', 'nobody', 'ben@example.com,,info@example.com', 'ANNA@example.com'];

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    await admin.press('Register the first one', 'link');
    await admin.arrives('Register mailboxes');
    await admin.fill('Mailboxes', LINES.join('\n'));
    await admin.press('Check');

    await admin.sees('Lines that cannot be registered: 2');
    const bad = await admin.page.getByRole('region', { name: /cannot be registered/ }).locator('tbody tr').all();
    const told = await Promise.all(bad.map(row => row.innerText()));
    same(told.map(row => row.split(/\s+/)[0]), ['2', '4'], 'the lines');
    same(told[0].includes('no address') && told[1].includes('line 1 already'), true, told.join(' / '));
    await admin.sees('Nothing has been registered yet.');

    await admin.press('Register 2');
    await admin.arrives('Registered');
    const links = await admin.links();
    same(Object.keys(links), ['anna@example.com', 'ben@example.com'], 'the good ones');
    for (const link of Object.values(links)) {
        same(link.startsWith(`${process.env.BASE}/oauth/google/start?link=`), true, link);
    }
    same(new Set(Object.values(links)).size, 2, 'links differ');

    await admin.press('Mailboxes', 'link');
    await admin.sees('2 found');
    for (const address of Object.keys(links)) {
        await admin.mailbox(address);
        await admin.sees('not connected yet');
        lacks(await admin.page.content(), 'start?link=');
    }
    await admin.sees('info@example.com');
});
