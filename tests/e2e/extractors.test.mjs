// Extractors are data: a folder that nobody compiled anything for takes pictures through the whole system, and a broken one is told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fields, picture, ROOT, up } from './kit.mjs';
import { model } from './model.mjs';

const SHIPPED = `${ROOT}analysis-svc/extractors`;
const TABLE = { platform: 'cookie.fun', title: 'Markets', timeframe: '30D', columns: ['Token', 'Price', 'Change 30D', 'Volume'] };
const ROWS = [
  { symbol: 'ORBIT', price: '$0.0421', change: '▲ 3.5%', volume: '1.2M', listed: '31 Dec', unsure: [] },
  { symbol: 'LUMEN9', price: '$1,204.50', change: '−0.8%', volume: '83.6K', listed: '03/04', unsure: ['volume'] },
  { symbol: 'FERN', price: '—', change: 'soon', volume: '', listed: 'Mar 26, soon', unsure: [] },
];
let place, stack, api, scripted;

// The shipped token_table under another name, of another period: what a person would drop in.
function dropIn() {
  const from = join(SHIPPED, 'token_table'), to = join(place, 'token_month');
  cpSync(from, to, { recursive: true });
  const rules = JSON.parse(readFileSync(join(to, 'extractor.json')));
  rules.fields.push({ name: 'listed', kind: 'date', max: 20, order: 'day month' });
  rules.output.push('listed');
  writeFileSync(join(to, 'extractor.json'), JSON.stringify({ ...rules, name: 'token_month', timeframe: '30D', platforms: ['cookie.fun', 'arbus'] }));
  const schema = JSON.parse(readFileSync(join(to, 'schema.json'))), row = schema.properties.rows.items;
  row.properties.listed = { type: 'string' };
  row.required.push('listed');
  writeFileSync(join(to, 'schema.json'), JSON.stringify(schema));
}
before(async () => {
  place = mkdtempSync(join(tmpdir(), 'snapkey-extractors-'));
  cpSync(join(SHIPPED, 'leaderboard'), join(place, 'leaderboard'), { recursive: true });
  dropIn();
  scripted = await model(({ ids }) => ({ text: JSON.stringify({ results: ids.map((id) => ({ id, ...TABLE, rows: ROWS })) }) }));
  stack = await up({ ...scripted.settings, ANALYSIS_EXTRACTORS: place }, 'postgres,s3,upload,analysis');
  api = stack.api;
});
after(async () => {
  await stack?.down();
  await scripted?.close();
  rmSync(place, { recursive: true, force: true });
});
const month = (more = {}) => fields({ snapshotType: 'token_month', snapshotTimeframe: '30D', ...more });

test('the types that can be sent are ours and those of the folder', async () => {
  const { body } = await api.call('GET', '/api/meta');
  const type = body.snapshotTypes.find((t) => t.value === 'token_month');
  assert.deepEqual(type, { value: 'token_month', timeframe: '30D', needsHandle: false });
  assert.equal(body.snapshotTypes.filter((t) => t.value === 'leaderboard').length, 1);
  const known = body.extractors.find((x) => x.name === 'token_month');
  assert.equal(known.columns.length, 5);
  assert.deepEqual(known.platforms, ['cookie.fun', 'arbus']);
});

