// Reading mail with what a page shows.
'use strict';
const fs = require('node:fs');
const { ImapFlow } = require(`${process.env.POSTERN_TEST_NODE_MODULES}/imapflow`);

/** The subject of the newest message; `at` is what stands on the page, by its words there. */
async function newest(at, token) {
    const client = new ImapFlow({
        host: at.Host, port: Number(at.Port), secure: at.Security === 'SSL/TLS',
        tls: { ca: fs.readFileSync(process.env.CA_FILE) },
        auth: { user: at['User name'], pass: token }, logger: false
    });
    client.on('error', () => {});
    await client.connect();
    await client.mailboxOpen('INBOX');
    const { envelope } = await client.fetchOne('*', { envelope: true });
    await client.logout();
    return envelope.subject;
}

module.exports = { newest };
