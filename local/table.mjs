// Sheets (proto/README.md) as tables for a terminal: the values as they are stored, "?" after one
// that is doubtful, and with each row the pictures that it was read from.

/* What a person looks at first comes first; fields that are not here follow in their own order. */
const HEADINGS = {
    rank: '#', display_name: 'Name', handle: 'Handle', twitter_handle: 'Handle', total_snaps: 'Snaps', snaps_24h: '24 h',
    snaps_7d: '7 d', mindshare_percent: 'Mindshare %', mindshare_change: 'Change',
    followers: 'Followers', smart_followers: 'Smart followers', status: 'Status', badge: 'Badge',
    total_snaps_7d: 'Snaps 7 d', total_snaps_30d: 'Snaps 30 d', total_snaps_90d: 'Snaps 90 d',
    total_snaps_ytd: 'Snaps this year', mindshare_percent_ytd: 'Mindshare % this year',
    smart_followers_7d: 'Smart followers 7 d',
};
const heading = (name) => HEADINGS[name] ??
    name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
const ORDER = Object.keys(HEADINGS);
const MAX_WIDTH = 28;
const MAX_LIST_WIDTH = 56;

// Columns that a terminal gives a text: two for wide letters, none for those that join others.
export function width(text) {
    let n = 0;
    for (const letter of text) {
        const code = letter.codePointAt(0);
        if (/\p{Mark}|\u200d|\ufe0f/u.test(letter)) continue;
        n += (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
            (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
            (code >= 0xff00 && code <= 0xff60) || /\p{Emoji_Presentation}/u.test(letter) ? 2 : 1;
    }
    return n;
}

function clip(text, most = MAX_WIDTH) {
    // What was read from a picture may hold anything; a terminal obeys control characters.
    let out = '';
    for (const letter of text.replace(/\p{Control}/gu, ' ')) {
        if (width(out + letter) > most) return `${out}…`;
        out += letter;
    }
    return out;
}

function cellText(name, cell, doubtful) {
    if (!cell) return '';
    const value = cell.value ?? null;
    const at = name.endsWith('handle') ? '@' : '';
    const text = value === null ? `(${clip(cell.text)})` : `${at}${clip(String(value))}`;
    return doubtful || cell.conflict ? `${text}?` : text;
}

// Lines of a table; a column of numbers is set to the right.
export function table(headings, rows, right = []) {
    const all = [headings, ...rows];
    const widths = headings.map((_, i) => Math.max(...all.map((row) => width(row[i]))));
    const pad = (text, i) => {
        const space = ' '.repeat(widths[i] - width(text));
        return right.includes(i) ? space + text : text + space;
    };
    const line = (row) => `  ${row.map(pad).join('  ')}`.trimEnd();
    return [line(headings), `  ${widths.map((n) => '─'.repeat(n)).join('  ')}`, ...rows.map(line)];
}

const sourcesOf = (row, nameOf) =>
    [...new Set(Object.values(row.cells).flatMap((cell) => cell.from ?? []))]
        .sort((a, b) => a - b).map(nameOf).join(', ');

function inOrder(names) {
    const present = new Set(names);
    return [...ORDER.filter((name) => present.delete(name)), ...present];
}

// In: the document of a set, nameOf(snapshot id) -> file name. Out: lines.
export function sheetTable(sheet, nameOf) {
    const fields = inOrder(sheet.rows.flatMap((row) => Object.keys(row.cells)));
    const isNumber = (name) => sheet.rows.some((row) => typeof row.cells[name]?.value === 'number');
    const rows = sheet.rows.map((row) => [
        ...fields.map((name) => cellText(name, row.cells[name], row.doubtful?.includes(name))),
        sourcesOf(row, nameOf),
    ]);
    return table([...fields.map((name) => heading(name)), 'Read from'],
        rows, fields.flatMap((name, i) => (isNumber(name) ? [i] : [])));
}

const listText = (list) => clip(list.map((entry) =>
    entry.title ?? Object.values(entry).filter(Boolean).join(' ')).join(', '), MAX_LIST_WIDTH);

// A page about one person has one row with many fields, so it is set upright.
export function profileTable(sheet, nameOf) {
    return sheet.rows.flatMap((row) => table(['Field', 'Value', 'Read from'], [
        ...inOrder(Object.keys(row.cells)).map((name) => [
            heading(name),
            cellText(name, row.cells[name], row.doubtful?.includes(name)),
            (row.cells[name].from ?? []).map(nameOf).join(', '),
        ]),
        ...Object.entries(row.lists ?? {}).filter(([, list]) => list.length > 0)
            .map(([name, list]) => [heading(name), listText(list), '']),
    ]));
}
