// Keys and tokens for tests/unit/test_jwt.c, made by another implementation than the one under test:
//   node tests/kit/jwt_vectors.mjs > tests/kit/jwt_vectors.h
// Each run draws new keys; the private ones are kept nowhere. Tokens end in the year 2100.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

const b64 = (x) => Buffer.from(typeof x === 'string' ? x : JSON.stringify(x)).toString('base64url');
const pair = { r1: generateKeyPairSync('rsa', { modulusLength: 2048 }), r2: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  weak: generateKeyPairSync('rsa', { modulusLength: 1024 }), thief: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  e1: generateKeyPairSync('ec', { namedCurve: 'P-256' }), e384: generateKeyPairSync('ec', { namedCurve: 'P-384' }) };
const jwk = (kid, more = {}) => ({ ...pair[kid].publicKey.export({ format: 'jwk' }), kid, ...more });
const claims = { sub: 'ann', iss: 'https://issuer.example', aud: ['snapkey', 'other'], role: 'uploader', exp: 4102444800 };

const rsa = (kid, hash = 'sha256') => (d) => sign(hash, d, pair[kid].privateKey);
const ec = (kid, dsaEncoding = 'ieee-p1363') => (d) => sign('sha256', d, { key: pair[kid].privateKey, dsaEncoding });
const hmac = (secret) => (d) => createHmac('sha256', secret).update(d).digest();
function token(header, signer) {
  const said = `${b64(header)}.${b64(claims)}`;
  return `${said}.${signer(Buffer.from(said)).toString('base64url')}`;
}

const out = {
  JWKS: JSON.stringify({ keys: [jwk('r1', { use: 'sig', alg: 'RS256' }), jwk('e1'), jwk('weak'), jwk('e384'), { kty: 'oct', kid: 'shared', k: b64('a secret that is public') }] }),
  JWKS_LATER: JSON.stringify({ keys: [jwk('r2'), jwk('e1')] }),
  JWKS_NAMELESS: JSON.stringify({ keys: [jwk('e1', { kid: undefined }), jwk('r2', { kid: undefined }), jwk('r1', { kid: undefined })] }),
  JWKS_USELESS: JSON.stringify({ keys: [jwk('weak'), jwk('e384'), jwk('r1', { use: 'enc' }), jwk('r2', { alg: 'RS512' }), { kty: 'RSA', kid: 'bad' }, 7] }),
  RS_R1: token({ alg: 'RS256', typ: 'JWT', kid: 'r1' }, rsa('r1')),
  RS_R2: token({ alg: 'RS256', kid: 'r2' }, rsa('r2')),
  RS_NO_KID: token({ alg: 'RS256' }, rsa('r1')),
  ES_E1: token({ alg: 'ES256', typ: 'at+jwt', kid: 'e1' }, ec('e1')),
  ES_OTHER_KEY: token({ alg: 'ES256', kid: 'r1' }, ec('e1')),
  RS_BY_THIEF: token({ alg: 'RS256', kid: 'r1' }, rsa('thief')),
  RS_BRINGS_KEY: token({ alg: 'RS256', kid: 'thief', jwk: jwk('thief'), jku: 'http://127.0.0.1:9/keys', x5u: 'http://127.0.0.1:9/x' }, rsa('thief')),
  RS_WEAK: token({ alg: 'RS256', kid: 'weak' }, rsa('weak')),
  RS_512: token({ alg: 'RS512', kid: 'r1' }, rsa('r1', 'sha512')),
  RS_CRIT: token({ alg: 'RS256', kid: 'r1', crit: ['b64'], b64: true }, rsa('r1')),
  RS_OTHER_TYPE: token({ alg: 'RS256', kid: 'r1', typ: 'dpop+jwt' }, rsa('r1')),
  ES_DER: token({ alg: 'ES256', kid: 'e1' }, ec('e1', 'der')),
  ES_384: token({ alg: 'ES256', kid: 'e384' }, ec('e384')),
  HS_BY_PEM: token({ alg: 'HS256', kid: 'r1' }, hmac(pair.r1.publicKey.export({ type: 'spki', format: 'pem' }))),
  HS_BY_N: token({ alg: 'HS256', kid: 'r1' }, hmac(Buffer.from(pair.r1.publicKey.export({ format: 'jwk' }).n, 'base64url'))),
  HS_BY_PUBLIC_SECRET: token({ alg: 'HS256', kid: 'shared' }, hmac('a secret that is public')),
  NONE: `${b64({ alg: 'none', kid: 'r1' })}.${b64(claims)}.`,
  NONE_SIGNED: token({ alg: 'none', kid: 'r1' }, rsa('r1')),
};
console.log('/* jwt_vectors.h - written by jwt_vectors.mjs with the crypto of Node; see there. */\n#pragma once\n// clang-format off');
for (const [name, text] of Object.entries(out))
  console.log(`#define ${name} \\\n${text.match(/.{1,88}/g).map((line) => `    ${JSON.stringify(line)}`).join(' \\\n')}`);
