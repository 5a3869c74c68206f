/*
 * score.test.mjs - the scorer says what was read and what was merely claimed; and the sample
 * pictures' truths are such that they can be scored.
 */
import test from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { addScores, flatRows, formatTable, joinTruths, scoreAny, scoreLeaderboard, scoreProfile }
    from '../../local/score.mjs';
import { inventRows, makeRandom, printChange, printCount, valueOf }
    from '../../local/samples/people.mjs';

const SAMPLES = new URL('../../local/samples/', import.meta.url);
const SCORE = fileURLToPath(new URL('../../local/score.mjs', import.meta.url));

const TRUTH = {
    kind: 'leaderboard',
    columns: ['mindshare', 'snaps'],
    rows: [
        { rank: 1, display_name: 'Velkor 🌊', handle: 'Velkor_Tide',
            values: { mindshare: 4.2, snaps: 10290 } },
        { rank: 2, display_name: 'The  Numbel', handle: 'numbel99',
            values: { mindshare: 3.1, snaps: 8100 } },
    ],
};

const readRows = () => [
    { rank: 1, display_name: 'Velkor', handle: 'velkor_tide', mindshare_percent: 4.2,
        total_snaps: 10290, snaps_7d: null, doubtful: [] },
    { rank: 2, display_name: 'The Numbel', handle: '@numbel99', mindshare_percent: 3.1,
        total_snaps: 8100, doubtful: [] },
];

const PROFILE = {
    kind: 'profile', display_name: 'Velkor', handle: 'Velkor_Tide',
    values: { snaps_7d: 1200, mindshare: 0.022 },
    badges: ['#1 MINDSHARE', 'TOP BULL'], bullish: ['$VEL', '$NUM'], bearish: ['$TOR'],
};

const readProfile = () => ({
    display_name: 'Velkor', twitter_handle: 'velkor_tide', total_snaps_7d: 1200,
    mindshare_percent: 0.022, badges: [{ title: '#1 Mindshare' }, { title: 'TOP BULL' }],
    token_sentiments: [{ token: 'VEL', sentiment: 'bullish' },
        { token: '$NUM', sentiment: 'Bullish' }, { token: '$TOR', sentiment: 'bearish' }],
    doubtful: [],
});

function sampleTruths() {
    return readdirSync(SAMPLES).filter((file) => file.endsWith('.json'))
        .map((file) => ({ file, ...JSON.parse(readFileSync(new URL(file, SAMPLES), 'utf8')) }));
}

/* What the system would store of a sample if it read every cell. */
const STORED = {
    leaderboard: { snaps: 'total_snaps', snaps_7d: 'snaps_7d', mindshare: 'mindshare_percent',
        change: 'mindshare_change', followers: 'followers', smart_followers: 'smart_followers' },
    profile: { snaps_7d: 'total_snaps_7d', snaps_30d: 'total_snaps_30d',
        mindshare: 'mindshare_percent', smart_followers: 'smart_followers_7d',
        smart_engagement: 'smart_engagement', followers: 'followers' },
};

function perfectDocument(truth) {
    const handle = truth.kind === 'profile' ? 'twitter_handle' : 'handle';
    const mood = (tokens, sentiment) => (tokens ?? []).map((token) => ({ token, sentiment }));
    const one = (shown) => {
        const values = Object.entries(shown.values).map(([key, value]) =>
            [STORED[truth.kind][key], value]);
        const flat = { rank: shown.rank, display_name: shown.display_name,
            [handle]: shown.handle.toLowerCase(), ...Object.fromEntries(values) };
        return {
            cells: Object.fromEntries(Object.entries(flat).map(([key, value]) => [key, { value }])),
            lists: { badges: (shown.badges ?? []).map((title) => ({ title })),
                token_sentiments: [...mood(shown.bullish, 'bullish'),
                    ...mood(shown.bearish, 'bearish')] },
        };
    };
    return { kind: truth.kind, rows: (truth.rows ?? [truth]).map(one) };
}

test('a perfect reading is exact in every field', () => {
    const score = scoreLeaderboard(TRUTH, readRows());
    assert.deepEqual(score, { rows_found: 2, rows: 2, fields_exact: 10, fields: 10,
        doubtful_numbers: 0, wrong_undoubted_numbers: 0, doubtful_handles: 0,
        wrong_undoubted_handles: 0, numbers: 6, handles: 2, extras: 0 });
});

