// The Gmail panel in a page of the CRM: connecting, a token, the end of it,
// and what other CRM users, other sites and browsers without scripts see.
'use strict';
const http = require('node:http');
const { holds, lacks, same, story } = require('./driver.js');
const { look } = require('./gallery.js');
const { newest } = require('./mail.js');

const { BASE, CRM, FOREIGN, KEY, OWNER } = process.env;
const ANNA = 'anna@example.com';
const RECORD = {
    account: ANNA, crmUserId: OWNER, recordType: 'EmailAccount', recordId: '66ac', mode: 'detail',
    host: 'imap.gmail.com', smtpHost: 'smtp.gmail.com'
};

/** What the CRM's server does for each view of a record. */
async function asked(record) {
    const answer = await fetch(`${BASE}/api/v1/panel/ticket`, {
        method: 'POST', headers: { 'X-Api-Key': KEY, 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...RECORD, ...record })
    });
    return answer.json();
}

/** A CRM: each of its pages is a record with the panel in it. */
async function crm(at) {
    const server = http.createServer(async (request, response) => {
        const { searchParams, pathname } = new URL(request.url, at);
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        if (pathname === '/cookie') {
            response.setHeader('Set-Cookie', 'third=party; SameSite=None; Secure');
            return response.end('<!doctype html><script>document.title = document.cookie</script>');
        }
        if (pathname !== '/') return response.writeHead(204).end();
        const { cookie, ...record } = Object.fromEntries(searchParams);
        const { url } = await asked(record);
        const { port } = new URL(at);
        response.end(`<!doctype html><html lang="en"><title>CRM</title><link rel="icon" href="data:,">
            <h1>E-mail account</h1><iframe title="Gmail" src="${url}" width="700" height="900" allow="clipboard-write"></iframe>
            ${searchParams.has('cookie') ? `<iframe src="http://localhost:${port}/cookie"></iframe>` : ''}`);
    });
    await new Promise(resolve => server.listen(new URL(at).port, resolve));
    return server;
}

/** Opens a record; the panel in it. */
async function opens(person, record = {}, at = CRM) {
    await person.open(`${at}/?${new URLSearchParams(record)}`);
    return person.page.frameLocator('iframe[title=Gmail]');
}

async function shows(panel, words) {
    await panel.getByText(words, { exact: false }).first().waitFor();
}

function button(panel, name) {
    return panel.getByRole('button', { name, exact: true });
}

/** The values to enter, by their words, as the panel shows them below a heading. */
async function values(panel, side) {
    const rows = panel.locator(`h3:text-is("${side}") + dl > div`);
    const pairs = (await rows.all()).map(async row =>
        [await row.locator('dt').innerText(), await row.locator('dd').innerText()]);
    return Object.fromEntries(await Promise.all(pairs));
}

/** This browser keeps cookies from frames of other sites, and only from those. */
async function kept(person) {
    const visitor = await person();
    const own = `http://localhost:${new URL(CRM).port}/cookie`;
    await visitor.open(own);
    same(await visitor.page.title(), 'third=party', 'a cookie at the top');
    await opens(visitor, { cookie: 'yes' });
    const frame = visitor.page.frames().find(each => each.url() === own);
    same(await frame.title(), '', 'a cookie in a frame of another site');
    visitor.complaints = visitor.complaints.filter(each => !each.endsWith('/cookie'));
}

async function connects(person, panel) {
    const [window] = await Promise.all([person.page.waitForEvent('popup'), button(panel, 'Connect with Google').click()]);
    const page = { ...person, page: window };
    Object.setPrototypeOf(page, Object.getPrototypeOf(person));
    await page.arrives('Connect your mailbox');
    lacks(window.url(), '=');
    await shows(panel, 'Go on in the window');
    await page.press('Continue to Google');
    await page.press('Allow');
    await page.arrives('Connected');
    await window.close();
    await shows(panel, 'Connected, but this record bypasses the gateway');
}

