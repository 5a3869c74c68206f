// bench_queries.mjs - what people ask of very many rows, through upload-svc's own door.
//
//   node tests/bench/bench_queries.mjs [--rows 1000000] [--snapshots 1000000] [--calls 40] [--explain FILE]
//
// A private Postgres is filled with rows of leaderboards (a hundred a sheet, 131 people a campaign who change places daily),
// a profile a day of 400 people, and pictures with their batches, of which one in 500 failed and one in 2000 waits. Then each
// route is called with other campaigns, days and people each time; the figure is the 95th of a hundred, of whole answers.
// --explain: Postgres's plans of all that took more than 5 ms, into a file.
import { cpSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { sql, until, up } from '../e2e/kit.mjs';

const BAR_MS = 50, SHEET = 100, PEOPLE = 131, CAMPAIGNS = 200, PLATFORMS = ['cookie.fun', 'yaps.kaito.ai', 'yap.market', 'amplifi.now', 'arbus', 'trendsage.xyz', 'bantr'];
const opt = { rows: 1000000, snapshots: 1000000, calls: 40, explain: '' };
for (let i = 2; i < process.argv.length; i += 2) opt[process.argv[i].replace(/^--/, '')] = /^\d+$/.test(process.argv[i + 1]) ? Number(process.argv[i + 1]) : process.argv[i + 1];
const days = Math.ceil(opt.rows / SHEET / CAMPAIGNS);
const platformOf = (n) => `(ARRAY[${PLATFORMS.map((p) => `'${p}'`)}])[1 + (${n}) % ${PLATFORMS.length}]`;

// Without triggers and foreign keys, and with the indexes of the big table made at the end: minutes instead of hours.
const fill = () => [
  `INSERT INTO upload.campaigns (title, platform_source) SELECT 'Campaign ' || c, ${platformOf('c')} FROM generate_series(1, ${CAMPAIGNS}) AS c`,
  `INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date, timeframe, campaign_id, campaign_title, confidence, document, snapshot_ids, updated_at)
     SELECT gen_random_uuid(), 'leaderboard', ${platformOf('c')}, current_date - d, '24H', c, 'Campaign ' || c, 0.97, '{"rows":[]}', ARRAY[d * ${CAMPAIGNS} + c], now() - d * interval '1 day'
     FROM generate_series(${days - 1}, 0, -1) AS d, generate_series(1, ${CAMPAIGNS}) AS c`,
  'ALTER TABLE analysis.leaderboard_rows DROP CONSTRAINT leaderboard_rows_pkey',
  'DROP INDEX analysis.leaderboard_rows_handle',
  `INSERT INTO analysis.leaderboard_rows (sheet_id, row_no, row_key, rank, display_name, handle, total_snaps, snaps_24h, mindshare_percent, followers, smart_followers, confidence, sources)
     SELECT s.sheet_id, r, '@p' || h.n || '_' || s.campaign_id % 20, r, 'Person ' || h.n, 'p' || h.n || '_' || s.campaign_id % 20, 20000.0 / r + h.n, 100.0 / r, 5.0 / r, h.n * 1000, h.n, 0.97,
       jsonb_build_object('rank', s.snapshot_ids, 'handle', s.snapshot_ids, 'total_snaps', s.snapshot_ids)
     FROM analysis.sheets s, generate_series(1, ${SHEET}) AS r, LATERAL (SELECT (r * 7 + (current_date - s.snapshot_date) * 3 + s.campaign_id) % ${PEOPLE} AS n) AS h WHERE s.extractor = 'leaderboard' ORDER BY s.sheet_id, r`, // a sheet's rows come together, as they do in life
  'ALTER TABLE analysis.leaderboard_rows ADD PRIMARY KEY (sheet_id, row_no)',
  'CREATE INDEX leaderboard_rows_handle ON analysis.leaderboard_rows (handle)',
  `WITH s AS (INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date, timeframe, handle, confidence, document)
     SELECT gen_random_uuid(), 'yapper_profile', 'cookie.fun', current_date - d, '7D', 'person_' || p, 0.97, '{"rows":[]}' FROM generate_series(1, 400) AS p, generate_series(0, ${Math.min(days, 365) - 1}) AS d RETURNING sheet_id, handle)
   INSERT INTO analysis.yapper_profiles (sheet_id, handle, display_name, confidence, document)
     SELECT sheet_id, handle, handle, 0.97, '{"rows":[{"key":"x","cells":{"snaps_7d":{"text":"12","value":12},"mindshare":{"text":"1%","value":1}},"lists":{}}]}' FROM s`,
  // pictures: three a set, a batch each set
  `INSERT INTO upload.sets (id, platform_source, snapshot_type, snapshot_timeframe, snapshot_date, campaign_id, deadline_s, closes_at, waiting)
     SELECT md5('set' || g)::uuid, ${platformOf(`g % ${CAMPAIGNS} + 1`)}, 'leaderboard', '24H', current_date - g % 300, g % ${CAMPAIGNS} + 1, 86400, now(), false FROM generate_series(0, ${opt.snapshots} / 3) AS g`,
  `INSERT INTO upload.outbox (batch_id, set_id, body, item_count, state, ended_at, due_at)
     SELECT md5('batch' || g)::uuid, md5('set' || g)::uuid, '{}', 3, 'sent', now(), now() FROM generate_series(0, ${opt.snapshots} / 3) AS g`,
  `INSERT INTO upload.platform_snapshots (uuid, set_id, batch_id, original_file_name, s3_key, content_type, bytes, sha256, etag, width, height, platform_source, snapshot_type, snapshot_timeframe,
       snapshot_date, campaign_id, uploaded_by, uploaded_at)
     SELECT md5('pic' || i)::uuid, md5('set' || i / 3)::uuid, CASE WHEN i % 2000 <> 0 THEN md5('batch' || i / 3)::uuid END, 'board ' || i || '.png', 'bench/snapshots/' || i || '.png', 'image/png', 180000,
       md5('a' || i) || md5('b' || i), 'e', 1280, 971, ${platformOf(`i / 3 % ${CAMPAIGNS} + 1`)}, 'leaderboard', '24H', current_date - i / 3 % 300, i / 3 % ${CAMPAIGNS} + 1, 'bench', now() - (${opt.snapshots} - i) * interval '20 seconds'
     FROM generate_series(1, ${opt.snapshots}) AS i`,
  `INSERT INTO analysis.images (snapshot_id, uuid, batch_id, set_id, s3_key, state, fail_code, confidence, processed_at, updated_at)
     SELECT id, uuid, batch_id, set_id, s3_key, (CASE WHEN id % 500 = 1 THEN 'failed' WHEN id % 300 = 2 THEN 'doubtful' ELSE 'extracted' END)::analysis.image_state,
       CASE WHEN id % 500 = 1 THEN 'image_unreadable' END, 0.95, uploaded_at, uploaded_at FROM upload.platform_snapshots WHERE batch_id IS NOT NULL`,
  'VACUUM ANALYZE',
];

const pick = (n) => Math.floor(Math.random() * n);
const dayBefore = (n) => new Date(Date.now() - n * 86400e3).toISOString().slice(0, 10);
const ROOT = '/api/admin/snapshots';
const asks = {
  'leaderboard of a day': () => `/api/leaderboards/${1 + pick(CAMPAIGNS)}?date=${dayBefore(1 + pick(days - 2))}`,
  'newest leaderboard': () => `/api/leaderboards/${1 + pick(CAMPAIGNS)}`,
  'movers and new entrants': () => `/api/leaderboards/${1 + pick(CAMPAIGNS)}/movers?date=${dayBefore(1 + pick(days - 2))}`,
  'profile timeline': () => `/api/yapper-profiles/person_${1 + pick(400)}/timeline?limit=90`,
  'top by metric, all campaigns': () => `/api/top/${['totalSnaps', 'followers', 'mindsharePercent'][pick(3)]}?date=${dayBefore(1 + pick(days - 2))}`,
  'top by metric, a platform': () => `/api/top/totalSnaps?platformSource=${PLATFORMS[pick(7)]}`,
  'intelligence, 7 days': () => `${ROOT}/intelligence/${PLATFORMS[pick(7)]}`,
  'pending summary': () => `${ROOT}/pending-summary`,
  'history': () => `${ROOT}/history?page=${1 + pick(50)}`,
  'history of a campaign': () => `${ROOT}/history?campaignId=${1 + pick(CAMPAIGNS)}`,
  'history of a platform and day': () => `${ROOT}/history?platformSource=${PLATFORMS[pick(7)]}&startDate=${dayBefore(9)}&endDate=${dayBefore(9)}`,
  'history of what failed': () => `${ROOT}/history?status=failed`,
  'history of what needs review': () => `${ROOT}/history?state=needs_review`,
};

// Not by fetch: the kit's holds each answer against the contract, and that takes time.
const agent = new Agent({ keepAlive: true });
const call = (env, path) => new Promise((resolve, reject) => {
  get(env.UPLOAD_URL + path, { agent, headers: { authorization: `Bearer ${env.UPLOAD_TOKEN}` } }, (answer) => {
    let text = '';
    answer.on('data', (d) => (text += d)).on('end', () => resolve({ status: answer.statusCode, text }));
  }).on('error', reject);
});

async function measure(stack, ask) {
  const times = [];
  for (let i = -3; i < opt.calls; i++) { // the first three fill caches and plans
    const path = ask(), from = performance.now(), answer = await call(stack.env, path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    if (i >= 0) times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length / 2)], p95: times[Math.ceil(times.length * 0.95) - 1] };
}

