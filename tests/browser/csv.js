// Mailboxes from a CSV file, two lines of which are bad; then many at once.
'use strict';
const { lacks, holds, same, story } = require('./driver.js');

const FILE = [
    'Name;E-mail;CRM user;Aliases',
    '"Anna ""A"" Nová";anna@example.com;5f3a;"info@example.com, sales@example.com"',
    'Nobody;nobody;;',
    'Ben;ben@example.com;;',
    'Anna again;ANNA@example.com;;'
].join('\r\n');
const MANY = Array.from({ length: 120 }, (_, number) => `person${String(number).padStart(3, '0')}@example.com`);

/** Chooses a file with this content, and presses the button. */
async function upload(admin, name, text) {
    await admin.open('/admin/accounts/new');
    const file = { name, mimeType: 'text/csv', buffer: Buffer.from(text) };
    await admin.page.getByLabel('Or a CSV file').setInputFiles(file);
    await admin.press('Check');
}

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    await upload(admin, 'people.csv', `\ufeff${FILE}`);
    await admin.sees('Lines that cannot be registered: 2');
    const bad = await admin.page.getByRole('region', { name: /cannot be registered/ }).locator('tbody tr').all();
    const told = await Promise.all(bad.map(row => row.innerText()));
    same(told.map(row => row.split(/\s+/)[0]), ['3', '5'], 'the lines of the file');
    same(told[0].includes('no address') && told[1].includes('line 2 already'), true, told.join(' / '));
    await admin.sees('Nothing has been registered yet.');
    await admin.press('Register 2');
    await admin.arrives('Registered');
    same(Object.keys(await admin.links()), ['anna@example.com', 'ben@example.com'], 'the good ones');
    await admin.mailbox('anna@example.com');
    await admin.sees('info@example.com, sales@example.com');
    await admin.sees('5f3a');

    await upload(admin, 'latin.csv', Buffer.from([0x61, 0xe9, 0x40, 0x78]));
    await admin.sees('This file is no text in UTF-8.');

    await upload(admin, 'many.csv', ['email', ...MANY].join('\n'));
    await admin.press(`Register ${MANY.length}`);
    await admin.arrives('Registering');
    // Nobody presses anything: the page asks again by itself.
    await admin.page.getByText(`Registered: ${MANY.length}`).waitFor();
    holds(await admin.text(), `${MANY.length} of ${MANY.length} lines done`);
    await admin.press('Make links and show them');
    await admin.arrives('Registered');
    const links = await admin.links();
    same(Object.keys(links), MANY, 'a link for each');
    same(new Set(Object.values(links)).size, MANY.length, 'links differ');
    await admin.press('Mailboxes', 'link');
    await admin.sees(`${MANY.length + 2} found`);
    lacks(await admin.page.content(), 'start?link=');
});
