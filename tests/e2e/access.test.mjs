// Who may come in: tokens by command, JWTs that Node's crypto makes, against keys that come and go, and those who guess.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { fields, freePort, picture, ROOT, sleep, until, up } from './kit.mjs';

const SECRET = 'an-e2e-secret-of-more-than-32-bytes';
const ISSUER = 'https://backend.example';
let stack, keys;

// --- a back end: keys, tokens, and its JWKS over HTTP ---------------------------------------------
const b64 = (x) => Buffer.from(typeof x === 'string' ? x : JSON.stringify(x)).toString('base64url');
const made = { r1: generateKeyPairSync('rsa', { modulusLength: 2048 }), r2: generateKeyPairSync('rsa', { modulusLength: 3072 }),
  e1: generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
const jwk = (kid) => ({ ...made[kid].publicKey.export({ format: 'jwk' }), kid, use: 'sig' });
const now = () => Math.floor(Date.now() / 1000);
const claims = (more = {}) => ({ iss: ISSUER, aud: 'snapkey', sub: 'ann', realm_access: { roles: ['uploader'] }, iat: now(), exp: now() + 300, ...more });

function jwt(alg, kid, body = claims(), header = {}) {
  const said = Buffer.from(`${b64({ alg, typ: 'JWT', ...(kid ? { kid } : {}), ...header })}.${b64(body)}`);
  const mark = alg === 'HS256' ? createHmac('sha256', SECRET).update(said).digest()
    : sign('sha256', said, alg === 'ES256' ? { key: made[kid].privateKey, dsaEncoding: 'ieee-p1363' } : made[kid].privateKey);
  return `${said}.${mark.toString('base64url')}`;
}

async function backend() {
  const state = { kids: ['r1', 'e1'], asked: 0 };
  const server = createServer((_, response) => {
    state.asked++;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: state.kids.map(jwk) }));
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${port}/jwks.json`;
  state.close = () => new Promise((resolve) => {
    server.closeAllConnections?.();
    server.close(resolve);
  });
  return state;
}

before(async () => {
  keys = await backend();
  stack = await up({ JWT_SECRET: SECRET, JWT_JWKS: keys.url, JWT_ISSUER: ISSUER, JWT_AUDIENCE: 'snapkey', JWT_ROLE_CLAIM: 'realm_access.roles',
    JWT_LEEWAY: '2s', JWT_JWKS_RETRY: '500ms', LOGIN_FAILURES: '40' }, 'postgres,s3,upload');
});
after(async () => {
  await stack?.down();
  await keys?.close();
});

async function call(method, path, { token, headers = {}, body } = {}) {
  const answer = await fetch(stack.env.UPLOAD_URL + path, { method, body, redirect: 'manual',
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers } });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
}
const status = async (token) => (await call('GET', '/api/session', { token })).status;

function command(...args) {
  const bin = process.env.SNAPKEY_BIN ?? `${ROOT}build/gcc/bin`;
  return spawnSync(`${bin}/upload-svc`, args, { encoding: 'utf8', env: { PATH: process.env.PATH, UPLOAD_DATABASE_URL: stack.env.UPLOAD_DATABASE_URL,
    AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', S3_BUCKET_NAME: 'bucket', INTERNAL_TOKEN: 'internal-token-0123456789' } });
}

test('HS256, RS256 and ES256 open the door, with the role of the claim that the setting names', async () => {
  for (const token of [jwt('HS256'), jwt('RS256', 'r1'), jwt('ES256', 'e1')]) {
    const { status: got, body } = await call('GET', '/api/session', { token });
    assert.deepEqual([got, body.name, body.role], [200, 'jwt:ann', 'uploader']);
  }
  const form = new FormData();
  for (const [k, v] of Object.entries(fields())) form.append(k, v);
  form.append('screenshots', new Blob([picture().bytes]), 'by jwt.png');
  const sent = await call('POST', '/api/admin/snapshots/upload', { token: jwt('RS256', 'r1'), body: form });
  assert.equal(sent.status, 201, JSON.stringify(sent.body));
  assert.deepEqual(stack.sql("SELECT uploaded_by FROM upload.platform_snapshots WHERE original_file_name = 'by jwt.png'"), [{ uploaded_by: 'jwt:ann' }]);
  const campaign = await call('POST', '/api/admin/campaigns', { token: jwt('RS256', 'r1'), body: '{}', headers: { 'content-type': 'application/json' } });
  assert.equal(campaign.status, 403);
  assert.equal(await status(jwt('RS256', 'r1', claims({ realm_access: { roles: ['editor'] } }))), 403);
});

test('time, issuer and audience are looked at, and so is every letter', async () => {
  for (const more of [{ exp: now() - 5 }, { exp: undefined }, { nbf: now() + 60 }, { iss: 'https://other.example' }, { iss: undefined }, { aud: 'other' },
    { aud: undefined }, { sub: undefined }])
    assert.equal(await status(jwt('HS256', undefined, claims(more))), 401, JSON.stringify(more));
  assert.equal(await status(jwt('HS256', undefined, claims({ exp: now() - 1, aud: ['x', 'snapkey'] }))), 200); // within the leeway
  const [head, , mark] = jwt('RS256', 'r1').split('.');
  assert.equal(await status(`${head}.${b64(claims({ realm_access: { roles: ['admin'] } }))}.${mark}`), 401);
});

test('an alg that does not belong to the key is refused', async () => {
  const pem = made.r1.publicKey.export({ type: 'spki', format: 'pem' });
  const said = `${b64({ alg: 'HS256', kid: 'r1' })}.${b64(claims())}`;
  assert.equal(await status(`${said}.${createHmac('sha256', pem).update(said).digest('base64url')}`), 401);
  assert.equal(await status(`${b64({ alg: 'none' })}.${b64(claims())}.`), 401);
  assert.equal(await status(jwt('RS256', 'r1', claims(), { crit: ['exp'] })), 401);
  assert.equal(await status(jwt('RS256', 'r2', claims(), { jwk: jwk('r2'), jku: keys.url })), 401);
});

test('a new key is fetched when it is first used, and not for every stranger', async () => {
  await sleep(600);
  keys.kids = ['r2', 'e1'];
  const asked = keys.asked;
  assert.equal(await status(jwt('RS256', 'r2')), 200);
  assert.equal(keys.asked, asked + 1);
  for (let i = 0; i < 8; i++) assert.equal(await status(jwt('RS256', 'r1', claims(), { kid: `stranger ${i}` })), 401);
  assert.ok(keys.asked <= asked + 2, `${keys.asked - asked} fetches`);
  assert.equal(await status(jwt('RS256', 'r1')), 401); // withdrawn
  assert.equal(await stack.metric('upload', 'upload_jwks_reads_total{outcome="failed"}'), 0);
  assert.ok(await stack.metric('upload', 'upload_jwks_reads_total{outcome="ok"}') >= 2);
});

const log = (token, headers = {}) => call('POST', '/api/session', { body: JSON.stringify({ token }), headers: { 'content-type': 'application/json', ...headers } });

test('the page exchanges a JWT for a cookie that ends with it, and only our own page may use it', async () => {
  const answer = await log(jwt('ES256', 'e1', claims({ exp: now() + 3 })));
  assert.equal(answer.status, 200);
  const set = answer.headers.get('set-cookie');
  assert.match(set, /^snapkey_session=snk_[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=[123]$/);
  const cookie = { cookie: set.split(';')[0] };
  assert.equal((await call('GET', '/api/session', { headers: cookie })).body.name, 'jwt:ann');
  const upload = (headers) => call('POST', '/api/admin/snapshots/upload', { headers: { ...cookie, 'content-type': 'text/plain', ...headers }, body: 'x' });
  assert.equal((await upload({ origin: 'https://evil.example' })).status, 403);
  assert.equal((await upload({})).status, 403);
  assert.equal((await upload({ origin: stack.env.UPLOAD_URL })).status, 415);
  await until(async () => (await call('GET', '/api/session', { headers: cookie })).status === 401, 6, 'the session to end with its JWT');
});

test('tokens are made, listed and revoked by command; the print is the only copy', async () => {
  const token = command('--token-create', 'night job', '--role', 'viewer').stdout.trim();
  assert.match(token, /^snk_[0-9a-f]{64}$/);
  assert.equal(await status(token), 200);
  assert.equal((await call('POST', '/api/admin/snapshots/upload', { token, body: 'x' })).status, 403);
  const list = command('--token-list').stdout;
  assert.match(list, /^viewer {4}20\S+ {2}night job\n$/);
  assert.ok(!list.includes(token.slice(4)));
  const session = await log(token);
  assert.equal(command('--token-revoke', 'night job').status, 0);
  assert.equal(await status(token), 401);
  assert.equal((await call('GET', '/api/session', { headers: { cookie: session.headers.get('set-cookie').split(';')[0] } })).status, 401);
  assert.equal(command('--token-revoke', 'night job').status, 1);
  assert.match(command('--token-list').stdout, /night job {2}revoked 20/);
  assert.equal(command('--token-create', 'x', '--role', 'root').status, 1);
});

test('who guesses has to wait; who was right, or shows a right JWT, has not; and no log holds a token', async () => {
  const right = command('--token-create', 'right', '--role', 'viewer').stdout.trim();
  assert.equal(await status(right), 200);
  let answer;
  const guess = (i) => `guess-number-${i}-0123456789`;
  for (let i = 0; i < 60; i++) {
    answer = await log(guess(i));
    if (answer.status === 429) break;
    assert.equal(answer.status, 401);
  }
  assert.equal(answer.status, 429);
  assert.equal(answer.body.code, 'rate_limited');
  const wait = Number(answer.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 60, String(wait));
  assert.equal(await status(right), 200);
  assert.equal(await status(jwt('HS256')), 200);
  assert.ok(await stack.metric('upload', 'upload_logins_failed_total{kind="limited"}') >= 1);
  assert.ok(await stack.metric('upload', 'upload_logins_failed_total{kind="token"}') >= 5);
  assert.ok(await stack.metric('upload', 'upload_logins_failed_total{kind="jwt"}') >= 10);
  const text = stack.log('upload');
  assert.match(text, /"auth\.failed".*"remote":"127\.0\.0\.1"/);
  for (const secret of [guess(0), right, SECRET, 'eyJ', stack.env.UPLOAD_TOKEN]) assert.ok(!text.includes(secret), secret);
});

test('without a token and without JWTs it starts on loopback only', async () => {
  stack.sql('UPDATE upload.api_tokens SET revoked_at = now()');
  const start = (more) => spawnSync(`${process.env.SNAPKEY_BIN ?? `${ROOT}build/gcc/bin`}/upload-svc`, [], { encoding: 'utf8', timeout: 8000, killSignal: 'SIGTERM',
    env: { PATH: process.env.PATH, UPLOAD_DATABASE_URL: stack.env.UPLOAD_DATABASE_URL, AWS_ENDPOINT_URL_S3: stack.env.AWS_ENDPOINT_URL_S3,
      AWS_ACCESS_KEY_ID: stack.env.AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: stack.env.AWS_SECRET_ACCESS_KEY, S3_BUCKET_NAME: stack.env.S3_BUCKET_NAME,
      INTERNAL_TOKEN: stack.env.INTERNAL_TOKEN, UPLOAD_PORT: '0', UPLOAD_OPS_PORT: '0', SHUTDOWN_WAIT: '0s', ...more } });
  const open = start({ UPLOAD_BIND: '198.51.100.1' });
  assert.notEqual(open.status, 0);
  assert.match(open.stderr, /UPLOAD_TOKEN, JWT_SECRET or JWT_JWKS/);
  const wrong = start({ JWT_JWKS: '/nowhere/keys.json' });
  assert.notEqual(wrong.status, 0);
  assert.match(wrong.stderr, /JWT_JWKS: .*\/nowhere\/keys\.json/);
});
