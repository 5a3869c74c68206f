"""peer_fanout.py - the same whole job as analysis-svc's, as one would write it in Python: claim, presign, build, call, judge, store, merge.

    peer_fanout.py aiohttp|httpx|portkey BASE_URL CALLS PICTURES IN_FLIGHT

Jobs are claimed from table bench.jobs of DATABASE_URL (SKIP LOCKED, several at once) and URLs presigned (SigV4). An answer is held against
the schema, each cell kept as printed and as a value, and one transaction ends the job: call (tokens, raw words), pictures, their documents;
the last call of a set merges its documents by handle into the set's rows. Retries with backoff, Retry-After heeded (portkey: the gateway
retries as its own configuration says, and this client again). Ends with one JSON line.
"""
import asyncio
import hashlib
import hmac
import json
import os
import random
import resource
import statistics
import sys
import time
import urllib.parse

import asyncpg

KIND, BASE, CALLS, PICTURES, IN_FLIGHT = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
CLAIM_MAX, HOST, REGION = 32, "127.0.0.1:9", "us-east-1"
COLUMNS = ["rank", "display_name", "handle", "total_snaps", "snaps_24h", "snaps_7d", "mindshare_percent", "mindshare_change",
           "followers", "smart_followers", "status", "badge"]
NUMBERS = {"rank", "total_snaps", "snaps_24h", "snaps_7d", "mindshare_percent", "mindshare_change", "followers", "smart_followers"}
SUFFIX = {"K": 1e3, "M": 1e6, "B": 1e9}
EXTRACTOR = os.environ["EXTRACTOR"]
with open(f"{EXTRACTOR}/prompt.txt", encoding="utf-8") as file:
    PROMPT = file.read()
with open(f"{EXTRACTOR}/schema.json", encoding="utf-8") as file:
    ITEM = json.load(file)
ITEM = {**ITEM, "required": ["id", *ITEM["required"]], "properties": {"id": {"type": "string"}, **ITEM["properties"]}}
SCHEMA = {"type": "object", "additionalProperties": False, "required": ["results"],
          "properties": {"results": {"type": "array", "items": ITEM}}}
GATEWAY = json.dumps({"strategy": {"mode": "fallback", "on_status_codes": [429, 500, 502, 503, 529]}, "targets": [
    {"provider": "openai", "api_key": "a", "custom_host": os.environ.get("MODEL_URL", ""), "retry": {"attempts": 2, "on_status_codes": [429, 529]}},
    {"provider": "openai", "api_key": "b", "custom_host": os.environ.get("MODEL_URL", ""), "retry": {"attempts": 2, "on_status_codes": [429, 529]}}]})
HEADERS = {"authorization": "Bearer bench", "content-type": "application/json"}
if KIND == "portkey":
    HEADERS |= {"x-portkey-config": GATEWAY}


class Fault(Exception):
    def __init__(self, status, wait):
        super().__init__(status)
        self.status, self.wait = status, wait


def number(text):
    text = text.strip().rstrip("%").replace(",", "")
    if not text:
        return None
    scale = SUFFIX.get(text[-1].upper(), 1)
    try:
        return float(text[:-1] if scale != 1 else text) * scale
    except ValueError:
        return None


def signing_key(day):
    key = ("AWS4" + "bench-secret").encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


DAY = time.strftime("%Y%m%d", time.gmtime())
KEY = signing_key(DAY)


def presign(path):
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{DAY}/{REGION}/s3/aws4_request"
    query = (f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={urllib.parse.quote('bench/' + scope, safe='')}&X-Amz-Date={now}"
             "&X-Amz-Expires=3600&X-Amz-SignedHeaders=host")
    canonical = f"GET\n{urllib.parse.quote(path)}\n{query}\nhost:{HOST}\n\nhost\nUNSIGNED-PAYLOAD"
    words = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return f"http://{HOST}{path}?{query}&X-Amz-Signature={hmac.digest(KEY, words.encode(), 'sha256').hex()}"


def body_of(pictures):
    content = []
    for n, (_, key) in enumerate(pictures):
        content.append({"type": "text", "text": f"image id: t{n}"})
        content.append({"type": "image_url", "image_url": {"url": presign(f"/snapkey/{key}"), "detail": "high"}})
    return json.dumps({"model": "bench-model", "max_completion_tokens": 32000, "messages": [
        {"role": "system", "content": PROMPT}, {"role": "user", "content": content}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "leaderboard", "strict": True, "schema": SCHEMA}}})


TYPES = {"string": str, "array": list, "object": dict}


def fits(schema, value):
    """The clauses that the extractor's schema uses."""
    if not isinstance(value, TYPES[schema["type"]]):
        return False
    if schema["type"] == "array":
        return all(fits(schema["items"], item) for item in value)
    if schema["type"] == "object":
        known = schema["properties"]
        return value.keys() == known.keys() and all(fits(known[name], item) for name, item in value.items())
    return "enum" not in schema or value in schema["enum"]


def cell(name, text):
    if name in NUMBERS:
        return {"text": text, "value": number(text)}
    return {"text": text, "value": (text.lstrip("@").lower() if name == "handle" else text.strip()) or None}


def judge(answer, pictures):
    choice = answer["choices"][0]
    if choice["finish_reason"] != "stop":
        raise ValueError(choice["finish_reason"])
    words = choice["message"]["content"]
    results = {r["id"]: r for r in json.loads(words)["results"]}
    documents = []
    for n, (picture, _) in enumerate(pictures):
        result = results[f"t{n}"]
        if not fits(ITEM, result):
            raise ValueError("not what the schema says")
        rows = [{c: cell(c, row[c]) for c in COLUMNS if row[c]} for row in result["rows"]]
        documents.append((picture, json.dumps(result), json.dumps({"kind": "leaderboard", "title": result["title"], "rows": rows})))
    return documents, words, answer["usage"]


