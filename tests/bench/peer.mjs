// What both peers of bench-upload share: the client of S3, the row in Postgres, and the answer. One INSERT in one
// statement is the cheapest way to a row; the names of the columns are those of upload-svc's own table.
import { S3Client } from '@aws-sdk/client-s3';
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';

export const LIMIT = 2 ** 31 - 1;
export const bucket = process.env.S3_BUCKET_NAME;
export const port = Number(process.env.PORT);
const hashing = process.env.UPLOAD_SHA256 !== 'off';

export const s3 = new S3Client({ region: 'us-east-1', endpoint: process.env.AWS_ENDPOINT_URL_S3, forcePathStyle: true,
  requestChecksumCalculation: hashing ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED' });
if (process.env.S3_PAYLOAD === 'unsigned') // the client signs by the sum of a body unless this is there
  s3.middlewareStack.add((next) => (args) => ((args.request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'), next(args)), { step: 'build' });
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });

await pool.query(`CREATE TABLE IF NOT EXISTS peer_snapshots (id bigserial PRIMARY KEY, uuid uuid NOT NULL UNIQUE,
  original_file_name text, s3_key text NOT NULL, content_type text, bytes bigint, sha256 text, etag text, platform_source text,
  snapshot_type text, snapshot_date date, uploaded_at timestamptz NOT NULL DEFAULT now())`);

export const newKey = (uuid) => `peer/snapshots/${new Date().toISOString().slice(0, 10)}/${uuid}.png`;
export const hasher = () => (hashing ? createHash('sha256') : { update() {}, digest: () => null });

export async function record({ uuid, name, key, type, size, sha256, etag, fields }) {
  const got = await pool.query({ name: 'record', text: `INSERT INTO peer_snapshots (uuid, original_file_name, s3_key, content_type,
    bytes, sha256, etag, platform_source, snapshot_type, snapshot_date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    RETURNING id, uploaded_at`,
  values: [uuid, name, key, type, size, sha256, etag, fields.platformSource, fields.snapshotType, fields.snapshotDate] });
  return { success: true, snapshots: [{ id: got.rows[0].id, uuid, fileName: name, s3Key: key, sha256, bytes: size,
    processingStatus: 'pending', uploadedAt: got.rows[0].uploaded_at }] };
}
export { randomUUID };
