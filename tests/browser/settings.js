// Two admins change one setting: the second one is told who was faster.
'use strict';
const { holds, lacks, same, story } = require('./driver.js');

const SETTING = '#limits-account-sessions';
const LABEL = 'IMAP sessions of one mailbox at once';

async function opens(admin) {
    same(await admin.open('/admin/settings'), 200, 'the page');
    const details = admin.page.locator(`${SETTING} details`);
    if (!await details.getAttribute('open')) await details.locator('summary').click();
}

/** Saves a value; the status of the answer. */
async function saves(admin, value) {
    await admin.fill(LABEL, value);
    const told = admin.page.waitForResponse(answer => answer.request().method() === 'POST');
    await admin.press(`Save: ${LABEL}`);
    return (await told).status();
}

story(async person => {
    const [jan, eva] = [await person(), await person()];
    await jan.enter(process.env.LINK);
    await eva.enter(process.env.SECOND);
    await opens(jan);
    await opens(eva);

    same(await saves(jan, '7'), 200, 'the first one');
    await jan.sees('Saved; it holds on every node within seconds.');
    same(await jan.page.locator(`${SETTING} b`).first().innerText(), '7', 'the value');

    same(await saves(eva, '8'), 409, 'the second one');
    const said = await eva.page.locator(SETTING).innerText();
    holds(said, 'Somebody else was faster');
    holds(said, 'admin:jan');
    same(await eva.page.locator(`${SETTING} dd`).allInnerTexts(), ['7', '8'], 'now and wanted');
    same(await eva.field(LABEL), '8', 'what was wanted is kept');
    same(await saves(eva, '8'), 200, 'knowing that');
    await opens(jan);
    holds(await jan.page.locator(SETTING).innerText(), 'admin:eva');

    same(await saves(jan, '0'), 422, 'no number of sessions');
    holds(await jan.page.locator(SETTING).innerText(), 'This value does not fit. A number from 1 to 100000.');
    await jan.press('Use the default (10)');
    same(await jan.page.locator(`${SETTING} b`).first().innerText(), '10', 'the default');
    const locked = await jan.page.locator('#limits-message-size').innerText();
    holds(locked, 'set by the variable POSTERN__LIMITS__MESSAGE_SIZE');
    lacks(locked, 'Change');
});
