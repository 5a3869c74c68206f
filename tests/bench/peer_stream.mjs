// The streaming design: node:http, busboy, lib-storage's Upload in parts of 5 MiB.
import { Upload } from '@aws-sdk/lib-storage';
import busboy from 'busboy';
import http from 'node:http';
import { Readable } from 'node:stream';
import { LIMIT, bucket, hasher, newKey, port, randomUUID, record, s3 } from './peer.mjs';

function store(stream, info) {
  const uuid = randomUUID();
  const key = newKey(uuid);
  const hash = hasher();
  let size = 0;
  async function* seen() {
    for await (const bytes of stream) {
      size += bytes.length;
      hash.update(bytes);
      yield bytes;
    }
  }
  const upload = new Upload({ client: s3, params: { Bucket: bucket, Key: key, Body: Readable.from(seen(), { objectMode: false }), ContentType: info.mimeType } });
  return upload.done().then((put) => ({ uuid, name: info.filename, key, type: info.mimeType, size, sha256: hash.digest('hex'), etag: put.ETag }));
}

function answer(res, status, body) {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  res.end(text);
}

http.createServer((req, res) => {
  if (req.method === 'GET') return res.end('ok');
  const form = busboy({ headers: req.headers, limits: { fileSize: LIMIT, files: 10 } });
  const fields = {};
  const files = [];
  form.on('field', (name, value) => (fields[name] = value));
  form.on('file', (name, stream, info) => files.push(store(stream, info)));
  form.on('close', async () => {
    try {
      const [file] = await Promise.all(files);
      answer(res, 201, await record({ ...file, fields }));
    } catch (e) {
      answer(res, 500, { success: false, message: String(e) });
    }
  });
  form.on('error', (e) => answer(res, 400, { success: false, message: String(e) }));
  return req.pipe(form);
}).listen(port, '127.0.0.1');
