/*
 * people.mjs - invented people and their numbers, drawn from a seed.
 *
 * In:  a seed (any string) and what a page wants to show.
 * Out: rows whose values are what the printed text says: "10.29K" is 10290, never the longer
 *      number it was rounded from, because the picture is all that a reader can know.
 * Nobody here is real: names and handles are put together from syllables.
 */

const SYLLABLES = ['ka', 'vo', 'ren', 'tis', 'mar', 'lu', 'zen', 'dro', 'pha', 'bel', 'quin',
    'tor', 'sha', 'nim', 'wex', 'yor', 'gal', 'fen', 'ost', 'ura', 'umb', 'eld', 'sol', 'bri',
    'cas', 'het', 'jun', 'pol', 'rik', 'tav', 'dex', 'mio', 'nak', 'ree', 'oth', 'pim', 'sur',
    'vey', 'hol', 'gri'];
const WORDS = ['tide', 'chart', 'node', 'yield', 'vault', 'delta', 'pixel', 'orbit', 'ledger',
    'mint', 'ember', 'quartz', 'falcon', 'cedar', 'signal', 'harbor', 'comet', 'prism', 'garden',
    'lantern'];
const EMOJI = ['🌊', '🔥', '🍪', '🚀', '🦉', '⚡', '🌱', '🐙'];
const CAMPAIGN_NOUNS = ['Season', 'Arena', 'Sprint', 'Quest', 'League', 'Rally', 'Epoch'];