test('a wrong number counts as wrong unless it is marked doubtful or absent', () => {
    const rows = readRows();
    rows[0].total_snaps = 1029;
    assert.equal(scoreLeaderboard(TRUTH, rows).wrong_undoubted_numbers, 1);
    rows[0].doubtful = ['total_snaps'];
    const doubted = scoreLeaderboard(TRUTH, rows);
    assert.deepEqual([doubted.wrong_undoubted_numbers, doubted.doubtful_numbers,
        doubted.fields_exact], [0, 1, 9]);
    rows[0].doubtful = [];
    rows[0].total_snaps = null;
    const absent = scoreLeaderboard(TRUTH, rows);
    assert.deepEqual([absent.wrong_undoubted_numbers, absent.fields_exact], [0, 9]);
});

test('a number in a column that the picture lacks is wrong', () => {
    const rows = readRows();
    rows[1].snaps_7d = 8100;
    const score = scoreLeaderboard(TRUTH, rows);
    assert.deepEqual([score.wrong_undoubted_numbers, score.fields_exact], [1, 10]);
});

test('a misread handle still finds its row, and is wrong unless doubted', () => {
    const rows = readRows();
    rows[1].handle = 'nurnbel99';
    const score = scoreLeaderboard(TRUTH, rows);
    assert.deepEqual([score.rows_found, score.wrong_undoubted_handles], [2, 1]);
    rows[1].doubtful = ['handle'];
    const doubted = scoreLeaderboard(TRUTH, rows);
    assert.deepEqual([doubted.wrong_undoubted_handles, doubted.doubtful_handles], [0, 1]);
});

test('a row without a readable handle is found by its rank', () => {
    const rows = readRows();
    rows[1].handle = null;
    const score = scoreLeaderboard(TRUTH, rows);
    assert.deepEqual([score.rows_found, score.fields_exact, score.wrong_undoubted_handles],
        [2, 9, 0]);
});

test('the likest handle wins over the same rank', () => {
    const rows = readRows();
    [rows[0].rank, rows[1].rank] = [2, 1];
    const score = scoreLeaderboard(TRUTH, rows);
    assert.deepEqual([score.fields_exact, score.wrong_undoubted_numbers], [8, 2]);
});

test('a missing row loses all its fields and a row nobody showed is wrong', () => {
    const missing = scoreLeaderboard(TRUTH, readRows().slice(0, 1));
    assert.deepEqual([missing.rows_found, missing.fields_exact, missing.fields], [1, 5, 10]);
    const invented = { rank: 3, handle: 'zzyxquor', total_snaps: 5, mindshare_percent: 1 };
    const more = scoreLeaderboard(TRUTH, [...readRows(), invented]);
    assert.deepEqual([more.extras, more.wrong_undoubted_numbers, more.wrong_undoubted_handles],
        [1, 2, 1]);
});

test('a perfect profile is exact, badges and tokens included', () => {
    const score = scoreProfile(PROFILE, readProfile());
    assert.deepEqual([score.rows_found, score.rows, score.fields_exact, score.fields],
        [1, 1, 9, 9]);
    assert.equal(score.extras, 0);
});

test('a token under the wrong mood is missed and extra', () => {
    const profile = readProfile();
    profile.token_sentiments[2].sentiment = 'bullish';
    const score = scoreProfile(PROFILE, profile);
    assert.deepEqual([score.fields_exact, score.extras], [8, 1]);
});

test('week figures stored as month figures are wrong', () => {
    const profile = { ...readProfile(), total_snaps_30d: 1200 };
    assert.equal(scoreProfile(PROFILE, profile).wrong_undoubted_numbers, 1);
});

test('a doubted handle is doubted under either of its names', () => {
    const { twitter_handle, ...rest } = readProfile();
    const profile = { ...rest, handle: `${twitter_handle}x`, doubtful: ['twitter_handle'] };
    const score = scoreProfile(PROFILE, profile);
    assert.deepEqual([score.doubtful_handles, score.wrong_undoubted_handles], [1, 0]);
});

