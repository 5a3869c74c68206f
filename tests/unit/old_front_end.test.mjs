// The calls of the admin front end that was there before us, each with the names it reads: proto/openapi.yaml has to promise all of
// them, always there and of that kind. Three calls of the back end that was
// there before are not among them, as no page called them: `PUT /:id/s3-url`, `POST /fix-s3-keys`, `POST /fix-orphaned-files` are
// answered 410 (tests/e2e/bad_input). That the service keeps what the file promises is seen by every end-to-end test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOpenapi } from '../kit/openapi.mjs';

const api = readOpenapi(new URL('../../proto/openapi.yaml', import.meta.url));
const ROOT = '/api/admin/snapshots';
const names = (text) => Object.fromEntries(text.split(' ').map((word) => word.split(':')).map(([name, kind = 'string']) => [name, kind]));

const STATUS = names('id:integer fileName platformSource processingStatus statusDisplay progress:integer confidenceScore:number campaignTitle uploadedAt processedAt errorLog');
const STATS = names('pendingCleanup:integer totalLocalFiles:0 totalS3Files:integer uploadsDirectorySize:0 uploadsDirectorySizeMB:0');
const ROUND = names('processed:integer uploaded:0 deleted:integer failed:integer'), OLD_FILES = names('scanned:0 deleted:0 failed:0 bytesFreed:0 bytesFreedMB:0');

// Per call: what is sent, and what is read of a good answer. [x] is a list of x.
const CALLS = {
  'GET /platforms': { reads: { platforms: [names('value label')] } },
  'GET /campaigns': { query: ['platformSource'], reads: { campaigns: [names('value:integer label platformSource description')] } },
  'POST /upload': { status: 201, form: ['screenshots', 'platformSource', 'snapshotDate', 'campaignId', 'snapshotType', 'snapshotTimeframe', 'metadata', 'yapperTwitterHandle'],
    reads: { message: 'string', batch_processing_triggered: 'boolean', snapshots: [names('id:integer fileName platformSource processingStatus uploadedAt')] } },
  'GET /status/{id}': { reads: { snapshot: STATUS } },
  'POST /process': { json: ['snapshotIds', 'platformSource'], reads: { message: 'string', processedIds: ['integer'] } },
  'POST /process-pending': { reads: { message: 'string', totalSnapshots: 'integer', batches: [{ ...names('groupKey platform campaignId:integer campaignTitle snapshotDate snapshotCount:integer'), snapshotIds: ['integer'] }] } },
  'GET /pending-summary': { reads: { totalPending: 'integer', totalBatches: 'integer', batches: [names('platform campaignId:integer campaignTitle snapshotDate count:integer')] } },
  'GET /history': { query: ['platformSource', 'campaignId', 'status', 'startDate', 'endDate', 'page', 'limit'], reads: {
    snapshots: [{ ...STATUS, ...names('snapshotType creatorName hasData:boolean s3Url s3Key filePath') }], pagination: names('page:integer limit:integer total:integer pages:integer') } },
  'DELETE /{id}': { reads: { message: 'string' } },
  'GET /intelligence/{platform}': { query: ['days'], reads: { intelligence: [{ ...names('date trendingTopicsCount:null algorithmConfidence:number'), topPerformers: ['object'], insights: ['string'], recommendations: ['string'] }] } },
  'GET /cleanup/stats': { reads: { stats: STATS } },
  'POST /cleanup/processed': { reads: { result: ROUND } },
  'POST /cleanup/old-files': { reads: { result: OLD_FILES } },
  'POST /cleanup/full': { reads: { result: { processedCleanup: ROUND, oldFilesCleanup: OLD_FILES, stats: STATS } } },
  'POST /cleanup/immediate': { reads: { result: { processedCleanup: ROUND, oldFilesCleanup: OLD_FILES, stats: STATS } } },
  'GET /cleanup/status': { reads: { status: names('cleanupTaskRunning:boolean dailyCleanupTaskRunning:boolean nextCleanupRun nextDailyCleanupRun'), stats: STATS } },
};

// A schema with its references followed and its parts put together: { type, properties, required, items, const }.
function flat(schema) {
  const own = schema.$ref ? flat(api.follow(schema)) : { ...schema };
  for (const part of schema.allOf ?? []) {
    const more = flat(part);
    own.properties = { ...own.properties, ...more.properties };
    own.required = [...(own.required ?? []), ...(more.required ?? [])];
    own.type ??= more.type;
  }
  return own;
}

function holds(schema, wanted, where) {
  const told = flat(schema), kinds = [told.type].flat();
  if (Array.isArray(wanted)) {
    assert.ok(kinds.includes('array'), `${where} is no list`);
    holds(told.items, wanted[0], `${where}[]`);
  } else if (typeof wanted === 'object') {
    for (const [name, kind] of Object.entries(wanted)) {
      assert.ok(told.required?.includes(name), `${where}.${name} need not be there`);
      holds(told.properties[name], kind, `${where}.${name}`);
    }
  } else if (wanted === '0') assert.equal(told.const, 0, where);
  else assert.ok(kinds.includes(wanted), `${where} is ${kinds}, not ${wanted}`);
}

for (const [call, { status = 200, query = [], json, form, reads }] of Object.entries(CALLS)) {
  test(`the old front end's ${call} is answered with the names it reads`, () => {
    const [method, path] = call.split(' ');
    const operation = api.file.paths[ROOT + path][method.toLowerCase()];
    for (const name of query) assert.ok(operation.parameters.some((p) => p.in === 'query' && p.name === name), name);
    const fields = (type) => Object.keys(flat(operation.requestBody.content[type].schema).properties);
    for (const name of json ?? []) assert.ok(fields('application/json').includes(name), name);
    for (const name of form ?? []) assert.ok(fields('multipart/form-data').includes(name), name);
    const good = operation.responses[status].content['application/json'].schema;
    holds(good, reads, call);
    assert.equal(flat(good).properties.success.const, true);
    assert.ok(flat(good).required.includes('success'));
  });
}

test('a refusal has the two names that the old front end shows', () => {
  for (const answer of Object.values(api.file.components.responses)) holds(answer.content['application/json'].schema, { message: 'string' }, 'refusal');
  assert.equal(api.file.components.schemas.Error.properties.success.const, false);
});
