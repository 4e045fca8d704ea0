// An owner reads what is not in step and why, has it tried again and taken up, and
// has a run taken back; an admin sees the same, and how much was asked of Google.
'use strict';
const { lacks, story } = require('./driver.js');
const gallery = require('./gallery.js');

const ANNA = 'anna@example.com';
const PLAN = 'Plan <b>with</b> partners';
const look = process.env.PICTURES ? gallery.look : async () => {};

story(async person => {
    const [admin, owner] = [await person(), await person()];
    await owner.signIn(ANNA);
    await owner.arrives(`Your mailbox ${ANNA}`);
    await owner.open('/me/calendar');
    await owner.sees('of 4000 done.');
    if (process.env.SCRIPTS === 'on') {
        // The page follows the run by itself.
        const far = await owner.page.getByRole('progressbar').getAttribute('value');
        await owner.page.waitForFunction(then => document.querySelector('progress').value > then + 2, Number(far));
    }
    await owner.sees('What could not be done');
    await owner.sees('invalid: dateEnd is before dateStart');
    await owner.sees('written more than ten times in an hour');
    await owner.sees('It was removed in the CRM, where it had been made.');
    await look(owner, 'calendar-unequal');
    await owner.press(`Why: ${PLAN}`, 'link');
    await owner.arrives(`Why is this so: ${PLAN}`);
    await owner.sees('Both sides had changed it differently, and the CRM\'s change held.');
    await owner.sees('lost, from Google: Plan of Google');
    await look(owner, 'calendar-pair');
    await owner.press('Back to the calendars', 'link');

    await owner.leaves(owner.page.getByRole('link', { name: /^Undo: / }).first());
    await owner.arrives('Take back a run');
    await owner.sees(`Title: Plan of Google instead of ${PLAN}`);
    await owner.sees('Google mails nobody about it.');
    await look(owner, 'calendar-undo');

    await admin.enter(process.env.LINK);
    await admin.mailbox(ANNA);
    await admin.press('How it stands', 'link');
    await admin.sees('What could not be done');
    await admin.leaves(admin.page.getByRole('link', { name: /^Undo: / }).first());
    await admin.arrives('Take back a run');
    await admin.sees(`Title: Plan of Google instead of ${PLAN}`);
    await look(admin, 'calendar-undo-admin');
    await admin.press('Back to the calendars', 'link');
    await owner.press('Take it back');
    await owner.sees('It is taken back by the next run, which begins within seconds.');
    await owner.sees('It is being taken back: the next run does it. 0 of 1 changes.');
    await owner.leaves(owner.page.getByRole('link', { name: /^Undo: / }).first());
    await owner.sees('It is being taken back');
    lacks(await owner.text(), 'Take it back');
    await owner.press('Back to the calendars', 'link');
    await look(admin, 'calendar-unequal-admin');
    await admin.press('Why: Lunch', 'link');
    await admin.arrives('Why is this so: Lunch');
    await look(admin, 'calendar-pair-admin');
    await admin.press('Sync again');
    await admin.sees('taken up again within seconds');
    lacks(await admin.text(), 'Lunch');

    for (const [word, told] of [['Approve', 'It is done within seconds.'], ['Reject', 'It is left as it stands']]) {
        await owner.leaves(owner.page.getByRole('button', { name: new RegExp(`^${word}: `) }).first());
        await owner.sees(told);
    }
    lacks(await owner.text(), 'Changes that wait for a word');
    await owner.press(`Try again: ${PLAN}`);
    await owner.sees('It is tried again within seconds.');
    lacks(await owner.text(), 'invalid: dateEnd');
    await owner.press('Sync again: Retrospective');
    await owner.sees('Nothing: everything that is synchronised is in step');

    await admin.open('/admin/google');
    await admin.press('How much of Google\'s limits is used today', 'link');
    // The gateway runs meanwhile, and asks Google by itself.
    const told = await admin.text();
    const [, today] = /\b(\d+) of 1000000\b/.exec(told) || [];
    if (!(today >= 962 && today < 972)) throw new Error(`${today} requests in place of 962 in:\n${told}`);
    await look(admin, 'google-quota');
});
