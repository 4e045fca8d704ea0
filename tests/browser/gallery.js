// Looks at a page in both themes, at a desk and on a phone: takes its picture
// and fails when it does not fit, cannot be touched, has no visible focus or
// when axe finds a fault.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const AXE = fs.readFileSync(`${process.env.POSTERN_TEST_NODE_MODULES}/axe-core/axe.min.js`, 'utf8');
const THEMES = ['light', 'dark'];
const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };
const TOUCH = 44;

// These run in the page.
const wide = () => document.scrollingElement.scrollWidth;

const untouchable = touch => [...document.querySelectorAll(
    'button, input:not([type=hidden]), select, textarea, .button, nav a, .counts a, .pager a, th a')]
    // A box is touched by its label too.
    .map(element => [element, (element.closest('label.tick') || element).getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.height < touch || box.width < touch))
    .map(([element, box]) => `${element.outerHTML.slice(0, 120)} is ${box.width} by ${box.height}`);

const levels = () => [...document.querySelectorAll('h1, h2, h3')].map(heading => Number(heading.tagName[1]));

const unseen = () => {
    // A page that looks anew by itself has taken the focus away between two questions.
    if (document.activeElement === document.body) return null;
    const style = getComputedStyle(document.activeElement);
    const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const box = document.activeElement.getBoundingClientRect();
    return shown && box.right > 0 && box.bottom > 0 ? null : document.activeElement.outerHTML.slice(0, 120);
};

async function judged(page) {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => axe.run());
    return violations.map(({ id, impact, help, nodes }) =>
        `${impact} ${id}: ${help}: ${nodes.map(node => `${node.html} (${node.failureSummary})`).join(' | ')}`);
}

async function focus(page, faults) {
    await page.evaluate(() => document.activeElement.blur());
    for (let step = 0; step < 8; step += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(() => document.activeElement === document.body)) return;
        const hidden = await page.evaluate(unseen);
        if (hidden) faults.push(`nobody sees that this has the focus: ${hidden}`);
    }
}

/** Looks at the page that the person has open. */
async function look(person, name) {
    const { page } = person;
    const faults = [];
    const [first, ...rest] = await page.evaluate(levels);
    if (first !== 1 || rest.includes(1)) faults.push('its first heading, and no other, is to be an h1');
    for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        const width = await page.evaluate(wide);
        if (width > viewport.width) faults.push(`${width} pixels wide on a ${size} of ${viewport.width}`);
        if (size === 'phone') faults.push(...await page.evaluate(untouchable, TOUCH));
        for (const theme of THEMES) {
            await page.emulateMedia({ colorScheme: theme });
            const file = `${name}-${size}-${theme}.png`;
            await page.screenshot({ path: path.join(process.env.PICTURES, file), fullPage: true });
            // A small screen has the same colours.
            if (size === 'phone' && theme === 'dark') continue;
            faults.push(...(await judged(page)).map(fault => `${size} ${theme}: ${fault}`));
        }
    }
    await focus(page, faults);
    await page.setViewportSize(SIZES.desk);
    // A story ends when it is told, so that one run tells of every page.
    person.complaints.push(...faults.map(fault => `${name}: ${fault}`));
}

module.exports = { look };
