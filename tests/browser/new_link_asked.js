// A link that is too old: its page sends a new one, by a button and not by
// being opened.
'use strict';
const { lacks, same, story } = require('./driver.js');

story(async person => {
    const owner = await person();
    for (let time = 0; time < 2; time += 1) {
        same(await owner.open(process.env.OLD), 410, 'the old link');
        await owner.arrives('This cannot be connected now');
    }
    await owner.press('Send me a new one');
    await owner.arrives('Look into your mailbox');
    lacks(await owner.text(), 'anna');
    // A link that was never made is answered in the same words.
    const told = await owner.text();
    const answer = await owner.context.request.post(`${process.env.BASE}/oauth/google/again`, { form: { link: 'guess' } });
    same(answer.status(), 200, 'a guess');
    await owner.page.setContent(await answer.text());
    same(await owner.text(), told, 'the words');
});
