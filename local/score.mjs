#!/usr/bin/env node
/*
 * score.mjs - how much of what a picture shows was read, and how honestly.
 *
 * In:  the truth of a picture (NAME.json beside a sample) and what the system stored: rows as in
 *      the view analysis.leaderboard, or the document of a picture or sheet (proto/README.md).
 * Out: counts that can be added up. A field is exact when it says what the picture says. A number
 *      or handle that is wrong is forgiven only if it is marked doubtful or absent; a number in a
 *      column that the picture lacks, or in a row that it does not show, is wrong too.
 *
 * node local/score.mjs TRUTH.json READ.json     one picture
 * node local/score.mjs TRUTH_DIR READ_DIR       every NAME.json that both folders hold
 * Both print a table; the last line is one JSON object with the sums.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROW_NUMBERS = { snaps: 'total_snaps', snaps_24h: 'snaps_24h', snaps_7d: 'snaps_7d',
    mindshare: 'mindshare_percent', change: 'mindshare_change', followers: 'followers',
    smart_followers: 'smart_followers' };
const PROFILE_NUMBERS = { snaps_7d: 'total_snaps_7d', snaps_30d: 'total_snaps_30d',
    snaps_90d: 'total_snaps_90d', snaps_ytd: 'total_snaps_ytd', mindshare: 'mindshare_percent',
    mindshare_ytd: 'mindshare_percent_ytd', smart_followers: 'smart_followers_7d',
    smart_engagement: 'smart_engagement', followers: 'followers' };
const ALIKE = 0.6; /* handles less alike than this belong to different people */
const PICTOGRAPHS = new RegExp('[\\p{Extended_Pictographic}\\p{Emoji_Modifier}'
    + '\\p{Regional_Indicator}\\u200d\\ufe0f]', 'gu');

export function emptyScore() {
    return { rows_found: 0, rows: 0, fields_exact: 0, fields: 0, doubtful_numbers: 0,
        wrong_undoubted_numbers: 0, doubtful_handles: 0, wrong_undoubted_handles: 0,
        numbers: 0, handles: 0, extras: 0 };
}

export function addScores(scores) {
    const sum = emptyScore();
    for (const score of scores) {
        for (const key of Object.keys(sum))
            sum[key] += score[key];
    }
    return sum;
}

/* The figures that design.md section 10 names, in its order. */
export const figuresOf = (sum) => Object.fromEntries(['rows_found', 'rows', 'fields_exact', 'fields',
    'doubtful_numbers', 'wrong_undoubted_numbers', 'doubtful_handles', 'wrong_undoubted_handles']
    .map((name) => [name, sum[name]]));

const plainHandle = (text) => String(text ?? '').trim().replace(/^@/, '').toLowerCase();
const plainName = (text) => String(text ?? '').replace(PICTOGRAPHS, '').replace(/\s+/g, ' ').trim();
const plainToken = (text) => String(text ?? '').trim().replace(/^\$/, '').toUpperCase();
const plainBadge = (text) => plainName(text).toUpperCase();
const isAbsent = (value) => value === null || value === undefined || value === '';
const isDoubted = (row, field) => (row.doubtful ?? []).includes(field);

function sameNumber(read, shown) {
    if (isAbsent(read) || isAbsent(shown))
        return isAbsent(read) && isAbsent(shown);
    return Math.abs(Number(read) - shown) <= 1e-9 * Math.max(1, Math.abs(shown));
}

/* Levenshtein's distance, one line of the matrix at a time. */
function editDistance(one, two) {
    let line = Array.from({ length: two.length + 1 }, (_, index) => index);
    for (let i = 1; i <= one.length; i++) {
        const next = [i];
        for (let j = 1; j <= two.length; j++) {
            const change = line[j - 1] + (one[i - 1] === two[j - 1] ? 0 : 1);
            next.push(Math.min(change, line[j] + 1, next[j - 1] + 1));
        }
        line = next;
    }
    return line[two.length];
}

function likeness(one, two) {
    const [a, b] = [plainHandle(one), plainHandle(two)];
    return a && b ? 1 - editDistance(a, b) / Math.max(a.length, b.length) : 0;
}

