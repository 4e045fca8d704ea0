// The first admin opens the one-time link, chooses a password, leaves, comes back.
'use strict';
const { PASSWORD, same, story } = require('./driver.js');

async function typed(admin, name, password) {
    await admin.fill('Name', name);
    await admin.fill('Password', password);
    await admin.press('Sign in');
}

story(async person => {
    const admin = await person();
    same(await admin.open(process.env.LINK), 200, 'the link');
    await admin.sees('sign in as jan');
    for (const [password, again, told] of [
        [PASSWORD, `${PASSWORD}!`, 'The two passwords are not the same.'],
        ['aaaaaaaaaaaaa', 'aaaaaaaaaaaaa', 'This password is too easy to guess.']
    ]) {
        await admin.fill('Password', password);
        await admin.fill('Password again', again);
        await admin.press('Save and sign in');
        same((await admin.page.getByRole('alert').innerText()).startsWith(told), true, told);
    }
    // The browser itself holds a short one back.
    await admin.fill('Password', 'hunter2');
    await admin.page.getByLabel('Password', { exact: true }).press('Enter');
    await admin.arrives('Choose your password');
    same(await admin.page.locator('#password:invalid').count(), 1, 'a short password is invalid');
    // And so does the server, whatever the browser thinks of it.
    for (const field of ['password', 'again']) {
        await admin.page.locator(`#${field}`).evaluate(input => input.removeAttribute('minlength'));
        await admin.page.locator(`#${field}`).fill('hunter2');
    }
    await admin.press('Save and sign in');
    same(await admin.page.getByRole('alert').innerText(),
        'The password is too short: it needs at least 12 characters.', 'a short password');

    await admin.fill('Password', PASSWORD);
    await admin.fill('Password again', PASSWORD);
    await admin.press('Save and sign in');
    await admin.arrives('Overview');
    await admin.sees('No mailbox is registered yet.');
    await admin.sees('Signed in as jan');

    same(await (await person()).open(process.env.LINK), 410, 'the link, once more');

    await admin.press('Sign out');
    await admin.sees('You are signed out.');
    await admin.open('/admin/accounts');
    await admin.arrives('Sign in');
    await typed(admin, 'jan', 'wrong horse battery');
    same(await admin.page.getByRole('alert').innerText(),
        'The name or the password is wrong, or this admin is disabled.', 'a wrong password');
    same(await admin.field('Name'), 'jan', 'the name is kept');
    same(await admin.field('Password'), '', 'the password is not');
    await typed(admin, 'jan', PASSWORD);
    await admin.arrives('Mailboxes');
});
