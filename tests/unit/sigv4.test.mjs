// The tool build/sigv4 as people run it: AWS's signing suite and the S3 vectors where they lie beside the project
// ($SHARED_DATA or ../shared/data, folder sigv4), Amazon's published numbers without them, --diff, and what it says
// when something is wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const data = path.join(process.env.SHARED_DATA || path.resolve(top, '../shared/data'), 'sigv4');
const skip = existsSync(data) ? false : `no signing vectors in ${data}`;
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const documented = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: secret };
const may24 = ['--time', '20130524T000000Z'];

const run = (args, input = '', env = documented) => {
    const p = spawnSync(path.join(top, 'build/sigv4'), args, { input, env, encoding: 'utf8' });
    assert.ok(!p.error || p.error.code === 'EPIPE', String(p.error)); // it need not read what it cannot use
    return p;
};
const sign = (args, input, env) => {
    const p = run(args, input, env);
    assert.equal(p.status, 0, p.stderr);
    return JSON.parse(p.stdout);
};
const yes = (b) => (b ? 'yes' : 'no');

test("AWS's signing suite agrees in both modes at every checkpoint and in the signed request", { skip }, () => {
    let checks = 0;
    for (const name of readdirSync(path.join(data, 'v4'))) {
        const file = (f) => readFileSync(path.join(data, 'v4', name, f), 'utf8');
        if (!existsSync(path.join(data, 'v4', name, 'context.json'))) continue;
        const c = JSON.parse(file('context.json'));
        const env = {
            AWS_ACCESS_KEY_ID: c.credentials.access_key_id,
            AWS_SECRET_ACCESS_KEY: c.credentials.secret_access_key,
            AWS_SESSION_TOKEN: c.credentials.token ?? '',
        };
        const args = ['--service', c.service, '--region', c.region, '--time', c.timestamp, '--expires',
            String(c.expiration_in_seconds), '--normalize', yes(c.normalize), '--double-encode', 'yes', '--sign-body',
            yes(c.sign_body), ...(c.omit_session_token ? ['--omit-session-token'] : [])];
        for (const mode of ['header', 'query']) {
            const got = sign(['--mode', mode, ...args], file('request.txt'), env);
            assert.equal(got.canonical_request, file(`${mode}-canonical-request.txt`).trimEnd(), `${name} ${mode}`);
            assert.equal(got.string_to_sign, file(`${mode}-string-to-sign.txt`).trimEnd(), `${name} ${mode}`);
            assert.equal(got.signature, file(`${mode}-signature.txt`).trim(), `${name} ${mode}`);
            assert.equal(got.request.trimEnd(), file(`${mode}-signed-request.txt`).trimEnd(), `${name} ${mode}`);
            checks += 4;
        }
    }
    assert.ok(checks >= 8, `${checks} checks`);
});

test('the S3 vectors on which other signers agree come out of the defaults', { skip }, () => {
    const d = JSON.parse(readFileSync(path.join(data, 's3-peer-vectors.json'), 'utf8'));
    for (const v of d.vectors) {
        const query = v.params.map((p) => p.map(encodeURIComponent).join('=')).join('&');
        const lines = [`${v.method} ${v.raw_path}${query && '?' + query} HTTP/1.1`, `Host: ${v.host}`,
            ...Object.entries(v.headers).map(([k, w]) => `${k}: ${w}`)];
        if (v.kind === 'header') lines.push(`x-amz-content-sha256: ${v.payload_hash}`);
        const mode = v.kind === 'header' ? ['--mode', 'header'] : ['--mode', 'query', '--expires', String(v.expires)];
        const got = sign([...mode, '--time', d.timestamp, '--region', d.region], lines.join('\r\n') + '\r\n\r\n', {
            AWS_ACCESS_KEY_ID: d.credentials.access_key_id,
            AWS_SECRET_ACCESS_KEY: d.credentials.secret_access_key,
            AWS_SESSION_TOKEN: v.token ?? '',
        });
        assert.equal(got.signature, v.signature, v.name);
        if (v.authorization) assert.equal(got.authorization, v.authorization, v.name);
    }
});

const ranged = 'GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nRange: bytes=0-9\n';

