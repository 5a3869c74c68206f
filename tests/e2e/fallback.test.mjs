// Two providers, the second of another dialect: who takes over when, and that the schema travels with the call. Pictures are told to
// analysis-svc as upload-svc tells them, and never fetched.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { batchOf, tellBatch, until, up } from './kit.mjs';
import { model } from './model.mjs';

let stack, first, second;
before(async () => {
  [first, second] = await Promise.all([model(), model()]);
  stack = await up({ ...first.settings, ...second.settingsAnthropic, BREAKER_TIME: '300ms', BLOCK_TIME: '1m' }, 'postgres,s3,analysis');
});
after(async () => {
  await stack?.down();
  await Promise.all([first?.close(), second?.close()]);
});
afterEach(() => {
  for (const m of [first, second]) {
    m.script = () => undefined;
    m.calls.length = 0;
  }
});

const fault = (status, type, code, message = 'scripted') => ({ status, json: { error: { message, type, param: null, code } } });
async function tell(n) {
  const batch = batchOf(n);
  const answer = await tellBatch(stack.env.ANALYSIS_URL, stack.env.INTERNAL_TOKEN, batch);
  assert.equal(answer.status, 202, await answer.text());
  return batch.batch_id;
}
const ended = (batch) => until(() => stack.sql(`SELECT ended_at IS NOT NULL AS ended FROM analysis.batches WHERE batch_id = '${batch}'`)[0].ended, 30, 'the batch to end');
const attempts = (batch) => stack.sql(`SELECT provider, class FROM analysis.attempts WHERE batch_id = '${batch}' ORDER BY attempt_id`).map((a) => `${a.provider} ${a.class}`);
const states = (batch) => stack.sql(`SELECT state, count(*)::int AS n FROM analysis.images WHERE batch_id = '${batch}' GROUP BY 1`);

// What a schema demands, whatever words a dialect has for the bounds that only one of them knows.
function shape(schema) {
  if (schema.type === 'array') return [shape(schema.items)];
  if (schema.type !== 'object') return schema.type;
  assert.equal(schema.additionalProperties, false);
  assert.deepEqual([...schema.required].sort(), Object.keys(schema.properties).sort());
  return Object.fromEntries(Object.entries(schema.properties).map(([k, v]) => [k, shape(v)]));
}

test('529: the other provider is asked at once, with the same schema in its own dialect', async () => {
  const before = await stack.metric('analysis', 'analysis_provider_calls_total{provider="anthropic"}') ?? 0;
  first.script = () => fault(529, 'service_unavailable_error', 'server_is_overloaded');
  const batch = await tell(3);
  await ended(batch);
  assert.deepEqual(attempts(batch), ['openai overloaded', 'anthropic ok']);
  assert.deepEqual(states(batch), [{ state: 'extracted', n: 3 }]);
  const [asked, again] = [first.calls[0], second.calls[0]];
  assert.ok(again.at - asked.at < 1500, `${again.at - asked.at} ms`);
  assert.deepEqual(again.urls.map((u) => u.split('?')[0]), asked.urls.map((u) => u.split('?')[0]));
  assert.equal(asked.body.text.format.type, 'json_schema');
  assert.equal(asked.body.text.format.strict, true);
  assert.equal(again.body.output_config.format.type, 'json_schema');
  assert.deepEqual(shape(again.body.output_config.format.schema), shape(asked.body.text.format.schema));
  assert.equal(again.body.system[0].text, asked.body.instructions);
  assert.equal(await stack.metric('analysis', 'analysis_provider_calls_total{provider="anthropic"}'), before + 1);
});

test('429 is waited out where it was said; the other provider is not asked', async () => {
  first.script = ({ call }) => (call === 0 ? { ...fault(429, 'requests', 'rate_limit_exceeded'), headers: { 'retry-after-ms': '300' } } : undefined);
  await until(async () => (await stack.metric('analysis', 'analysis_provider_out{provider="openai"}')) === 0, 5, 'the outage before to be over');
  const batch = await tell(2);
  await ended(batch);
  assert.deepEqual(attempts(batch), ['openai rate_limited', 'openai ok']);
  assert.equal(second.calls.length, 0);
});

test('pictures of two sets never share a call', async () => {
  const batches = await Promise.all([tell(1), tell(2)]);
  await Promise.all(batches.map(ended));
  const sizes = [...first.calls, ...second.calls].map((c) => c.ids.length).sort();
  assert.deepEqual(sizes, [1, 2], 'four would fit into one');
});

test('without money it is not asked again, and nobody waits for it', async () => {
  first.script = () => fault(429, 'insufficient_quota', 'insufficient_quota', 'You exceeded your current quota');
  const batches = [await tell(2)];
  await ended(batches[0]);
  assert.deepEqual(attempts(batches[0]), ['openai quota', 'anthropic ok']);
  batches.push(await tell(2), await tell(2));
  await Promise.all(batches.map(ended));
  assert.equal(first.calls.length, 1);
  assert.deepEqual(attempts(batches[2]), ['anthropic ok']);
  await until(async () => (await stack.metric('analysis', 'analysis_provider_out{provider="openai"}')) === 1, 5, 'the metric to say that it is left alone');
});
