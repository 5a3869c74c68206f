/*
 * score.test.mjs - make score on a folder that nobody prepared: the truths say nothing of the
 * upload, one picture's platform has to be found out, one picture is none, and the last line is
 * the figures.
 */
import test from 'node:test';
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LOCAL = fileURLToPath(new URL('../../local/', import.meta.url));
const SAMPLES = join(LOCAL, 'samples');

function bareTruth(name) {
    const { form: _, ...truth } = JSON.parse(readFileSync(join(SAMPLES, `${name}.json`), 'utf8'));
    return truth;
}

test('a folder of bare truths is scored through the whole system', { timeout: 180000 }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'score-'));
    t.after(() => rmSync(folder, { recursive: true }));
    copyFileSync(join(SAMPLES, 'neon-jpeg.jpg'), join(folder, 'neon.jpg'));
    writeFileSync(join(folder, 'neon.json'), JSON.stringify(bareTruth('neon-jpeg')));
    copyFileSync(join(SAMPLES, 'profile-dark.png'), join(folder, 'person.png'));
    writeFileSync(join(folder, 'person.json'),
        JSON.stringify({ ...bareTruth('profile-dark'), platform: 'cookie.fun' }));
    writeFileSync(join(folder, 'text.png'), 'no picture at all');
    writeFileSync(join(folder, 'text.json'), JSON.stringify({ ...bareTruth('neon-jpeg') }));

    const run = spawnSync(join(LOCAL, 'score'), [folder], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const figures = JSON.parse(run.stdout.trim().split('\n').at(-1));
    const rows = bareTruth('neon-jpeg').rows.length;
    assert.deepEqual([figures.rows, figures.rows_found], [2 * rows + 1, rows + 1], run.stdout);
    assert.ok(figures.fields_exact > 0.9 * (figures.fields / 2), run.stdout);
    assert.equal(figures.wrong_undoubted_numbers, 0, run.stdout);
    assert.match(run.stdout, /text\.png was refused/);
});