const began = Date.now();
const stack = await up({ SWEEP_PERIOD: '1h' }, 'postgres,s3,analysis,upload');
try {
  await stack.kill('analysis'); // its schema is made; it would start to read what is not there
  const url = stack.env.ADMIN_DATABASE_URL;
  sql(url, "ALTER SYSTEM SET max_wal_size = '8GB'");
  sql(url, "ALTER SYSTEM SET maintenance_work_mem = '512MB'");
  sql(url, 'DO $$ BEGIN PERFORM pg_reload_conf(); END $$');
  for (const statement of fill()) sql(url, /^VACUUM/.test(statement) ? statement : `SET session_replication_role = replica; SET synchronous_commit = off; ${statement}`);
  if (opt.explain) {
    for (const [name, value] of [['session_preload_libraries', 'auto_explain'], ['auto_explain.log_min_duration', '5ms'], ['auto_explain.log_analyze', 'on']]) {
      sql(url, `ALTER SYSTEM SET ${name} = '${value}'`); // the first lets the next sessions know the others
      sql(url, 'DO $$ BEGIN PERFORM pg_reload_conf(); END $$');
    }
  }
  await stack.kill('upload');
  await stack.start(); // connections of after the filling
  await stack.kill('analysis');
  await until(async () => (await stack.api.call('GET', '/api/session')).status === 200, 10, 'upload-svc');
  const { rows, snapshots } = stack.sql('SELECT (SELECT count(*) FROM analysis.leaderboard_rows) AS rows, (SELECT count(*) FROM upload.platform_snapshots) AS snapshots')[0];
  console.log(`${rows} leaderboard rows, ${snapshots} pictures, filled in ${Math.round((Date.now() - began) / 1000)} s; ${opt.calls} calls each, one at a time`);
  console.log(`${'query'.padEnd(34)}${'p50 ms'.padStart(9)}${'p95 ms'.padStart(9)}`);
  const table = [];
  for (const [query, ask] of Object.entries(asks)) {
    const { p50, p95 } = await measure(stack, ask);
    console.log(`${query.padEnd(34)}${p50.toFixed(1).padStart(9)}${p95.toFixed(1).padStart(9)}`);
    table.push({ query, p50_ms: Number(p50.toFixed(2)), p95_ms: Number(p95.toFixed(2)) });
  }
  if (opt.explain) cpSync(join(stack.dir, 'log', 'postgres.log'), opt.explain);
  console.log(JSON.stringify({ bench: 'queries', machine: `${cpus().length} x ${cpus()[0]?.model}`, leaderboard_rows: rows, snapshots, rows: table,
    bars: table.map((t) => ({ name: `p95 ms: ${t.query}`, value: t.p95_ms, bar: BAR_MS, better: 'lower' })) }));
} finally {
  await stack.down();
}
