// Answers against an OpenAPI file: a route, a status, a type and a shape that the file knows, or a sentence that says what
// is wrong where. Schemas are JSON Schema 2020-12 in the keywords of KEYWORDS; a file that uses another is refused, so that
// nothing is passed over in silence. Runs on Node 18, needs no package.
import { readFileSync } from 'node:fs';
import { readYaml } from './yaml.mjs';

const FORMATS = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
};
const kind = (v) => (v === null ? 'null' : Array.isArray(v) ? 'array' : Number.isInteger(v) ? 'integer' : typeof v);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const show = (v) => JSON.stringify(v)?.slice(0, 60);

// Each gives sentences; seen gathers the members of an object that a schema, or one within it, speaks of.
const KEYWORDS = {
  type: (s, v) => ([s.type].flat().some((t) => t === kind(v) || (t === 'number' && kind(v) === 'integer')) ? [] : [`is ${kind(v)}, not ${[s.type].flat().join(' or ')}`]),
  const: (s, v) => (same(s.const, v) ? [] : [`is ${show(v)}, not ${show(s.const)}`]),
  enum: (s, v) => (s.enum.some((one) => same(one, v)) ? [] : [`is ${show(v)}, none of the list`]),
  pattern: (s, v) => (typeof v !== 'string' || new RegExp(s.pattern, 'u').test(v) ? [] : [`${show(v)} is not of ${s.pattern}`]),
  format: (s, v) => (typeof v !== 'string' || FORMATS[s.format].test(v) ? [] : [`${show(v)} is no ${s.format}`]),
  minimum: (s, v) => (typeof v !== 'number' || v >= s.minimum ? [] : [`${v} is below ${s.minimum}`]),
  maximum: (s, v) => (typeof v !== 'number' || v <= s.maximum ? [] : [`${v} is above ${s.maximum}`]),
  minItems: (s, v) => (!Array.isArray(v) || v.length >= s.minItems ? [] : [`has ${v.length} entries`]),
  maxItems: (s, v) => (!Array.isArray(v) || v.length <= s.maxItems ? [] : [`has ${v.length} entries`]),
  minLength: (s, v) => (typeof v !== 'string' || [...v].length >= s.minLength ? [] : ['is too short']),
  maxLength: (s, v) => (typeof v !== 'string' || [...v].length <= s.maxLength ? [] : ['is too long']),
  required: (s, v) => (kind(v) !== 'object' ? [] : s.required.filter((name) => !Object.hasOwn(v, name)).map((name) => `has no "${name}"`)),
  items: (s, v, file) => (Array.isArray(v) ? v.flatMap((one, i) => at(`[${i}]`, check(file, s.items, one))) : []),
  $ref: (s, v, file, seen) => check(file, resolve(file, s.$ref), v, seen),
  allOf: (s, v, file, seen) => s.allOf.flatMap((one) => check(file, one, v, seen)),
  anyOf: (s, v, file, seen) => {
    const tries = s.anyOf.map((one) => ({ names: new Set(), one })).map((t) => ({ ...t, faults: check(file, t.one, v, t.names) }));
    const fit = tries.filter((t) => t.faults.length === 0);
    fit.forEach((t) => t.names.forEach((name) => seen.add(name)));
    return fit.length > 0 ? [] : tries.sort((a, b) => a.faults.length - b.faults.length)[0].faults;
  },
  properties: (s, v, file, seen) => (kind(v) !== 'object' ? [] : Object.keys(s.properties).filter((name) => Object.hasOwn(v, name)).flatMap((name) => {
    seen.add(name);
    return at(`.${name}`, check(file, s.properties[name], v[name]));
  })),
  additionalProperties: (s, v, file, seen) => rest(s.additionalProperties, v, file, seen, new Set(Object.keys(s.properties ?? {}))),
  unevaluatedProperties: (s, v, file, seen) => rest(s.unevaluatedProperties, v, file, seen, new Set(seen)), // after all others
};
const NOTES = ['description', 'example', 'contentMediaType', 'x-codes'];
const ORDER = Object.keys(KEYWORDS);

const at = (where, faults) => faults.map((f) => (/^[.[]/.test(f) ? where + f : `${where}: ${f}`));
const rest = (schema, v, file, seen, known) => (kind(v) !== 'object' ? [] : Object.keys(v).filter((name) => !known.has(name)).flatMap((name) => {
  if (schema === false) return [`.${name}: nobody told of it`];
  seen.add(name);
  return at(`.${name}`, check(file, schema, v[name]));
}));

function resolve(file, ref) {
  const found = ref.slice(2).split('/').reduce((node, step) => node?.[step], file);
  if (found === undefined) throw new Error(`${ref} is not there`);
  return found;
}

// What is wrong with a value, as sentences that begin with the place.
export function check(file, schema, value, seen = new Set()) {
  if (typeof schema === 'boolean') return schema ? [] : ['nothing is wanted'];
  for (const word of Object.keys(schema))
    if (!KEYWORDS[word] && !NOTES.includes(word)) throw new Error(`the schema keyword "${word}" is not checked here`);
  return ORDER.filter((word) => Object.hasOwn(schema, word)).flatMap((word) => KEYWORDS[word](schema, value, file, seen));
}

// The file's operations: [{ method, path, fits, operation }], the literal paths before those with {names}.
function routesOf(file) {
  return Object.entries(file.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(), path, operation, names: (path.match(/\{/g) ?? []).length,
    fits: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
  }))).sort((a, b) => a.names - b.names);
}