/* Pairs of (shown, read) rows: the most alike handles first, what is left over by rank. */
function matchRows(shown, read) {
    const pairs = shown.flatMap((truth) => read.map((row) => ({ truth, row,
        alike: likeness(truth.handle, row.handle), sameRank: truth.rank === Number(row.rank) })));
    const wanted = pairs.filter((pair) => pair.alike >= ALIKE || pair.sameRank)
        .sort((a, b) => (b.alike >= ALIKE) - (a.alike >= ALIKE) || b.alike - a.alike
            || b.sameRank - a.sameRank);
    const matched = new Map();
    const used = new Set();
    for (const { truth, row } of wanted) {
        if (matched.has(truth) || used.has(row))
            continue;
        matched.set(truth, row);
        used.add(row);
    }
    return { matched, extras: read.filter((row) => !used.has(row)) };
}

function scoreNumber(score, row, field, shown) {
    const right = sameNumber(row[field], shown);
    score.fields += 1;
    score.numbers += 1;
    score.fields_exact += right;
    if (isDoubted(row, field))
        score.doubtful_numbers += 1;
    else if (!right && !isAbsent(row[field]))
        score.wrong_undoubted_numbers += 1;
}

function scoreHandle(score, row, field, shown) {
    const right = plainHandle(row[field]) === plainHandle(shown);
    score.fields += 1;
    score.handles += 1;
    score.fields_exact += right;
    if (isDoubted(row, field))
        score.doubtful_handles += 1;
    else if (!right && !isAbsent(row[field]))
        score.wrong_undoubted_handles += 1;
}

function scoreName(score, row, shown) {
    score.fields += 1;
    score.fields_exact += plainName(row.display_name) === plainName(shown);
}

/* Numbers that the picture cannot have given: each is wrong unless it is doubted. */
function scoreUnseen(score, row, fields) {
    const stated = fields.filter((field) => !isAbsent(row[field]) && !isDoubted(row, field));
    score.wrong_undoubted_numbers += stated.length;
}

function scoreRow(truth, shown, row) {
    const score = emptyScore();
    scoreNumber(score, row, 'rank', shown.rank);
    scoreName(score, row, shown.display_name);
    scoreHandle(score, row, 'handle', shown.handle);
    for (const key of truth.columns)
        scoreNumber(score, row, ROW_NUMBERS[key] ?? key, shown.values[key]);
    scoreUnseen(score, row, Object.keys(ROW_NUMBERS)
        .filter((key) => !truth.columns.includes(key)).map((key) => ROW_NUMBERS[key]));
    return score;
}

function scoreExtra(row) {
    const score = { ...emptyScore(), extras: 1 };
    scoreUnseen(score, row, Object.values(ROW_NUMBERS));
    score.wrong_undoubted_handles += !isAbsent(row.handle) && !isDoubted(row, 'handle');
    return score;
}

export function scoreLeaderboard(truth, rows) {
    const { matched, extras } = matchRows(truth.rows, rows);
    const score = addScores([
        ...truth.rows.map((shown) => scoreRow(truth, shown, matched.get(shown) ?? {})),
        ...extras.map(scoreExtra),
    ]);
    return { ...score, rows: truth.rows.length, rows_found: matched.size };
}

function scoreList(score, shown, read, plain) {
    const left = read.map(plain);
    for (const entry of shown.map(plain)) {
        const place = left.indexOf(entry);
        score.fields += 1;
        score.fields_exact += place >= 0;
        if (place >= 0)
            left.splice(place, 1);
    }
    score.extras += left.length;
}

const tokensOf = (profile, mood) => (profile.token_sentiments ?? [])
    .filter((token) => String(token.sentiment).toLowerCase() === mood).map((token) => token.token);

/* A profile's handle is twitter_handle in documents and handle in the view. */
const oneHandle = (profile) => ({ ...profile, handle: profile.twitter_handle ?? profile.handle,
    doubtful: (profile.doubtful ?? []).map((field) => field.replace('twitter_', '')) });

