// An S3 that believes nothing: it computes every signature anew (of the request, of each chunk, of the trailer) and every checksum,
// keeps what was right in memory, and writes down what was wrong. Source: S3 API, "Authenticating Requests (AWS Signature Version 4)",
// "Transferring Payload in Multiple Chunks", "... Including Trailing Headers".
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

const EMPTY = createHash('sha256').digest('hex');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const POLYNOMIAL = 0x82f63b78; // CRC-32C (Castagnoli), reflected
const crcTable = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ POLYNOMIAL : n >>> 1;
  return n >>> 0;
});
export function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
  const out = Buffer.alloc(4);
  out.writeUInt32BE(~crc >>> 0);
  return out.toString('base64');
}

class Wrong extends Error {}
const must = (held, what) => {
  if (!held) throw new Wrong(what);
};

// What a request says of its signature, in a header or in its query (presigned).
function claims(req, pairs) {
  const given = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(req.headers.authorization ?? '');
  if (given) return { credential: given[1], list: given[2], signature: given[3], stamp: req.headers['x-amz-date'] ?? '', payload: req.headers['x-amz-content-sha256'] ?? '', lasts: 900 };
  const q = Object.fromEntries(pairs);
  must(q['X-Amz-Algorithm'] === 'AWS4-HMAC-SHA256' && q['X-Amz-Signature'], 'no signature of version 4');
  return { credential: q['X-Amz-Credential'], list: q['X-Amz-SignedHeaders'], signature: q['X-Amz-Signature'], stamp: q['X-Amz-Date'], payload: 'UNSIGNED-PAYLOAD', lasts: Number(q['X-Amz-Expires']) };
}

