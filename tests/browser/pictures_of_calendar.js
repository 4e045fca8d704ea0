// An owner connects mail, calendar and contacts, chooses calendars, and an admin looks at it.
'use strict';
const { story } = require('./driver.js');
const { look } = require('./gallery.js');

const ANNA = 'anna@example.com';

story(async person => {
    const [admin, owner] = [await person(), await person()];
    await admin.enter(process.env.LINK);
    await admin.register([ANNA]);
    await admin.mailbox(ANNA);
    await admin.press('Make a new link');
    const link = await admin.field('Link for the owner');
    await owner.open(link);
    await look(owner, 'connect-products');
    await owner.press('Continue to Google');
    await owner.arrives('Sign in with Google');
    for (const box of await owner.page.getByRole('checkbox').all()) await box.check();
    await owner.press('Allow');
    await owner.arrives('Connected');
    await owner.press('See your mailbox', 'link');
    await look(owner, 'own-mailbox-calendar');
    await owner.press('Choose calendars', 'link');
    await look(owner, 'calendar-unread');
    await owner.press('Read the list from Google again');
    await look(owner, 'calendar-choices');
    await owner.press('Save');
    await look(owner, 'calendar-chosen');
    await owner.press('Synchronise now');
    await look(owner, 'calendar-due');
    await admin.mailbox(ANNA);
    await look(admin, 'mailbox-calendar');
    await admin.press('How it stands', 'link');
    await look(admin, 'calendar-admin');
    await admin.open('/admin/google/calendars');
    await admin.page.locator('input[name=direction][value=to_crm]').check();
    await admin.page.locator('input[name=lock][value=direction]').check();
    await admin.press('Save');
    await admin.arrives('Calendars of everybody');
    await look(admin, 'calendars-of-everybody');
    await owner.open('/me/calendar');
    await look(owner, 'calendar-locked');
});
