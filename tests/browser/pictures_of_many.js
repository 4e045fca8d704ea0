// Five hundred mailboxes: the overview and the list.
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
});
