// local/up and local/down, with real Postgres and Ceph: idempotence, repair, two stacks at once,
// nothing left behind. Only the parts that need no build of ours: postgres and s3.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, readFileSync, readdirSync, rmSync, existsSync, statSync,
    symlinkSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const PARTS = ['POSTGRES', 'RGW', 'OSD', 'MON'];
const base = mkdtempSync(join(tmpdir(), 'snapkey-up-'));
const folders = [];

// The caller's own settings would win over the defaults that are looked at here.
const clean = { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR ?? tmpdir(), PG_FSYNC: 'off',
    ...(process.env.SNAPKEY_PORTS ? { SNAPKEY_PORTS: process.env.SNAPKEY_PORTS } : {}) };

const folder = (name) => {
    const dir = join(base, name);
    folders.push(dir);
    return dir;
};

async function run(program, args, env = {}) {
    const child = spawn(program, args, { env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    const [code] = await once(child, 'close');
    return { code, out, err };
}

async function up(dir, args = [], env = {}) {
    const done = await run(join(ROOT, 'local/up'), ['--dir', dir, '--only', 'postgres,s3', ...args], env);
    assert.equal(done.code, 0, done.err);
    return { ...readEnv(dir), out: done.out };
}

const down = (dir) => run(join(ROOT, 'local/down'), ['--dir', dir]);

const readEnv = (dir) =>
    Object.fromEntries(readFileSync(join(dir, 'env'), 'utf8').trim().split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

const pids = (env) => Object.fromEntries(PARTS.map((part) => [part, env[`PID_${part}`]]));

// A zombie answers kill -0, so the state is looked at.
function alive(pid) {
    try {
        return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
        return false;
    }
}

async function kill(pid) {
    process.kill(Number(pid), 'SIGKILL');
    while (alive(pid)) await new Promise((done) => setTimeout(done, 20));
}

async function sql(url, text) {
    return run('psql', ['-X', '-At', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', text]);
}

async function s3(env, method, key, ...more) {
    const done = await run('curl', ['-sS', '-w', '\n%{http_code}', '-X', method, '--noproxy', '*',
        "-H", "x-amz-content-sha256:UNSIGNED-PAYLOAD", "--aws-sigv4", `aws:amz:${env.AWS_REGION}:s3`,
        "--user", `${env.AWS_ACCESS_KEY_ID}:${env.AWS_SECRET_ACCESS_KEY}`, ...more,
        `${env.AWS_ENDPOINT_URL_S3}/${env.S3_BUCKET_NAME}/${key}`]);
    const at = done.out.lastIndexOf('\n');
    return { status: Number(done.out.slice(at + 1)), body: done.out.slice(0, at) };
}

// Whatever still mentions the folder on its command line.
function leftovers(dir) {
    return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && alive(pid) && mentions(pid, dir));
}

function mentions(pid, dir) {
    try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(dir);
    } catch {
        return false; // it ended while we looked
    }
}

// A server of ours on the first free port from there on, below the range of outgoing connections.
async function listen(port) {
    const server = createServer().listen(port, '127.0.0.1');
    const [why] = await Promise.race([once(server, 'listening'), once(server, 'error')])
        .catch((error) => [error]);
    return why ? listen(port + 1) : server;
}

after(async () => {
    for (const dir of folders) await down(dir);
    rmSync(base, { recursive: true, force: true });
});

test('a stack serves SQL and S3, and its env names every part', async () => {
    const dir = folder('one');
    const env = await up(dir);

    assert.match(env.out, /postgres .* s\n/);
    for (const name of ['UPLOAD_URL', 'UPLOAD_TOKEN', 'UPLOAD_OPS_URL', 'ANALYSIS_URL', 'ANALYSIS_OPS_URL',
        'INTERNAL_TOKEN', 'UPLOAD_DATABASE_URL', 'ANALYSIS_DATABASE_URL', 'ADMIN_DATABASE_URL',
        'AWS_ENDPOINT_URL_S3', 'S3_MODEL_ENDPOINT', 'S3_BROWSER_ENDPOINT', 'AWS_REGION',
        'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'S3_BUCKET_NAME', 'READER_URL',
        'PID_POSTGRES', 'PID_RGW', 'PID_OSD', 'PID_MON'])
        assert.ok(env[name], name);
    for (const name of ['PID_READER', 'PID_UPLOAD', 'PID_ANALYSIS']) assert.equal(env[name], '', name);
    assert.equal((await sql(env.ADMIN_DATABASE_URL, 'SELECT 1')).out, '1\n');
    const picture = join(ROOT, 'local/up');
    assert.equal((await s3(env, 'PUT', 'a', '-T', picture)).status, 200);
    assert.equal((await s3(env, 'GET', 'a')).body, readFileSync(picture, 'utf8'));
    assert.equal(statSync(join(dir, 'env')).mode & 0o077, 0, 'the env file holds secrets');
});

test("each service's role builds in its own schema and not in the other's", async () => {
    const env = readEnv(folders[0]);

    assert.equal((await sql(env.UPLOAD_DATABASE_URL, 'CREATE TABLE t (a int)')).code, 0);
    assert.equal((await sql(env.ADMIN_DATABASE_URL, "SELECT 'upload.t'::regclass")).code, 0);
    assert.match((await sql(env.UPLOAD_DATABASE_URL, 'CREATE TABLE analysis.t (a int)')).err,
        /permission denied/);
    assert.match((await sql(env.ANALYSIS_DATABASE_URL, 'CREATE TABLE upload.t2 (a int)')).err,
        /permission denied/);
    assert.match((await sql(env.ANALYSIS_DATABASE_URL, 'SELECT * FROM upload.t')).err,
        /permission denied/);
    assert.match((await sql(env.ANALYSIS_DATABASE_URL, 'CREATE TABLE public.t (a int)')).err,
        /permission denied/);
});

test('a second up on a live folder changes nothing', async () => {
    const before = readEnv(folders[0]);
    const { out, ...again } = await up(folders[0]);

    assert.deepEqual(again, before);
    assert.equal(out.match(/already running/g).length, 2);
});

test('up starts again exactly what died, on the same ports with the same secrets', async () => {
    const before = readEnv(folders[0]);

    await kill(before.PID_POSTGRES);
    await kill(before.PID_RGW);
    const { out, ...again } = await up(folders[0]);

    const alike = PARTS.filter((part) => pids(before)[part] === pids(again)[part]);
    assert.deepEqual(alike, ['OSD', 'MON']);
    assert.deepEqual({ ...again, PID_POSTGRES: '', PID_RGW: '' },
        { ...before, PID_POSTGRES: '', PID_RGW: '' });
    assert.equal((await sql(again.UPLOAD_DATABASE_URL, 'SELECT count(*) FROM t')).out, '0\n');
    assert.equal((await s3(again, 'GET', 'a')).status, 200, out);
});

test('a memory store that was killed starts empty rather than broken', async () => {
    await kill(readEnv(folders[0]).PID_OSD);
    const env = await up(folders[0]);

    assert.equal((await s3(env, 'GET', 'a')).status, 404);
    assert.equal((await s3(env, 'PUT', 'b', '-T', join(ROOT, 'local/up'))).status, 200);
});

test('two stacks that start at the same moment live side by side', async () => {
    const [second, third] = await Promise.all([up(folder('two')), up(folder('three'))]);
    const first = readEnv(folders[0]);

    assert.equal(new Set([first, second, third].map((env) => env.UPLOAD_URL)).size, 3);
    assert.equal((await s3(second, 'GET', 'b')).status, 404, 'they share no bucket');
    assert.equal((await s3(first, 'GET', 'b')).status, 200);
    assert.match((await sql(second.UPLOAD_DATABASE_URL, 'SELECT * FROM t')).err, /does not exist/);
    await down(folders[2]);
    for (const pid of Object.values(pids(third))) assert.ok(!alive(pid));
    for (const pid of Object.values(pids(second))) assert.ok(alive(pid), 'the neighbour lives on');
    await down(folders[1]);
});

test('down stops every part, and the next up finds the data again', async () => {
    const before = readEnv(folders[0]);

    assert.equal((await down(folders[0])).code, 0);
    assert.deepEqual(leftovers(folders[0]), []);
    assert.equal(readEnv(folders[0]).PID_POSTGRES, '');
    const env = await up(folders[0]);
    assert.equal(env.UPLOAD_DATABASE_URL, before.UPLOAD_DATABASE_URL);
    assert.equal((await sql(env.UPLOAD_DATABASE_URL, 'SELECT count(*) FROM t')).out, '0\n');
    assert.equal((await s3(env, 'GET', 'b')).status, 200);
    await down(folders[0]);
});

test('a variable that the caller has set wins, and comes back from env as it was', async () => {
    const dir = folder('callers');
    const url = "http://127.0.0.1:9/v1?a=b&c='d e'";
    const env = await up(dir, [], { OPENAI_BASE_URL: url, S3_BUCKET_NAME: 'other', UPLOAD_TOKEN: 'mine' });

    assert.equal(env.UPLOAD_TOKEN, 'mine');
    assert.equal((await s3({ ...env, S3_BUCKET_NAME: 'other' }, 'GET', 'none')).status, 404);
    const said = await run("bash", ["-c", `. ${dir}/env; printf %s "$OPENAI_BASE_URL"`]);
    assert.equal(said.out, url);
    await down(dir);
});

test('a taken port is named, and nothing stays behind', async () => {
    const dir = folder('taken');
    const probe = await listen(31005);
    const start = probe.address().port - 5; // so that it has the port of S3

    const done = await run(join(ROOT, 'local/up'),
        ['--dir', dir, '--only', 'postgres,s3', '--port-base', String(start)]);
    probe.close();

    assert.equal(done.code, 1);
    assert.match(done.err, new RegExp(`Port ${start + 5}, meant for S3, is taken`));
    assert.deepEqual(leftovers(dir), [], 'postgres had started and is stopped again');
});

test('a service that cannot start says so with its log, and the others are stopped', async () => {
    const dir = folder('broken');
    const bin = join(base, 'bin');

    mkdirSync(bin);
    symlinkSync('/bin/false', join(bin, 'upload-svc'));
    const done = await run(join(ROOT, 'local/up'), ['--dir', dir, '--only', 'postgres,upload'],
        { SNAPKEY_BIN: bin });
    assert.equal(done.code, 1);
    assert.match(done.err, /upload did not start/);
    assert.deepEqual(leftovers(dir), []);
});

test('a Ctrl-C in the middle of up leaves nothing behind', async () => {
    const dir = folder('interrupted');
    const child = spawn(join(ROOT, 'local/up'), ['--dir', dir, '--only', 'postgres,s3'],
        { env: clean, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const closed = once(child, 'close');
    let err = '';

    child.stderr.on('data', (text) => (err += text));
    await Promise.race([once(child.stdout, 'data'), closed]); // postgres is up, s3 about to start
    assert.equal(child.exitCode, null, err);
    process.kill(-child.pid, 'SIGINT');
    const [code] = await closed;
    assert.equal(code, 130, err);
    assert.deepEqual(leftovers(dir), []);
});

test('wrong arguments are refused with the right ones', async () => {
    const refused = async (args, sentence) => {
        const done = await run(join(ROOT, 'local/up'), args);
        assert.equal(done.code, 1);
        assert.match(done.err, sentence);
    };
    await refused([], /usage: local\/up --dir DIR/);
    await refused(['--dir'], /usage/);
    await refused(['--dir', join(base, 'x'), '--only', 'mysql'], /does not know "mysql"/);
    await refused(['--dir', join(base, 'x'), '--port-base', '40000'], /below 32768/);
    await refused(['--dir', join(base, 'a b'), '--only', 's3'], /plainer/);
    assert.ok(!existsSync(join(base, 'x')));
    assert.equal((await down(join(base, 'never'))).code, 0);
});
