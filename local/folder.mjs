/*
 * folder.mjs - a folder of pictures with truths beside them (NAME.json beside NAME.png or .jpg),
 * as forms that can be sent.
 *
 * In:  the format of design.md section 10. A truth may say how its picture is to be uploaded:
 *      "platform", "campaign", "date", for a leaderboard also "handle" and "set" (pictures of one
 *      set show one board and travel in one form), or all of it as "form", as local/samples does.
 *      What it does not say is made up: kind and handle tell the rest.
 * Out: sets [{name, samples: [{name, path, truth}], campaign, fields, platformKnown}].
 * An Error's message says which file is wrong, and in what.
 *
 * node local/folder.mjs FOLDER   says what is in it, or what is wrong with it
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PICTURE = /\.(png|jpe?g|webp|gif)$/i;
const ANY_PLATFORM = 'cookie.fun'; /* whoever sends it sees what the picture says itself */
const PICTURES_PER_FORM = 10;
const KINDS = {
    leaderboard: { snapshotType: 'leaderboard', snapshotTimeframe: '24H' },
    profile: { snapshotType: 'yapper_profile', snapshotTimeframe: '7D' },
};

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function rowFault(row, at) {
    if (!isObject(row) || !isObject(row.values))
        return `row ${at + 1} is no object with "values"`;
    return Number.isInteger(row.rank) ? '' : `row ${at + 1} has no whole number as its "rank"`;
}

/* What keeps a truth from being compared; '' when nothing does. */
export function truthFault(truth) {
    if (!isObject(truth) || !Object.hasOwn(KINDS, truth.kind))
        return '"kind" must be "leaderboard" or "profile"';
    if (truth.kind === 'profile') {
        const missing = ['badges', 'bullish', 'bearish'].find((key) => !Array.isArray(truth[key]));
        if (typeof truth.handle !== 'string' || !isObject(truth.values))
            return 'a profile needs its "handle" and its "values"';
        return missing ? `"${missing}" must be a list` : '';
    }
    if (!Array.isArray(truth.columns) || !Array.isArray(truth.rows) || truth.rows.length === 0)
        return 'a leaderboard needs "columns" and "rows", both lists, with at least one row';
    return truth.rows.map(rowFault).find((fault) => fault) ?? '';
}

function readTruth(path) {
    let truth;
    if (!existsSync(path))
        throw new Error(`${path} is missing: every picture needs its truth beside it.`);
    try {
        truth = JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
        throw new Error(`${path} is no JSON: ${error.message}`);
    }
    const fault = truthFault(truth);
    if (fault)
        throw new Error(`${path}: ${fault}.`);
    return truth;
}

const today = () => new Date().toISOString().slice(0, 10);

/* What is sent along with a picture, and what is known about it. */
function formOf(name, truth) {
    const { set, campaign, ...said } = truth.form ?? {};
    const handle = truth.kind === 'profile' ? truth.handle.replace(/^@/, '') : undefined;
    const fields = {
        platformSource: truth.platform ?? ANY_PLATFORM,
        snapshotDate: truth.date ?? today(),
        ...KINDS[truth.kind],
        ...(handle ? { yapperTwitterHandle: handle } : {}),
        ...said,
    };
    return { set: set ?? truth.set ?? name, campaign: campaign ?? truth.campaign ?? `Score ${name}`,
        fields, platformKnown: Boolean(said.platformSource ?? truth.platform) };
}

function pictureNames(folder) {
    if (!existsSync(folder) || !statSync(folder).isDirectory())
        throw new Error(`${folder} is no folder; give one with NAME.json beside each NAME.png.`);
    const names = readdirSync(folder).filter((entry) => PICTURE.test(entry)).sort();
    if (names.length === 0)
        throw new Error(`${folder} holds no picture (.png, .jpg, .webp or .gif).`);
    return names;
}

export function readSets(folder) {
    const sets = new Map();
    for (const name of pictureNames(folder)) {
        const stem = name.slice(0, -extname(name).length);
        const truth = readTruth(join(folder, `${stem}.json`));
        const { set: key, ...form } = formOf(name, truth);
        const set = sets.get(key) ?? { name: key, samples: [], ...form };
        set.samples.push({ name, path: join(folder, name), truth });
        sets.set(key, set);
    }
    const large = [...sets.values()].find((set) => set.samples.length > PICTURES_PER_FORM);
    if (large)
        throw new Error(`The set "${large.name}" has ${large.samples.length} pictures; `
            + `one form takes ${PICTURES_PER_FORM}.`);
    return [...sets.values()];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    try {
        const sets = readSets(process.argv[2] ?? '');
        const pictures = sets.reduce((sum, set) => sum + set.samples.length, 0);
        console.log(`${pictures} pictures with their truths, in ${sets.length} sets.`);
    } catch (error) {
        console.error(error.message);
        process.exitCode = 1;
    }
}
