// An auditor filters the journal and exports what is left.
'use strict';
const fs = require('node:fs');
const { PASSWORD, holds, lacks, same, story } = require('./driver.js');

/** Presses an export's button; the file that comes. */
async function downloaded(auditor, button) {
    const [file] = await Promise.all([
        auditor.page.waitForEvent('download'),
        auditor.page.getByRole('button', { name: button, exact: true }).click()
    ]);
    return [file.suggestedFilename(), fs.readFileSync(await file.path(), 'utf8')];
}

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    await admin.register(['anna@example.com', 'ben@example.com']);

    const auditor = await person();
    await auditor.enter(process.env.AUDITOR);
    await auditor.open('/admin/journal');
    await auditor.arrives('Journal');
    await auditor.page.getByLabel('Event', { exact: true }).selectOption('account_added');
    await auditor.press('Show');

    const [name, csv] = await downloaded(auditor, 'Export as CSV');
    same(name, 'postern-journal.csv', 'the file');
    const rows = csv.trim().split('\r\n');
    same(rows.length, 3, 'a head and two rows');
    holds(csv, 'anna@example.com');

    const [, lines] = await downloaded(auditor, 'Export as JSON lines');
    const told = lines.trim().split('\n').map(line => JSON.parse(line));
    same(told.length, 2, 'two lines');
    lacks(lines, PASSWORD);

    await auditor.open('/admin/journal');
    await auditor.sees('Journal exported');
});
