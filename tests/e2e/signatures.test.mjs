// A provider that repeats the presigned URLs it was given, in every place that an answer has: after a full run no signature and
// no key stands in any log, row or answer of ours. Everything is searched for the very signatures that were given out.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fields, picture, up } from './kit.mjs';
import { boardOf, model, ROW } from './model.mjs';

const KEY = 'sk-e2e-0123456789abcdef0123456789abcdef';
let stack, provider;
before(async () => {
  provider = await model();
  stack = await up({ ...provider.settings, OPENAI_API_KEY: KEY, MODEL_CHECK: 'off', IMAGES_PER_CALL: '1' }, 'postgres,s3,analysis,upload');
});
after(async () => {
  await stack?.down();
  await provider?.close();
});

const fault = (message, code, type = 'invalid_request_error') => ({ error: { message, type, param: null, code } });
// By the number of the call; the later ones read well.
const ECHOES = [
  ({ urls }) => ({ status: 400, json: fault(`Timeout while downloading ${urls[0]}`, 'invalid_image_url') }),
  ({ urls }) => ({ status: 500, json: fault(`at ${urls[0]}`, null, 'server_error') }),
  ({ urls }) => ({ status: 502, json: `<html>${urls[0]}</html>` }),
  ({ urls }) => ({ status: 429, json: fault(`slow down ${urls[0]}`, 'rate_limit_exceeded', urls[0]), headers: { 'retry-after-ms': '10' } }),
  ({ urls }) => ({ text: `not JSON: ${urls[0]}` }),
  ({ urls, ids }) => ({ text: JSON.stringify({ results: [boardOf(ids[0], [{ ...ROW, display_name: urls[0], badge: urls[0] }])] }) }),
  ({ urls, ids }) => ({ text: JSON.stringify({ results: [{ ...boardOf(ids[0]), title: urls[0], columns: [urls[0]] }] }) }),
  ({ urls, ids }) => ({ text: JSON.stringify({ results: [boardOf(urls[0])], [urls[0]]: ids }) }),
  ({ urls }) => ({ json: { status: urls[0], model: urls[0], id: urls[0], output: [] }, headers: { 'x-request-id': urls[0] } }),
];

async function answers(ids) {
  const paths = ['/api/admin/snapshots/history?limit=200', '/api/admin/snapshots/export?format=json', '/api/admin/snapshots/pending-summary', '/api/meta',
    ...ids.flatMap((id) => [`/api/admin/snapshots/${id}`, `/api/admin/snapshots/status/${id}`])];
  const texts = await Promise.all(paths.map(async (path) => JSON.stringify((await stack.api.call('GET', path)).body)));
  const token = { headers: { authorization: `Bearer ${stack.env.INTERNAL_TOKEN}` } };
  for (const { batch_id } of stack.sql('SELECT batch_id FROM analysis.batches'))
    texts.push(await (await fetch(`${stack.env.ANALYSIS_URL}/internal/v1/batches/${batch_id}`, token)).text());
  for (const ops of [stack.env.UPLOAD_OPS_URL, stack.env.ANALYSIS_OPS_URL]) texts.push(await (await fetch(`${ops}/metrics`)).text());
  return texts;
}

test('what a provider echoes of the URLs it was given is in no log, row or answer', async () => {
  provider.script = (call) => ECHOES[call.call]?.(call);
  const sent = await stack.api.upload(Array.from({ length: 10 }, (_, i) => picture(`s${i}.png`)), fields());
  const ids = sent.snapshots.map((s) => s.id);
  await stack.api.settle(ids, { seconds: 60 });
  assert.ok(provider.calls.length >= ECHOES.length + 5, `${provider.calls.length} calls`);
  const given = provider.calls.flatMap((c) => c.urls).flatMap((u) => /X-Amz-Signature=([0-9a-f]{64})/.exec(u)?.[1] ?? []);
  assert.ok(new Set(given).size >= 5, `${given.length} signatures were given out`);
  const dump = spawnSync('pg_dump', ['--data-only', '-d', stack.env.ADMIN_DATABASE_URL], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(dump.status, 0, dump.stderr);
  assert.match(dump.stdout, /Timeout while downloading/); // it is a dump of what there is
  const found = { rows: dump.stdout, answers: (await answers(ids)).join('\n') };
  for (const name of readdirSync(join(stack.dir, 'log')).filter((n) => /upload|analysis/.test(n))) found[name] = readFileSync(join(stack.dir, 'log', name), 'utf8');
  assert.match(found['analysis.log'], /call\.done/);
  for (const [where, text] of Object.entries(found)) {
    for (const secret of [...new Set(given), KEY, stack.env.AWS_SECRET_ACCESS_KEY, stack.env.INTERNAL_TOKEN])
      assert.ok(!text.includes(secret), `${secret.slice(0, 6)}... stands in ${where}: ${text.slice(text.indexOf(secret) - 200, text.indexOf(secret) + 20)}`);
    assert.doesNotMatch(text, /X-Amz-Signature=[0-9a-f]/, where);
  }
});
