// Sheets (proto/README.md) as tables for a terminal: the values as they are stored, "?" after one
// that is doubtful, and with each row the pictures that it was read from.

const HEADINGS = {
    rank: '#', display_name: 'Name', handle: 'Handle', total_snaps: 'Snaps', snaps_24h: '24 h',
    snaps_7d: '7 d', mindshare_percent: 'Mindshare %', mindshare_change: 'Change',
    followers: 'Followers', smart_followers: 'Smart followers', status: 'Status', badge: 'Badge',
};
const heading = (name) => HEADINGS[name] ??
    name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
const FIRST = ['rank', 'display_name', 'handle'];
const MAX_WIDTH = 28;

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

function clip(text) {
    // What was read from a picture may hold anything; a terminal obeys control characters.
    let out = '';
    for (const letter of text.replace(/\p{Control}/gu, ' ')) {
        if (width(out + letter) > MAX_WIDTH) return `${out}…`;
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

// In: the document of a set, nameOf(snapshot id) -> file name. Out: lines.
export function sheetTable(sheet, nameOf) {
    const present = new Set(sheet.rows.flatMap((row) => Object.keys(row.cells)));
    const fields = [...FIRST.filter((name) => present.has(name)),
        ...[...present].filter((name) => !FIRST.includes(name))];
    const isNumber = (name) => sheet.rows.some((row) => typeof row.cells[name]?.value === 'number');
    const rows = sheet.rows.map((row) => [
        ...fields.map((name) => cellText(name, row.cells[name], row.doubtful?.includes(name))),
        sourcesOf(row, nameOf),
    ]);
    return table([...fields.map((name) => heading(name)), 'Read from'],
        rows, fields.flatMap((name, i) => (isNumber(name) ? [i] : [])));
}

// A page about one person has one row with many fields, so it is set upright.
export function profileTable(sheet, nameOf) {
    return sheet.rows.flatMap((row) => table(['Field', 'Value', 'Read from'], [
        ...Object.entries(row.cells).map(([name, cell]) => [
            heading(name),
            cellText(name, cell, row.doubtful?.includes(name)),
            (cell.from ?? []).map(nameOf).join(', '),
        ]),
        ...Object.entries(row.lists ?? {}).map(([name, list]) => [
            heading(name),
            clip(list.map((entry) => entry.title ?? entry.name ?? Object.values(entry).join(' ')).join(', ')),
            '',
        ]),
    ]));
}
