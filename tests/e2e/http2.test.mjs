// How calls reach a provider behind TLS: over HTTP/2 many share a connection, where it is not offered each has its own; and a
// server that nobody vouches for gets none.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { batchOf, certificate, tellBatch, until, up } from './kit.mjs';
import { model } from './model.mjs';

const CALLS = 30; // more than may share one connection
let stack, tls;
before(async () => {
  stack = await up({}, 'postgres,s3');
  tls = certificate(stack.dir);
});
after(() => stack?.down());

const SETTINGS = { IMAGES_PER_CALL: '1', CALLS_IN_FLIGHT: `${CALLS}`, CALLS_AT_FIRST: `${CALLS}`, FIRST_BYTE_TIMEOUT: '2s', RETRY_BASE: '50ms', RETRY_CAP: '100ms' };
async function tell(service, n, batch = batchOf(n)) {
  const answer = await tellBatch(service.url, stack.env.INTERNAL_TOKEN, batch);
  assert.equal(answer.status, 202, await answer.text());
  return batch.items.map((i) => i.snapshot_id);
}
const count = (ids, state) => stack.sql(`SELECT count(*)::int AS n FROM analysis.images WHERE state = '${state}' AND snapshot_id IN (${ids.join()})`)[0].n;
const classes = (ids) => Object.fromEntries(stack.sql(`SELECT class, count(DISTINCT attempt_id)::int AS n FROM analysis.attempts JOIN analysis.attempt_images USING (attempt_id)
  WHERE snapshot_id IN (${ids.join()}) GROUP BY 1`).map((r) => [r.class, r.n]));
async function read(service, ids) {
  await until(() => count(ids, 'extracted') === ids.length, 30, 'all to be read');
  return classes(ids);
}
const callsBy = (provider) => { // how many each connection brought
  const by = new Map();
  for (const call of provider.calls) by.set(call.connection, (by.get(call.connection) ?? 0) + 1);
  return [...by.values()];
};

// A provider that answers so, and a replica that asks it; no longer than this test, or it would take the pictures of the next.
async function both(script, { h2, ...settings }, work) {
  const provider = await model(script, { tls, h2 });
  const service = await stack.replica({ ...SETTINGS, ...provider.settings, PROVIDER_CA_BUNDLE: tls.ca, ...settings });
  try {
    await work(provider, service);
  } finally {
    await service.stop();
    await provider.close();
    stack.sql('TRUNCATE analysis.batches, analysis.sheets, analysis.images, analysis.jobs, analysis.attempts, analysis.attempt_images, analysis.extractions CASCADE');
  }
}

test('where HTTP/2 is offered, calls that leave together share connections', () => both(undefined, { OPENAI_API_KEY: 'sk-e2e-http2' }, async (provider, service) => {
  assert.equal(provider.questions, 1, 'its models were asked for');
  provider.delay = 500;
  assert.deepEqual(await read(service, await tell(service, CALLS)), { ok: CALLS });
  assert.deepEqual([...new Set(provider.calls.map((c) => c.http))], ['2.0']);
  const shares = callsBy(provider);
  assert.ok(shares.length <= 6, `${shares} calls on ${shares.length} connections`);
  assert.equal(Math.max(...shares), 20, 'no more on one: they would all be lost with it');
  const before = provider.connections.length;
  assert.deepEqual(await read(service, await tell(service, 5)), { ok: 5 });
  assert.equal(provider.connections.length, before, 'what is open is used again');
}));

test('a call that hangs is given up alone: the others on its connection are answered', () => both(({ call }) => ({ hang: call === 2 }), {}, async (provider, service) => {
  provider.delay = 300;
  const ids = await tell(service, 10);
  await until(() => count(ids, 'extracted') === 9, 20, 'the nine others');
  assert.deepEqual(await read(service, ids), { ok: 10, timeout: 1 });
  assert.deepEqual(callsBy(provider), [11], 'and it goes again on the same connection');
}));

test('pictures of megabytes, as bytes, travel beside each other on one connection', () => both(undefined, {}, async (provider, service) => {
  provider.script = ({ urls }) => (urls[0].startsWith('data:') ? undefined : { status: 400,
    json: { error: { message: 'Error while downloading file. Upstream status code: 403.', type: 'invalid_request_error', param: 'url', code: 'invalid_value' } } });
  const batch = batchOf(6), bytes = randomBytes(3 << 20);
  for (const item of batch.items) await stack.s3('PUT', item.s3_key, { body: bytes });
  const { ok, image_fetch } = await read(service, await tell(service, 6, batch));
  assert.deepEqual([ok, image_fetch >= 1], [6, true]);
  const whole = provider.calls.filter((c) => c.urls[0] === `data:image/png;base64,${bytes.toString('base64')}`);
  assert.deepEqual([whole.length, callsBy(provider).length], [6, 1]);
}));

test('a connection that breaks takes its calls along, and every one is made again', () => both(undefined, { BREAKER_AFTER: '100' }, async (provider, service) => {
  provider.script = ({ call }) => {
    if (call === 9) setTimeout(() => provider.calls[9].connection.destroy(), 100);
    return { hang: call < 10 };
  };
  const { ok, network = 0 } = await read(service, await tell(service, 10));
  assert.equal(ok, 10);
  assert.equal(network + await service.metric('analysis_calls_resent_total'), 10, 'each has a row of its own, or was sent twice and is counted');
  assert.deepEqual(callsBy(provider), [10, 10]);
}));

test('where it is not offered, HTTP/1.1 does, a connection for each call in flight', () => both(undefined, { h2: false }, async (provider, service) => {
  provider.delay = 500;
  assert.deepEqual(await read(service, await tell(service, CALLS)), { ok: CALLS });
  assert.deepEqual([...new Set(provider.calls.map((c) => c.http))], ['1.1']);
  assert.ok(callsBy(provider).length >= CALLS / 2, `${callsBy(provider).length} connections`);
}));

for (const [title, trusted] of [['the system trusts', () => ''], ['PROVIDER_CA_BUNDLE names', () => certificate(stack.dir, 'another').ca]])
  test(`a server whose certificate nobody whom ${title} has signed is told nothing`, () => both(undefined, { PROVIDER_CA_BUNDLE: trusted() }, async (provider, service) => {
    const ids = await tell(service, 1);
    await until(() => classes(ids).network >= 1, 20, 'a refusal');
    assert.equal(count(ids, 'waiting'), 1);
    const said = stack.sql("SELECT DISTINCT message FROM analysis.attempts WHERE class = 'network'")[0].message;
    assert.match(said, /certificate/i);
    assert.equal(provider.connections.length, 0);
    assert.ok(await service.metric('analysis_calls_total{class="network"}') >= 1);
  }));
