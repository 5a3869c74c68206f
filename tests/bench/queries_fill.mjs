// queries_fill.mjs - very many results and pictures in a Postgres, quickly, for bench_queries.mjs.
//
//   node tests/bench/queries_fill.mjs URL [--rows 1000000] [--snapshots 1000000]
//
// What stands there afterwards: 200 campaigns on seven platforms, a sheet of each a day with 100 to 400 rows (a day in fifty was
// read twice), whose people rise by ten places daily and are shuffled by five; the documents that those rows come from;
// a profile a day of 400 people; pictures, three a set and a batch a set, of which one in 500 failed, one in 300 wants a person's
// eyes, one in 1000 was approved, one in 2000 waits to be sent and one in 5000 to be read. Triggers and foreign keys are off
// meanwhile and the indexes of the big table are made at its end; what triggers keep is made by their own function.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { sql } from '../e2e/kit.mjs';

export const CAMPAIGNS = 200, PROFILES = 400;
export const PLATFORMS = ['cookie.fun', 'yaps.kaito.ai', 'yap.market', 'amplifi.now', 'arbus', 'trendsage.xyz', 'bantr'];
export const ROWS_A_DAY = 249 * CAMPAIGNS; // the mean of rowsOf is 249
export const daysOf = (rows) => Math.ceil(rows / ROWS_A_DAY);
const SIDE_BY_SIDE = 2;
const platformOf = (n) => `(ARRAY[${PLATFORMS.map((p) => `'${p}'`)}])[1 + (${n}) % ${PLATFORMS.length}]`;
const rowsOf = (campaign) => `(100 + ${campaign} * 37 % 300)`;
// Who stands at rank r of campaign c, d days ago: each place is somebody else's.
const person = (r, d, c) => `((${r} - 1) / 5 * 5 + (${r} + ${d} * (1 + ${c} % 4)) % 5 + 20000 - ${d} * 10 % 20000)`;

