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
    same(await admin.open(`/r/${process.env.REFERENCE}`), 200, 'a reference');
    await look(admin, 'reference');
});
