// The contract in words (proto/openapi*.yaml) against the tables that make it true: the same routes, roles, error codes and words;
// examples that fit their schemas. And the reader and the judge that hold answers against it. Covers: yaml openapi
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readOpenapi, watch } from '../kit/openapi.mjs';
import { readYaml } from '../kit/yaml.mjs';

const at = (path) => new URL(`../../${path}`, import.meta.url);
const table = (path, line) => [...readFileSync(at(path), 'utf8').matchAll(line)].map((m) => m.slice(1));
const OUT = readOpenapi(at('proto/openapi.yaml')), IN = readOpenapi(at('proto/openapi-internal.yaml'));
const spelled = (path) => path.replace(/:(\w+)/g, '{$1}');
const listed = (api) => api.routes.map((r) => `${r.method} ${r.path} ${r.operation['x-role']}`).sort();

const ERRORS = table('proto/err.def', /^ERR\(\w+,\s*"(\w+)",\s*(\d+),/gm).filter(([, status]) => Number(status) >= 400);

test('routes.def and openapi.yaml list the same routes, roles and handlers', () => {
  const routes = table('upload-svc/routes.def', /^ROUTE\((\w+),\s*"([^"]+)",\s*(\w+),\s*(\w+),/gm);
  assert.ok(routes.length > 30);
  assert.deepEqual(listed(OUT), routes.map(([method, path, , role]) => `${method} ${spelled(path)} ${role.toLowerCase()}`).sort());
  for (const [method, path, handler] of routes)
    assert.ok(OUT.file.paths[spelled(path)][method.toLowerCase()].operationId.startsWith(handler), `${method} ${path}`);
});

test('the internal routes, roles and ports stand in openapi-internal.yaml', () => {
  const routes = table('analysis-svc/routes.def', /^ROUTE\((\w+),\s*"(\w+)",\s*"([^"]+)",\s*\w+,\s*(\w+),/gm);
  assert.equal(routes.length, IN.routes.length);
  assert.deepEqual(listed(IN), routes.map(([, method, path, role]) => `${method} ${spelled(path)} ${role.toLowerCase()}`).sort());
  for (const [port, method, path] of routes) assert.equal(IN.file.paths[spelled(path)][method.toLowerCase()]['x-port'], port);
});

test('err.def and the files list the same error codes, each at its status', () => {
  for (const { file } of [OUT, IN]) {
    assert.deepEqual(file.components.schemas.ErrorCode.enum, ERRORS.map(([code]) => code));
    const told = Object.entries(file.components.responses).flatMap(([status, r]) => r['x-codes'].map((code) => [code, status]));
    assert.deepEqual(told.sort(), [...ERRORS].sort());
  }
});

test('the words of proto are the words of the contract', () => {
  const words = (name) => OUT.file.components.schemas[name].enum;
  assert.deepEqual(words('State'), table('proto/snapshot_state.def', /^SNAPSHOT_STATE\(\w+,\s*"(\w+)"/gm).flat());
  assert.deepEqual(words('ProcessingStatus').sort(), [...new Set(table('proto/snapshot_state.def', /^SNAPSHOT_STATE\(\w+,\s*"\w+",\s*"(\w+)"/gm).flat())].sort());
  assert.deepEqual(words('Platform'), table('proto/platform.def', /^PLATFORM\("([^"]+)"/gm).flat());
  const types = table('proto/snapshot_type.def', /^SNAPSHOT_TYPE\(\w+,\s*"(\w+)"/gm).flat(); // and folders that were dropped in
  assert.ok(types.length > 0 && types.every((t) => new RegExp(OUT.file.components.schemas.SnapshotType.pattern, 'u').test(t)));
  assert.deepEqual(words('FailCode'), [...table('proto/fail.def', /^FAIL\(\w+,\s*"(\w+)"/gm).flat(), null]);
  assert.deepEqual(Object.keys(IN.file.components.schemas.Batch.properties.images.properties), table('proto/image_state.def', /^IMAGE_STATE\(\w+,\s*"(\w+)"/gm).flat());
  assert.deepEqual(Object.keys(IN.file.components.schemas.Batch.properties.jobs.properties), table('proto/job_state.def', /^JOB_STATE\(\w+,\s*"(\w+)"/gm).flat());
});

test('every route says what it is for, who may call it and what each path part is', () => {
  for (const { routes } of [OUT, IN]) {
    const ids = routes.map((r) => r.operation.operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const { path, operation } of routes) {
      assert.ok(operation.summary.length > 4, path);
      assert.equal(operation['x-role'] === 'open', operation.security?.length === 0, path);
      assert.equal('401' in operation.responses && '403' in operation.responses, operation['x-role'] !== 'open' || path === '/api/session', path);
      const named = (operation.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name);
      assert.deepEqual(named, [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]), path);
    }
  }
});

test('every JSON message has an example, and every example fits its schema', () => {
  for (const api of [OUT, IN]) {
    let n = 0;
    const fits = (content, where) => {
      assert.ok(content.example !== undefined, where);
      assert.deepEqual(api.check(content.schema, content.example), [], where);
      n++;
    };
    for (const { method, path, operation } of api.routes) {
      const sent = operation.requestBody?.content?.['application/json'];
      if (sent) fits(sent, `${method} ${path}`);
      for (const [status, answer] of Object.entries(operation.responses)) {
        const told = api.follow(answer).content?.['application/json'];
        if (told && (answer.$ref || status[0] === '2')) fits(told, `${method} ${path} ${status}`);
      }
    }
    assert.ok(n > 20);
  }
});

test('the golden messages of the batch endpoint fit the internal contract', () => {
  const example = (name) => JSON.parse(readFileSync(at(`proto/examples/${name}.json`), 'utf8'));
  const fits = (schema, name) => assert.deepEqual(IN.check({ $ref: `#/components/schemas/${schema}` }, example(name)), [], name);
  for (const name of ['batch_extract', 'batch_forget', 'batch_review']) fits('Message', name);
  fits('Accepted', 'batch_accepted');
  fits('Rejected', 'batch_rejected');
});

// An answer of a route, with one thing changed.
const judged = (change = {}) => OUT.judge({ method: 'GET', path: '/api/admin/snapshots/platforms', status: 200, type: 'application/json',
  text: '{"success":true,"platforms":[{"value":"cookie.fun","label":"Cookie.fun"}]}', ...change });
const error = (code) => JSON.stringify({ success: false, code, message: 'why', requestId: '1' });

test('an answer as the contract has it passes', () => {
  assert.deepEqual(judged(), []);
  assert.deepEqual(judged({ method: 'HEAD', text: '' }), []);
  assert.deepEqual(judged({ status: 401, text: error('unauthenticated') }), []);
  assert.deepEqual(judged({ path: '/api/nowhere/at/all', status: 404, text: error('not_found') }), []);
  assert.deepEqual(judged({ method: 'PUT', status: 405, text: error('method_not_allowed') }), []);
});

test('an unknown route, status, type, code or shape is told', () => {
  const cases = [[{ path: '/api/admin/snapshots/platforms/all' }, /knows no such answer/], [{ method: 'PUT' }, /knows no such answer/], [{ status: 206 }, /knows no such answer/],
    [{ status: 410, text: error('gone') }, /knows no such answer/], [{ type: 'text/html' }, /"text\/html" is not among/], [{ text: '{"success":true' }, /no JSON/],
    [{ text: '{"success":true}' }, /has no "platforms"/], [{ text: '{"success":true,"platforms":[],"more":1}' }, /\.more: nobody told of it/],
    [{ text: '{"success":false,"platforms":[]}' }, /\.success: is false, not true/], [{ text: '{"success":true,"platforms":[{"value":"cookie.fun","label":7}]}' }, /\.platforms\[0\]\.label: is integer, not string/],
    [{ text: '{"success":true,"platforms":[{"value":"elsewhere","label":"x"}]}' }, /\.platforms\[0\]\.value: is "elsewhere", none of the list/],
    [{ status: 401, text: error('not_found') }, /\.code: "not_found" does not go with 401/], [{ path: '/api/nowhere/at/all', status: 405, text: error('method_not_allowed') }, /knows no such answer/]];
  for (const [change, sentence] of cases) assert.match(judged(change).join('\n'), sentence, JSON.stringify(change));
});

test('members that several schemas of one object speak of are all known, and no others', () => {
  const schema = { allOf: [{ type: 'object', required: ['a'], properties: { a: { type: 'integer' } } }, { properties: { b: { type: ['string', 'null'] } } }], unevaluatedProperties: false };
  assert.deepEqual(OUT.check(schema, { a: 1, b: null }), []);
  assert.deepEqual(OUT.check(schema, { a: 1.5, c: 2 }), ['.a: is number, not integer', '.c: nobody told of it']);
  const either = { anyOf: [{ type: 'null' }, { $ref: '#/components/schemas/Platform' }] };
  assert.deepEqual([null, 'bantr', 'x'].map((v) => OUT.check(either, v).length), [0, 0, 1]);
  assert.throws(() => OUT.check({ type: 'object', patternProperties: {} }, {}), /"patternProperties" is not checked here/);
});

test('what a socket was told is judged as well, when it is whole', async () => {
  const contract = watch();
  contract.hear('http://127.0.0.1:9', OUT);
  const said = (status, body) => `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  assert.ok(contract.raw('http://127.0.0.1:9', 'GET /api/meta HTTP/1.1\r\n', said(431, error('head_too_large'))));
  assert.ok(contract.raw('http://127.0.0.1:9', 'POST /api/admin/snapshots/upload HTTP/1.1\r\n', `HTTP/1.1 100 Continue\r\n\r\n${said(411, error('length_required'))}`));
  assert.ok(!contract.raw('http://127.0.0.1:9', 'GET /api/meta HTTP/1.1\r\n', said(401, error('unauthenticated')).slice(0, -2)));
  await contract.end();
  assert.equal(contract.count(), 2);
  contract.raw('http://127.0.0.1:9', 'GET /api/meta HTTP/1.1\r\n', said(200, '{}'));
  await assert.rejects(contract.end(), /GET \/api\/meta: 200 body/);
});

test('what is fetched from an address that is watched is judged, and told once at the end', async () => {
  const real = globalThis.fetch;
  let body = '{"success":true,"platforms":[]}';
  globalThis.fetch = async () => new Response(body, { headers: { 'content-type': 'application/json' } });
  try {
    const contract = watch();
    contract.hear('http://127.0.0.1:9', OUT);
    await fetch('http://127.0.0.1:9/api/admin/snapshots/platforms?x=1');
    await contract.end();
    assert.equal(contract.count(), 1);
    body = '{"success":true}';
    await fetch('http://127.0.0.1:10/api/admin/snapshots/platforms');
    await contract.end(); // another address is nobody's business
    assert.equal(await (await fetch('http://127.0.0.1:9/api/admin/snapshots/platforms')).text(), body);
    await assert.rejects(contract.end(), /GET \/api\/admin\/snapshots\/platforms: 200 body: has no "platforms"/);
    await contract.end();
  } finally {
    globalThis.fetch = real;
  }
});

test('YAML is read as it is written, and what is not understood is refused with its line', () => {
  const text = "# a comment\na: 1\n'b c': it''s\nd:\n  - x: [1, 'two', {e: true}]\n    y:\n  -\n    z: \"q\\n\"\n  - http://x/y\nf: {g; h: {}, i: [a,\n  b]}\nj:\n- k\n";
  assert.deepEqual(readYaml(text.replace("it''s", "'it''s'")), { a: 1, 'b c': "it's", d: [{ x: [1, 'two', { e: true }], y: null }, { z: 'q\n' }, 'http://x/y'], f: { 'g; h': {}, i: ['a', 'b'] }, j: ['k'] });
  for (const [bad, sentence] of [['a: 1\na: 2', /line 2: "a" stands twice/], ['a:\n  b: 1\n   c: 2', /line 3/], ['a: |\n  text', /line 1/], ['a: &x 1', /line 1/], ['a: [1', /line 1/],
    ['a: "b', /line 1/], ['\ta: 1', /line 1: a tab/], ['a: 1\nb', /line 2/], ["a: 'b' c", /what is/], ['  a: 1\nb: 2', /line 2/]])
    assert.throws(() => readYaml(bad), sentence, bad);
});