test("Amazon's published GET with a Range is signed with S3's defaults", () => {
    const got = sign(may24, ranged);
    assert.deepEqual(Object.keys(got),
        ['canonical_request', 'string_to_sign', 'signature', 'signed_headers', 'authorization', 'request']);
    assert.equal(got.signature, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
    assert.equal(got.signed_headers, 'host;range;x-amz-content-sha256;x-amz-date');
    assert.match(got.authorization, /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/20130524\/us-east-1\/s3\/aws4_request, Sig/);
    assert.ok(got.request.endsWith(`Authorization:${got.authorization}\n\n`));
});

test("Amazon's published PUT is signed with its body, however the file ends", () => {
    const put = 'PUT /test$file.text HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\n' +
        'Date: Fri, 24 May 2013 00:00:00 GMT\r\nx-amz-storage-class: REDUCED_REDUNDANCY\r\n\r\nWelcome to Amazon S3.';
    const got = sign(may24, put);
    assert.equal(got.signature, '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd');
    const sized = put.replace('\r\n\r\n', '\r\nContent-Length: 21\r\n\r\n');
    assert.equal(sign(may24, sized).signature, sign(may24, sized + '\n').signature);
});

test('a request that is signed already is signed anew at its own time', () => {
    const once = sign(may24, ranged), again = sign([], once.request);
    assert.equal(again.signature, once.signature);
    const url = sign(['--mode', 'query', '--expires', '86400', ...may24],
        'GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n');
    assert.equal(url.signature, 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
    assert.match(url.query, /X-Amz-Expires=86400/);
    assert.equal(sign(['--mode', 'query'], url.request).signature, url.signature);
});

test('the body counts, is named, or is left unsigned, as the options say', () => {
    const put = 'PUT /a HTTP/1.1\nHost: b\n\nbody';
    const hash = '230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5'; // SHA-256 of "body"
    const last = (args, input = put) => sign([...may24, ...args], input).canonical_request.split('\n').at(-1);
    assert.equal(last([]), hash);
    assert.equal(last(['--mode', 'query']), 'UNSIGNED-PAYLOAD');
    assert.equal(last(['--mode', 'query', '--sign-body', 'yes']), hash);
    assert.equal(last(['--unsigned-payload']), 'UNSIGNED-PAYLOAD');
    assert.match(sign(['--unsigned-payload'], put).request, /\nx-amz-content-sha256:UNSIGNED-PAYLOAD\n/);
    assert.doesNotMatch(sign(['--service', 'sqs'], put).request, /x-amz-content-sha256/);
    assert.match(sign(['--service', 'sqs', '--sign-body', 'yes'], put).request, new RegExp(`x-amz-content-sha256:${hash}`));
    const streamed = put.replace('\n\n', '\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n\n');
    assert.equal(last([], streamed), 'STREAMING-UNSIGNED-PAYLOAD-TRAILER');
});

test('a path is encoded once, or again, and normalised when asked to', () => {
    const line = (args) => sign([...may24, ...args], 'GET /a%20b//./c+d%2 HTTP/1.1\nHost: b\n').canonical_request.split('\n')[1];
    assert.equal(line([]), '/a%20b//./c%2Bd%252');
    assert.equal(line(['--double-encode', 'yes']), '/a%2520b//./c%2Bd%252');
    assert.equal(line(['--normalize', 'yes']), '/a%20b/c%2Bd%252');
});

test('a session token is signed, or added after signing', () => {
    const env = { ...documented, AWS_SESSION_TOKEN: 'tok/en==' };
    const within = sign(may24, ranged, env), after = sign([...may24, '--omit-session-token'], ranged, env);
    assert.match(within.signed_headers, /x-amz-security-token/);
    assert.doesNotMatch(after.signed_headers, /x-amz-security-token/);
    assert.match(after.request, /\nX-Amz-Security-Token:tok\/en==\n/);
    assert.equal(after.signature, sign(may24, ranged).signature);
    assert.match(sign(['--mode', 'query', ...may24], ranged, env).query, /&X-Amz-Security-Token=tok%2Fen%3D%3D&/);
});

test('presign prints a URL: the documented one, at AWS, at an endpoint, of a part', () => {
    const url = (args, env = documented) => {
        const p = run(['presign', ...may24, ...args], '', env);
        assert.equal(p.status, 0, p.stderr);
        return p.stdout.trim();
    };
    assert.equal(url(['GET', 'examplebucket', 'test.txt', '--expires', '86400', '--endpoint', 'https://s3.amazonaws.com',
        '--style', 'virtual']),
    'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE' +
        '%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
        '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
    assert.match(url(['PUT', 'bucket', 'a b/ü.png', '--region', 'eu-west-1']),
        /^https:\/\/bucket\.s3\.eu-west-1\.amazonaws\.com\/a%20b\/%C3%BC\.png\?.*X-Amz-Expires=3600&/);
    assert.match(url(['GET', 'my.bucket', 'k']), /^https:\/\/s3\.us-east-1\.amazonaws\.com\/my\.bucket\/k\?/);
    assert.match(url(['GET', 'bucket', 'k'], { ...documented, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000/' }),
        /^http:\/\/127\.0\.0\.1:9000\/bucket\/k\?/);
    assert.match(url(['PUT', 'bucket', '--expires=60', '--query=partNumber=2', '--query', 'uploadId=a/b', '--header',
        'Content-Type:image/png', '--', '-k']), /\/-k\?.*X-Amz-SignedHeaders=content-type%3Bhost&partNumber=2&uploadId=a%2Fb&/);
});

const error = (canonical, text) => `HTTP/1.1 403 Forbidden\r\n\r\n<?xml version="1.0"?>\n<Error><Code>SignatureDoesNotMatch</Code>` +
    `<AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><StringToSign>${text}</StringToSign>` +
    `<CanonicalRequest>${canonical.replaceAll('&', '&amp;')}</CanonicalRequest></Error>`;

test('--diff lays both requests side by side and names the first difference', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sigv4-')), file = path.join(dir, 'error.xml');
    const theirs = sign(may24, ranged);
    const diff = (input, canonical, text = theirs.string_to_sign, args = []) => {
        writeFileSync(file, error(canonical, text));
        const p = run(['--diff', file, ...args], input);
        assert.equal(p.stderr, '');
        return { status: p.status, text: p.stdout, last: p.stdout.trimEnd().split('\n').at(-1) };
    };
    const c = theirs.canonical_request;
    const same = diff(ranged, c);
    assert.equal(same.status, 0);
    assert.match(same.last, /^No difference: .*AWS_SECRET_ACCESS_KEY/);

    const twice = diff(ranged.replace('test.txt', 'a%2520b'), c.replace('test.txt', 'a%20b'));
    assert.equal(twice.status, 1);
    assert.match(twice.text, /^\* path {5}\/a%2520b +\| \/a%20b$/m);
    assert.match(twice.last, /^First difference: the path, at byte 5: yours has "520b", S3 has "0b"\. .*encoded twice/);

    assert.match(diff(ranged.replace('Range: bytes=0-9\n', ''), c).last, /header range is signed in S3's only/);
    assert.match(diff(ranged + 'X-Amz-Acl: private\n', c).last, /header x-amz-acl is signed in yours only/);
    assert.match(diff(ranged, c.replace('host:example', 'host:proxy.example')).last, /the header host, at byte 6.*proxy/);
    assert.match(diff(ranged.replace('txt', 'txt?a=b&c=d'), c.replace('txt\n', 'txt\na=b&c=e')).last,
        /the query \(parameter c\), at byte 7: yours has "d", S3 has "e"/);
    assert.match(diff(ranged, c.replace(/[^\n]*$/, 'UNSIGNED-PAYLOAD')).last, /the hash of the body/);
    assert.match(diff(ranged, c, theirs.string_to_sign, ['--region', 'eu-west-1']).last, /the credential scope/);
    rmSync(dir, { recursive: true });
});

test('what is wrong is said in a sentence, and no secret with it', () => {
    const says = (args, input, pattern, env = documented) => {
        const p = run(args, input, env);
        assert.equal(p.status, 2, p.stdout);
        assert.match(p.stderr, pattern);
        assert.equal(p.stdout, '');
        assert.ok(!p.stderr.includes(secret));
    };
    says([], ranged, /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/, {});
    says([], 'hello\n', /the first line is not a request/);
    says([], '', /the first line is not a request/);
    says([], 'GET / HTTP/1.1\n blank: 1\n', /second line begins with a blank/);
    says([], 'GET / HTTP/1.1\nHost b\n', /line 2 is not a header/);
    says([], 'GET / HTTP/1.1\nAccept: x\n', /needs a Host header/);
    says([], `GET /${'a'.repeat(20000)} HTTP/1.1\nHost: b\n`, /too long to be signed/);
    says([], `GET /?${'a&'.repeat(40)} HTTP/1.1\nHost: b\n`, /more than 32 parameters/);
    says(['--time', 'yesterday'], ranged, /--time: want a time such as/);
    says(['--expires', '604801'], ranged, /--expires: want seconds, 1 to 604800/);
    says(['--mode', 'body'], ranged, /--mode: want header or query/);
    says(['--normalize', 'maybe'], ranged, /--normalize: want yes or no/);
    says(['--region'], ranged, /--region: R must follow/);
    says(['--frobnicate'], ranged, /there is no option "--frobnicate"/);
    says(['sign'], ranged, /"sign" is not a command/);
    says(['--diff', '/nowhere'], ranged, /"\/nowhere" cannot be opened/);
    says(['--diff', path.join(top, 'Makefile')], ranged, /holds no <Error> document/);
    says(['presign', 'GET', 'bucket'], '', /presign needs METHOD BUCKET KEY/);
    says(['presign', 'get', 'bucket', 'k'], '', /in capitals/);
    says(['presign', 'GET', 'bucket', 'k', '--endpoint', 'ftp://x'], '', /--endpoint: want http/);
    says(['--unsigned-payload', '--sign-body', 'yes'], ranged, /exclude each other/);
});

test('--help tells all options and needs no credentials', () => {
    const p = run(['--help'], '', {});
    assert.equal(p.status, 0);
    const words = readFileSync(path.join(top, 'local/sigv4/options.def'), 'utf8').match(/"--[a-z-]+"/g);
    assert.ok(words.length > 10);
    for (const word of words) if (word !== '"--help"') assert.ok(p.stdout.includes(word.slice(1, -1)), word);
});
