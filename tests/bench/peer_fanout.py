"""peer_fanout.py - the same whole job as analysis-svc's, as one would write it in Python: build, call, judge, normalise, store.

    peer_fanout.py aiohttp|httpx|portkey BASE_URL CALLS PICTURES IN_FLIGHT LATENCY_MS BAD_EVERY

asyncpg stores rows (COPY, one transaction a call) into table bench.rows of DATABASE_URL. Retries with backoff, Retry-After heeded
(portkey: the gateway retries as its own configuration says, and this client again). Ends with one JSON line.
"""
import asyncio
import json
import os
import random
import resource
import statistics
import sys
import time

import asyncpg

KIND, BASE, CALLS, PICTURES, IN_FLIGHT, LATENCY, BAD_EVERY = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:8])
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


def body_of(pictures):
    content = []
    for tag, url in pictures:
        content.append({"type": "text", "text": f"image id: {tag}"})
        content.append({"type": "image_url", "image_url": {"url": url, "detail": "high"}})
    return json.dumps({"model": "bench-model", "max_completion_tokens": 32000, "messages": [
        {"role": "system", "content": PROMPT}, {"role": "user", "content": content}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "leaderboard", "strict": True, "schema": SCHEMA}}})


def judge(answer, pictures):
    choice = answer["choices"][0]
    if choice["finish_reason"] != "stop":
        raise ValueError(choice["finish_reason"])
    results = {r["id"]: r for r in json.loads(choice["message"]["content"])["results"]}
    rows = []
    for tag, _ in pictures:
        for row in results[tag]["rows"]:
            rows.append((tag, *(number(row[c]) if c in NUMBERS else row[c].lstrip("@").lower() if c == "handle" else row[c] for c in COLUMNS)))
    return rows


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
        return json.loads(text)


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
            rows = judge(await answer_of(client, body_of(pictures)), pictures)
            return rows, (time.perf_counter() - began) * 1000 - LATENCY
        except Fault as fault:
            if fault.status == 400:
                raise
            await asyncio.sleep(max(fault.wait, random.random() * min(8, 0.5 * 2**attempt)))
    raise Fault(0, 0)


async def store(pool, rows, note):
    async with pool.acquire() as conn, conn.transaction():
        if rows:
            await conn.copy_records_to_table("rows", schema_name="bench", records=rows, columns=["picture", *COLUMNS])
        await conn.execute("INSERT INTO bench.calls (note) VALUES ($1)", note)


async def work(client, pool, jobs, added, failed):
    while jobs:
        pictures = jobs.pop()
        try:
            rows, more = await call(client, pictures)
            added.append(more)
            await store(pool, rows, "ok")
        except Fault as fault:
            if len(pictures) > 1:  # somebody in it is bad: each alone
                jobs.extend([p] for p in pictures)
                continue
            failed.append(pictures)
            await store(pool, [], f"status {fault.status}")


async def main():
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=8)
    client = Client()
    await client.open()
    n = iter(range(1, CALLS * PICTURES + 1))
    def picture(i):
        bad = "0bad0bad" if BAD_EVERY and i % BAD_EVERY == 0 else f"{i:08x}"
        query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=" + "0" * 64
        return f"t{i}", f"http://127.0.0.1:9/snapkey/be9c0001/snapshots/2026-11-20/{bad}-0000-4000-8000-000000000000.png?{query}"
    jobs = [[picture(next(n)) for _ in range(PICTURES)] for _ in range(CALLS)]
    added, failed = [], []
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await asyncio.gather(*(work(client, pool, jobs, added, failed) for _ in range(IN_FLIGHT)))
    after, seconds = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - began
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000
    ways = statistics.quantiles(added, n=100) if len(added) > 1 else added * 100
    print(json.dumps({"seconds": seconds, "cpu_ms": cpu, "added": [ways[49], ways[94], ways[98]], "failed": len(failed), "rss_mib": after.ru_maxrss / 1024}))
    sys.stdout.flush()
    os._exit(0)  # nothing is left to close that matters


asyncio.run(main())
