// A mailbox's owner comes back by signing in with Google, and ends the connection.
'use strict';
const { same, story } = require('./driver.js');

const [ANNA, STRANGER] = ['anna@example.com', 'ben@example.com'];

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    const links = await admin.register([ANNA]);
    const first = await person();
    await first.open(links[ANNA]);
    await first.press('Continue to Google');
    await first.press('Allow');
    await first.arrives('Connected');

    const stranger = await person();
    await stranger.signIn(STRANGER);
    await stranger.sees(`No mailbox is connected here for the Google account of ${STRANGER}.`);
    await stranger.open('/me');
    await stranger.arrives('Your mailbox');

    const owner = await person();
    await owner.signIn(ANNA);
    await owner.arrives(`Your mailbox ${ANNA}`);
    await owner.sees('It is connected');
    // An owner is no admin.
    await owner.open('/admin/accounts');
    await owner.arrives('Sign in');

    await owner.open('/me');
    const cookie = await owner.context.cookies();
    same(cookie.every(({ httpOnly, sameSite }) => httpOnly && sameSite !== 'None'), true, 'cookies are kept in');
    await owner.press('Disconnect');
    await owner.sees('The connection has ended.');
    await owner.open('/me');
    await owner.arrives('Your mailbox');

    await admin.mailbox(ANNA);
    await admin.sees('not connected yet');
});
