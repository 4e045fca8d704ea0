// The link that came by mail connects the mailbox, and its owner switches mail
// off and on.
'use strict';
const { same, story } = require('./driver.js');

const ANNA = 'anna@example.com';

story(async person => {
    const owner = await person();
    same(await owner.open(process.env.NEW), 200, 'the new link');
    await owner.arrives('Connect your mailbox');
    await owner.sees(`The mailbox ${ANNA}`);
    await owner.sees('Gmail: the CRM reads the mail of this mailbox');
    await owner.press('Continue to Google');
    await owner.press('Deny');
    await owner.arrives('Not connected');
    await owner.press('Ask Google again');
    await owner.press('Allow');
    await owner.arrives('Connected');
    await owner.press('See your mailbox', 'link');
    await owner.arrives(`Your mailbox ${ANNA}`);
    await owner.press('Switch mail off');
    await owner.sees('You have switched mail off');
    await owner.press('Switch mail on');
    await owner.sees('Mail is on');
});
