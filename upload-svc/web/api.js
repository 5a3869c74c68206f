// Calls of the page's own service; the session cookie goes along by itself.
export async function call(method, path, json) {
  try {
    const answer = await fetch(path, { method, headers: json ? { 'content-type': 'application/json' } : {}, body: json ? JSON.stringify(json) : undefined });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  } catch {
    return { status: 0, body: { message: 'The service does not answer. Is it running?' } };
  }
}

// One file in a form of its own; progress(share of the bytes that have left). XMLHttpRequest, because fetch tells nothing of an upload.
export function send(file, fields, progress) {
  return new Promise((resolve) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') form.append(name, value);
    form.append('screenshots', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', '/api/admin/snapshots/upload');
    request.responseType = 'json';
    request.upload.addEventListener('progress', (e) => e.lengthComputable && progress(e.loaded / e.total));
    request.addEventListener('load', () => resolve({ status: request.status, body: request.response }));
    request.addEventListener('error', () => resolve({ status: 0, body: null }));
    request.send(form);
  });
}

// Every change of state, as it happens; the browser reconnects by itself and goes on where it was. Gives a function that ends it.
export function follow(changed, live) {
  const source = new EventSource('/api/admin/snapshots/events');
  const take = (event) => {
    try {
      changed(JSON.parse(event.data));
    } catch { /* not one of ours */ }
  };
  source.addEventListener('message', take);
  source.addEventListener('snapshot', take);
  source.addEventListener('open', () => live(true));
  source.addEventListener('error', () => live(false));
  return () => source.close();
}