export function readOpenapi(url) {
  const file = readYaml(readFileSync(url, 'utf8'));
  const routes = routesOf(file);
  const follow = (node) => (node?.$ref ? resolve(file, node.$ref) : node);

  // What nobody told of is answered by the door itself: refused, always as an Error.
  function toldOf({ method, path, status }) {
    if (status === 431) return file.components.responses[431]; // before anybody knows what is asked for
    const route = routes.find((r) => r.method === (method === 'HEAD' ? 'GET' : method) && r.fits.test(path));
    if (route) return follow(route.operation.responses[status]);
    const there = routes.some((r) => r.fits.test(path));
    if (there && method === 'OPTIONS' && status === 204) return {};
    return [400, 401, 403, there ? 405 : 404, 408, 413, 429, 503].includes(status) ? file.components.responses[status] : undefined;
  }

  // One answer { method, path, status, type, text }; the sentences say what it breaks.
  function judge(answer) {
    const { method, status, type, text } = answer;
    const told = toldOf(answer);
    if (!told) return [`${status}: the file knows no such answer`];
    if (!told.content || method === 'HEAD') return [];
    const content = told.content[type];
    if (!content) return [`${status}: "${type}" is not among ${Object.keys(told.content).join(', ')}`];
    if (type !== 'application/json') return [];
    let value;
    try {
      value = JSON.parse(text);
    } catch (e) {
      return [`${status}: no JSON: ${e.message}`];
    }
    const codes = told['x-codes'];
    const wrong = codes && !codes.includes(value.code) ? [`.code: ${show(value.code)} does not go with ${status}`] : [];
    return at(`${status} body`, [...check(file, content.schema, value), ...wrong]);
  }

  return { file, routes, judge, follow, check: (schema, value) => check(file, schema, value) };
}

// Holds every answer that this process fetches from an address of `files` (address: an opened file) against it.
// Gives { hear(address, file), end() }: end waits for the last bodies and throws when an answer broke its contract.
export function watch() {
  const files = new Map(), wrong = new Set(), open = new Set();
  const real = globalThis.fetch;
  let heard = 0;
  const judge = (file, answer) => {
    heard++;
    for (const fault of file.judge(answer)) wrong.add(`${answer.method} ${answer.path}: ${fault}`);
  };
  const later = (reading) => {
    open.add(reading);
    reading.finally(() => open.delete(reading));
  };
  globalThis.fetch = async (target, options = {}) => {
    const answer = await real(target, options);
    const url = new URL(target?.url ?? target), file = files.get(url.origin);
    if (file) {
      const type = answer.headers.get('content-type') ?? '';
      const seen = (text) => judge(file, { method: (options.method ?? 'GET').toUpperCase(), path: url.pathname, status: answer.status, type, text });
      if (type !== 'application/json') seen('');
      else later(answer.clone().text().then(seen, () => {})); // cut off: that is another test's matter
    }
    return answer;
  };
  // What a browser is answered (Playwright's Response), whoever of the page asked.
  const browser = (response) => {
    const url = new URL(response.url()), file = files.get(url.origin);
    if (!file || url.protocol === 'blob:') return; // the page's own bytes have its origin too
    const type = response.headers()['content-type'] ?? '';
    const seen = (text) => judge(file, { method: response.request().method(), path: url.pathname, status: response.status(), type, text });
    if (type !== 'application/json') seen('');
    else later(response.text().then(seen, () => {})); // the page has gone elsewhere meanwhile
  };
  // What came over a socket, as text: one answer, perhaps behind a 100 Continue. `request` is the text that asked. An answer that
  // is not whole was cut, and is another test's matter.
  const raw = (address, request, text) => {
    const file = files.get(new URL(address).origin);
    const [, method = '-', path = '-'] = /^([A-Z]+) ([^ ?]+)/.exec(request) ?? [];
    const last = text.replace(/^HTTP\/1\.1 100 [^]*?\r\n\r\n/, '');
    const [, status, headers, body] = /^HTTP\/1\.1 (\d{3}) [^\r]*\r\n([^]*?\r\n)\r\n([^]*)$/.exec(last) ?? [];
    const header = (name) => new RegExp(`^${name}: ([^\r]*)\r$`, 'im').exec(headers)?.[1];
    if (!file || !status || Buffer.byteLength(body) !== Number(header('content-length') ?? -1)) return false;
    judge(file, { method, path, status: Number(status), type: header('content-type') ?? '', text: body });
    return true;
  };
  return {
    browser, raw,
    hear: (address, file) => files.set(new URL(address).origin, file),
    count: () => heard,
    end: async () => {
      await Promise.all(open);
      const list = [...wrong];
      wrong.clear();
      if (list.length > 0) throw new Error(`answers that proto/openapi.yaml does not know:\n  ${list.join('\n  ')}`);
    },
  };
}
