// bench_fanout.mjs - analysis-svc end to end (claim, presign, build, call, judge, store) beside Portkey's gateway with an aiohttp
// client, plain aiohttp and plain httpx (tests/bench/peer_fanout.py), against one scripted provider.
//
//   node tests/bench/bench_fanout.mjs [--rounds N] [--calls N] [--pictures 4] [--per-set 12] [--rows 10] [--latency 50] [--in-flight 8,64,256]
//                                     [--outage 2000] [--rate 50] [--peers portkey,aiohttp,httpx] [--only SCENARIO]
//   node tests/bench/bench_fanout.mjs --packs 1,2,4,8,16      what IMAGES_PER_CALL costs and saves, ours alone
//
// Everything is on this machine: a private Postgres (fsync on), the provider (tests/bench/bench_fanout_model.c, a fixed latency).
// Batches are accepted first and held back, so that a round begins with all its jobs ready and counts no intake. The long form: --calls 3000 --rounds 7 --outage 10000. Processor time is
// the service's own (user and system, all its threads); Postgres's and the provider's are told beside it. Bars are taken of boards of ten
// rows a picture; the one in milliseconds also of pictures that show one row each (profiles, banners): docs/decisions/0021.
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const pg = createRequire(import.meta.url)('pg');
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const BIN = process.env.SNAPKEY_BIN ?? join(ROOT, 'build/gcc/bin');
const TOOLS = process.env.SNAPKEY_BENCH ?? join(ROOT, 'build/gcc/bench');
const DEPLOYMENT = 'be9c0001';

function options() {
  const got = { rounds: 3, calls: 300, pictures: 4, 'per-set': 12, rows: 10, latency: 50, 'in-flight': '8,64,256', outage: 2000, rate: 50, peers: 'portkey,aiohttp,httpx', only: '', packs: '' };
  for (let i = 2; i < process.argv.length; i++) got[process.argv[i].replace(/^--/, '')] = process.argv[++i];
  for (const name of Object.keys(got).filter((n) => n !== 'peers' && n !== 'only')) got[name] = ['in-flight', 'packs'].includes(name) ? String(got[name]).split(',').filter(Boolean).map(Number) : Number(got[name]);
  return got;
}
const opt = options();
const cores = availableParallelism?.() ?? cpus().length;

