// What an owner does with calendars, from the first choice to the last removal; a
// chapter at a time, since things happen in Google and in the CRM between.
'use strict';
const { holds, lacks, same, story } = require('./driver.js');
const gallery = require('./gallery.js');

const { ANNA, CHAPTER, LINK, PICTURES, SCRIPTS } = process.env;
const CALENDAR = '/me/calendar';
const look = PICTURES ? gallery.look : async () => {};

/** Follows the link of that name, which begins with these words. */
async function follow(owner, words) {
    await owner.leaves(owner.page.getByRole('link', { name: new RegExp(`^${words}`) }).first());
}

const chapters = {
    async chosen(owner) {
        await owner.connect(LINK);
        await owner.open(CALENDAR);
        await owner.press('Read the list from Google again');
        await owner.page.getByLabel('Main calendar').selectOption({ index: 1 });
        await owner.page.getByLabel('Both ways').check();
        await owner.page.getByLabel('the later change holds').check();
        await owner.press('Save');
        await owner.sees('Saved.');
        await owner.awaits(CALENDAR, 'Changes that wait for a word');
        const text = await owner.text();
        ['E1', 'E2', 'E3'].forEach(title => holds(text, title));
        await look(owner, 'calendar-preview');
    },

    async approved(owner) {
        await owner.signIn(ANNA);
        await owner.open(CALENDAR);
        await owner.leaves(owner.page.getByRole('button', { name: /^Approve: / }));
        await owner.sees('It is done within seconds.');
        await owner.awaits(CALENDAR, 'of 12 done');
        const progress = owner.page.getByRole('progressbar');
        const far = Number(await progress.getAttribute('value'));
        if (SCRIPTS === 'on') {
            await owner.page.waitForFunction(then => document.querySelector('progress').value > then, far);
        } else {
            let now = far;
            for (const until = Date.now() + 60_000; now <= far && Date.now() < until;) {
                await owner.page.waitForTimeout(500);
                await owner.press('Look again', 'link');
                now = Number(await progress.getAttribute('value'));
            }
            same(now > far, true, 'it goes on');
        }
        await owner.awaits(CALENDAR, '12 made, 0 changed, 0 removed.');
        await owner.sees('everything that is synchronised is in step');
        lacks(await owner.text(), 'Changes that wait for a word');
    },

    async resolved(owner) {
        await owner.signIn(ANNA);
        await owner.awaits(CALENDAR, 'Sync again');
        await owner.press('Why: E4', 'link');
        await owner.arrives('Why is this so: E4');
        await owner.sees('made');
        await owner.press('Back to the calendars', 'link');
        await owner.press('Sync again: E4');
        await owner.sees('It is taken up again within seconds.');
        await owner.awaits(CALENDAR, 'everything that is synchronised is in step');
    },

    async undone(owner) {
        await owner.signIn(ANNA);
        await owner.open(CALENDAR);
        await follow(owner, 'Undo: ');
        await owner.arrives('Take back a run');
        await owner.sees('Title: E5 instead of E5 by Google');
        await owner.press('Take it back');
        await owner.sees('It is taken back by the next run, which begins within seconds.');
        await owner.awaits(CALENDAR, 'It was taken back. 1 of 1 changes.');
    },

    async removed(owner, admin) {
        await owner.signIn(ANNA);
        await owner.open(CALENDAR);
        await follow(owner, 'Remove everything that was made here');
        await owner.arrives('Remove everything that was made here');
        const text = await owner.text();
        ['What is removed', 'E1', 'Kickoff', 'The event in Google is deleted', 'The record in the CRM is removed',
            'What stays as it is', 'somebody has changed it since', 'Google mails nobody'].forEach(words => holds(text, words));
        await look(owner, 'calendar-removal');
        await admin.enter(LINK);
        await admin.mailbox(ANNA);
        await admin.press('How it stands', 'link');
        await follow(admin, 'Remove everything that was made here');
        await admin.sees('What is removed');
        await look(admin, 'calendar-removal-admin');
        await owner.press('Remove it');
        await owner.sees('It is removed by the next runs, which begin within seconds.');
        await look(owner, 'calendar-leaving');
        await owner.awaits(CALENDAR, 'No calendar is chosen, so nothing is synchronised.');
        await owner.open(`${CALENDAR}/removal`);
        await owner.sees('It was removed. 12 of 12 changes.');
        await owner.sees('somebody has changed it since');
        lacks(await owner.text(), 'Google mails nobody');
        await look(owner, 'calendar-removed');
    }
};

story(async person => {
    const owner = await person();
    await chapters[CHAPTER](owner, CHAPTER === 'removed' ? await person() : null);
});
