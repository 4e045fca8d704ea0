// imapflow: log in, list, append the large message, fetch it back, compare,
// hear of a new message in IDLE. AUTH: plain, login, command.
'use strict';
const fs = require('node:fs');
const env = process.env;
const { ImapFlow } = require(`${env.POSTERN_TEST_NODE_MODULES}/imapflow`);

const methods = { plain: 'AUTH=PLAIN', login: 'AUTH=LOGIN', command: 'LOGIN' };
const folder = env.FOLDER || 'INBOX';
const notice = Buffer.from('From: a@example.com\r\nSubject: heard in IDLE\r\n\r\nnew\r\n');

async function logIn() {
    const client = new ImapFlow({
        host: env.IMAP_HOST,
        port: Number(env.IMAP_PORT),
        secure: env.IMAP_TLS === 'implicit',
        doSTARTTLS: env.IMAP_TLS === 'starttls',
        tls: env.IMAP_TLS === 'none' ? {} : { ca: fs.readFileSync(env.CA_FILE) },
        auth: { user: env.USERNAME, pass: env.PASSWORD, loginMethod: methods[env.AUTH || 'plain'] },
        disableAutoIdle: true,
        logger: false
    });
    await client.connect();
    return client;
}

async function run() {
    const message = fs.readFileSync(env.MESSAGE_FILE);
    const client = await logIn();
    const folders = await client.list();
    if (!folders.some(entry => entry.path === 'INBOX')) throw new Error('no INBOX in the list');
    await client.mailboxOpen(folder);
    await client.append(folder, message);
    await client.noop();
    const { source } = await client.fetchOne('*', { source: true });
    if (!source.equals(message)) throw new Error('what was fetched is not what was appended');

    const heard = new Promise(resolve => client.once('exists', resolve));
    const idling = client.idle();
    const other = await logIn();
    await other.append(folder, notice);
    await other.logout();
    await heard;
    await client.noop(); // ends the IDLE
    await idling;
    await client.logout();
}

// Silence is a failure too: a lost event must not end as success.
const watch = setTimeout(() => fail(new Error('nothing more happened for 300 s')), 300_000);
function fail(error) {
    console.error(error.message, error.responseText || '', error.authenticationFailed ? 'login refused' : '');
    process.exit(1);
}
run().then(() => {
    clearTimeout(watch);
    console.log('ok');
}, fail);
