// nodemailer: send the small and the large message as they are. AUTH: plain, login.
'use strict';
const fs = require('node:fs');
const env = process.env;
const nodemailer = require(`${env.POSTERN_TEST_NODE_MODULES}/nodemailer`);

async function run() {
    const transport = nodemailer.createTransport({
        host: env.SMTP_HOST,
        port: Number(env.SMTP_PORT),
        secure: env.SMTP_TLS === 'implicit',
        requireTLS: env.SMTP_TLS === 'starttls',
        ignoreTLS: env.SMTP_TLS === 'none',
        tls: env.SMTP_TLS === 'none' ? {} : { ca: fs.readFileSync(env.CA_FILE) },
        auth: { user: env.USERNAME, pass: env.PASSWORD },
        authMethod: (env.AUTH || 'plain').toUpperCase(),
        name: 'client.example.com'
    });
    const envelope = { from: env.SENDER || env.USERNAME, to: [env.RECIPIENT] };
    for (const file of [env.SMALL_FILE, env.MESSAGE_FILE]) {
        await transport.sendMail({ envelope, raw: fs.readFileSync(file) });
    }
    transport.close();
}

run().then(
    () => console.log('ok'),
    error => {
        console.error(error.message);
        process.exit(1);
    }
);
