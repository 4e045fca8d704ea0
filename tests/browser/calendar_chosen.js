// An owner connects mail and calendar, and chooses the own calendar.
'use strict';
const { story } = require('./driver.js');

const ANNA = 'anna@example.com';

story(async person => {
    const [admin, owner] = [await person(), await person()];
    await admin.enter(process.env.LINK);
    const links = await admin.register([ANNA]);
    await owner.connect(links[ANNA]);
    await owner.open('/me/calendar');
    await owner.press('Read the list from Google again');
    await owner.press('Save');
    await owner.sees('Saved.');
});
