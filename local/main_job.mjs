#!/usr/bin/env node
/*
 * main_job.mjs - the whole way of a picture, walked as a user would: the samples go through the
 * public form, their states are followed, and what came out is shown as tables.
 *
 * node local/main_job.mjs DIR [--samples FOLDER] [--check | --score]
 *
 * In:  DIR of local/up; a folder of pictures with their truths beside them (folder.mjs).
 * Out: exit status 1 when a picture ends without rows. With --check the rows are compared with the
 *      truths, the score is printed, and the exit status is 0 only if every row was found and at
 *      least 90 % of all fields are exact. With --score nothing but the comparison is shown, the
 *      last line is one JSON object with its figures, and a picture of which nothing was stored
 *      counts as one of which nothing was read.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TERMINAL, connect, file, readEnv, snapshotOf } from './client.mjs';
import { readSets } from './folder.mjs';
import { addScores, figuresOf, formatTable, joinTruths, scoreAny } from './score.mjs';
import { profileTable, sheetTable } from './table.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const EXACT_SHARE = 0.9;
const SECONDS_PER_PICTURE = 30; /* Tesseract takes about one; the machine may be busy */
const OTHER_PLATFORM = /the picture shows (.+), not /;

async function send(api, set, mayRefuse) {
    const { samples, campaign, fields } = set;
    const campaignId = await api.campaign(campaign, fields.platformSource);
    const pictures = samples.map(({ path }) => file(path));
    const { status, body } = await api.post(pictures, { ...fields, campaignId });
    const refused = body.rejected ?? [];
    if (status >= 500 || (!mayRefuse && (status >= 300 || refused.length > 0)))
        throw new Error(`${refused[0]?.fileName ?? set.name} was not taken: `
            + `${refused[0]?.message ?? body.message ?? status}`);
    const taken = body.snapshots ?? [];
    const notes = [...refused.map((one) => ` - ${one.fileName} was refused: ${one.message}`),
        ...(status >= 400 && refused.length === 0 ? [` - refused: ${body.message}`] : []),
        ...(taken.some((one) => one.duplicateOf) ? [' (known)'] : [])];
    console.log(`  ${samples.map((sample) => sample.name).join(', ')} -> ${fields.platformSource}, `
        + `campaign "${campaign}"${notes.join('')}`);
    set.ids = taken.map(snapshotOf);
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

function tellChange(snapshot, begin) {
    if (!TERMINAL.includes(snapshot.state))
        return;
    const why = snapshot.errorLog ? ` - ${snapshot.errorLog}` : '';
    console.log(`  ${seconds(begin).padStart(8)}  ${snapshot.fileName.padEnd(24)} `
        + `${snapshot.statusDisplay ?? snapshot.state}${why}`);
}

async function follow(api, sets) {
    const begin = Date.now();
    const ids = sets.flatMap((set) => set.ids);
    const done = await api.settle(ids, { seconds: 30 + SECONDS_PER_PICTURE * ids.length,
        onChange: (snapshot) => tellChange(snapshot, begin) });
    const byId = new Map(done.map((snapshot) => [snapshot.id, snapshot]));
    for (const set of sets)
        set.snapshots = set.ids.map((id) => byId.get(id));
}

/* Where no truth names the platform, the picture does: it was refused as one of another. */
function otherPlatform({ platformKnown, snapshots }) {
    const logs = platformKnown ? [] : snapshots.map((one) => one.errorLog ?? '');
    return logs.map((log) => OTHER_PLATFORM.exec(log)?.[1]).find((name) => name);
}

async function sendAgain(api, sets) {
    const again = sets.filter(otherPlatform);
    const known = again.length > 0 ? await api.platforms() : [];
    for (const set of again) {
        const { value } = known.find((one) => one.label === otherPlatform(set));
        set.fields = { ...set.fields, platformSource: value };
        await send(api, set, true);
    }
    if (again.length > 0)
        await follow(api, again);
}

function show({ campaign, fields, snapshots, samples, sheet }) {
    const nameOf = (id) => snapshots.find((one) => one.id === id)?.fileName ?? `snapshot ${id}`;
    console.log(`\n${campaign} · ${fields.platformSource} · ${fields.snapshotDate} · `
        + `${samples.length === 1 ? '1 picture' : `${samples.length} pictures`}`);
    if (!sheet) {
        console.log('  no rows');
        return;
    }
    const lines = fields.snapshotType === 'yapper_profile' ? profileTable : sheetTable;
    console.log(lines(sheet, nameOf).join('\n'));
}

function scoreSet({ name, samples, sheet }) {
    const truths = samples.map((sample) => sample.truth);
    const truth = truths.length > 1 ? joinTruths(truths) : truths[0];
    return { name, score: scoreAny(truth, sheet ?? []) };
}

function compare(sets) {
    const entries = sets.map(scoreSet);
    console.log(`\nCompared with what the pictures really show:\n\n${formatTable(entries)}\n`);
    console.log('wrong: numbers and handles (@) that are neither right nor marked doubtful; extra: what no picture '
        + 'shows.\n');
    return addScores(entries.map((entry) => entry.score));
}

function check(sets) {
    const { rows, rows_found: found, fields, fields_exact: exact } = compare(sets);
    const good = found === rows && exact >= EXACT_SHARE * fields;
    console.log(`${good ? 'Good' : 'Not good enough'}: ${found} of ${rows} rows found, `
        + `${(100 * exact / fields).toFixed(1)} % of ${fields} fields exact `
        + `(wanted: every row, ${100 * EXACT_SHARE} %).`);
    return good;
}

function finish(sets, mode) {
    if (mode === '--score') {
        console.log(JSON.stringify(figuresOf(compare(sets))));
        return true;
    }
    sets.forEach(show);
    console.log('\n"?" stands after what is doubtful, () around what was printed but means no value.');
    return mode === '--check' ? check(sets) : sets.every((set) => set.sheet?.rows.length > 0);
}

async function main(dir, folder, mode) {
    const sets = readSets(folder);
    const api = connect(readEnv(dir));
    console.log('\nThe samples go in through the form:');
    for (const set of sets)
        await send(api, set, mode === '--score');
    console.log('\nThey are read:');
    await follow(api, sets);
    await sendAgain(api, sets);
    for (const set of sets)
        set.sheet = set.ids.length > 0 ? await api.sheet(set.ids[0]) : null;
    process.exitCode = finish(sets, mode) ? 0 : 1;
}

const args = process.argv.slice(2);
const at = args.indexOf('--samples');
const folder = at < 0 ? join(HERE, 'samples') : args[at + 1];
if (!args[0] || !existsSync(join(args[0], 'env'))) {
    console.error('usage: node local/main_job.mjs DIR [--samples FOLDER] [--check | --score]   '
        + '(DIR of local/up)');
    process.exit(2);
}
main(args[0], folder, args.find((arg) => arg === '--check' || arg === '--score')).catch((error) => {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
});