// The request's own signature; what chunks continue from.
function checkHead(req, { access, secret }) {
  const [path, query = ''] = req.url.split('?');
  const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split('=').map(decodeURIComponent)).map(([n, v = '']) => [n, v]);
  const { credential, list, signature, stamp, payload, lasts } = claims(req, pairs);
  const [id, day, ...rest] = credential.split('/'), scope = [day, ...rest].join('/'), names = list.split(';');
  must(id === access && /^[^/]+\/s3\/aws4_request$/.test(rest.join('/')), 'another key, or a scope of something else');
  must(stamp.startsWith(day) && /^\d{8}T\d{6}Z$/.test(stamp), 'the date is not that of the scope');
  const age = (Date.now() - Date.parse(stamp.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'))) / 1000;
  must(age > -900 && age < lasts, 'a clock that is off, or a URL that is over');
  must([...names].sort().join() === names.join() && names.includes('host'), 'headers that are not in order, or no host');
  for (const name of Object.keys(req.headers)) must(!name.startsWith('x-amz-') || names.includes(name), `${name} is not signed`);
  const canonical = [req.method, path.split('/').map((part) => encode(decodeURIComponent(part))).join('/'),
    pairs.filter(([n]) => n !== 'X-Amz-Signature').map(([n, v]) => `${encode(n)}=${encode(v)}`).sort().join('&'),
    ...names.map((name) => `${name}:${(req.headers[name] ?? '').trim().replace(/ +/g, ' ')}`), '', list, payload].join('\n');
  const key = scope.split('/').reduce(hmac, `AWS4${secret}`);
  must(same(hmac(key, ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')).toString('hex'), signature), 'the signature of the request');
  return { key, stamp, scope, signature, payload };
}

// aws-chunked, to its last byte.
function readChunks(req, head, wire) {
  const signs = head.payload.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'), trails = head.payload.endsWith('-TRAILER');
  const link = (kind, sums) => hmac(head.key, [kind, head.stamp, head.scope, previous, ...sums].join('\n')).toString('hex');
  const data = [];
  let previous = head.signature, at = 0;
  const line = () => {
    const end = wire.indexOf('\r\n', at);
    must(end >= 0, 'a line without an end');
    const text = wire.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  must((req.headers['content-encoding'] ?? '').split(',').includes('aws-chunked'), 'chunks that are not announced');
  for (let size = -1; size !== 0;) {
    const told = (signs ? /^([0-9a-f]+);chunk-signature=([0-9a-f]{64})$/ : /^([0-9a-f]+)$/).exec(line());
    must(told, 'the line of a chunk');
    size = parseInt(told[1], 16);
    const chunk = wire.subarray(at, at + size);
    must(chunk.length === size, 'a chunk that is cut off');
    at += size;
    if (size > 0) must(line() === '', 'a chunk without its line end');
    if (signs) must(same((previous = link('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY, sha256(chunk)])), told[2]), `the signature of chunk ${data.length + 1}`);
    data.push(chunk);
  }
  const body = Buffer.concat(data);
  if (trails) {
    const told = /^x-amz-checksum-crc32c:(.+)$/.exec(line());
    must(told && req.headers['x-amz-trailer'] === 'x-amz-checksum-crc32c', 'the trailer that was announced');
    must(told[1] === crc32c(body), 'the checksum of the trailer');
    if (signs) must(line() === `x-amz-trailer-signature:${link('AWS4-HMAC-SHA256-TRAILER', [sha256(`x-amz-checksum-crc32c:${told[1]}\n`)])}`, 'the signature of the trailer');
  }
  must(line() === '' && at === wire.length, 'bytes behind the end');
  must(body.length === Number(req.headers['x-amz-decoded-content-length']), 'another length than was announced');
  return body;
}

function readBody(req, head, wire) {
  const sum = req.headers['x-amz-checksum-crc32c'];
  const body = head.payload.startsWith('STREAMING-') ? readChunks(req, head, wire) : wire;
  must(!/^[0-9a-f]{64}$/.test(head.payload) || head.payload === sha256(wire), 'the sum of the body');
  must(head.payload === 'UNSIGNED-PAYLOAD' || head.payload.startsWith('STREAMING-') || /^[0-9a-f]{64}$/.test(head.payload), 'a payload of no kind');
  must(sum === undefined || sum === crc32c(body), 'the checksum of a header');
  return body;
}

// keys: { access, secret }; tls: { key, cert }; lacks(request): an answer for what this store cannot do, or undefined.
export async function strictS3({ keys, bucket, tls, lacks = () => undefined }) {
  const objects = new Map(), uploads = new Map(), faults = [], seen = [];
  const serve = (req, body) => {
    const url = new URL(req.url, 'http://s3'), key = decodeURIComponent(url.pathname.slice(bucket.length + 2)), q = url.searchParams;
    const parts = uploads.get(q.get('uploadId'));
    const etag = () => ({ ETag: `"${createHash('md5').update(body).digest('hex')}"` });
    if (key === '') return [200, {}, q.has('uploads') ? '<ListMultipartUploadsResult/>' : '<ListBucketResult/>'];
    if (req.method === 'POST' && q.has('uploads')) {
      uploads.set(`u${uploads.size + 1}`, []);
      return [200, {}, `<InitiateMultipartUploadResult><UploadId>u${uploads.size}</UploadId></InitiateMultipartUploadResult>`];
    }
    if (req.method === 'PUT' && parts) {
      parts[Number(q.get('partNumber')) - 1] = body;
      return [200, etag(), ''];
    }
    if (req.method === 'POST' && parts) {
      objects.set(key, Buffer.concat(parts));
      return [200, {}, `<CompleteMultipartUploadResult><ETag>"x-${parts.length}"</ETag></CompleteMultipartUploadResult>`];
    }
    if (req.method === 'DELETE') {
      objects.delete(key);
      return [204, {}, ''];
    }
    if (req.method === 'PUT') {
      if (req.headers['if-none-match'] === '*' && objects.has(key)) return [412, {}, '<Error><Code>PreconditionFailed</Code></Error>'];
      objects.set(key, body);
      return [200, etag(), ''];
    }
    if (!objects.has(key)) return [404, {}, '<Error><Code>NoSuchKey</Code></Error>'];
    const range = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '');
    return range ? [206, {}, objects.get(key).subarray(Number(range[1]), Number(range[2]) + 1)] : [200, {}, objects.get(key)];
  };
  const answer = (req, wire) => {
    try {
      const head = checkHead(req, keys), lacking = lacks(req);
      seen.push({ method: req.method, key: req.url, payload: head.payload, refused: lacking !== undefined });
      return lacking ?? serve(req, readBody(req, head, wire));
    } catch (e) {
      if (!(e instanceof Wrong)) throw e;
      faults.push(`${req.method} ${req.url}: ${e.message}`);
      return [403, {}, '<Error><Code>SignatureDoesNotMatch</Code></Error>'];
    }
  };
  const listener = async (req, res) => {
    const pieces = [];
    try {
      for await (const piece of req) pieces.push(piece);
    } catch {
      return; // the client has gone
    }
    const [status, headers, body] = answer(req, Buffer.concat(pieces));
    res.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
    res.end(req.method === 'HEAD' ? '' : body);
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const puts = () => seen.filter((s) => s.method === 'PUT' && !s.key.includes('/sweep-mark'));
  return { heard: () => seen.length + faults.length, url: `http${tls ? 's' : ''}://127.0.0.1:${server.address().port}`, objects, faults, puts,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))) };
}
