// A better extractor: its version goes up, and analysis-svc --reextract reads again what an older version read, when and as far as it
// is told to. The old rows are shown until the new ones are there, and what people corrected stays corrected.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fields, picture, ROOT, until, up } from './kit.mjs';
import { model, ROW } from './model.mjs';

const DAY = '2026-11-20', DAY_BEFORE = '2026-11-19';
const rows = (snaps) => [{ ...ROW, mindshare_percent: '', total_snaps: snaps }, { ...ROW, rank: '2', display_name: 'Ben Tide', handle: '@ben_tide',
  mindshare_percent: '', total_snaps: '80' }];
let place, stack, api, scripted, ids;

function bump(version) {
  const path = join(place, 'leaderboard/extractor.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path)), version }));
}
async function send(day) {
  const sent = await api.upload([picture('one.png'), picture('two.png')], fields({ snapshotDate: day }));
  const made = sent.snapshots.map((s) => s.id);
  await api.settle(made, { seconds: 30 });
  return made;
}
before(async () => {
  place = mkdtempSync(join(tmpdir(), 'snapkey-again-'));
  for (const name of ['leaderboard', 'yapper_profile']) cpSync(`${ROOT}analysis-svc/extractors/${name}`, join(place, name), { recursive: true });
  scripted = await model(() => ({ rows: rows('900') }));
  stack = await up({ ...scripted.settings, ANALYSIS_EXTRACTORS: place, OPENAI_PRICE_IN: '2000000', OPENAI_PRICE_OUT: '8000000', HALF_PRICE_FROM: '0s' },
    'postgres,s3,upload,analysis');
  api = stack.api;
  ids = { old: await send(DAY_BEFORE), new: await send(DAY) };
  const edit = await api.call('POST', `/api/admin/snapshots/${ids.new[0]}/review`,
    { json: { action: 'edit', edits: [{ rowKey: '@ben_tide', field: 'total_snaps', value: '85' }] } });
  assert.equal(edit.status, 200, JSON.stringify(edit.body));
  await until(() => board(DAY)[1].total_snaps === 85, 10, 'the correction');
});
after(async () => {
  await stack?.down();
  await scripted?.close();
  rmSync(place, { recursive: true, force: true });
});
const board = (day) => stack.sql(`SELECT handle, total_snaps FROM analysis.leaderboard WHERE snapshot_date = '${day}' ORDER BY rank`);
const versions = () => stack.sql('SELECT snapshot_id AS id, version, run FROM analysis.snapshot_result ORDER BY snapshot_id');
const again = (...more) => stack.command('analysis', '--reextract', 'leaderboard', '--since', DAY, ...more);

test('the same bytes for another day ask nobody: the stored answer serves', async () => {
  const same = picture('same.png');
  const calls = scripted.calls.length;
  for (const [snapshotDate, reused] of [['2026-11-10', undefined], ['2026-11-11', 1]]) {
    const sent = await api.upload([same], fields({ snapshotDate }));
    const [done] = await api.settle([sent.snapshots[0].id], { seconds: 30 });
    assert.equal(done.state, 'completed', JSON.stringify(done));
    assert.deepEqual(board(snapshotDate), board(DAY_BEFORE));
    assert.equal((await stack.metric('analysis', 'analysis_reused_total')) || undefined, reused);
  }
  assert.equal(scripted.calls.length, calls + 1);
});

test('while a replica reads with the old version nothing is queued', () => {
  bump(2);
  const refused = again();
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /would read with version 1 of leaderboard, not 2: restart it/);
  assert.equal(stack.sql("SELECT 1 FROM analysis.images WHERE state = 'waiting'").length, 0);
});

test('a dry run says what it costs, and does nothing', async () => {
  await stack.kill('analysis', 'SIGTERM');
  scripted.script = () => ({ rows: rows('950') });
  await stack.start();
  const calls = scripted.calls.length;
  const dry = again('--dry-run');
  assert.equal(dry.status, 0, dry.stderr);
  assert.match(dry.stdout, /leaderboard, version 2, pictures of 2026-11-20 and later/);
  assert.match(dry.stdout, /to be read again +2\n/);
  assert.match(dry.stdout, /in 1 call for 1 set\n/);
  const [, tokensIn, tokensOut, usd] = /openai +scripted +(\d+) +(\d+) +([\d.]+)\n/.exec(dry.stdout);
  assert.ok(Math.abs(usd - (tokensIn * 2 + tokensOut * 8) / 1e6) < 1e-4, dry.stdout);
  assert.equal(scripted.calls.length, calls);
  assert.ok(versions().every((v) => v.version === 1));
});

test('the pictures of those days are read again, once, and what a person corrected stays', async () => {
  const calls = scripted.calls.length;
  const done = again();
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /Queued: 2 pictures in 1 job of priority -100/);
  assert.match(again().stdout, /Queued: 0 pictures/);
  await until(() => versions().filter((v) => v.version === 2).length === 2, 30, 'the new version');
  assert.deepEqual(versions().filter((v) => v.version === 2).map((v) => [v.id, v.run]), ids.new.map((id) => [id, 2]));
  await api.settle(ids.new, { seconds: 10 });
  assert.equal(scripted.calls.length, calls + 1);
  assert.deepEqual(board(DAY), [{ handle: 'ada_moon', total_snaps: 950 }, { handle: 'ben_tide', total_snaps: 85 }]);
  assert.deepEqual(board(DAY_BEFORE), [{ handle: 'ada_moon', total_snaps: 900 }, { handle: 'ben_tide', total_snaps: 80 }]);
  assert.match(again().stdout, /read with this version +2/);
});

test('going back to the old version asks nobody: its answers are kept', async () => {
  bump(1);
  await stack.kill('analysis', 'SIGTERM');
  await stack.start();
  const calls = scripted.calls.length;
  const back = again();
  assert.match(back.stdout, /from the cache +2 /, back.stderr);
  assert.match(back.stdout, /in 0 calls/);
  await until(() => board(DAY)[0].total_snaps === 900, 30, 'the old rows');
  assert.equal(scripted.calls.length, calls);
  assert.equal(await stack.metric('analysis', 'analysis_reused_total'), 2);
  assert.equal(board(DAY)[1].total_snaps, 85);
});
