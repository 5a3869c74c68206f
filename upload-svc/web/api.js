// Calls of the page's own service; the session cookie goes along by itself. "Busy" (429, 503) is waited out as long as Retry-After says.
const TRIES = 4;
const LONGEST_S = 60;
const LOST = { message: 'The service does not answer. Is it running?' };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let waiting = () => {};
let signedOut = () => {};

// wait(text or null): what is being waited for; out(): the session is over.
export function listen(wait, out) {
  [waiting, signedOut] = [wait, out];
}

// Seconds to wait before the next try, 0: this answer stands. Retry-After is a number or a date (RFC 9110 10.2.3).
export function delay(status, after, tried) {
  if ((status !== 429 && status !== 503) || tried >= TRIES) return 0;
  const seconds = /^\d+$/.test(after ?? '') ? Number(after) : (Date.parse(after ?? '') - Date.now()) / 1000;
  return Math.min(LONGEST_S, Number.isFinite(seconds) && seconds > 0 ? seconds : 2 ** tried);
}

async function rest(seconds) {
  for (let left = Math.ceil(seconds); left > 0; left--) {
    waiting(`The service is busy; trying again in ${left} s`);
    await sleep(Math.min(1000, seconds * 1000));
  }
  waiting(null);
}

async function ask(method, path, json) {
  try {
    const answer = await fetch(path, { method, headers: json ? { 'content-type': 'application/json' } : {}, body: json ? JSON.stringify(json) : undefined });
    return { status: answer.status, after: answer.headers.get('retry-after'), body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, body: LOST };
  }
}

export async function call(method, path, json) {
  for (let tried = 1; ; tried++) {
    const answer = await ask(method, path, json);
    const seconds = path === '/api/session' ? 0 : delay(answer.status, answer.after, tried);
    if (answer.status === 401 && path !== '/api/session') signedOut();
    if (!seconds) return { ...answer, ok: answer.status >= 200 && answer.status < 300 };
    await rest(seconds);
  }
}

// XMLHttpRequest, because fetch tells nothing of an upload.
function post(file, fields, key, progress) {
  return new Promise((resolve) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') form.append(name, value);
    form.append('screenshots', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', '/api/admin/snapshots/upload');
    request.setRequestHeader('idempotency-key', key);
    request.responseType = 'json';
    request.upload.addEventListener('progress', (e) => e.lengthComputable && progress(e.loaded / e.total));
    request.addEventListener('load', () => resolve({ status: request.status, after: request.getResponseHeader('retry-after'), body: request.response }));
    request.addEventListener('error', () => resolve({ status: 0, body: null }));
    request.send(form);
  });
}

// One file in a form of its own. The key makes it safe to send again: a form that was stored although its answer got lost, or that is
// still being taken (409 in_progress), is answered, not stored twice.
export async function send(file, fields, key, progress) {
  for (let tried = 1; ; tried++) {
    const answer = await post(file, fields, key, progress);
    const again = answer.status === 0 || answer.body?.code === 'in_progress' ? 503 : answer.status;
    const seconds = delay(again, answer.after, tried);
    if (answer.status === 401) signedOut();
    if (!seconds) return answer;
    await rest(seconds);
  }
}

// Every change of state, as it happens. The browser reconnects by itself and says what it saw last, so nothing is missed; where it gave
// up (the service refused), a new stream is opened and missed() is called, for that one begins at the present.
export function follow({ changed, live, missed }) {
  let source, timer, ended = false;
  function open(first) {
    source = new EventSource('/api/admin/snapshots/events');
    source.addEventListener('snapshot', (event) => changed(JSON.parse(event.data)));
    source.addEventListener('ready', () => live(true));
    source.addEventListener('open', () => !first && missed());
    source.addEventListener('error', () => {
      live(false);
      if (source.readyState === EventSource.CLOSED && !ended) timer = setTimeout(open, 5000, false);
    });
  }
  open(true);
  return () => {
    ended = true;
    clearTimeout(timer);
    source.close();
  };
}
