/*
 * folder.test.mjs - any folder of pictures with truths becomes forms, and a bad one a sentence.
 */
import test from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readSets, truthFault } from '../../local/folder.mjs';
import { addScores, emptyScore, figuresOf } from '../../local/score.mjs';

const LOCAL = fileURLToPath(new URL('../../local/', import.meta.url));
const ROW = { rank: 1, display_name: 'Velkor', handle: 'Velkor_Tide', values: { snaps: 10290 } };
const BOARD = { kind: 'leaderboard', columns: ['snaps'], rows: [ROW] };
const PROFILE = { kind: 'profile', display_name: 'Velkor', handle: '@Velkor_Tide',
    values: { snaps_7d: 1200 }, badges: [], bullish: [], bearish: [] };

function folderOf(t, files) {
    const folder = mkdtempSync(join(tmpdir(), 'folder-'));
    t.after(() => rmSync(folder, { recursive: true }));
    for (const [name, content] of Object.entries(files))
        writeFileSync(join(folder, name),
            typeof content === 'string' ? content : JSON.stringify(content));
    return folder;
}

test('a truth without upload fields gets a form of its own', (t) => {
    const folder = folderOf(t, { 'a.png': 'x', 'a.json': BOARD, 'b.jpg': 'x', 'b.json': PROFILE });
    const [a, b] = readSets(folder);
    assert.deepEqual([a.name, a.fields.snapshotType, a.fields.snapshotTimeframe, a.platformKnown],
        ['a.png', 'leaderboard', '24H', false]);
    assert.deepEqual([b.fields.snapshotType, b.fields.snapshotTimeframe,
        b.fields.yapperTwitterHandle], ['yapper_profile', '7D', 'Velkor_Tide']);
    assert.match(a.fields.snapshotDate, /^\d{4}-\d\d-\d\d$/);
    assert.notEqual(a.campaign, b.campaign);
});

test('what a truth says of its upload is sent as it says', (t) => {
    const folder = folderOf(t, { 'a.png': 'x',
        'a.json': { ...BOARD, platform: 'bantr', campaign: 'Oak Sprint', date: '2025-11-10' } });
    const [a] = readSets(folder);
    assert.deepEqual([a.fields.platformSource, a.campaign, a.fields.snapshotDate, a.platformKnown],
        ['bantr', 'Oak Sprint', '2025-11-10', true]);
});

test('the samples keep the forms that their truths hold', () => {
    const sets = readSets(join(LOCAL, 'samples'));
    const long = sets.find((set) => set.name === 'long');
    assert.equal(long.samples.length, 3);
    assert.ok(sets.every((set) => set.platformKnown && set.fields.set === undefined));
});

test('pictures of one set travel together', (t) => {
    const folder = folderOf(t, { 'a.png': 'x', 'a.json': { ...BOARD, set: 's' },
        'b.png': 'x', 'b.json': { ...BOARD, set: 's' } });
    assert.deepEqual(readSets(folder).map((set) => set.samples.map((one) => one.name)),
        [['a.png', 'b.png']]);
});

const BAD = [
    ['a folder without pictures', { 'a.json': BOARD }, /holds no picture/],
    ['a picture without truth', { 'a.png': 'x' }, /a\.json is missing/],
    ['a truth that is no JSON', { 'a.png': 'x', 'a.json': '{' }, /a\.json is no JSON/],
    ['a truth of no known kind', { 'a.png': 'x', 'a.json': { ...BOARD, kind: 'graph' } },
        /"kind" must be/],
    ['a leaderboard without rows', { 'a.png': 'x', 'a.json': { ...BOARD, rows: [] } },
        /needs "columns" and "rows"/],
    ['a row without rank', { 'a.png': 'x', 'a.json': { ...BOARD, rows: [{ values: {} }] } },
        /row 1 has no whole number/],
];
for (const [what, files, sentence] of BAD) {
    test(`${what} is said in a sentence`, (t) => {
        assert.throws(() => readSets(folderOf(t, files)), { message: sentence });
    });
}

test('a profile needs its lists and its handle', () => {
    assert.equal(truthFault(PROFILE), '');
    assert.match(truthFault({ ...PROFILE, badges: undefined }), /"badges" must be a list/);
    assert.match(truthFault({ ...PROFILE, handle: undefined }), /needs its "handle"/);
});

test('make score refuses a bad folder before it starts anything', (t) => {
    const folder = folderOf(t, {});
    copyFileSync(join(LOCAL, 'samples', 'README.md'), join(folder, 'README.md'));
    const run = spawnSync(join(LOCAL, 'score'), [folder], { encoding: 'utf8' });
    assert.deepEqual([run.status, run.stdout], [1, '']);
    assert.match(run.stderr, /holds no picture/);
});

test('the figures are the eight that the issue names', () => {
    assert.deepEqual(Object.keys(figuresOf(addScores([emptyScore()]))), ['rows_found', 'rows',
        'fields_exact', 'fields', 'doubtful_numbers', 'wrong_undoubted_numbers',
        'doubtful_handles', 'wrong_undoubted_handles']);
});
