// S3, Postgres or the model down, slow or talking nonsense: a clear error, and nothing that was accepted is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fields, picture, sleep, until, up } from './kit.mjs';
import { model } from './model.mjs';

let stack, api, provider;
before(async () => {
  provider = await model();
  stack = await up(provider.settings, 'postgres,s3,analysis,upload');
  api = stack.api;
});
after(async () => {
  await stack?.down();
  await provider?.close();
});
const idsOf = (sent) => sent.snapshots.map((s) => s.id);
const states = (ids) => stack.sql(`SELECT state::text FROM analysis.snapshot_status WHERE snapshot_id IN (${ids.join()}) ORDER BY snapshot_id`).map((r) => r.state);

test('S3 down: the upload is refused with 503 and a sentence, and works again afterwards', async () => {
  await stack.kill('rgw');
  const answer = await api.post([picture()], fields());
  assert.equal(answer.status, 503, JSON.stringify(answer.body));
  assert.ok(JSON.stringify(answer.body).includes('storage_unavailable'), JSON.stringify(answer.body));
  assert.equal((answer.body.rejected ?? [{ retry: true }])[0].retry, true);
  assert.equal(stack.sql('SELECT id FROM upload.platform_snapshots').length, 0);
  await stack.start();
  const sent = await api.upload([picture()], fields());
  const [done] = await api.settle(idsOf(sent), { seconds: 30 });
  assert.equal(done.state, 'completed', JSON.stringify(done));
});

test('Postgres down: 503 with a sentence, liveness stays, readiness goes, and all works again afterwards', async () => {
  await stack.kill('postgres');
  const answer = await api.post([picture()], fields());
  assert.equal(answer.status, 503, JSON.stringify(answer.body));
  assert.equal((await fetch(`${stack.env.UPLOAD_OPS_URL}/healthz`)).status, 200);
  assert.equal((await fetch(`${stack.env.UPLOAD_OPS_URL}/readyz`)).status, 503);
  await stack.start();
  const sent = await until(async () => {
    const again = await api.post([picture()], fields());
    return again.status === 201 && again.body;
  }, 20, 'an upload after Postgres came back');
  const [done] = await api.settle(idsOf(sent), { seconds: 30 });
  assert.equal(done.state, 'completed', JSON.stringify(done));
});

test('analysis-svc down: uploads are taken all the same, and analysed when it is back', async () => {
  await stack.kill('analysis');
  const sent = await api.upload([picture('a.png'), picture('b.png')], fields());
  await sleep(1500);
  for (const id of idsOf(sent)) assert.ok(['pending', 'processing'].includes((await api.status(id)).state ?? (await api.status(id)).processingStatus));
  await stack.start();
  const done = await api.settle(idsOf(sent), { seconds: 40 });
  assert.deepEqual(done.map((d) => d.state), ['completed', 'completed']);
});

test('the model answers 500 for a while: the picture waits and is read', async () => {
  const from = provider.calls.length;
  provider.script = ({ call }) => (call - from < 3 ? { status: 500, json: { error: { message: 'oops', type: 'server_error', param: null, code: null } } } : undefined);
  const [done] = await api.settle(idsOf(await api.upload([picture()], fields())), { seconds: 40 });
  assert.equal(done.state, 'completed', JSON.stringify(done));
  assert.ok(provider.calls.length - from >= 4);
});

test('the model is down: nothing is lost, and what waits is read when it is back', async () => {
  await provider.close();
  const sent = idsOf(await api.upload([picture()], fields()));
  await until(async () => await stack.metric('analysis', 'analysis_calls_total{class="network"}') > 0, 15, 'a call that reached nobody');
  assert.equal((await api.call('GET', `/api/admin/snapshots/status/${sent[0]}`)).body.snapshot.processingStatus, 'processing');
  await provider.open();
  const [done] = await api.settle(sent, { seconds: 30 });
  assert.equal(done.state, 'completed', JSON.stringify(done));
});