class Client:
    """One way of sending; the rest is the same for all."""

    async def open(self):
        if KIND == "httpx":
            import httpx
            self.session = httpx.AsyncClient(timeout=180, limits=httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT))
        else:
            import aiohttp
            self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT), timeout=aiohttp.ClientTimeout(total=180))

    async def send(self, body):
        url = f"{BASE}/chat/completions"
        if KIND == "httpx":
            r = await self.session.post(url, content=body, headers=HEADERS)
            status, headers, text = r.status_code, r.headers, r.content
        else:
            async with self.session.post(url, data=body, headers=HEADERS) as r:
                status, headers, text = r.status, r.headers, await r.read()
        if status != 200:
            raise Fault(status, float(headers.get("retry-after-ms", 0)) / 1000 or float(headers.get("retry-after", 0)))
        return json.loads(text), int(headers["x-request-id"].removeprefix("took_")) / 1000


async def answer_of(client, body):
    try:
        return await client.send(body)
    except (Fault, ValueError):
        raise
    except Exception as fault:  # the connection was lost, in whatever words of the library
        raise Fault(599, 0) from fault


async def call(client, pictures):
    for attempt in range(40):
        try:
            began = time.perf_counter()
            answer, own = await answer_of(client, body_of(pictures))
            judged = judge(answer, pictures)
            return judged, (time.perf_counter() - began) * 1000 - own
        except Fault as fault:
            if fault.status == 400:
                raise
            await asyncio.sleep(max(fault.wait, random.random() * min(8, 0.5 * 2**attempt)))
    raise Fault(0, 0)


async def claim(pool):
    async with pool.acquire() as conn:
        return [(r["job_id"], r["set_no"], json.loads(r["pictures"])) for r in await conn.fetch(
            "UPDATE bench.jobs SET state = 'leased', lease_until = now() + interval '60 s' WHERE job_id IN (SELECT job_id FROM bench.jobs"
            " WHERE state = 'ready' ORDER BY job_id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING job_id, set_no, pictures::text", CLAIM_MAX)]


def merged(set_no, documents):
    """The rows of a set: the first value of each cell that any of its pictures shows."""
    rows = {}
    for document in documents:
        for row in json.loads(document)["rows"]:
            into = rows.setdefault(row["handle"]["value"], {})
            for name, it in row.items():
                into.setdefault(name, it)
    return [(set_no, *(row.get(c, {}).get("value") for c in COLUMNS)) for row in rows.values()]


async def merge(conn, set_no):
    """The last call of a set."""
    await conn.execute("SELECT FROM bench.sets WHERE set_no = $1 FOR UPDATE", set_no)
    if await conn.fetchval("SELECT EXISTS (SELECT FROM bench.jobs WHERE set_no = $1 AND state <> 'done')", set_no):
        return
    documents = await conn.fetch("SELECT document::text FROM bench.images WHERE set_no = $1 AND document IS NOT NULL ORDER BY picture", set_no)
    await conn.copy_records_to_table("rows", schema_name="bench", records=merged(set_no, [d[0] for d in documents]), columns=["set_no", *COLUMNS])


async def store(pool, job, documents, words, usage):
    job_id, set_no, _ = job
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM bench.sets WHERE set_no = $1 FOR UPDATE", set_no)
        await conn.executemany("UPDATE bench.images SET state = 'extracted', answer = $2, document = $3::jsonb WHERE picture = $1", documents)
        await conn.execute("INSERT INTO bench.calls (job_id, class, input_tokens, output_tokens, raw) VALUES ($1, 'ok', $2, $3, $4)", job_id,
                           usage["prompt_tokens"], usage["completion_tokens"], words)
        await conn.execute("UPDATE bench.jobs SET state = 'done', lease_until = NULL WHERE job_id = $1", job_id)
        await merge(conn, set_no)


async def split(pool, job):
    """Somebody in it is bad: each alone; and one that is alone has failed."""
    job_id, set_no, pictures = job
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("UPDATE bench.jobs SET state = 'done' WHERE job_id = $1", job_id)
        if len(pictures) == 1:
            await conn.execute("UPDATE bench.images SET state = 'failed' WHERE picture = $1", pictures[0][0])
            await merge(conn, set_no)
            return 1
        await conn.executemany("INSERT INTO bench.jobs (set_no, pictures) VALUES ($1, $2::jsonb)", [(set_no, json.dumps([p])) for p in pictures])
    return 0


async def work(client, pool, jobs, added, failed):
    while True:
        if not jobs:
            jobs.extend(await claim(pool))
        if not jobs:
            return
        job = jobs.pop()
        try:
            (documents, words, usage), more = await call(client, job[2])
            added.append(more)
            await store(pool, job, documents, words, usage)
        except Fault:
            failed.append(await split(pool, job))


async def main():
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=8)
    client = Client()
    await client.open()
    jobs, added, failed = [], [], []
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await asyncio.gather(*(work(client, pool, jobs, added, failed) for _ in range(IN_FLIGHT)))
    after, seconds = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - began
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000
    ways = statistics.quantiles(added, n=100) if len(added) > 1 else added * 100
    print(json.dumps({"seconds": seconds, "cpu_ms": cpu, "added": [ways[49], ways[94], ways[98]], "failed": sum(failed), "rss_mib": after.ru_maxrss / 1024}))
    sys.stdout.flush()
    os._exit(0)  # nothing is left to close that matters


asyncio.run(main())
