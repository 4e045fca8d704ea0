// What every story needs: a browser, people with browsers of their own, and
// the few moves that most stories begin with.
'use strict';
const env = process.env;
const { chromium } = require(`${env.POSTERN_TEST_NODE_MODULES}/playwright-core`);

// A page may be slow while everything else is built and tested beside it.
const PATIENCE = 90_000;
const PASSWORD = 'correct horse battery';
const FLAGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];

/** Fails with both values unless they are the same. */
function same(told, wanted, what) {
    const [a, b] = [told, wanted].map(value => JSON.stringify(value));
    if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

/** Fails unless the text holds the words. */
function holds(text, words) {
    if (!text.includes(words)) throw new Error(`${JSON.stringify(words)} is missing in:\n${text}`);
}

/** Fails if the text holds the words. */
function lacks(text, words) {
    if (text.includes(words)) throw new Error(`${JSON.stringify(words)} must not stand in:\n${text}`);
}

/** Somebody with a browser profile of their own. */
class Person {
    static async with(browser, options = {}) {
        const context = await browser.newContext({
            javaScriptEnabled: env.SCRIPTS !== 'off', locale: 'en-US',
            viewport: { width: 1280, height: 800 }, ...options
        });
        context.setDefaultTimeout(PATIENCE);
        const person = new Person();
        person.context = context;
        person.page = await context.newPage();
        person.complaints = [];
        const hosts = [env.BASE, env.GOOGLE, env.CRM, env.FOREIGN].filter(Boolean).map(url => new URL(url).origin);
        person.page.on('request', request => {
            const { origin } = new URL(request.url());
            if (!hosts.includes(origin)) person.complaints.push(`a request to ${request.url()}`);
        });
        person.page.on('console', message => {
            // The browser notes every status that is no success; the stories look at those themselves.
            const noted = message.text().startsWith('Failed to load resource');
            if (message.type() === 'error' && !noted) person.complaints.push(message.text());
        });
        return person;
    }

    /** Opens a path below the public address, or a whole address; the status it got. */
    async open(path) {
        const answer = await this.page.goto(path.startsWith('http') ? path : env.BASE + path);
        return answer.status();
    }

    /** The words of the page. */
    text() {
        return this.page.locator('body').innerText();
    }

    heading() {
        return this.page.locator('h1').innerText();
    }

    /** Presses what has this name, and waits for the page behind it. */
    press(name, role = 'button') {
        return this.leaves(this.page.getByRole(role, { name, exact: true }));
    }

    /**
     * Clicks what leads to another page, and waits until that one is there, whole.
     * The page that is left may still be loading: its own `load` tells nothing.
     */
    async leaves(by) {
        const left = this.page.waitForEvent('framenavigated', frame => frame === this.page.mainFrame());
        await Promise.all([left, by.click()]);
        await this.page.waitForLoadState('load');
    }

    fill(label, text) {
        return this.page.getByLabel(label, { exact: true }).fill(text);
    }

    /** What stands in the field. */
    field(label) {
        return this.page.getByLabel(label, { exact: true }).inputValue();
    }

    async sees(words) {
        holds(await this.text(), words);
    }

    /** Waits for a page with this heading. */
    async arrives(heading) {
        const found = this.page.getByRole('heading', { level: 1, name: heading, exact: true });
        await found.waitFor().catch(async () => {
            throw new Error(`no page ${JSON.stringify(heading)}, but at ${this.page.url()}:\n${await this.text()}`);
        });
    }

    /** Chooses a password by a one-time link. */
    async enter(link, password = PASSWORD) {
        await this.open(link);
        await this.fill('Password', password);
        await this.fill('Password again', password);
        await this.press('Save and sign in');
        await this.arrives('Overview');
    }

    /** An owner connects all that is asked for, by a link. */
    async connect(link) {
        await this.open(link);
        await this.press('Continue to Google');
        await this.arrives('Sign in with Google');
        for (const box of await this.page.getByRole('checkbox').all()) await box.check();
        await this.press('Allow');
        await this.arrives('Connected');
    }

    /** From the owner's own page through Google's, to what that leads to. */
    async signIn(address) {
        await this.open('/me');
        await this.arrives('Your mailbox');
        await this.press('Sign in with Google');
        await this.arrives('Sign in with Google');
        await this.page.getByLabel(address).check();
        await this.press('Allow');
    }

    /** Opens a page again and again until it holds the words. */
    async awaits(path, words) {
        const until = Date.now() + PATIENCE;
        for (;;) {
            await this.open(path);
            const text = await this.text();
            if (text.includes(words)) return;
            if (Date.now() > until) holds(text, words);
            await this.page.waitForTimeout(300);
        }
    }

    /** Lines into the form, checked and registered; each address with its link. */
    async register(lines) {
        await this.open('/admin/accounts/new');
        await this.fill('Mailboxes', lines.join('\n'));
        await this.press('Check');
        await this.press(`Register ${lines.length}`);
        await this.arrives('Registered');
        return this.links();
    }

    /** The links that the page shows, by address. */
    async links() {
        const links = {};
        for (const row of await this.page.locator('tbody tr').all()) {
            links[await row.locator('th').innerText()] = await row.locator('input').inputValue();
        }
        return links;
    }

    /** The page of one mailbox. */
    async mailbox(address) {
        await this.open('/admin/accounts');
        await this.press(address, 'link');
        await this.arrives(address);
    }
}

/** Runs a story; it gets a way to make people. */
async function story(tell) {
    const args = [...FLAGS, ...(env.FLAGS || '').split(' ').filter(Boolean)];
    const browser = await chromium.launch({ executablePath: env.POSTERN_TEST_CHROMIUM, args });
    const people = [];
    try {
        await tell(async options => {
            people.push(await Person.with(browser, options));
            return people.at(-1);
        });
        const wrong = people.flatMap(person => person.complaints);
        if (wrong.length) throw new Error(`this was wrong:\n${wrong.join('\n')}`);
        console.log('ok');
    } catch (error) {
        console.error(error.stack);
        for (const { page } of people) {
            const text = await page.locator('body').innerText({ timeout: 1000 }).catch(() => '(nothing)');
            console.error(`\n${page.url()} showed:\n${text}`);
        }
        process.exitCode = 1;
    } finally {
        await browser.close();
    }
}

module.exports = { PASSWORD, holds, lacks, same, story };
