// The YAML that our own files are written in, as values: maps and lists by indentation or in brackets, plain and quoted
// words on one line, comments on lines of their own. Anything else (anchors, tags, blocks of text) is an Error with the
// line's number, never a guess. YAML 1.2.2, chapters 6 to 8.

const PLAIN = { null: null, '~': null, true: true, false: false };

function plain(word) {
  if (/^[&*!|>%@`]/.test(word)) throw new Error(`"${word}": not of the YAML that is read here`);
  if (Object.hasOwn(PLAIN, word)) return PLAIN[word];
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(word) ? Number(word) : word;
}

// One value in brackets, quotes or plain, from text[at]; stops at any of `ends` outside of it. Gives [value, next].
function word(text, at, ends) {
  if (text[at] === "'") {
    let end = at + 1;
    while (text[end] !== "'" || text[end + 1] === "'") {
      if (end >= text.length) throw new Error('a quote that nothing closes');
      end += text[end] === "'" ? 2 : 1;
    }
    return [text.slice(at + 1, end).replaceAll("''", "'"), end + 1];
  }
  if (text[at] === '"') {
    const found = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(at));
    if (!found) throw new Error('a quote that nothing closes');
    return [JSON.parse(found[0]), at + found[0].length];
  }
  if (text[at] === '{' || text[at] === '[') return brackets(text, at);
  let end = at;
  while (end < text.length && !ends.includes(text[end]) && !(text[end] === ':' && (end + 1 === text.length || text[end + 1] === ' '))) end++;
  return [plain(text.slice(at, end).trim()), end];
}

const blank = (text, at) => at + /^ */.exec(text.slice(at))[0].length;

function brackets(text, at) {
  const map = text[at] === '{', close = map ? '}' : ']', out = map ? {} : [];
  for (at = blank(text, at + 1); text[at] !== close; at = blank(text, at)) {
    let key, value;
    [value, at] = word(text, at, `,${close}`);
    if (map) {
      if (text[at] !== ':') throw new Error('a map in brackets needs "key: value"');
      key = value;
      if (Object.hasOwn(out, key)) throw new Error(`"${key}" stands twice`);
      [value, at] = word(text, blank(text, at + 1), `,${close}`);
      out[key] = value;
    } else out.push(value);
    at = blank(text, at);
    if (text[at] === ',') at++;
    else if (text[at] !== close) throw new Error(`"${close}" or a comma is missing`);
  }
  return [out, at + 1];
}

function whole(text) {
  const [value, end] = word(text, 0, '');
  if (end !== text.length) throw new Error(`what is "${text.slice(end)}"?`);
  return value;
}

// { indent, text, no } of each line that says something; what brackets leave open goes on in the next.
function linesOf(source) {
  const lines = [];
  let open = 0;
  source.split('\n').forEach((raw, i) => {
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) return;
    if (raw.includes('\t')) throw new Error(`line ${i + 1}: a tab`);
    if (open > 0) lines.at(-1).text += ` ${text}`;
    else lines.push({ indent: raw.length - raw.trimStart().length, text, no: i + 1 });
    for (const c of text.replace(/'[^']*'|"(?:[^"\\]|\\.)*"/g, '')) open += c === '[' || c === '{' ? 1 : c === ']' || c === '}' ? -1 : 0;
  });
  return lines;
}

function block(lines, indent) {
  const first = lines[0], list = /^- |^-$/.test(first.text), out = list ? [] : {};
  while (lines.length > 0 && lines[0].indent === indent) {
    const line = lines[0];
    try {
      if (list) out.push(item(lines, line));
      else member(lines, line, out);
    } catch (e) {
      throw e.message.startsWith('line ') ? e : new Error(`line ${line.no}: ${e.message}`);
    }
  }
  if (lines.length > 0 && lines[0].indent > indent) throw new Error(`line ${lines[0].no}: indented for nothing`);
  return out;
}

// The value that stands below a "key:" or a "-"; nothing is null. A list may stand as far left as its key.
function below(lines, indent, listToo) {
  const next = lines[0];
  if (!next || next.indent < indent || (next.indent === indent && !(listToo && next.text.startsWith('- ')))) return null;
  return block(lines, next.indent);
}

function item(lines, line) {
  if (!/^- |^-$/.test(line.text)) throw new Error('a list goes on with "- "');
  const rest = line.text.slice(1).trimStart();
  if (rest === '') {
    lines.shift();
    return below(lines, line.indent, false);
  }
  if (/^[[{]/.test(rest) || !/^('[^']*'|[^'"]*?):( |$)/.test(rest)) {
    lines.shift();
    return whole(rest);
  }
  line.indent += line.text.length - rest.length; // "- key: value" is a map that begins there
  line.text = rest;
  return block(lines, line.indent);
}

function member(lines, line, out) {
  const [key, at] = word(line.text, 0, '');
  if (line.text[at] !== ':') throw new Error('"key: value" is wanted');
  if (Object.hasOwn(out, key)) throw new Error(`"${key}" stands twice`);
  const rest = line.text.slice(at + 1).trim();
  lines.shift();
  out[key] = rest === '' ? below(lines, line.indent, true) : whole(rest);
}

export function readYaml(source) {
  const lines = linesOf(source);
  const value = lines.length > 0 ? block(lines, lines[0].indent) : null;
  if (lines.length > 0) throw new Error(`line ${lines[0].no}: stands too far left`);
  return value;
}
