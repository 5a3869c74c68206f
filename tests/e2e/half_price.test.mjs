// Pictures that have time go through a provider's Batch API, form to rows, and a service that is killed in between finds its
// batch again. The scripted provider speaks OpenAI's files and batches, behind TLS; tests/unit/test_bulk.c has Anthropic's and the faults.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { certificate, fields, freePort, picture, until, up } from './kit.mjs';
import { boardOf } from './model.mjs';

const SLOW = fields({ deadlineS: '172800' });
const idsIn = (body) => body.input.flatMap((m) => m.content).map((p) => /^image id: *(\S+)/.exec(p.text ?? '')?.[1]).filter(Boolean);
const read = (body) => ({ id: 'resp_1', status: 'completed', model: 'scripted', output: [{ type: 'message',
  content: [{ type: 'output_text', text: JSON.stringify({ results: idsIn(body).map((id) => boardOf(id)) }) }] }],
  usage: { input_tokens: 1000, output_tokens: 100 } });

// state.done: batches end; state.hold: a promise that the creation of a batch waits for, after it was created.
async function batches(tls) {
  const state = { done: true, hold: null, files: [], batches: [], births: 0, ordinary: 0, deleted: 0 };
  const view = (b) => ({ id: b.id, object: 'batch', status: state.done ? 'completed' : 'in_progress', metadata: b.metadata,
    output_file_id: state.done ? `out-${b.id}` : null, error_file_id: null });
  const result = (line) => JSON.stringify({ custom_id: line.custom_id, response: { status_code: 200, request_id: 'req', body: read(line.body) }, error: null });
  const routes = [
    ['POST', /^\/v1\/files$/, (_, text) => ({ id: `file-${state.files.push(text.split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l))) - 1}` })],
    ['DELETE', /^\/v1\/files\//, () => ({ deleted: !!++state.deleted })],
    ['POST', /^\/v1\/batches$/, async (_, text) => {
      const asked = JSON.parse(text);
      state.births++;
      const b = { id: `batch-${state.batches.length}`, metadata: asked.metadata, lines: state.files[Number(asked.input_file_id.slice(5))] };
      state.batches.push(b);
      await state.hold;
      return view(b);
    }],
    ['GET', /^\/v1\/batches\?/, () => ({ object: 'list', data: state.batches.map(view).reverse() })],
    ['GET', /^\/v1\/batches\/batch-(\d+)$/, ([, i]) => view(state.batches[i])],
    ['GET', /^\/v1\/files\/out-batch-(\d+)\/content$/, ([, i]) => state.batches[i].lines.map(result).reverse().join('\n')],
    ['POST', /^\/v1\/responses$/, (_, text) => (state.ordinary++, read(JSON.parse(text)))],
  ];
  const server = createServer(tls, (request, response) => {
    let text = '';
    request.on('data', (d) => (text += d));
    request.on('end', async () => {
      const route = routes.find(([method, path]) => method === request.method && path.test(request.url));
      const said = route ? await route[2](route[1].exec(request.url), text) : { error: { message: 'no such path', type: 'x', code: 'x', param: null } };
      response.statusCode = route ? 200 : 404;
      response.end(typeof said === 'string' ? said : JSON.stringify(said));
    });
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  state.settings = { PROVIDER_CA_BUNDLE: tls.ca, OPENAI_BASE_URL: `https://127.0.0.1:${port}/v1`, OPENAI_MODEL: 'scripted', OPENAI_PRICE_IN: '1000000', OPENAI_PRICE_OUT: '1000000' };
  state.close = () => new Promise((resolve) => (server.closeAllConnections?.(), server.close(resolve)));
  return state;
}

let stack, api, provider, dir;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'snapkey-e2e-tls-'));
  provider = await batches(certificate(dir));
  stack = await up({ ...provider.settings, HALF_PRICE_GATHER: '300ms', HALF_PRICE_POLL: '200ms', LEASE_TIME: '2s', CALL_TIMEOUT: '3s', HEARTBEAT: '500ms' },
    'postgres,s3,analysis,upload');
  api = stack.api;
});
after(async () => {
  await stack?.down();
  await provider?.close();
  rmSync(dir, { recursive: true, force: true });
});

const send = async (n) => (await api.upload(Array.from({ length: n }, (_, i) => picture(`h${i}.png`)), SLOW)).snapshots.map((s) => s.id);
async function eachOnce(ids, parcels) {
  const done = await api.settle(ids, { seconds: 60 });
  assert.deepEqual(done.map((d) => d.state), ids.map(() => 'completed'));
  assert.deepEqual(stack.sql(`SELECT snapshot_id FROM analysis.extractions WHERE snapshot_id IN (${ids.join()}) GROUP BY 1 HAVING count(*) <> 1`), []);
  assert.equal(provider.batches.length, parcels);
  assert.equal(provider.births, parcels);
  assert.equal(provider.ordinary, 0);
  await until(() => stack.sql("SELECT bulk_id FROM analysis.bulks WHERE state <> 'over'").length === 0, 10, 'the batch to be over');
}

test('a form with two days of time is read through the Batch API, at half the price', async () => {
  const ids = await send(6);
  await eachOnce(ids, 1);
  assert.equal(provider.batches[0].lines.length, 2); // calls of up to four
  assert.ok(provider.batches[0].lines.every((l) => l.url === '/v1/responses' && !JSON.stringify(l).includes('X-Amz-')));
  const calls = stack.sql('SELECT class, transport, cost_micro_usd::int AS cost FROM analysis.attempts');
  assert.deepEqual(calls, [1, 2].map(() => ({ class: 'ok', transport: 'base64', cost: 550 })));
  assert.equal(await stack.metric('analysis', 'analysis_provider_batch_calls_total{provider="openai"}'), 2);
  assert.equal(await stack.metric('analysis', 'analysis_cost_micro_usd_total'), 1100);
  assert.equal(provider.deleted, 2); // what was sent, and what came
});

test('kill -9 while the provider works on it: another replica fetches what comes', async () => {
  provider.done = false;
  const other = await stack.replica();
  const ids = await send(5);
  await until(() => stack.sql("SELECT bulk_id FROM analysis.bulks WHERE state = 'sent'").length === 1, 20, 'it to be sent');
  await stack.kill('analysis');
  provider.done = true;
  await eachOnce(ids, 2);
  await other.stop();
  await stack.start();
});

test('kill -9 between the question and its answer: the batch is found in the list, not made twice', async () => {
  let go;
  provider.hold = new Promise((resolve) => (go = resolve));
  const ids = await send(3);
  await until(() => provider.batches.length === 3, 20, 'it to be created');
  await stack.kill('analysis');
  go();
  provider.hold = null;
  assert.deepEqual(stack.sql("SELECT remote_id FROM analysis.bulks WHERE state = 'creating'"), [{ remote_id: null }]);
  await stack.start();
  await eachOnce(ids, 3);
  assert.equal(await stack.metric('analysis', 'analysis_provider_batches_again_total{provider="openai"}'), 0);
});