function psql(url, text) {
  return new Promise((resolve, reject) => {
    const child = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url], { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (d) => (said += d));
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${text.slice(0, 200)}: ${said}`))));
    child.stdin.end(/^VACUUM/.test(text) ? text : `SET session_replication_role = replica; SET synchronous_commit = off; SET default_toast_compression = lz4; SET maintenance_work_mem = '512MB'; SET work_mem = '64MB';\n${text}`);
  });
}

const cells = ['rank', 'display_name', 'handle', 'total_snaps', 'snaps_24h', 'mindshare_percent', 'followers', 'smart_followers'];
const row = (name) => ({ rank: 'r', display_name: `'Person ' || ${name}`, handle: `'p' || ${name} || '_' || c % 20`, total_snaps: `round(20000.0 / r + ${name} % 97)`,
  snaps_24h: '100.0 / r', mindshare_percent: '5.0 / r', followers: `${name} % 1009 * 1000`, smart_followers: `${name} % 1009` });

const results = (days) => [
  `INSERT INTO upload.campaigns (title, platform_source) SELECT 'Campaign ' || c, ${platformOf('c')} FROM generate_series(1, ${CAMPAIGNS}) AS c`,
  // A campaign's documents all say what it said today: the export reads them, nobody compares them.
  `CREATE UNLOGGED TABLE public.bench_document AS SELECT c, jsonb_build_object('rows', jsonb_agg(jsonb_build_object('key', '@p' || n || '_' || c % 20, 'confidence', 0.97, 'doubtful', '[]'::jsonb, 'notes', '[]'::jsonb,
     'cells', jsonb_build_object(${cells.map((k) => `'${k}', jsonb_build_object('text', ${row('n')[k]}, 'value', ${row('n')[k]}, 'from', jsonb_build_array(c))`)})))) AS document
     FROM generate_series(1, ${CAMPAIGNS}) AS c, generate_series(1, ${rowsOf('c')}) AS r, LATERAL (SELECT ${person('r', '0', 'c')} AS n) AS p GROUP BY c`,
  'ALTER TABLE public.bench_document ADD fields text[]', 'UPDATE public.bench_document SET fields = analysis.document_fields(document)', // no trigger says them here
  `INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date, timeframe, campaign_id, campaign_title, confidence, document, fields, snapshot_ids, updated_at)
     SELECT gen_random_uuid(), 'leaderboard', ${platformOf('c')}, current_date - d, '24H', c, 'Campaign ' || c, 0.97, document, fields, ARRAY[d * ${CAMPAIGNS} + c], now() - d * interval '1 day' + twice * interval '1 hour'
     FROM generate_series(${days - 1}, 0, -1) AS d, public.bench_document, generate_series(0, CASE WHEN (d + c) % 50 = 7 THEN 1 ELSE 0 END) AS twice ORDER BY d DESC, c`,
  'DROP TABLE public.bench_document',
];

const boards = (part) => `INSERT INTO analysis.leaderboard_rows (sheet_id, row_no, row_key, rank, display_name, handle, total_snaps, snaps_24h, mindshare_percent, followers, smart_followers, confidence, sources)
     SELECT sheet_id, r, '@p' || n || '_' || c % 20, ${cells.map((k) => row('n')[k])}, 0.97, sources
     FROM (SELECT sheet_id, campaign_id AS c, current_date - snapshot_date AS d, jsonb_build_object('rank', snapshot_ids, 'handle', snapshot_ids, 'total_snaps', snapshot_ids) AS sources
           FROM analysis.sheets WHERE extractor = 'leaderboard' AND sheet_id % ${SIDE_BY_SIDE} = ${part} ORDER BY sheet_id) AS s,
       LATERAL generate_series(1, ${rowsOf('c')}::int) AS r, LATERAL (SELECT ${person('r', 'd', 'c')} AS n) AS p`; // a sheet's rows come together, as they do in life

const profiles = (days) => `WITH s AS (INSERT INTO analysis.sheets (set_id, extractor, platform_source, snapshot_date, timeframe, handle, confidence, document)
     SELECT gen_random_uuid(), 'yapper_profile', 'cookie.fun', current_date - d, '7D', 'person_' || p, 0.97, '{"rows":[]}' FROM generate_series(1, ${PROFILES}) AS p, generate_series(0, ${Math.min(days, 365) - 1}) AS d RETURNING sheet_id, handle)
   INSERT INTO analysis.yapper_profiles (sheet_id, handle, display_name, confidence, document)
     SELECT sheet_id, handle, handle, 0.97, '{"rows":[{"key":"x","cells":{"snaps_7d":{"text":"12","value":12},"mindshare":{"text":"1%","value":1}},"lists":{}}]}' FROM s`;

const pictures = (n) => [
  `INSERT INTO upload.sets (id, platform_source, snapshot_type, snapshot_timeframe, snapshot_date, campaign_id, deadline_s, closes_at, waiting)
     SELECT md5('set' || g)::uuid, ${platformOf(`g % ${CAMPAIGNS} + 1`)}, 'leaderboard', '24H', current_date - g % 300, g % ${CAMPAIGNS} + 1, 86400, now(), false FROM generate_series(0, ${n} / 3) AS g`,
  `INSERT INTO upload.outbox (batch_id, set_id, body, item_count, state, ended_at, due_at)
     SELECT md5('batch' || g)::uuid, md5('set' || g)::uuid, '{}', 3, 'sent', now() - (${n} - g * 3) * interval '300 days' / ${n}, now() FROM generate_series(0, ${n} / 3) AS g`,
  `INSERT INTO upload.platform_snapshots (uuid, set_id, batch_id, original_file_name, s3_key, content_type, bytes, sha256, etag, width, height, platform_source, snapshot_type, snapshot_timeframe,
       snapshot_date, campaign_id, uploaded_by, uploaded_at)
     SELECT md5('pic' || i)::uuid, md5('set' || i / 3)::uuid, CASE WHEN i % 2000 <> 0 THEN md5('batch' || i / 3)::uuid END, 'board ' || i || '.png', 'bench/snapshots/' || i || '.png', 'image/png', 180000,
       md5('a' || i) || md5('b' || i), 'e', 1280, 971, ${platformOf(`i / 3 % ${CAMPAIGNS} + 1`)}, 'leaderboard', '24H', current_date - i / 3 % 300, i / 3 % ${CAMPAIGNS} + 1, 'bench', now() - (${n} - i) * interval '300 days' / ${n}
     FROM generate_series(1, ${n}) AS i`,
  `INSERT INTO analysis.images (snapshot_id, uuid, batch_id, set_id, s3_key, state, review, fail_code, confidence, processed_at, updated_at)
     SELECT id, uuid, batch_id, set_id, s3_key, (CASE WHEN id % 500 = 1 THEN 'failed' WHEN id % 300 = 2 THEN 'doubtful' WHEN id % 5000 = 3 THEN 'waiting' ELSE 'extracted' END)::analysis.image_state,
       CASE WHEN id % 1000 = 4 THEN 'approve' END, CASE WHEN id % 500 = 1 THEN 'image_unreadable' END, 0.95, uploaded_at, uploaded_at FROM upload.platform_snapshots WHERE batch_id IS NOT NULL`,
];

async function inTurn(url, statements) {
  for (const s of statements) await psql(url, s);
}

// A whole index is made in a fraction of the time that it takes row by row. Those of constraints stay.
async function withoutIndexes(url, table, work) {
  const indexes = sql(url, `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS text FROM pg_index
    WHERE indrelid = '${table}'::regclass AND indexrelid NOT IN (SELECT conindid FROM pg_constraint WHERE conrelid = indrelid)`);
  await inTurn(url, indexes.map((i) => `DROP INDEX ${i.name}`));
  await work();
  await inTurn(url, [...indexes.map((i) => i.text), `ANALYZE ${table}`]);
}

async function fillRows(url) {
  const table = 'analysis.leaderboard_rows';
  await psql(url, `ALTER TABLE ${table} DROP CONSTRAINT leaderboard_rows_pkey`);
  await withoutIndexes(url, table, () => Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, part) => psql(url, boards(part)))));
  await inTurn(url, [`ALTER TABLE ${table} ADD PRIMARY KEY (sheet_id, row_no)`, 'ANALYZE analysis.sheets']);
}

const fillPictures = (url, n) => withoutIndexes(url, 'upload.platform_snapshots', () => withoutIndexes(url, 'analysis.images', () => inTurn(url, pictures(n))));

// What the triggers would have kept, by their own function; whole campaigns side by side, so that nobody waits.
const fillBoards = (url) => Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, part) => psql(url,
  `SELECT analysis.board_write(sheet_id) FROM (SELECT sheet_id FROM analysis.sheets WHERE extractor = 'leaderboard' AND campaign_id % ${SIDE_BY_SIDE} = ${part} ORDER BY snapshot_date, sheet_id) AS s`)));

export async function fill(url, { rows, snapshots }, say = () => {}) {
  const days = daysOf(rows);
  const steps = [['sheets', () => inTurn(url, results(days))], ['rows', () => fillRows(url)], ['boards', () => fillBoards(url)], ['profiles', () => psql(url, profiles(days))], ['pictures', () => fillPictures(url, snapshots)],
    ['vacuum', () => psql(url, 'VACUUM ANALYZE')]];
  for (const [name, step] of steps) {
    const from = Date.now();
    await step();
    say(`${name}: ${((Date.now() - from) / 1000).toFixed(0)} s`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const number = (name, or) => (process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : or);
  await fill(process.argv[2], { rows: number('--rows', 1000000), snapshots: number('--snapshots', 1000000) }, console.log);
}