test('the model asks for patience with Retry-After: it is given', async () => {
  const from = provider.calls.length;
  provider.script = ({ call }) => (call === from ? { status: 429, headers: { 'retry-after-ms': '1500' },
    json: { error: { message: 'Rate limit reached', type: 'requests', param: null, code: 'rate_limit_exceeded' } } } : undefined);
  const [done] = await api.settle(idsOf(await api.upload([picture()], fields())), { seconds: 30 });
  assert.equal(done.state, 'completed');
  assert.ok(provider.calls[from + 1].at - provider.calls[from].at >= 1400, `${provider.calls[from + 1].at - provider.calls[from].at} ms`);
});

for (const [title, act] of [
  ['prose instead of JSON', { text: 'Sure! Here is the table you asked for.' }],
  ['JSON behind a fence', { text: '```json\n{"results":[]}\n```' }],
  ['JSON of another form', { text: '{"results":[{"id":"x","rows":"none"}]}' }],
  ['an answer that is cut off', { finish: 'length' }],
  ['an empty list', { keep: 0 }],
]) test(`the model answers with ${title}: failed with a reason after a bounded number of calls`, async () => {
  const from = provider.calls.length;
  provider.script = () => act;
  const [done] = await api.settle(idsOf(await api.upload([picture()], fields())), { seconds: 60 });
  assert.equal(done.state, 'failed', JSON.stringify(done));
  assert.match(done.errorLog, /model/i);
  assert.ok(provider.calls.length - from <= 6, `${provider.calls.length - from} calls`);
});

test('a model that answers without a row is no success', async () => {
  provider.script = () => ({ rows: [] });
  const [done] = await api.settle(idsOf(await api.upload([picture()], fields())), { seconds: 30 });
  assert.equal(done.state, 'failed');
  assert.match(done.errorLog, /no row/i);
});

test('one bad picture of four is isolated, and the three others are stored', async () => {
  let poison;
  provider.script = ({ ids, urls }) => {
    poison ??= urls[1].split('?')[0];
    const bad = urls.findIndex((u) => u.startsWith(poison));
    if (bad < 0) return undefined;
    return { status: 400, json: { error: { message: 'The image data you provided does not represent a valid image.', type: 'invalid_request_error', param: 'input', code: 'invalid_value' } } };
  };
  const sent = await api.upload([1, 2, 3, 4].map((i) => picture(`p${i}.png`)), fields());
  const done = await api.settle(idsOf(sent), { seconds: 60 });
  assert.deepEqual(done.map((d) => d.state).sort(), ['completed', 'completed', 'completed', 'failed']);
});

test('answers for some of the pictures are kept, and the missing ones are asked again', async () => {
  const from = provider.calls.length;
  provider.script = ({ call }) => (call === from ? { keep: 2 } : undefined);
  const sent = await api.upload([1, 2, 3, 4].map((i) => picture(`k${i}.png`)), fields());
  const done = await api.settle(idsOf(sent), { seconds: 60 });
  assert.deepEqual(done.map((d) => d.state), Array(4).fill('completed'));
  const asked = provider.calls.slice(from).flatMap((c) => c.urls.map((u) => u.split('?')[0]));
  assert.equal(asked.length, 6, 'four, then the two that were missing');
});

test('a URL that the model cannot fetch goes again as bytes', async () => {
  const from = provider.calls.length;
  provider.script = ({ urls }) => (urls.some((u) => u.startsWith('http')) ? { status: 400,
    json: { error: { message: 'Error while downloading file. Upstream status code: 403.', type: 'invalid_request_error', param: 'url', code: 'invalid_value' } } } : undefined);
  const [done] = await api.settle(idsOf(await api.upload([picture()], fields())), { seconds: 40 });
  assert.equal(done.state, 'completed', JSON.stringify(done));
  assert.ok(provider.calls.slice(from).some((c) => c.urls.every((u) => u.startsWith('data:image/png;base64,'))));
});

test('every picture that was answered as stored has ended, and the queue is empty', async () => {
  provider.script = () => undefined;
  const all = stack.sql("SELECT id FROM upload.platform_snapshots WHERE deleted_at IS NULL").map((r) => r.id);
  await until(() => states(all).length === all.length && states(all).every((s) => s !== 'waiting'), 20, 'all to end');
  assert.equal(stack.sql("SELECT job_id FROM analysis.jobs WHERE state IN ('ready', 'deferred', 'leased')").length, 0);
});
