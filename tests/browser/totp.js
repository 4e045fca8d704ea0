// An admin sets up codes from an app, and signs in with a code, then with a recovery code.
'use strict';
const { createHmac } = require('node:crypto');
const { PASSWORD, lacks, same, story } = require('./driver.js');

const STEP = 30_000;

/** What an authenticator app shows for a key in base32 (RFC 6238), `later` steps from now. */
function code(key, later = 0) {
    const bits = [...key].map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'));
    const octets = Buffer.from(bits.join('').match(/.{8}/g).map(octet => parseInt(octet, 2)));
    const moment = Buffer.alloc(8);
    moment.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP) + later));
    const mac = createHmac('sha1', octets).update(moment).digest();
    const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
}

async function password(admin) {
    await admin.open('/admin');
    await admin.arrives('Sign in');
    await admin.fill('Name', 'jan');
    await admin.fill('Password', PASSWORD);
    await admin.press('Sign in');
    await admin.arrives('Enter your code');
}

async function enter(admin, typed) {
    await admin.fill('Code', typed);
    await admin.press('Go on');
}

story(async person => {
    const admin = await person();
    await admin.enter(process.env.LINK);
    await admin.open('/admin/me');
    await admin.press('Set up codes');
    await admin.arrives('Set up codes from an app');
    same(await admin.page.getByRole('img').isVisible(), true, 'a picture to scan');
    const shown = await admin.field('Key');
    const key = shown.replaceAll(' ', '');
    same(key.length, 32, 'the key');

    await admin.fill('Code', code(key, 10));
    await admin.press('Confirm');
    await admin.sees('This code does not belong to the key above.');
    same(await admin.field('Key'), shown, 'the key stays');
    const first = code(key);
    await admin.fill('Code', first);
    await admin.press('Confirm');
    await admin.arrives('Your recovery codes');
    const recovery = await admin.page.locator('ol.codes li').allInnerTexts();
    same(recovery.length, 10, 'recovery codes');
    await admin.press('I have kept them', 'link');
    await admin.sees('Recovery codes left: 10');
    lacks(await admin.page.content(), shown);

    await admin.press('Sign out');
    await password(admin);
    await enter(admin, first);
    await admin.sees('This code is not right.');
    await admin.open('/admin/accounts');
    await admin.arrives('Sign in');
    await password(admin);
    await enter(admin, code(key, 1));
    await admin.arrives('Overview');

    const [lost, thief] = [await person(), await person()];
    await password(lost);
    await enter(lost, recovery[3].toUpperCase());
    await lost.arrives('Overview');
    await lost.open('/admin/me');
    await lost.sees('Recovery codes left: 9');
    await password(thief);
    await enter(thief, recovery[3]);
    await thief.sees('This code is not right.');
});