test('a table of tokens goes from the form to rows that are shown, with no C that knows of it', async () => {
  const answer = await api.post([picture('tokens.png')], month());
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const [done] = await api.settle([answer.body.snapshots[0].id], { seconds: 30 });
  assert.ok(['completed', 'needs_review'].includes(done.state), JSON.stringify(done));
  const rows = Object.fromEntries(done.sheet.rows.map((r) => [r.key, r]));
  assert.deepEqual(Object.keys(rows).sort(), ['FERN', 'LUMEN9', 'ORBIT']);
  assert.equal(rows.ORBIT.cells.price.value, 0.0421);
  assert.equal(rows.ORBIT.cells.change.value, 3.5);
  assert.equal(rows.ORBIT.cells.volume.value, 1200000);
  assert.equal(rows.LUMEN9.cells.price.value, 1204.5);
  assert.equal(rows.LUMEN9.cells.change.value, -0.8);
  assert.ok(rows.LUMEN9.doubtful.includes('volume'));
  assert.deepEqual([rows.ORBIT.cells.listed.value, rows.LUMEN9.cells.listed.value, rows.FERN.cells.listed.value], ['2025-12-31', '2026-04-03', null]);
  assert.equal(rows.FERN.cells.price.value, null);
  assert.equal(rows.FERN.cells.change.value, null);
  assert.ok(rows.FERN.notes.some((n) => n.includes('soon')), JSON.stringify(rows.FERN));
  assert.match(JSON.stringify(scripted.calls[0].body), /token price tables/);
  assert.equal(stack.sql('SELECT 1 FROM analysis.leaderboard').length, 0);
  assert.equal(stack.sql('SELECT snapshot_timeframe AS period FROM upload.platform_snapshots')[0].period, '30D');
});

test('its period and its platforms are kept, and a type that nobody reads is refused', async () => {
  const wrong = await api.post([picture()], month({ snapshotTimeframe: '24H' }));
  assert.equal(wrong.status, 422);
  assert.equal(wrong.body.code, 'bad_timeframe');
  const none = await api.post([picture()], month({ snapshotType: 'token_year' }));
  assert.equal(none.status, 422);
  assert.equal(none.body.code, 'bad_snapshot_type');
  const elsewhere = await api.post([picture()], month({ platformSource: 'bantr' }));
  assert.equal(elsewhere.status, 422);
  assert.equal(elsewhere.body.code, 'unknown_platform');
  assert.match(JSON.stringify(elsewhere.body), /token_month is not read on this platform, but on: cookie.fun arbus/);
  assert.equal(stack.sql("SELECT count(*) AS n FROM upload.platform_snapshots WHERE platform_source = 'bantr'")[0].n, 0);
  const calls = scripted.calls.length;
  assert.equal(calls, 1);
});

test('--check-extractors tells of each broken folder what is wrong where', () => {
  const bin = join(process.env.SNAPKEY_BIN ?? join(ROOT, 'build/gcc/bin'), 'analysis-svc');
  const check = (folder) => spawnSync(bin, ['--check-extractors'], { encoding: 'utf8', env: { ...process.env, ANALYSIS_EXTRACTORS: folder } });
  const good = check(place);
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /token_month version 1, 5 fields, 30D/);
  const broken = mkdtempSync(join(tmpdir(), 'snapkey-broken-'));
  const rules = JSON.parse(readFileSync(join(SHIPPED, 'token_table/extractor.json')));
  const make = (name, change) => {
    const to = join(broken, name);
    cpSync(join(SHIPPED, 'token_table'), to, { recursive: true });
    const mine = { ...structuredClone(rules), name };
    change(mine);
    writeFileSync(join(to, 'extractor.json'), JSON.stringify(mine));
  };
  make('fine', () => {});
  make('kindless', (r) => (r.fields[1].kind = 'money'));
  make('keyless', (r) => delete r.key);
  make('misspelt', (r) => (r.revew_below = 1));
  make('heavy', (r) => (r.checks.platform.weight = 7));
  make('blind', (r) => r.fields.pop());
  mkdirSync(join(broken, 'bare'));
  const bad = check(broken);
  rmSync(broken, { recursive: true, force: true });
  assert.equal(bad.status, 1);
  for (const words of [/fine version 1/, /kindless\/extractor\.json: fields\[1\]: kind: "money"/, /keyless\/extractor\.json: key/,
    /misspelt\/extractor\.json: the rules: nobody knows revew_below/, /heavy\/extractor\.json: checks\.platform: must be a number of 0 to 1: weight/,
    /blind\/extractor\.json: output: fields has none named volume/, /bare\/extractor\.json: cannot be opened/])
    assert.match(bad.stderr, words);
});
