// What an owner does with contacts, from the first choice to an answer; a chapter at
// a time, since things happen in Google and in the CRM between.
'use strict';
const { holds, lacks, same, story } = require('./driver.js');
const gallery = require('./gallery.js');

const { ANNA, CHAPTER, FEW, LINK, MANY, PICTURES, SCRIPTS } = process.env;
const CONTACTS = '/me/contacts';
const look = PICTURES ? gallery.look : async () => {};

/** How far the push is that the page shows, and of how many. */
async function far(owner) {
    const bar = owner.page.getByRole('progressbar');
    return [Number(await bar.getAttribute('value')), Number(await bar.getAttribute('max'))];
}

/** Waits until the page, which looks again by itself, holds the words. */
async function turns(owner, words) {
    await owner.page.locator('body', { hasText: words }).waitFor();
}

async function pushes(owner, records) {
    await owner.open(`${CONTACTS}/push`);
    await owner.page.getByLabel('Contact', { exact: true }).check();
    await owner.fill('Records', records);
    await owner.press('Push');
}

const chapters = {
    async chosen(owner) {
        await owner.connect(LINK);
        await owner.open('/me');
        await owner.press('Switch contacts off');
        await owner.open(CONTACTS);
        await owner.sees('You have switched contacts off');
        await look(owner, 'contacts-off');
        await owner.press('Switch contacts on');
        await look(owner, 'own-mailbox-contacts');
        await owner.press('Choose contacts', 'link');
        await owner.arrives(`Contacts of ${ANNA}`);
        await owner.sees('Google has not been asked yet');
        await look(owner, 'contacts-unread');
        await owner.open(`${CONTACTS}/push`);
        await owner.sees('Choose a group first');
        await owner.press('Back to the contacts', 'link');
        await owner.press('Read the groups from Google again');
        await owner.sees('The groups were read from Google.');
        const offered = await owner.page.getByLabel('Group', { exact: true }).innerText();
        holds(offered, 'Friends <b>and</b> family (0 people)');
        await look(owner, 'contacts-choices');
        await owner.fill('Or make a new group of this name', 'Customers');
        const further = owner.page.getByRole('group', { name: 'Further groups' }).getByLabel(/Friends/);
        await further.check();
        await owner.page.getByLabel('Both ways').check();
        await owner.page.getByLabel('are put to me, one by one').check();
        await owner.page.getByLabel('Country of phone numbers').fill('Q1');
        await owner.press('Save');
        await owner.sees('The country is two letters, such as CZ.');
        same(await owner.field('Or make a new group of this name'), 'Customers', 'what was entered');
        await look(owner, 'contacts-wrong');
        await owner.page.getByLabel('Country of phone numbers').fill('cz');
        await owner.press('Save');
        await owner.sees('Saved.');
        same(await owner.page.getByLabel('Both ways').isChecked(), true, 'the direction');
        same(await further.isChecked(), true, 'the further group');
        same(await owner.page.getByLabel('Last name').isDisabled(), true, 'the last name');
        await owner.awaits(CONTACTS, 'went well');
        await look(owner, 'contacts-chosen');
    },

    async pushed(owner) {
        await owner.signIn(ANNA);
        await owner.open(`${CONTACTS}/push`);
        await look(owner, 'contacts-push');
        await pushes(owner, 'https://crm.example.com/#Lead/view/a1');
        await owner.sees('This is no record of that kind');
        await look(owner, 'contacts-push-wrong');
        await pushes(owner, FEW);
        await turns(owner, 'Done with 4 of 4 records.');
        await owner.arrives('Records that were pushed to Google Contacts');
        const told = await owner.text();
        ['A person was made in Google.', 'You may not see it in the CRM', 'Eva Nova'].forEach(it => holds(told, it));
        lacks(told, 'Give up the rest');
        await look(owner, 'contacts-pushed');
        await pushes(owner, FEW);
        await turns(owner, 'Done with 4 of 4 records.');
        await owner.sees('It is in the group and kept in step already.');

        await pushes(owner, MANY);
        await owner.arrives('Records on their way to Google Contacts');
        await owner.sees('Google allows about 250 contacts a minute.');
        const here = owner.page.url();
        // The page follows the push by itself, with scripts and without.
        if (SCRIPTS === 'on') await owner.page.waitForFunction(() => document.querySelector('progress').value > 0);
        for (let until = Date.now() + 90_000; (await far(owner))[0] === 0 && Date.now() < until;) {
            await owner.page.waitForTimeout(300);
        }
        const [done, all] = await far(owner);
        same([done > 0 && done < all, all], [true, 260], `${done} of ${all}`);
        await look(owner, 'contacts-pushing');
        await owner.leaves(owner.page.getByRole('button', { name: 'Give up the rest' }));
        await turns(owner, 'The rest was given up.');
        await owner.sees('It was given up before its turn.');
        await look(owner, 'contacts-given-up');
        await owner.open(CONTACTS);
        await owner.sees('What the last runs changed');
        await look(owner, 'contacts-runs');
        await owner.leaves(owner.page.getByRole('link', { name: /^Undo: / }).last());
        await owner.arrives('Take back a run');
        await owner.sees('The person in Google is deleted; the record in the CRM stays');
        lacks(await owner.text(), '(empty)');
        await look(owner, 'contacts-undo');
        await owner.open(`${CONTACTS}/push`);
        await owner.sees('of 260');
        same(await owner.open(here), 200, 'the push, once more');
        same(await owner.open(`${CONTACTS}/push/00000000-0000-7000-8000-000000000000`), 404, 'no push');
    },

    async reviewed(owner) {
        await owner.signIn(ANNA);
        await owner.open(CONTACTS);
        await owner.press('Bring in step now');
        await owner.awaits(`${CONTACTS}/review`, 'Newcomer <b>Nora</b>');
        await owner.sees('The CRM does not know the person, and you want to decide yourself.');
        await look(owner, 'contacts-review');
        const asked = name => owner.page.locator('form').filter({ hasText: name });
        await asked('Nora').getByLabel('make a new contact in the CRM').check();
        await owner.leaves(asked('Nora').getByRole('button'));
        await turns(owner, 'Your answer is followed by the next run');
        lacks(await owner.text(), 'Nora');
        await asked('Stranger').getByLabel('leave as it is').check();
        await owner.leaves(asked('Stranger').getByRole('button'));
        await turns(owner, 'Nobody waits for your answer.');
    },

    async waiting(owner, admin) {
        await owner.signIn(ANNA);
        await owner.open(CONTACTS);
        const text = await owner.text();
        ['What could not be done', 'invalid: the number <i>is</i> no number', 'the whole group', 'deletions'].forEach(it => holds(text, it));
        await look(owner, 'contacts-waiting');
        await owner.leaves(owner.page.getByRole('link', { name: /kept in step$/ }));
        await owner.arrives('Who is linked');
        await owner.sees('Eva Nova');
        await look(owner, 'contacts-pairs');
        await admin.enter(LINK);
        await admin.mailbox(ANNA);
        await admin.press('How the contacts stand', 'link');
        await admin.arrives(`Contacts of ${ANNA}`);
        await admin.sees('invalid: the number <i>is</i> no number');
        await look(admin, 'contacts-admin');
        await admin.leaves(admin.page.getByRole('button', { name: /^Reject: / }).first());
        await turns(admin, 'It is left as it stands on both sides.');
        await owner.open(CONTACTS);
        await owner.leaves(owner.page.getByRole('button', { name: /^Try again: / }));
        await turns(owner, 'It is tried again within seconds.');
        await admin.open('/admin/jobs');
        await admin.sees('Keep contacts in step');
        await look(admin, 'jobs-contacts');
    }
};

story(async person => {
    const owner = await person();
    await chapters[CHAPTER](owner, CHAPTER === 'waiting' ? await person() : null);
});
