// Five hundred mailboxes, and one in each state with all that may be known of it.
'use strict';
const { same, story } = require('./driver.js');
const { look } = require('./gallery.js');

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    await look(admin, 'overview-500');
    for (const [name, query] of [
        ['first', ''], ['last', '?page=10'], ['some', '?state=needs_consent'], ['none', '?q=nobody']
    ]) {
        same(await admin.open(`/admin/accounts${query}`), 200, query);
        await look(admin, `mailboxes-500-${name}`);
    }
    for (const [name, id] of Object.entries(JSON.parse(process.env.MAILBOXES))) {
        same(await admin.open(`/admin/accounts/${id}`), 200, name);
        await look(admin, `mailbox-${name.replaceAll('_', '-')}`);
    }
    // The longer words of the other language have to fit as well.
    const czech = await person({ locale: 'cs-CZ', storageState: await admin.context.storageState() });
    for (const [name, address] of [
        ['overview', ''], ['mailboxes', '/accounts?q=person00'], ['register', '/accounts/new'],
        ['mailbox', `/accounts/${JSON.parse(process.env.MAILBOXES).full}`]
    ]) {
        same(await czech.open(`/admin${address}`), 200, address);
        await czech.sees('Přihlášen: jan');
        await look(czech, `czech-${name}`);
    }
    same(await admin.open(`/r/${process.env.REFERENCE}`), 200, 'a reference');
    await look(admin, 'reference');
});
