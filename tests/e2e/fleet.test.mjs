// Three replicas share the queue, and one of them is killed every second; then two share a provider's limit. Pictures are told
// to analysis-svc as upload-svc tells them, and never fetched. `make soak` runs it for the full minute (2,000 pictures).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { batchOf, sleep, tellBatch, until, up } from './kit.mjs';
import { model } from './model.mjs';

const PICTURES = Number(process.env.FLEET_PICTURES ?? 240);
const PER_CALL = 4, REPLICAS = 3;

let stack, provider;
before(async () => {
  provider = await model();
  stack = await up({ ...provider.settings, IMAGES_PER_CALL: `${PER_CALL}`, LEASE_TIME: '2s', HEARTBEAT: '400ms', QUEUE_POLL: '200ms',
    REAPER_PERIOD: '300ms', CALLS_IN_FLIGHT: '3', ANALYSIS_DB_CONNECTIONS: '4' }, 'postgres,s3');
});
after(async () => {
  await stack?.down();
  await provider?.close();
});

async function send(replica, n) {
  const answer = await tellBatch(replica.url, stack.env.INTERNAL_TOKEN, batchOf(n));
  assert.equal(answer.status, 202, await answer.text());
}
const one = (query) => stack.sql(query)[0];
const waiting = () => one("SELECT count(*) AS n FROM analysis.images WHERE state = 'waiting'").n;

function eachOnce(n) {
  assert.deepEqual(stack.sql('SELECT state, count(*) AS n FROM analysis.images GROUP BY 1'), [{ state: 'extracted', n }]);
  const stored = one('SELECT count(*) AS rows, count(DISTINCT snapshot_id) AS pictures FROM analysis.extractions');
  assert.deepEqual(stored, { rows: n, pictures: n });
  assert.deepEqual(stack.sql("SELECT job_id FROM analysis.jobs WHERE state NOT IN ('done', 'cancelled')"), []);
  assert.deepEqual(stack.sql('SELECT batch_id FROM analysis.batches WHERE ended_at IS NULL'), []);
}

test(`${REPLICAS} replicas, one killed every second: ${PICTURES} pictures end once each, and what it cost is counted`, async (t) => {
  const fleet = []; // promises: who was killed is replaced while the others go on
  for (let i = 0; i < REPLICAS; i++) fleet.push(stack.replica());
  const first = await fleet[0];
  provider.delay = Number(process.env.FLEET_CALL_MS ?? 600);
  for (let left = PICTURES; left > 0; left -= 80) await send(first, Math.min(left, 80));
  let killed = 0;
  const began = Date.now();
  while (waiting() > 0) {
    assert.ok(Date.now() - began < 20000 + PICTURES * 150, `${waiting()} pictures wait still`);
    await sleep(1000);
    const i = Math.floor(Math.random() * REPLICAS);
    const victim = await fleet[i];
    process.kill(victim.pid, 'SIGKILL');
    await victim.ended;
    killed++;
    fleet[i] = stack.replica();
  }
  eachOnce(PICTURES);
  const classes = Object.fromEntries(stack.sql('SELECT class, count(*)::int AS n FROM analysis.attempts GROUP BY 1').map((a) => [a.class, a.n]));
  const all = Object.values(classes).reduce((a, b) => a + b, 0);
  const stored = one("SELECT count(*)::int AS n FROM analysis.jobs WHERE state = 'done'").n;
  t.diagnostic(`${killed} killed, ${provider.calls.length} calls for ${stored} stored: ${JSON.stringify(classes)}`);
  assert.ok(killed >= 3);
  assert.equal(classes.ok, stored); // each call that was paid for and stored
  assert.ok(classes.lost >= 1);     // those whose worker died are in the books, each
  assert.ok(provider.calls.length >= stored && provider.calls.length <= all, 'no call without a row');
  for (const replica of fleet) await (await replica).stop();
});

// A bucket of RATE calls a second and a burst of half a second's, told in OpenAI's headers; beyond it 429.
function limiter(rate) {
  const burst = rate / 2;
  const state = { level: burst, at: Date.now(), refused: [] };
  state.script = () => {
    const now = Date.now();
    state.level = Math.min(state.level + ((now - state.at) * rate) / 1000, burst);
    state.at = now;
    const good = state.level >= 1;
    if (good) state.level -= 1;
    else state.refused.push(now);
    const headers = { 'x-ratelimit-limit-requests': `${rate * 60}`, 'x-ratelimit-remaining-requests': `${Math.floor(state.level)}`,
      ...(good ? {} : { 'retry-after-ms': '100' }) };
    return good ? { headers } : { status: 429, headers, json: { error: { type: 'requests', code: 'rate_limit_exceeded', message: 'slow down' } } };
  };
  return state;
}

// How long this process, and so any other, was kept from working by a busy machine, in seconds, since then.
function heldUp() {
  let sum = 0, last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    sum += Math.max(now - last - 250, 0) / 1000; // a look into Postgres holds it up for less
    last = now;
  }, 50);
  return () => {
    clearInterval(timer);
    return sum;
  };
}

test('two replicas keep to a limit that the provider enforces: hardly a 429 after the first second', async (t) => {
  const limit = limiter(20);
  provider.script = limit.script;
  provider.delay = 50;
  provider.calls.length = 0;
  stack.sql('TRUNCATE analysis.batches, analysis.sheets, analysis.images, analysis.jobs, analysis.attempts, analysis.attempt_images, analysis.extractions CASCADE');
  const settings = { CALLS_IN_FLIGHT: '32', CALLS_AT_FIRST: '8' };
  const pair = [await stack.replica(settings), await stack.replica(settings)];
  await until(async () => (await pair[0].metric('analysis_replicas')) === 2, 5, 'each to know of the other');
  const held = heldUp();
  for (let i = 0; i < 4; i++) await send(pair[i % 2], 120);
  await until(() => waiting() === 0, 60, 'the end');
  const lost = held();
  const began = provider.calls[0].at;
  const seconds = (Date.now() - began) / 1000;
  eachOnce(480);
  const late = limit.refused.filter((at) => at > began + 1000).length;
  t.diagnostic(`120 calls in ${seconds.toFixed(1)} s at 20 a second; 429s: ${limit.refused.length}, after the first second ${late}; held up for ${lost.toFixed(2)} s`);
  // A replica that a busy machine held up comes in a burst, of what the rate allowed meanwhile.
  assert.ok(late <= 6 + 20 * lost, `${late} 429s after the first second, held up for ${lost.toFixed(1)} s`);
  assert.ok(seconds < 15 + 2 * lost, 'the limit is used');
  const [a, b] = await Promise.all(pair.map((r) => r.metric('analysis_claims_total')));
  assert.ok(Math.min(a, b) >= 30, `shared: ${a} and ${b}`);
  assert.equal(provider.calls.length, 120 + limit.refused.length);
  await Promise.all(pair.map((r) => r.stop()));
});
