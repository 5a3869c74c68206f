// The main job on real parts: a real picture through form, S3, presigned URL and reader becomes rows, and every number is traceable.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { file, ROOT, until, up } from './kit.mjs';
import { scoreAny } from '../../local/score.mjs';

let stack, api;
const sample = (name) => ({ path: `${ROOT}local/samples/${name}`, truth: JSON.parse(readFileSync(`${ROOT}local/samples/${name.replace(/\.[a-z]+$/, '')}.json`)) });
const form = ({ platformSource, snapshotType, snapshotTimeframe, snapshotDate, yapperTwitterHandle }, more = {}) =>
  ({ platformSource, snapshotType, snapshotTimeframe, snapshotDate, yapperTwitterHandle, ...more });
before(async () => {
  stack = await up();
  api = stack.api;
});
after(() => stack?.down());

test('a leaderboard becomes rows that are right', async () => {
  const { path, truth } = sample('dark-desktop.png');
  const campaignId = await api.campaign(truth.form.campaign, truth.form.platformSource);
  const answer = await api.post([file(path)], form(truth.form, { campaignId }));
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const [sent] = answer.body.snapshots;
  assert.match(sent.s3Key, /^[0-9a-f]{8}\/snapshots\/\d{4}-\d\d-\d\d\/[0-9a-f-]{36}\.png$/);
  const [done] = await api.settle([sent.id], { seconds: 60 });
  assert.ok(['completed', 'needs_review'].includes(done.state), JSON.stringify(done));
  const score = scoreAny(truth, done.sheet);
  assert.equal(score.rows_found, score.rows);
  assert.equal(score.wrong_undoubted_numbers, 0);
  assert.ok(score.fields_exact >= 0.9 * score.fields, JSON.stringify(score));
});

test('its rows stand in Postgres with the picture they came from', () => {
  const rows = stack.sql('SELECT rank, handle, sources FROM analysis.leaderboard ORDER BY row_no');
  assert.ok(rows.length >= 5);
  assert.equal(rows[0].rank, 1);
  const [{ id }] = stack.sql('SELECT id FROM upload.platform_snapshots ORDER BY id LIMIT 1');
  assert.ok(JSON.stringify(rows[0].sources).includes(String(id)), JSON.stringify(rows[0].sources));
});

test('a profile becomes the numbers of the person asked for', async () => {
  const { path, truth } = sample('profile-dark.png');
  const answer = await api.post([file(path)], form(truth.form));
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const [done] = await api.settle([answer.body.snapshots[0].id], { seconds: 60 });
  assert.ok(['completed', 'needs_review'].includes(done.state), JSON.stringify(done));
  const score = scoreAny(truth, done.sheet);
  assert.equal(score.wrong_undoubted_numbers, 0, JSON.stringify(score));
  assert.ok(score.fields_exact >= 0.8 * score.fields, JSON.stringify(score));
  const handle = truth.handle.toLowerCase();
  const { body } = await api.call('GET', `/api/yapper-profiles/${handle}/${truth.form.snapshotDate}`);
  const { derived, lists } = body.profile;
  const tokens = (mood) => lists.token_sentiments.filter((t) => t.sentiment === mood).map((t) => t.token);
  assert.ok(tokens('Bullish').length > 0 && tokens('Bearish').length > 0, JSON.stringify(lists));
  assert.deepEqual([derived.bullish_tokens, derived.bearish_tokens], [tokens('Bullish'), tokens('Bearish')]);
  assert.deepEqual([derived.total_badges, derived.mean_mindshare], [lists.badges.length, null]); // no chart is printed there
  const csv = await (await fetch(`${stack.env.UPLOAD_URL}/api/admin/snapshots/export?format=csv&snapshotType=yapper_profile`, { headers: { authorization: `Bearer ${stack.env.UPLOAD_TOKEN}` } })).text();
  assert.match(csv.split('\r\n')[0], /,token_sentiments,.*,bullish_tokens,/);
  assert.ok(csv.includes(derived.bearish_tokens.join(' ')), csv);
});

test('the profile of another person is never completed', async () => {
  const { path, truth } = sample('profile-light.png');
  const answer = await api.post([file(path)], form(truth.form, { yapperTwitterHandle: 'somebody_else' }));
  const [done] = await api.settle([answer.body.snapshots[0].id], { seconds: 60 });
  assert.equal(done.state, 'failed');
  assert.match(done.errorLog, /another person/i);
  assert.equal(stack.sql("SELECT 1 AS x FROM analysis.profile WHERE handle = 'somebody_else'").length, 0);
});

