// Opens saved pages in a real Chromium and writes down what the content script tells of each, for
// `examples/score`. Nothing of the pages runs or loads: they are served on loopback under a content
// security policy that forbids it.
//
//   node forms/tools/collect_facts.mjs PAGES_FOLDER OUT.json [CACHE_FOLDER] [NAME_PART]
//
// Facts are kept in the cache by the hash of the page, the content script and this program.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { joined } from "../../extension/content/joined.mjs";

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-src 'self' data:";
const [folder, out, cache = "", part = ""] = process.argv.slice(2);
if (!folder || !out) throw new Error("usage: collect_facts.mjs PAGES_FOLDER OUT.json [CACHE_FOLDER] [NAME_PART]");
const source = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const script = joined();

// The other end of the port, played within the page.
const ask = `
  const done = arguments[arguments.length - 1];
  let hear;
  const port = {
    postMessage(text) {
      const frame = JSON.parse(text);
      if (frame.body) done(frame.body.payload);
    },
    disconnect() {},
    onMessage: { addListener(listener) { hear = listener; } },
    onDisconnect: { addListener() {} },
  };
  globalThis.chrome = { runtime: { connect: () => port } };
  ${script}
  hear('{"version":1}');
  hear('{"event":{"type":"collect","payload":{"ticket":1}}}');
`;

const version = source("collect_facts.mjs") + script;
const pages = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".html"))
  .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
  .filter((name) => name.includes(part))
  .sort()
  .map((name) => {
    const html = readFileSync(join(folder, name));
    const hash = createHash("sha256").update(version).update(html).digest("hex");
    return { name, html, kept: cache && join(cache, `${hash}.json`) };
  });
if (cache) mkdirSync(cache, { recursive: true });

/** @type {Record<string, unknown>} */
const facts = {};
const missing = [];
for (const [at, { name, kept }] of pages.entries()) {
  if (kept && existsSync(kept)) facts[name] = JSON.parse(readFileSync(kept, "utf8"));
  else missing.push(at);
}
const failed = [];
if (missing.length) await visit(missing);
writeFileSync(out, JSON.stringify(facts));
console.error(`${Object.keys(facts).length} of ${pages.length} pages, ${failed.length} failed`);
for (const line of failed) console.error(line);
process.exitCode = failed.length ? 1 : 0;

/** Looks at pages, by their numbers. */
async function visit(numbers) {
  const server = createServer((request, response) => {
    // By number: a saved page's name may tell what it is, and its path is one of the facts.
    const page = pages[Number(request.url.slice(1))];
    if (!page) return void response.writeHead(404).end();
    const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY };
    response.writeHead(200, headers).end(page.html);
  }).listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const site = `http://127.0.0.1:${server.address().port}`;

  const driver = spawn(process.env.PEARVAULT_CHROMEDRIVER ?? "chromedriver", ["--port=0"]);
  const driverPort = await new Promise((found, failed) => {
    driver.once("error", failed);
    driver.stdout.on("data", (text) => /successfully on port (\d+)/.exec(text)?.slice(1).forEach(found));
  });
  const call = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${driverPort}${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${value.message}`);
    return value;
  };

  const started = Date.now();
  let done = 0;
  const work = async () => {
    const profile = mkdtempSync(join(tmpdir(), "pearvault-facts-"));
    const args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
    const { sessionId } = await call("POST", "/session", {
      capabilities: {
        alwaysMatch: {
          pageLoadStrategy: "normal",
          timeouts: { pageLoad: 20000, script: 20000 },
          "goog:chromeOptions": {
            binary: process.env.PEARVAULT_CHROMIUM ?? "/usr/bin/chromium",
            args: [...args, "--disable-sync", "--window-size=1280,900", `--user-data-dir=${profile}`],
          },
        },
      },
    });
    const session = `/session/${sessionId}`;
    for (let at = numbers.shift(); at !== undefined; at = numbers.shift()) {
      const { name, kept } = pages[at];
      // A busy machine may be late once.
      for (let trial = 1; trial <= 2 && !facts[name]; trial += 1) {
        try {
          await call("POST", `${session}/url`, { url: `${site}/${at}` });
          facts[name] = await call("POST", `${session}/execute/async`, { script: ask, args: [] });
          if (kept) writeFileSync(kept, JSON.stringify(facts[name]));
        } catch (error) {
          if (trial === 2) failed.push(`${name}: ${error.message.split("\n")[0]}`);
        }
      }
      done += 1;
      if (done % 100 === 0) console.error(`${done} pages, ${Math.round((Date.now() - started) / 1000)} s`);
    }
    await call("DELETE", session).catch(() => {});
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  } finally {
    driver.kill();
    server.close();
  }
}