/* A small fast generator (mulberry32), started from an FNV-1a hash of the seed's text. */
export function makeRandom(seed) {
    let state = 2166136261;
    for (const letter of String(seed)) {
        state = Math.imul(state ^ letter.codePointAt(0), 16777619);
    }
    const next = () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
    return {
        next,
        between: (low, high) => low + next() * (high - low),
        whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
        pick: (list) => list[Math.floor(next() * list.length)],
        chance: (part) => next() < part,
    };
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function inventWord(random, least = 2) {
    let word = '';
    for (let left = random.whole(least, 3); left > 0; left--)
        word += random.pick(SYLLABLES);
    return word.slice(0, 9);
}

function inventName(random, word) {
    const other = inventWord(random);
    const shapes = [
        () => capital(word),
        () => `${capital(word)} ${capital(other)}`,
        () => `${capital(word)} ${capital(other)}`,
        () => `${capital(word)} ${capital(random.pick(WORDS))}`,
        () => `${word}.${random.pick(['eth', 'sol', 'xyz'])}`,
        () => `0x${capital(word)}`,
        () => word.toUpperCase(),
        () => `${capital(word)} ${random.pick(EMOJI)}`,
        () => `The ${capital(word)}`,
        () => `Dr. ${capital(word)}`,
        () => `${capital(word)} (${random.pick(WORDS)})`,
    ];
    return random.pick(shapes)();
}

/* The letters that people and machines mix up: O and 0, l and I and 1, rn and m. */
function makeNasty(random, handle) {
    const swaps = [[/o/, '0'], [/o/, 'O'], [/l/, '1'], [/l/, 'I'], [/i/, 'l'], [/m/, 'rn']];
    const fitting = swaps.filter(([letter]) => letter.test(handle));
    if (fitting.length === 0)
        return `${handle.slice(0, 11)}_${random.pick(['O0', 'l1', 'Il', 'rn1'])}`;
    const [letter, instead] = random.pick(fitting);
    return handle.replace(letter, instead);
}

function inventHandle(random, word) {
    const other = random.pick(WORDS);
    const shapes = [
        () => word,
        () => `${word}_${inventWord(random, 1)}`,
        () => `${capital(word)}${capital(inventWord(random, 1))}`,
        () => `${word}${random.whole(2, 999)}`,
        () => `${word}_${random.whole(2, 99)}`,
        () => `${word}${other}`,
        () => `${capital(word)}_${capital(other)}`,
        () => `_${word}`,
        () => `${word}_`,
        () => `0x${word}`,
        () => `${word}${random.pick(['xbt', 'hq', 'dao', 'fi'])}`,
    ];
    const handle = random.pick(shapes)().slice(0, 15);
    return random.chance(0.08) ? makeNasty(random, handle).slice(0, 15) : handle;
}

/* Two handles that look the same in most fonts would make one page unfair, not hard. */
const lookAlike = (handle) =>
    handle.toLowerCase().replace(/rn/g, 'm').replace(/[1i]/g, 'l').replace(/0/g, 'o');

export function inventPeople(random, count) {
    const taken = new Set();
    const people = [];
    while (people.length < count) {
        const word = inventWord(random);
        const handle = inventHandle(random, random.chance(0.7) ? word : inventWord(random));
        if (handle.length < 3 || taken.has(lookAlike(handle)))
            continue;
        taken.add(lookAlike(handle));
        people.push({ display_name: inventName(random, word), handle, hue: random.whole(0, 359) });
    }
    return people;
}

export function inventCampaign(random) {
    return `${capital(inventWord(random))} ${random.pick(CAMPAIGN_NOUNS)} ${random.whole(1, 6)}`;
}

export function inventToken(random) {
    return `$${inventWord(random).toUpperCase().slice(0, random.whole(3, 5))}`;
}

/* What the printed text says, as a number; a sign may be a minus or an arrow pointing down. */
export function valueOf(text) {
    const sign = /[-\u2212▼]/.test(text) ? -1 : 1;
    const factor = { K: 1e3, M: 1e6 }[text.slice(-1)] ?? 1;
    const digits = Number(text.replace(/[^0-9.]/g, ''));
    return digits === 0 ? 0 : Math.round(sign * digits * factor * 1e6) / 1e6;
}

/* style: "comma" prints 12,345; "k1" 12.3K; "k2" 12.35K; small numbers stay whole. */
export function printCount(value, style) {
    const places = style === 'k2' ? 2 : 1;
    if (style === 'comma' || value < 1000)
        return Math.round(value).toLocaleString('en-US');
    if (value >= 999950)
        return `${(value / 1e6).toFixed(places)}M`;
    return `${(value / 1e3).toFixed(places)}K`;
}

export function printChange(value, style) {
    const size = `${Math.abs(value).toFixed(2)}%`;
    const down = value < 0;
    if (style === 'arrow')
        return `${down ? '▼' : '▲'} ${size}`;
    if (style === 'minus')
        return `${down ? '\u2212' : '+'}${size}`;
    return `${down ? '-' : '+'}${size}`;
}

function printCells(random, page, totals) {
    const style = page.number ?? 'k2';
    const followers = 400 * Math.exp(random.between(0, 6.6));
    const swing = random.between(0.05, 1) ** 3 * random.pick([-30, 45]);
    return {
        snaps: printCount(totals.snaps, style),
        snaps_7d: printCount(totals.snaps * random.between(2.5, 7.5), style),
        mindshare: `${totals.mindshare.toFixed(page.places ?? 2)}%`,
        change: printChange(swing, page.change),
        followers: printCount(followers, page.followers ?? 'k1'),
        smart_followers: printCount(5 + followers * random.between(0.01, 0.05), 'comma'),
    };
}

/* Rows 1..count of a leaderboard; snaps and mindshare both fall from rank to rank. */
export function inventRows(random, page, count) {
    const totals = { snaps: random.between(20000, 160000), mindshare: random.between(3.5, 9.5) };
    return inventPeople(random, count).map((person, index) => {
        const all = printCells(random, page, totals);
        const text = Object.fromEntries(page.columns.map((key) => [key, all[key]]));
        const values = Object.fromEntries(page.columns.map((key) => [key, valueOf(text[key])]));
        totals.snaps *= random.between(0.78, 0.96);
        totals.mindshare = Math.min(totals.mindshare * random.between(0.8, 0.96),
            totals.mindshare - 0.02);
        return { rank: index + 1, ...person, text, values };
    });
}

/* One person's profile page: six figures, some badges, what they said of some tokens. */
export function inventProfile(random, page) {
    const [person] = inventPeople(random, 1);
    const week = random.between(900, 60000);
    const followers = 900 * Math.exp(random.between(0, 5));
    const text = {
        snaps_7d: printCount(week, page.number ?? 'k2'),
        snaps_30d: printCount(week * random.between(3.2, 5), page.number ?? 'k2'),
        mindshare: `${random.between(0.02, 2.4).toFixed(3)}%`,
        smart_followers: printCount(20 + followers * random.between(0.01, 0.06), 'comma'),
        smart_engagement: printCount(week * random.between(0.05, 0.6), 'k2'),
        followers: printCount(followers, page.followers ?? 'k1'),
    };
    const badges = ['#1 MINDSHARE', 'TOP BULL', '#3 SNAPPER', 'TOP VOICE', '#2 ENGAGEMENT']
        .filter(() => random.chance(0.6));
    const tokens = [...new Set(Array.from({ length: 6 }, () => inventToken(random)))];
    const cut = random.whole(2, tokens.length - 2);
    return {
        ...person,
        text,
        values: Object.fromEntries(Object.entries(text).map(([key, cell]) => [key, valueOf(cell)])),
        badges: badges.length > 0 ? badges : ['TOP BULL'],
        bullish: tokens.slice(0, cut),
        bearish: tokens.slice(cut),
    };
}
