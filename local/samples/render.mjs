#!/usr/bin/env node
/*
 * render.mjs - renders the sample pictures, each with the truth that it shows beside it.
 *
 * node local/samples/render.mjs --out DIR [--seed N] [--layouts committed|more|all|fresh|hostile] [--only NAME]
 *
 * The default seed makes the committed pictures; any other seed makes other people, handles and
 * numbers in the same layouts. Needs Node 18 and Debian's chromium (CHROMIUM names another one),
 * nothing from npm. Pages that share a `set` show parts of one leaderboard.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { leaderboardHtml } from './leaderboard.mjs';
import { profileHtml } from './profile.mjs';
import { COMMITTED, MORE } from './pages.mjs';
import { FRESH } from './fresh.mjs';
import { HOSTILE } from './hostile.mjs';
import { inventCampaign, inventProfile, inventRows, makeRandom } from './people.mjs';

const SEED = '20251110';
const ENDING = { png: 'png', jpeg: 'jpg', webp: 'webp' };

/* What an uploader has to send with the picture. */
function formOf(page, handle) {
    return {
        platformSource: page.platform,
        snapshotType: page.kind === 'profile' ? 'yapper_profile' : 'leaderboard',
        snapshotTimeframe: page.timeframe,
        snapshotDate: page.date,
        campaign: page.title,
        ...(handle ? { yapperTwitterHandle: handle } : {}),
        set: page.set ?? page.name,
    };
}

/* Names of the page's own; @2 in one is the handle of row 2. */
function rename(page, rows) {
    const handle = (_, rank) => `@${rows[rank - 1].handle}`;
    return rows.map((row, at) => ({ ...row,
        display_name: page.names?.[at].replace(/@(\d)$/, handle) ?? row.display_name }));
}

function drawLeaderboard(page, random) {
    const count = page.names?.length ?? page.count;
    const [first, last] = page.rows ?? [1, count];
    const rows = rename(page, inventRows(random, page, count)).slice(first - 1, last);
    const truth = {
        kind: 'leaderboard',
        form: formOf(page),
        columns: page.columns,
        rows: rows.map(({ rank, display_name, handle, values, text }) =>
            ({ rank, display_name, handle, values, text })),
    };
    return { html: leaderboardHtml(page, rows), truth };
}

function drawProfile(page, random) {
    const person = inventProfile(random, page);
    const { display_name, handle, values, text, badges, bullish, bearish } = person;
    const truth = { kind: 'profile', form: formOf(page, handle), display_name, handle, values, text,
        badges, bullish, bearish };
    return { html: profileHtml(page, person), truth };
}

function draw(description, seed) {
    const random = makeRandom(`${seed} ${description.set ?? description.name}`);
    const profile = description.kind === 'profile';
    const page = { ...description, title: description.title ?? inventCampaign(random),
        timeframe: profile ? '7D' : '24H' };
    return profile ? drawProfile(page, random) : drawLeaderboard(page, random);
}

/* The finished picture once more, resampled or turned, as messengers and phone cameras do it. */
function secondHand(page, picture) {
    const width = Math.round(page.width * page.scale * (page.shrink ?? 1));
    const turned = page.tilt
        ? `transform:rotate(${page.tilt}deg) scale(.97);filter:blur(.5px)` : '';
    const data = picture.bytes.toString('base64');
    return { name: page.name, width, scale: 1, format: page.format, quality: page.quality,
        html: `<!doctype html><body style="margin:0;background:#777;overflow:hidden">
            <img src="data:image/png;base64,${data}"
            style="display:block;width:100%;${turned}">` };
}

async function render(browser, page, options) {
    const { html, truth } = draw(page, options.seed);
    const again = page.shrink || page.tilt;
    let picture = await browser.take({ ...page, html, format: again ? 'png' : page.format });
    if (again)
        picture = await browser.take(secondHand(page, picture));
    const file = `${page.name}.${ENDING[page.format]}`;
    await writeFile(join(options.out, file), picture.bytes);
    await writeFile(join(options.out, `${page.name}.json`), `${JSON.stringify(truth, null, 1)}\n`);
    console.log(`${file}  ${Math.ceil(picture.bytes.length / 1024)} KiB`);
}

function readOptions() {
    const { values } = parseArgs({ options: {
        out: { type: 'string' }, seed: { type: 'string', default: SEED },
        layouts: { type: 'string', default: 'committed' }, only: { type: 'string' },
    } });
    const lists = { committed: COMMITTED, more: MORE, all: [...COMMITTED, ...MORE],
        fresh: FRESH, hostile: HOSTILE };
    if (!values.out || !lists[values.layouts])
        throw new Error('say where to: render.mjs --out DIR [--seed N] '
            + '[--layouts committed|more|all|fresh|hostile] [--only NAME]');
    const pages = lists[values.layouts].filter((page) => !values.only || page.name === values.only);
    if (pages.length === 0)
        throw new Error(`no page is called ${values.only}; see pages.mjs for their names`);
    return { ...values, pages };
}

async function main() {
    const options = readOptions();
    await mkdir(options.out, { recursive: true });
    const browser = await openBrowser();
    try {
        for (const page of options.pages)
            await render(browser, page, options);
    } finally {
        await browser.close();
    }
}

main().catch((error) => {
    console.error(`render: ${error.message}`);
    process.exitCode = 1;
});