async function without(person) {
    const silent = await person({ javaScriptEnabled: false });
    const { url } = await asked({});
    await silent.open(url);
    await silent.sees('This panel needs JavaScript.');
    const used = await person();
    await used.open(url);
    await used.page.getByText('bypasses').waitFor();
    await used.page.goto('about:blank');
    await used.open(url);
    await used.page.getByText('The time of this panel is over.').waitFor();
}

async function strangers(person) {
    const other = await person();
    const panel = await opens(other, { crmUserId: '65f0ffffffffffff0' });
    await shows(panel, 'It belongs to another CRM user.');
    same(await panel.getByRole('button').count(), 0, 'buttons for a stranger');
    const unknown = await opens(other, { account: 'nobody@example.com' });
    await shows(unknown, 'not registered at the mail gateway');
    same(await unknown.getByRole('button').count(), 0, 'buttons without a mailbox');

    const foreign = await person();
    await opens(foreign, {}, FOREIGN);
    const refusal = () => foreign.page.frames().some(each => each.url().includes('chrome-error'));
    const why = () => foreign.complaints.filter(each => each.includes('frame-ancestors'));
    for (let tries = 0; !(refusal() && why().length) && tries < 100; tries += 1) await foreign.page.waitForTimeout(100);
    same(refusal(), true, `no error in a foreign frame, but ${foreign.page.frames().map(each => each.url())}`);
    const refused = why();
    same(refused.length > 0, true, 'the browser said why');
    foreign.complaints = foreign.complaints.filter(each => !refused.includes(each));
}

/** Pictures of the panel by itself, which a browser shows at the top too. */
async function pictures(person) {
    const seen = await person();
    await seen.open((await asked({ host: 'localhost', smtpHost: '' })).url);
    await seen.page.getByText('Connected.', { exact: true }).waitFor();
    await look(seen, 'panel-connected');
    await button(seen.page, 'Disconnect').click();
    await look(seen, 'panel-sure');
    await button(seen.page, 'Cancel').click();
    await button(seen.page, 'Issue a CRM token').click();
    await seen.page.getByText('Your CRM token').waitFor();
    await look(seen, 'panel-issued');
    await seen.open('/panel');
    await seen.page.getByText('The time of this panel is over.').waitFor();
    await look(seen, 'panel-over');
}

story(async person => {
    const servers = [await crm(CRM), await crm(FOREIGN)];
    try {
        await kept(person);
        const user = await person();
        let panel = await opens(user);
        await shows(panel, 'It is not connected');
        same(await user.context.cookies(), [], 'cookies after the panel');
        lacks((await user.page.frames()).map(frame => frame.url()).join(' '), '#');
        await user.page.screenshot({ path: `${process.env.PICTURES}/panel-in-the-crm.png` });
        await connects(user, panel);

        await button(panel, 'Issue a CRM token').click();
        await panel.getByRole('heading', { name: 'Your CRM token' }).waitFor();
        const token = await panel.getByLabel('CRM token (password in the CRM)').inputValue();
        same(token.startsWith('pst_'), true, 'a token');
        await button(panel, 'Copy').click();
        await shows(panel, 'Copied.');
        const imap = await values(panel, 'IMAP');
        same(await newest(imap, token), 'Lunch?', 'the newest message');

        panel = await opens(user, { host: imap.Host, smtpHost: imap.Host });
        await shows(panel, 'Connected.');
        lacks(await panel.locator('main').innerText(), token);
        await pictures(person);
        await without(person);
        await strangers(person);

        await button(panel, 'Disconnect').click();
        await button(panel, 'Cancel').click();
        await button(panel, 'Disconnect').click();
        await shows(panel, 'Google ends everything');
        await button(panel, 'Yes, disconnect').click();
        await shows(panel, 'The connection has ended.');
        await shows(panel, 'It is not connected');
        same(await newest(imap, token).catch(() => 'refused'), 'refused', 'a mailbox that was disconnected');
        const seen = await person();
        await seen.open((await asked({})).url);
        await seen.page.getByText('It is not connected').waitFor();
        await look(seen, 'panel-not-connected');
        holds(await seen.text(), 'This record points at Gmail itself.');
    } finally {
        servers.forEach(server => server.close());
        servers.forEach(server => server.closeAllConnections());
    }
});
