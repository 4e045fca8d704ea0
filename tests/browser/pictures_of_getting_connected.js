// Five hundred mailboxes: getting connected, and many more at once.
'use strict';
const { same, story } = require('./driver.js');
const { look } = require('./gallery.js');

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    for (const [name, query] of [['all', ''], ['last', '?page=10'], ['stuck', '?step=stuck'], ['refused', '?step=refused']]) {
        same(await admin.open(`/admin/accounts/onboarding${query}`), 200, query);
        await look(admin, `onboarding-500-${name}`);
    }
    await admin.leaves(admin.page.locator('form[action$="/mail"] button'));
    await look(admin, 'onboarding-mail');
    await admin.press('Mail them');
    await look(admin, 'onboarding-mailed');
    await admin.open('/admin/accounts/new');
    await admin.fill('Mailboxes', Array.from({ length: 400 }, (_, number) => `more${number}@example.com`).join('\n'));
    await admin.press('Check');
    await look(admin, 'register-many');
    await admin.press('Register 400');
    await look(admin, 'registering');
    await admin.page.getByText('Registered: 400').waitFor();
    await look(admin, 'registering-done');
});