/* profile: fields named as in the schema of yapper_profile, numbers as numbers; null: not read. */
export function scoreProfile(truth, profile) {
    const row = oneHandle(profile ?? {});
    const score = { ...emptyScore(), rows: 1 };
    score.rows_found = Number(likeness(truth.handle, row.handle) >= ALIKE);
    scoreName(score, row, truth.display_name);
    scoreHandle(score, row, 'handle', truth.handle);
    for (const [key, shown] of Object.entries(truth.values))
        scoreNumber(score, row, PROFILE_NUMBERS[key] ?? key, shown);
    scoreUnseen(score, row, Object.keys(PROFILE_NUMBERS)
        .filter((key) => !(key in truth.values)).map((key) => PROFILE_NUMBERS[key]));
    scoreList(score, truth.badges, (row.badges ?? []).map((badge) => badge.title ?? badge),
        plainBadge);
    scoreList(score, truth.bullish, tokensOf(row, 'bullish'), plainToken);
    scoreList(score, truth.bearish, tokensOf(row, 'bearish'), plainToken);
    return score;
}

/* The document of a picture or sheet (proto/README.md) as flat rows; a profile has one. */
export function flatRows(document) {
    return document.rows.map((row) => ({
        ...Object.fromEntries(Object.entries(row.cells).map(([name, cell]) => [name, cell.value])),
        ...row.lists,
        doubtful: row.doubtful ?? [],
    }));
}

/* The truth of a set: what its overlapping pictures show together, each rank once. */
export function joinTruths(truths) {
    const byRank = new Map(truths.flatMap((truth) => truth.rows).map((row) => [row.rank, row]));
    return { ...truths[0], rows: [...byRank.values()].sort((a, b) => a.rank - b.rank) };
}

/* read: an array of rows, one profile, or a document. */
export function scoreAny(truth, read) {
    const rows = Array.isArray(read?.rows) ? flatRows(read) : [read ?? []].flat();
    return truth.kind === 'profile' ? scoreProfile(truth, rows[0]) : scoreLeaderboard(truth, rows);
}

const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)} %` : '-');

function tableLine(name, score) {
    return [name, `${score.rows_found}/${score.rows}`, `${score.fields_exact}/${score.fields}`,
        share(score.fields_exact, score.fields), String(score.wrong_undoubted_numbers),
        share(score.doubtful_numbers, score.numbers), String(score.wrong_undoubted_handles),
        share(score.doubtful_handles, score.handles), String(score.extras)];
}

/* entries: [{name, score}] -> a table for people, its last line the sums. */
export function formatTable(entries) {
    const sum = addScores(entries.map((entry) => entry.score));
    const lines = [
        ['picture', 'rows', 'exact', '', 'wrong nr', 'doubted', 'wrong @', 'doubted', 'extra'],
        ...entries.map((entry) => tableLine(entry.name, entry.score)),
        tableLine('all', sum),
    ];
    const widths = lines[0].map((_, at) => Math.max(...lines.map((line) => line[at].length)));
    return lines.map((line) => line.map((cell, at) =>
        (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  ')).join('\n');
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

function pairsOf(truth, read) {
    if (!statSync(truth).isDirectory())
        return [{ name: basename(truth, '.json'), truth, read }];
    const known = new Set(readdirSync(read));
    return readdirSync(truth).filter((file) => file.endsWith('.json') && known.has(file))
        .map((file) => ({ name: basename(file, '.json'), truth: join(truth, file),
            read: join(read, file) }));
}

function main([truth, read]) {
    if (!truth || !read)
        throw new Error('say what to compare: score.mjs TRUTH.json READ.json (or two folders)');
    const entries = pairsOf(truth, read).map((pair) =>
        ({ name: pair.name, score: scoreAny(readJson(pair.truth), readJson(pair.read)) }));
    if (entries.length === 0)
        throw new Error(`no NAME.json lies in both ${truth} and ${read}`);
    console.log(formatTable(entries));
    console.log(JSON.stringify(addScores(entries.map((entry) => entry.score))));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    try {
        main(process.argv.slice(2));
    } catch (error) {
        console.error(`score: ${error.message}`);
        process.exitCode = 1;
    }
}
