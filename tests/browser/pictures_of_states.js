// A mailbox in each state, and one of which everything is known that may be.
'use strict';
const { same, story } = require('./driver.js');
const { look } = require('./gallery.js');

const mailboxes = JSON.parse(process.env.MAILBOXES);

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    for (const [name, id] of Object.entries(mailboxes)) {
        same(await admin.open(`/admin/accounts/${id}`), 200, name);
        await look(admin, `mailbox-${name.replaceAll('_', '-')}`);
    }
    same(await admin.open(`/r/${process.env.REFERENCE}`), 200, 'a reference');
    await look(admin, 'reference');
    const told = await admin.context.request.post(`${process.env.BASE}/oauth/google/again`);
    same(told.status(), 200, 'asked for a new link');
    same(await admin.open(`/oauth/google/start?link=${process.env.OLD}`), 410, 'an old link');
    await look(admin, 'link-too-old');
    await admin.press('Send me a new one');
    await look(admin, 'link-sent');

    // The longer words of the other language have to fit as well.
    const czech = await person({ locale: 'cs-CZ', storageState: await admin.context.storageState() });
    for (const [name, address] of [
        ['overview', ''], ['mailboxes', '/accounts?q=person00'], ['register', '/accounts/new'],
        ['mailbox', `/accounts/${mailboxes.full}`], ['onboarding', '/accounts/onboarding']
    ]) {
        same(await czech.open(`/admin${address}`), 200, address);
        await czech.sees('Přihlášen: eva');
        await look(czech, `czech-${name}`);
    }
});
