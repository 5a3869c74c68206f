#!/usr/bin/env node
/*
 * main_job.mjs - the whole way of a picture, walked as a user would: the samples go through the
 * public form, their states are followed, and what came out is shown as tables.
 *
 * node local/main_job.mjs DIR [--samples FOLDER] [--check]
 *
 * In:  DIR of local/up; a folder of pictures with their truths beside them (local/samples).
 * Out: exit status 1 when a picture ends without rows. With --check the rows are compared with the
 *      truths, the score is printed, and the exit status is 0 only if every row was found and at
 *      least 90 % of all fields are exact.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TERMINAL, connect, file, readEnv, snapshotOf } from './client.mjs';
import { addScores, formatTable, joinTruths, scoreAny } from './score.mjs';
import { profileTable, sheetTable } from './table.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const PICTURE = /\.(png|jpe?g|webp|gif)$/i;
const EXACT_SHARE = 0.9;
const SECONDS_PER_PICTURE = 30; /* Tesseract takes about one; the machine may be busy */

function readSample(folder, name) {
    const truth = join(folder, `${name.slice(0, -extname(name).length)}.json`);
    return { path: join(folder, name), name, truth: JSON.parse(readFileSync(truth, 'utf8')) };
}

/* Pictures that show one board together travel in one form. */
function readSets(folder) {
    const sets = new Map();
    for (const name of readdirSync(folder).filter((entry) => PICTURE.test(entry)).sort()) {
        const sample = readSample(folder, name);
        const set = sample.truth.form.set ?? name;
        sets.set(set, [...(sets.get(set) ?? []), sample]);
    }
    return [...sets].map(([name, samples]) => ({ name, samples }));
}

async function send(api, { name, samples }) {
    const { set: _, campaign, ...fields } = samples[0].truth.form;
    const campaignId = await api.campaign(campaign, fields.platformSource);
    const sent = await api.upload(samples.map(({ path }) => file(path)), { ...fields, campaignId });
    for (const { fileName, message } of sent.rejected)
        throw new Error(`${fileName} was not taken: ${message}`);
    console.log(`  ${samples.map((sample) => sample.name).join(', ')} -> ${fields.platformSource}, `
        + `campaign "${campaign}"${sent.snapshots.some((one) => one.duplicateOf) ? ' (known)' : ''}`);
    return { name, samples, campaign, fields, ids: sent.snapshots.map(snapshotOf) };
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

function check(sets) {
    const entries = sets.map(scoreSet);
    const { rows, rows_found: found, fields, fields_exact: exact } =
        addScores(entries.map((entry) => entry.score));
    const good = found === rows && exact >= EXACT_SHARE * fields;
    console.log(`\nCompared with what the pictures really show:\n\n${formatTable(entries)}\n`);
    console.log(`${good ? 'Good' : 'Not good enough'}: ${found} of ${rows} rows found, `
        + `${(100 * exact / fields).toFixed(1)} % of ${fields} fields exact `
        + `(wanted: every row, ${100 * EXACT_SHARE} %).`);
    return good;
}

async function main(dir, folder, wantCheck) {
    const api = connect(readEnv(dir));
    console.log('\nThe samples go in through the form:');
    const sets = [];
    for (const set of readSets(folder))
        sets.push(await send(api, set));
    console.log('\nThey are read:');
    await follow(api, sets);
    for (const set of sets)
        set.sheet = await api.sheet(set.ids[0]);
    sets.forEach(show);
    console.log('\n"?" stands after what is doubtful, () around what was printed but means no value.');
    const good = wantCheck ? check(sets) : sets.every((set) => set.sheet?.rows.length > 0);
    process.exitCode = good ? 0 : 1;
}

const args = process.argv.slice(2);
const at = args.indexOf('--samples');
const folder = at < 0 ? join(HERE, 'samples') : args[at + 1];
if (!args[0] || !existsSync(join(args[0], 'env'))) {
    console.error('usage: node local/main_job.mjs DIR [--samples FOLDER] [--check]   (DIR of local/up)');
    process.exit(2);
}
main(args[0], folder, args.includes('--check')).catch((error) => {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
});
