// A scripted provider, for faults only: it speaks OpenAI's Responses API, and Anthropic's Messages where it is asked for them, and answers each
// call as the script says.
// A script is called with { call, ids, urls, schema, body } and gives: nothing (a good answer), or one of
//   { status, json, headers }  that HTTP answer
//   { text }                   a completed answer with this text, whatever it is
//   { finish: 'length' }       cut off in the middle
//   { keep: n }                good results for the first n ids only
//   { hang: true }             no answer at all
// Behind TLS with `tls` (certificate() of kit.mjs): HTTP/2 or HTTP/1.1 as the client likes, with `h2: false` only the latter.
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { freePort } from './kit.mjs';

export const ROW = { rank: '1', display_name: 'Ada Moon', handle: '@ada_moon', total_snaps: '1.2K', snaps_24h: '', snaps_7d: '',
  mindshare_percent: '0.5%', mindshare_change: '', followers: '', smart_followers: '', status: '', badge: '', unsure: [] };
export const boardOf = (id, rows = [ROW]) => ({ id, platform: 'cookie.fun', title: 'Race', timeframe: '24H',
  columns: ['Rank', 'Name', 'Snaps', 'Mindshare'], rows });

const connectionOf = (request) => request.stream?.session ?? request.socket;

function said(body) { // ids and picture addresses in the order of the request
  const ids = [], urls = [];
  for (const message of body.input ?? body.messages ?? [])
    for (const part of message.content ?? []) {
      const id = /text$/.test(part.type) && /image id: *(\S+)/.exec(part.text);
      if (id) ids.push(id[1]);
      if (part.type === 'input_image') urls.push(part.image_url);
      if (part.type === 'image') urls.push(part.source.url ?? part.source.data);
    }
  return { ids, urls };
}

const completed = (text, ids, extra = {}) => ({ id: 'resp_scripted', object: 'response', created_at: 1, status: 'completed', error: null,
  incomplete_details: null, model: 'scripted', output: [{ id: 'msg_1', type: 'message', role: 'assistant', status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }] }],
  usage: { input_tokens: 100 * ids.length, input_tokens_details: { cached_tokens: 0 }, output_tokens: 50, output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 100 * ids.length + 50 }, ...extra });

const message = (text, ids) => ({ id: 'msg_scripted', type: 'message', role: 'assistant', model: 'scripted', stop_reason: 'end_turn', stop_sequence: null,
  content: [{ type: 'thinking', thinking: '', signature: '' }, { type: 'text', text }], usage: { input_tokens: 100 * ids.length, output_tokens: 50 } });

export async function model(script = () => undefined, { tls, h2 = true } = {}) {
  const state = { script, calls: [], questions: 0, delay: 0, connections: [] }; // connections: every one that brought a call or a question
  const listener = (request, response) => {
    let text = '';
    const connection = connectionOf(request);
    if (!state.connections.includes(connection)) state.connections.push(connection);
    request.on('data', (d) => (text += d));
    request.on('end', async () => {
      if (request.method === 'GET') {
        state.questions++;
        response.setHeader('content-type', 'application/json');
        return response.end(JSON.stringify({ object: 'list', data: [{ id: 'scripted', object: 'model' }] }));
      }
      const body = JSON.parse(text);
      const seen = { ...said(body), body, at: Date.now(), http: request.httpVersion, connection };
      const call = state.calls.push(seen) - 1;
      if (state.delay) await new Promise((r) => setTimeout(r, state.delay));
      const act = (await state.script({ call, ...seen })) ?? {};
      if (act.hang) return undefined;
      response.statusCode = act.status ?? 200;
      response.setHeader('content-type', 'application/json');
      response.setHeader('x-request-id', `req_${call}`);
      for (const [name, value] of Object.entries(act.headers ?? {})) response.setHeader(name, value);
      const good = JSON.stringify({ results: seen.ids.slice(0, act.keep ?? seen.ids.length).map((id) => boardOf(id, act.rows)) });
      let answer = act.json ?? (request.url.endsWith('/messages') ? message : completed)(act.text ?? good, seen.ids);
      if (act.finish === 'length')
        answer = completed(good.slice(0, good.length / 2), seen.ids, { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
      return response.end(JSON.stringify(answer));
    });
  };
  const server = !tls ? createServer(listener) : h2 ? createSecureServer({ ...tls, allowHTTP1: true }, listener) : createTlsServer(tls, listener);
  server.on('sessionError', () => {}).on('tlsClientError', () => {}); // who broke a connection knows it
  const port = await freePort();
  state.open = () => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve)); // once more, after a close
  await state.open();
  state.url = `http${tls ? 's' : ''}://127.0.0.1:${port}/v1`;
  state.settings = { OPENAI_BASE_URL: state.url, OPENAI_MODEL: 'scripted' };
  state.settingsAnthropic = { ANTHROPIC_BASE_URL: state.url.replace('/v1', ''), ANTHROPIC_MODEL: 'scripted' };
  state.close = () => new Promise((resolve) => {
    server.closeAllConnections?.();
    for (const c of state.connections) c.destroy();
    server.close(resolve);
  });
  return state;
}
