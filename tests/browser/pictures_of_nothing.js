// Pages before there is any mailbox, and those that anybody may open.
'use strict';
const { PASSWORD, same, story } = require('./driver.js');
const { look } = require('./gallery.js');

async function strangers(person) {
    const stranger = await person();
    for (const [name, address, status] of [
        ['home', '/', 200], ['no-such-page', '/nothing', 404], ['sign-in', '/admin/sign-in', 200],
        ['session-over', '/admin/accounts', 200], ['no-such-link', '/oauth/google/start?link=guess', 404],
        ['no-such-reference', '/r/guess', 404], ['answer-of-nobody', '/oauth/google/callback?state=a&code=b', 400]
    ]) {
        same(await stranger.open(address), status, address);
        await look(stranger, name);
    }
    await stranger.open('/admin/sign-in');
    await stranger.fill('Name', 'nobody');
    await stranger.fill('Password', PASSWORD);
    await stranger.press('Sign in');
    await look(stranger, 'sign-in-wrong');
}

story(async person => {
    await strangers(person);
    const admin = await person();
    await admin.open(process.env.LINK);
    await look(admin, 'welcome');
    await admin.fill('Password', PASSWORD);
    await admin.fill('Password again', `${PASSWORD}!`);
    await admin.press('Save and sign in');
    await look(admin, 'welcome-wrong');
    await admin.enter(process.env.LINK);
    await look(admin, 'overview-0');
    await admin.open('/admin/accounts');
    await look(admin, 'mailboxes-0');
    await admin.open('/admin/accounts/onboarding');
    await look(admin, 'onboarding-0');
    await admin.open('/admin/accounts/new');
    await look(admin, 'register');
    await admin.fill('Mailboxes', ' ');
    await admin.press('Check');
    await look(admin, 'register-nothing');
    await admin.fill('Mailboxes', 'anna@example.com, 5f3a, info@example.com\nnobody\nANNA@example.com\nben@example.com');
    await admin.press('Check');
    await look(admin, 'register-checked');
    await admin.press('Register 2');
    await look(admin, 'registered');
    await admin.press('Sign out');
    await look(admin, 'signed-out');
    same(await admin.open(process.env.LINK), 410, 'the link, once more');
    await look(admin, 'welcome-gone');
});