// ---- processes: known by pid, ended by pid -----------------------------------------------------------------------------
const dir = mkdtempSync(join(tmpdir(), 'snapkey-bench-'));
const running = [];
function start(name, command, args, env) {
  const log = openSync(join(dir, `${name}.log`), 'a');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  running.push(child);
  return child;
}
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await Promise.race([gone, sleep(30000).then(() => child.kill('SIGKILL'))]);
  running.splice(running.indexOf(child), 1);
}
async function answers(url) {
  for (let i = 0; i < 300; i++) {
    if (await fetch(url).then((r) => r.ok, () => false)) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer; the logs are in ${dir}`);
}

// ---- figures out of /proc: nanoseconds on a processor, of all threads ---------------------------------------------------
const tasks = (pid) => readdirSync(`/proc/${pid}/task`).map((t) => `/proc/${pid}/task/${t}`);
const number = (path) => {
  try {
    return Number(readFileSync(`${path}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return 0; // it has ended
  }
};
const cpuMs = (pid) => tasks(pid).reduce((sum, t) => sum + number(t), 0) / 1e6;
const peakMib = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));
function postgresMs(pid) { // with the backends that have ended
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').map(Number);
  const kids = readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => {
    try {
      return Number(readFileSync(`/proc/${p}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });
  return (fields[11] + fields[12] + fields[13] + fields[14]) * TICK_MS + kids.reduce((sum, p) => sum + number(`/proc/${p}`), 0) / 1e6;
}
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// ---- the stage -----------------------------------------------------------------------------------------------------------
function readEnv(text) {
  return Object.fromEntries(text.split('\n').filter((l) => l.includes('=')).map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
}
async function stage() {
  execFileSync(join(ROOT, 'local/up'), ['--dir', dir, '--only', 'postgres'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const env = readEnv(readFileSync(join(dir, 'env'), 'utf8'));
  const port = Number(env.UPLOAD_PORT) + 6;
  const model = start('model', join(TOOLS, 'bench_fanout_model'), [String(port), String(opt.latency), String(opt.rows)], {});
  const s = { env, model, modelUrl: `http://127.0.0.1:${port}`, postgres: Number(env.PID_POSTGRES) };
  await answers(`${s.modelUrl}/stats`);
  s.db = new pg.Client({ connectionString: env.ADMIN_DATABASE_URL });
  await s.db.connect();
  return s;
}
const ask = (s, path) => fetch(`${s.modelUrl}${path}`).then((r) => r.json());

// ---- analysis-svc ----------------------------------------------------------------------------------------------------------
async function service(s, inFlight, atFirst = {}) {
  const child = start('analysis-svc', join(BIN, 'analysis-svc'), [], { ...s.env, OPENAI_BASE_URL: `${s.modelUrl}/v1`, OPENAI_MODEL: 'bench-model',
    CALLS_IN_FLIGHT: String(inFlight), IMAGES_PER_CALL: String(opt.pictures), QUEUE_MAX: '1000000', OPENAI_PRICE_IN: '100000', OPENAI_PRICE_OUT: '500000',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9', S3_MODEL_ENDPOINT: 'http://127.0.0.1:9', ...atFirst, ...JSON.parse(process.env.BENCH_ENV ?? '{}') });
  await answers(`${s.env.ANALYSIS_OPS_URL}/healthz`);
  return child;
}
let lastId = 0;
function batchOf(pictures, badEvery) {
  const items = [];
  for (let i = 0; i < pictures; i++) {
    lastId++;
    const uuid = badEvery > 0 && lastId % badEvery === 0 ? `0bad0bad${randomUUID().slice(8)}` : randomUUID();
    items.push({ snapshot_id: lastId, uuid, s3_key: `${DEPLOYMENT}/snapshots/2026-11-20/${uuid}.png`, content_type: 'image/png', bytes: 181233,
      sha256: lastId.toString(16).padStart(64, '0'), width: 1280, height: 971 });
  }
  return { batch_id: randomUUID(), op: 'extract', set_id: randomUUID(), snapshot_type: 'leaderboard', platform_source: 'cookie.fun', snapshot_date: '2026-11-20',
    timeframe: '24H', campaign: { id: 7, title: 'Race' }, yapper_handle: null, priority: 0, deadline_s: 86400, items };
}
// Accepted, but born deferred until the round begins.
async function intake(s, calls, badEvery) {
  let left = calls * opt.pictures;
  const post = async () => {
    while (left > 0) {
      const n = Math.min(left, opt['per-set']);
      left -= n;
      const r = await fetch(`${s.env.ANALYSIS_URL}/internal/v1/batches`, { method: 'POST', body: JSON.stringify(batchOf(n, badEvery)),
        headers: { authorization: `Bearer ${s.env.INTERNAL_TOKEN}`, 'content-type': 'application/json' } });
      if (r.status !== 202) throw new Error(`a batch was answered ${r.status}: ${await r.text()}`);
    }
  };
  await s.db.query(`CREATE OR REPLACE FUNCTION analysis.bench_hold() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.state = ''deferred''; NEW.due_at = now() + interval ''1 day''; RETURN NEW; END'`);
  await s.db.query('CREATE TRIGGER bench_hold BEFORE INSERT ON analysis.jobs FOR EACH ROW EXECUTE FUNCTION analysis.bench_hold()');
  await Promise.all([post(), post(), post(), post()]);
  await s.db.query('DROP TRIGGER bench_hold ON analysis.jobs');
  await s.db.query('VACUUM ANALYZE');
}
async function finished(s) {
  for (;;) {
    const { rows: [{ n }] } = await s.db.query("SELECT count(*)::int AS n FROM analysis.jobs WHERE state IN ('ready', 'deferred', 'leased')");
    if (n === 0) return;
    await sleep(20);
  }
}
const centile = (list, p) => (list.length ? [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))] : 0);
const logSize = () => readFileSync(join(dir, 'analysis-svc.log')).length;
// What a call took beyond the provider's own time, which that tells in its request id: on the wire and being judged. Its COMMIT, and the
// wait for those before it, are not in it.
async function addedMs(s, first, from) {
  const judged = new Map(readFileSync(join(dir, 'analysis-svc.log')).subarray(from).toString().split('\n').filter((l) => l.includes('"call.done"'))
    .map((l) => JSON.parse(l)).map((l) => [Number(l.attempt), l.judged_us / 1000]));
  const { rows } = await s.db.query("SELECT attempt_id::int AS id, total_us::int - substr(request_id, 6)::int AS us FROM analysis.attempts WHERE attempt_id > $1 AND class = 'ok'", [first]);
  return rows.map((r) => r.us / 1000 + (judged.get(r.id) ?? 0));
}
async function ourRound(s, child, scenario) {
  const { calls, badEvery = 0 } = scenario;
  const firstId = lastId;
  await intake(s, calls, badEvery);
  const { rows: [{ first }] } = await s.db.query('SELECT COALESCE(max(attempt_id), 0)::bigint AS first FROM analysis.attempts');
  const from = logSize();
  const before = [cpuMs(child.pid), postgresMs(s.postgres)];
  await ask(s, `/set?${scenario.set ?? ''}&rows=${scenario.rows ?? opt.rows}`);
  const began = performance.now();
  await s.db.query("UPDATE analysis.jobs SET state = 'ready', due_at = now() WHERE state = 'deferred'");
  await s.db.query('NOTIFY analysis_jobs');
  await finished(s);
  const seconds = (performance.now() - began) / 1000;
  const cpu = cpuMs(child.pid) - before[0], postgres = postgresMs(s.postgres) - before[1];
  const told = await ask(s, '/stats');
  const added = await addedMs(s, first, from);
  const { rows: [bad] } = await s.db.query(`SELECT count(*) FILTER (WHERE i.state = 'failed')::int AS failed, count(*) FILTER (WHERE i.state NOT IN ('extracted', 'doubtful', 'failed'))::int AS lost,
      count(*) FILTER (WHERE i.state IN ('extracted', 'doubtful') AND jsonb_array_length(COALESCE(e.document, e.written::jsonb) -> 'rows') IS DISTINCT FROM $2::int)::int AS wrong
    FROM analysis.images i LEFT JOIN analysis.extractions e ON e.snapshot_id = i.snapshot_id AND e.current WHERE i.snapshot_id > $1`, [firstId, scenario.rows ?? opt.rows]);
  return { seconds, cpu, postgres, told, added: [0.5, 0.95, 0.99].map((p) => centile(added, p)), peak: peakMib(child.pid), ...bad };
}

// ---- the peers -----------------------------------------------------------------------------------------------------------------
// Accepted as ours are: before the round.
async function peerIntake(s, { calls, badEvery = 0 }) {
  await s.db.query('TRUNCATE bench.rows, bench.calls, bench.jobs, bench.images, bench.sets');
  await s.db.query(`INSERT INTO bench.images (picture, set_no, s3_key) SELECT n, (n - 1) / $2::int,
      '${DEPLOYMENT}/snapshots/2026-11-20/' || CASE WHEN $3::int > 0 AND n % greatest($3::int, 1) = 0 THEN '0bad0bad' ELSE to_char(n, 'FM00000000') END || '-0000-4000-8000-000000000000.png'
    FROM generate_series(1, $1::int) n`, [calls * opt.pictures, opt['per-set'], badEvery]);
  await s.db.query('INSERT INTO bench.sets SELECT DISTINCT set_no FROM bench.images');
  await s.db.query(`INSERT INTO bench.jobs (set_no, pictures) SELECT set_no, jsonb_agg(jsonb_build_array(picture, s3_key) ORDER BY picture)
    FROM bench.images GROUP BY set_no, (picture - 1) % $1::int / $2::int ORDER BY set_no`, [opt['per-set'], opt.pictures]);
  await s.db.query('VACUUM ANALYZE');
}
async function peerRound(s, kind, scenario, inFlight, gateway) {
  await peerIntake(s, scenario);
  const before = [gateway ? cpuMs(gateway.pid) : 0, postgresMs(s.postgres)];
  await ask(s, `/set?${scenario.set ?? ''}&rows=${scenario.rows ?? opt.rows}`);
  const env = { ...process.env, DATABASE_URL: s.env.ADMIN_DATABASE_URL, MODEL_URL: `${s.modelUrl}/v1`, EXTRACTOR: join(ROOT, 'analysis-svc/extractors/leaderboard') };
  const args = [join(ROOT, 'tests/bench/peer_fanout.py'), kind, kind === 'portkey' ? `${s.gatewayUrl}/v1` : `${s.modelUrl}/v1`, ...[scenario.calls, opt.pictures, inFlight].map(String)];
  const child = spawn('/usr/bin/python3', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  let said = '';
  child.stdout.on('data', (d) => (said += d));
  await new Promise((resolve) => child.once('close', resolve));
  running.splice(running.indexOf(child), 1);
  if (said === '') throw new Error(`${kind}: the client said nothing`);
  const got = JSON.parse(said);
  const told = await ask(s, '/stats');
  const { rows: [{ lost, wrong }] } = await s.db.query(`SELECT count(*) FILTER (WHERE state = 'waiting')::int AS lost,
    count(*) FILTER (WHERE state = 'extracted' AND jsonb_array_length(document -> 'rows') <> $1::int)::int AS wrong FROM bench.images`, [scenario.rows ?? opt.rows]);
  return { seconds: got.seconds, cpu: got.cpu_ms + (gateway ? cpuMs(gateway.pid) - before[0] : 0), postgres: postgresMs(s.postgres) - before[1], told, added: got.added,
    peak: got.rss_mib + (gateway ? peakMib(gateway.pid) : 0), failed: got.failed, lost, wrong };
}
async function startGateway(s) {
  const port = Number(s.env.UPLOAD_PORT) + 7;
  s.gatewayUrl = `http://127.0.0.1:${port}`;
  const bench = join(ROOT, 'tests/bench');
  const child = start('portkey', process.execPath, ['--require', join(bench, 'loopback.cjs'), join(bench, 'node_modules/@portkey-ai/gateway/build/start-server.js'), `--port=${port}`, '--headless'], { NODE_ENV: 'production' });
  await answers(s.gatewayUrl);
  return child;
}

// ---- rounds ----------------------------------------------------------------------------------------------------------------------
const SCENARIOS = [
  ...opt['in-flight'].map((c) => ({ name: `${c} in flight`, inFlight: c, calls: opt.calls })),
  { name: '64 in flight, one row a picture', inFlight: 64, calls: opt.calls, rows: 1 },
  { name: '5 % 429', inFlight: 64, calls: opt.calls, set: 'every=20' },
  { name: `529 for ${opt.outage} ms`, inFlight: 64, calls: opt.calls, set: `outage_ms=${opt.outage}` },
  { name: 'one bad picture in 200', inFlight: 64, calls: opt.calls, badEvery: 200 },
  { name: `at most ${opt.rate} calls/s`, inFlight: 64, calls: opt.calls, set: `rate=${opt.rate}` },
].filter((sc) => opt.only === '' || sc.name.includes(opt.only));
const PEERS = opt.peers === '' ? [] : opt.peers.split(',');
const round3 = (x) => Number(x.toFixed(3));
function rowOf(system, scenario, list) {
  const mid = (get) => round3(median(list.map(get)));
  const images = scenario.calls * opt.pictures;
  return { system, scenario: scenario.name, images_per_s: mid((r) => images / r.seconds), cpu_ms_per_call: mid((r) => r.cpu / scenario.calls), cpu_ms_per_image: mid((r) => r.cpu / images),
    postgres_ms_per_call: mid((r) => r.postgres / scenario.calls), added_p50_ms: mid((r) => r.added[0]), added_p95_ms: mid((r) => r.added[1]), added_p99_ms: mid((r) => r.added[2]),
    peak_mib: mid((r) => r.peak), calls_per_ideal: mid((r) => r.told.calls / scenario.calls), said_429: mid((r) => r.told.said_429), failed: mid((r) => r.failed),
    lost: Math.max(...list.map((r) => r.lost)), wrong: Math.max(...list.map((r) => r.wrong)) };
}
async function measure(s, scenario, gateway) {
  const child = await service(s, scenario.inFlight);
  const lists = { 'analysis-svc': [], ...Object.fromEntries(PEERS.map((p) => [p, []])) };
  // Warm: statements are prepared, connections are open; a limit that the provider always has was heard of, as in a service that has been running.
  await ourRound(s, child, { calls: Math.min(2 * scenario.inFlight, opt.calls), rows: scenario.rows, set: scenario.set?.startsWith('rate=') ? scenario.set : undefined });
  for (let i = 0; i < opt.rounds; i++) {
    lists['analysis-svc'].push(await ourRound(s, child, scenario));
    for (const kind of PEERS) lists[kind].push(await peerRound(s, kind, scenario, scenario.inFlight, kind === 'portkey' ? gateway : undefined));
  }
  await stop(child);
  return Object.entries(lists).map(([system, list]) => rowOf(system, scenario, list));
}
// The provider takes so long that all calls have left before the first is answered, and counts them. All at once, not after a while.
async function memory(s) {
  const child = await service(s, 1000, { CALLS_AT_FIRST: '1000' });
  const got = await ourRound(s, child, { calls: 1500, set: 'latency_ms=8000' });
  await stop(child);
  return { system: 'analysis-svc', scenario: '1000 in flight', images_per_s: round3((1500 * opt.pictures) / got.seconds), peak_mib: round3(got.peak), most_open: got.told.most_open, lost: got.lost, wrong: got.wrong };
}

// ---- how many pictures in a call -----------------------------------------------------------------------------------------------
// Tokens by the usual rule of four characters each; a picture of 1280 x 971 by Anthropic's (28 x 28 pixels) and OpenAI's (32 x 32) own.
const sharedTokens = () => ['prompt.txt', 'schema.json'].reduce((sum, f) => sum + readFileSync(join(ROOT, 'analysis-svc/extractors/leaderboard', f)).length / 4, 0);
const PICTURE_TOKENS = Math.ceil(1280 / 32) * Math.ceil(971 / 32), ROW_TOKENS = 83, FULL_BOARD = 50, OUTPUT_PRICE = 5; // a row of this bench is 330 characters
async function pack(s, pictures) {
  opt.pictures = pictures;
  const images = opt.calls * 4, calls = Math.ceil(images / pictures), perImage = (sharedTokens() / pictures + PICTURE_TOKENS + opt.rows * ROW_TOKENS * OUTPUT_PRICE);
  const child = await service(s, 64);
  await ourRound(s, child, { calls: Math.min(128, calls) });
  const good = [], bad = [];
  for (let i = 0; i < opt.rounds; i++) {
    good.push(await ourRound(s, child, { calls }));
    bad.push(await ourRound(s, child, { calls, badEvery: 200 }));
  }
  await stop(child);
  const mid = (list, get) => round3(median(list.map(get)));
  return { system: 'analysis-svc', scenario: `${pictures} a call`, images_per_s: mid(good, (r) => (calls * pictures) / r.seconds), cpu_ms_per_image: mid(good, (r) => r.cpu / calls / pictures),
    postgres_ms_per_image: mid(good, (r) => r.postgres / calls / pictures), calls_per_image: mid(good, (r) => r.told.calls / calls / pictures), calls_per_image_one_bad_in_200: mid(bad, (r) => r.told.calls / calls / pictures),
    price_of_1: round3(perImage / (sharedTokens() + PICTURE_TOKENS + opt.rows * ROW_TOKENS * OUTPUT_PRICE)), output_tokens_of_full_boards: pictures * FULL_BOARD * ROW_TOKENS,
    lost: Math.max(...good.concat(bad).map((r) => r.lost)), wrong: Math.max(...good.concat(bad).map((r) => r.wrong)) };
}
function packTable(rows) {
  const names = ['scenario', 'images_per_s', 'cpu_ms_per_image', 'postgres_ms_per_image', 'calls_per_image', 'calls_per_image_one_bad_in_200', 'price_of_1', 'output_tokens_of_full_boards', 'lost', 'wrong'];
  console.log(names.map((n) => n.replaceAll('_', ' ')).join(' | '));
  for (const r of rows) console.log(names.map((n) => String(r[n]).padStart(n.length)).join(' | '));
}
function barsOf(rows) {
  const of = (system, scenario) => rows.find((r) => r.system === system && r.scenario === scenario);
  const bars = [];
  const ours = of('analysis-svc', '64 in flight'), aio = of('aiohttp', '64 in flight'), oneRow = of('analysis-svc', '64 in flight, one row a picture');
  if (oneRow) bars.push({ name: 'CPU per provider call, 64 in flight, one row a picture, ms', value: oneRow.cpu_ms_per_call, bar: 0.25, better: 'lower' });
  if (ours) {
    bars.push({ name: `CPU per provider call, 64 in flight, ${opt.rows} rows a picture, ms`, value: ours.cpu_ms_per_call, bar: 0.25, better: 'lower' });
    bars.push({ name: 'added p50 at 64 in flight, ms', value: ours.added_p50_ms, bar: 0.5, better: 'lower' });
  }
  if (ours && aio) bars.push({ name: 'CPU per provider call against aiohttp, 64 in flight', value: round3(ours.cpu_ms_per_call / aio.cpu_ms_per_call), bar: 0.25, better: 'lower' });
  const crowd = of('analysis-svc', '1000 in flight');
  if (crowd) {
    bars.push({ name: 'peak memory, 1000 in flight, MiB', value: crowd.peak_mib, bar: 64, better: 'lower' });
    bars.push({ name: 'calls that were open at one moment, 1000 in flight', value: crowd.most_open, bar: 1000, better: 'higher' });
  }
  for (const r of rows.filter((x) => x.system === 'analysis-svc')) {
    if (r.lost + r.wrong > 0 || r.scenario.includes('529') || r.scenario.includes('429')) bars.push({ name: `lost or wrong, ${r.scenario}`, value: r.lost + r.wrong, bar: 0, better: 'lower' });
    if (r.scenario.includes('429')) bars.push({ name: `calls per finished image against ideal, ${r.scenario}`, value: r.calls_per_ideal, bar: 1.06, better: 'lower' });
    const portkey = of('portkey', r.scenario);
    if (r.scenario.startsWith('at most') && portkey) bars.push({ name: '429s against Portkey, enforced limit', value: round3(r.said_429 / Math.max(1, portkey.said_429)), bar: 0.2, better: 'lower' });
  }
  return bars;
}
function table(rows) {
  const line = (c) => console.log(c.map((t, i) => (i < 2 ? String(t ?? '').padEnd(i ? 26 : 14) : String(t ?? '').padStart(11))).join(''));
  line(['', '', 'images/s', 'CPU/call', 'Postgres', 'added p50', 'p95', 'p99', 'MiB', 'calls', '429s', 'failed', 'lost']);
  for (const r of rows) line([r.system, r.scenario, r.images_per_s, r.cpu_ms_per_call, r.postgres_ms_per_call, r.added_p50_ms, r.added_p95_ms, r.added_p99_ms, r.peak_mib, r.calls_per_ideal, r.said_429, r.failed, r.lost]);
}

async function main() {
  const s = await stage();
  const columns = ['rank', 'total_snaps', 'snaps_24h', 'snaps_7d', 'mindshare_percent', 'mindshare_change', 'followers', 'smart_followers'];
  await s.db.query(`CREATE SCHEMA bench; CREATE TABLE bench.sets (set_no int PRIMARY KEY);
    CREATE TABLE bench.jobs (job_id bigserial PRIMARY KEY, set_no int NOT NULL, state text NOT NULL DEFAULT 'ready', lease_until timestamptz, pictures jsonb NOT NULL);
    CREATE INDEX ON bench.jobs (job_id) WHERE state = 'ready'; CREATE INDEX ON bench.jobs (set_no);
    CREATE TABLE bench.images (picture int PRIMARY KEY, set_no int NOT NULL, s3_key text NOT NULL, state text NOT NULL DEFAULT 'waiting', answer text, document jsonb);
    CREATE INDEX ON bench.images (set_no);
    CREATE TABLE bench.calls (job_id bigint, class text, input_tokens bigint, output_tokens bigint, raw text, at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE bench.rows (set_no int, display_name text, handle text, status text, badge text, ${columns.map((c) => `${c} float8`).join(', ')})`);
  if (opt.packs.length > 0) {
    const rows = [];
    for (const n of opt.packs) rows.push(await pack(s, n));
    await s.db.end();
    packTable(rows);
    console.log(JSON.stringify({ bench: 'fanout-packs', machine: `${cores} x ${cpus()[0].model.trim()}`, rows, bars: [] }));
    return;
  }
  const gateway = PEERS.includes('portkey') ? await startGateway(s) : undefined;
  const rows = [];
  for (const scenario of SCENARIOS) rows.push(...(await measure(s, scenario, gateway)));
  if ('1000 in flight'.includes(opt.only)) rows.push(await memory(s));
  await s.db.end();
  console.log(`${opt.pictures} pictures a call, ${opt.rows} rows each, ${opt['per-set']} pictures a set; provider ${opt.latency} ms; medians of ${opt.rounds} rounds of ${opt.calls} calls; load ${loadavg()[0].toFixed(1)}`);
  table(rows);
  const bars = barsOf(rows);
  for (const b of bars) console.log(`${(b.better === 'higher' ? b.value >= b.bar : b.value <= b.bar) ? 'reached' : 'MISSED '}  ${b.name}: ${b.value} (bar ${b.bar})`);
  console.log(JSON.stringify({ bench: 'fanout', machine: `${cores} x ${cpus()[0].model.trim()}`, rows, bars }));
}

let broken = false;
try {
  await main();
} catch (e) {
  console.error(e);
  broken = true;
} finally {
  for (const child of [...running]) await stop(child);
  execFileSync(join(ROOT, 'local/down'), ['--dir', dir], { stdio: 'ignore' });
  if (!broken) rmSync(dir, { recursive: true, force: true });
}
process.exit(broken ? 1 : 0);