test('three overlapping screenshots of one set, sent one by one, become one sheet without doubles', async () => {
  const setId = randomUUID();
  const ids = [];
  for (const name of ['long-1.png', 'long-2.png', 'long-3.png']) {
    const { path, truth } = sample(name);
    const sent = await api.upload([file(path)], form(truth.form, { setId }));
    assert.equal(sent.setId, setId);
    ids.push(sent.snapshots[0].id);
  }
  await api.settle(ids, { seconds: 90 });
  const rows = await until(() => {
    const got = stack.sql(`SELECT rank, handle, sources FROM analysis.leaderboard WHERE set_id = '${setId}' ORDER BY rank`);
    return got.length >= 24 && got;
  }, 10, 'the sheet of the set');
  assert.deepEqual(rows.map((r) => r.rank), Array.from({ length: 24 }, (_, i) => i + 1));
  assert.equal(new Set(rows.map((r) => r.handle)).size, 24);
});

test('a picture that shows nothing ends failed with a reason, never as an empty success', async () => {
  const { picture, fields } = await import('./kit.mjs');
  const sent = await api.upload([picture('blank.png')], fields());
  const [done] = await api.settle([sent.snapshots[0].id], { seconds: 60 });
  assert.equal(done.state, 'failed');
  assert.ok(done.errorLog.length > 10);
});

test('the same picture again is found, not stored twice', async () => {
  const { path, truth } = sample('dark-desktop.png');
  const before = (await stack.objects()).length;
  const campaignId = await api.campaign(truth.form.campaign, truth.form.platformSource);
  const again = await api.upload([file(path)], form(truth.form, { campaignId }));
  assert.ok(again.snapshots[0].duplicateOf, JSON.stringify(again));
  await until(async () => (await stack.objects()).length === before, 5, 'the second object to be gone');
});

test('the picture can be looked at, and only with a token', async () => {
  const [{ id }] = stack.sql("SELECT id FROM upload.platform_snapshots WHERE original_file_name = 'dark-desktop.png' ORDER BY id LIMIT 1");
  const answer = await api.call('GET', `/api/admin/snapshots/${id}/image`);
  assert.equal(answer.status, 302);
  const bytes = Buffer.from(await (await fetch(answer.headers.get('location'))).arrayBuffer());
  assert.deepEqual(bytes, readFileSync(`${ROOT}local/samples/dark-desktop.png`));
  assert.equal((await fetch(`${stack.env.UPLOAD_URL}/api/admin/snapshots/${id}/image`, { redirect: 'manual' })).status, 401);
});

test('history lists all, filters, and pages with a cursor', async () => {
  const all = (await api.call('GET', '/api/admin/snapshots/history?limit=200')).body;
  assert.equal(all.snapshots.length, stack.sql('SELECT id FROM upload.platform_snapshots').length);
  const failed = (await api.call('GET', '/api/admin/snapshots/history?status=failed')).body;
  assert.ok(failed.snapshots.length >= 2 && failed.snapshots.every((s) => s.state === 'failed'));
  const page = (await api.call('GET', '/api/admin/snapshots/history?limit=2&page=2')).body;
  assert.equal(page.snapshots[0].id, all.snapshots[2].id);
  assert.equal(page.pagination.total, all.snapshots.length);
});

test('meta tells states, codes, limits, extractors, and no secret', async () => {
  const { body } = await api.call('GET', '/api/meta');
  const text = JSON.stringify(body);
  for (const word of ['needs_review', 'unsupported_type', 'leaderboard', 'yapper_profile']) assert.ok(text.includes(word), word);
  for (const name of ['UPLOAD_TOKEN', 'INTERNAL_TOKEN', 'AWS_SECRET_ACCESS_KEY']) assert.ok(!text.includes(stack.env[name]));
});

test('the calls are accounted for', async () => {
  assert.ok(await stack.metric('analysis', 'analysis_calls_total{class="ok"}') >= 3);
  const attempts = stack.sql('SELECT provider, model, class, input_tokens FROM analysis.snapshot_attempts');
  assert.ok(attempts.length >= 5);
  assert.ok(attempts.every((a) => a.provider && a.class));
});

test('events told every change once and in order, and a stream that was cut goes on where it was', async () => {
  const seen = [];
  const read = async (from) => {
    const answer = await fetch(`${stack.env.UPLOAD_URL}/api/admin/snapshots/events`, {
      headers: { authorization: `Bearer ${stack.env.UPLOAD_TOKEN}`, ...(from ? { 'last-event-id': from } : {}) } });
    assert.match(answer.headers.get('content-type'), /text\/event-stream/);
    let text = '';
    const pieces = answer.body.getReader();
    setTimeout(() => pieces.cancel(), 3000); // Node 18 may lose a signal's abort to its garbage collector
    for (let piece; !(piece = await pieces.read()).done;) text += Buffer.from(piece.value);
    return text.split('\n\n').map((e) => ({ id: /^id: ?(.*)$/m.exec(e)?.[1], data: /^data: ?(.*)$/m.exec(e)?.[1] })).filter((e) => e.id && e.data && e.data !== '{}'); // the first only tells where the stream stands
  };
  seen.push(...await read('u0.0-a0.0'));
  assert.ok(seen.length >= 12, `${seen.length} events`);
  assert.equal(new Set(seen.map((e) => e.id)).size, seen.length);
  const rest = await read(seen[4].id);
  assert.deepEqual(rest.map((e) => e.data), seen.slice(5).map((e) => e.data));
});

