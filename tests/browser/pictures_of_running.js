// The pages about the running gateway: settings, jobs, API keys, charts.
'use strict';
const { same, story } = require('./driver.js');
const { look } = require('./gallery.js');

const SESSIONS = 'IMAP sessions of one mailbox at once';

async function settings(admin, other) {
    for (const person of [admin, other]) {
        same(await person.open('/admin/settings'), 200, 'the page');
        await person.page.locator('#limits-account-sessions summary').click();
    }
    await look(admin, 'settings');
    await other.fill(SESSIONS, '7');
    await other.press(`Save: ${SESSIONS}`);
    await look(other, 'settings-saved');
    await admin.fill(SESSIONS, '8');
    await admin.press(`Save: ${SESSIONS}`);
    await look(admin, 'settings-stale');
    await admin.fill(SESSIONS, 'many');
    await admin.press(`Save: ${SESSIONS}`);
    await look(admin, 'settings-wrong');
}

async function keys(admin) {
    await admin.open('/admin/keys');
    await look(admin, 'keys-none');
    await admin.fill('Name', 'espocrm.production@crm-1');
    await admin.press('Make the key');
    await look(admin, 'key-made');
    await admin.open('/admin/keys');
    await look(admin, 'keys');
}

async function jobs(admin) {
    await admin.open('/admin/jobs');
    await admin.page.locator('summary').first().click();
    await look(admin, 'jobs');
    await admin.press('Run now: Clean up');
    await look(admin, 'jobs-asked');
}

async function charts(admin) {
    await admin.open('/admin');
    await look(admin, 'charts-24h');
    await admin.page.locator('.charts summary').first().click();
    await look(admin, 'charts-table');
    same(await admin.open('/admin?span=30d'), 200, 'a month');
    await look(admin, 'charts-30d');
}

story(async person => {
    const [admin, other] = [await person(), await person()];
    await admin.enter(process.env.LINK);
    await other.enter(process.env.SECOND);
    await settings(admin, other);
    await keys(admin);
    await jobs(admin);
    await charts(admin);
});