test('another person or nothing at all is not found', () => {
    const other = { ...readProfile(), twitter_handle: 'quibben' };
    const score = scoreProfile(PROFILE, other);
    assert.deepEqual([score.rows_found, score.wrong_undoubted_handles], [0, 1]);
    assert.equal(scoreAny(PROFILE, null).fields_exact, 0);
});

test('a stored document is scored like flat rows', () => {
    const cells = Object.fromEntries(Object.entries(readRows()[0])
        .filter(([name]) => name !== 'doubtful').map(([name, value]) => [name, { value }]));
    const document = { kind: 'leaderboard', rows: [{ cells, doubtful: ['rank'] }] };
    assert.equal(flatRows(document)[0].total_snaps, 10290);
    const score = scoreAny(TRUTH, document);
    assert.deepEqual([score.rows_found, score.doubtful_numbers], [1, 1]);
});

test('scores add up and the table ends with the sums', () => {
    const one = scoreLeaderboard(TRUTH, readRows());
    const sum = addScores([one, one]);
    assert.deepEqual([sum.rows, sum.fields], [4, 20]);
    const lines = formatTable([{ name: 'a', score: one }, { name: 'b', score: one }]).split('\n');
    assert.equal(lines.length, 4);
    assert.match(lines[3], /^all +4\/4 +20\/20 +100\.0 %/);
});

test('the command calls a perfect reading of every sample perfect, in one last JSON line', () => {
    const read = mkdtempSync(join(tmpdir(), 'score-'));
    try {
        for (const truth of sampleTruths())
            writeFileSync(join(read, truth.file), JSON.stringify(perfectDocument(truth)));
        const out = execFileSync(process.execPath, [SCORE, fileURLToPath(SAMPLES), read],
            { encoding: 'utf8' });
        const sum = JSON.parse(out.trim().split('\n').pop());
        assert.equal(sum.rows, sampleTruths().flatMap((truth) => truth.rows ?? truth).length);
        assert.deepEqual([sum.rows_found, sum.fields_exact], [sum.rows, sum.fields]);
        assert.deepEqual([sum.extras, sum.wrong_undoubted_numbers], [0, 0]);
    } finally {
        rmSync(read, { recursive: true });
    }
});

test('three overlapping screenshots make one leaderboard of 24 rows', () => {
    const parts = sampleTruths().filter((truth) => truth.form.set === 'long');
    assert.equal(parts.length, 3);
    assert.equal(parts.reduce((all, part) => all + part.rows.length, 0), 30);
    assert.deepEqual(joinTruths(parts).rows.map((row) => row.rank),
        Array.from({ length: 24 }, (_, index) => index + 1));
});

test('every sample has a picture, ranks without gaps and totals that fall', () => {
    const pictures = readdirSync(SAMPLES).filter((file) => /\.(png|jpg|webp)$/.test(file));
    for (const truth of sampleTruths()) {
        const name = truth.file.replace('.json', '.');
        assert.ok(pictures.some((file) => file.startsWith(name)), `${truth.file} has no picture`);
        const rows = truth.rows ?? [];
        rows.slice(1).forEach((row, index) => {
            assert.equal(row.rank, rows[index].rank + 1);
            for (const key of ['snaps', 'mindshare'].filter((column) => column in row.values))
                assert.ok(row.values[key] < rows[index].values[key], `${truth.file} ${row.rank}`);
        });
    }
});

test('printed text and value are the same number', () => {
    assert.equal(valueOf('10.29K'), 10290);
    assert.equal(valueOf('1,234'), 1234);
    assert.equal(valueOf('0.022%'), 0.022);
    assert.equal(valueOf(printChange(-3.456, 'minus')), -3.46);
    assert.equal(valueOf(printChange(-3.456, 'arrow')), -3.46);
    assert.equal(printCount(999960, 'k1'), '1.0M');
    assert.equal(printCount(12345, 'comma'), '12,345');
});

test('a seed gives the same people again and another seed gives others', () => {
    const page = { columns: ['snaps', 'mindshare'] };
    const draw = (seed) => inventRows(makeRandom(seed), page, 40);
    assert.deepEqual(draw('7'), draw('7'));
    assert.notDeepEqual(draw('7'), draw('8'));
    for (const row of draw('9'))
        assert.match(row.handle, /^[A-Za-z0-9_]{3,15}$/);
});
