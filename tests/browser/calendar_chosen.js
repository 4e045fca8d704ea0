// An owner connects mail and calendar, and chooses the own calendar.
'use strict';
const { story } = require('./driver.js');

const ANNA = 'anna@example.com';

story(async person => {
    const [admin, owner] = [await person(), await person()];
    await admin.enter(process.env.LINK);
    const links = await admin.register([ANNA]);
    await owner.open(links[ANNA]);
    await owner.press('Continue to Google');
    await owner.arrives('Sign in with Google');
    for (const box of await owner.page.getByRole('checkbox').all()) await box.check();
    await owner.press('Allow');
    await owner.arrives('Connected');
    await owner.open('/me/calendar');
    await owner.press('Read the list from Google again');
    await owner.press('Save');
    await owner.sees('Saved.');
});
