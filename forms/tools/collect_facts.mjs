// Opens saved pages in a real Chromium and writes down what `extension/content/page/` tells of
// each, for `examples/score.rs`. Nothing of the pages runs or loads: they are served on loopback
// under a content security policy that forbids it.
//
//   node forms/tools/collect_facts.mjs PAGES_FOLDER OUT.json [NAME_PART]
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { joined } from "../../extension/content/joined.mjs";

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-src 'self' data:";
const [folder, out, part = ""] = process.argv.slice(2);
if (!folder || !out) throw new Error("usage: collect_facts.mjs PAGES_FOLDER OUT.json [NAME_PART]");
const script = joined();

const pages = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".html"))
  .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
  .filter((name) => name.includes(part))
  .sort();

const server = createServer((request, response) => {
  // By number: a saved page's name may tell what it is, and its path is one of the facts.
  const name = pages[Number(request.url.slice(1))];
  if (!name) return void response.writeHead(404).end();
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY };
  response.writeHead(200, headers).end(readFileSync(join(folder, name)));
}).listen(0, "127.0.0.1");
await new Promise((ready) => server.once("listening", ready));
const site = `http://127.0.0.1:${server.address().port}`;

const driver = spawn(process.env.PEARVAULT_CHROMEDRIVER ?? "chromedriver", ["--port=0"]);
const driverPort = await new Promise((found, failed) => {
  driver.once("error", failed);
  driver.stdout.on("data", (text) => /successfully on port (\d+)/.exec(text)?.slice(1).forEach(found));
});
const profile = mkdtempSync(join(tmpdir(), "pearvault-facts-"));
const call = async (method, path, body) => {
  const answer = await fetch(`http://127.0.0.1:${driverPort}${path}`, {
    method,
    body: body && JSON.stringify(body),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${value.message}`);
  return value;
};

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

// The other end of the port, played within the page.
const ask = `
  const done = arguments[arguments.length - 1];
  const out = [];
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
  globalThis.browser = { runtime: { connect: () => port } };
  ${script}
  hear('{"version":1}');
  hear('{"event":{"type":"collect","payload":{"ticket":1}}}');
`;

const facts = {};
const failed = [];
const started = Date.now();
for (const [at, name] of pages.entries()) {
  try {
    await call("POST", `${session}/url`, { url: `${site}/${at}` });
    facts[name] = await call("POST", `${session}/execute/async`, { script: ask, args: [] });
  } catch (error) {
    failed.push(`${name}: ${error.message.split("\n")[0]}`);
  }
  if (at % 100 === 99) console.error(`${at + 1} of ${pages.length}, ${Math.round((Date.now() - started) / 1000)} s`);
}
await call("DELETE", session).catch(() => {});
driver.kill();
server.close();
rmSync(profile, { recursive: true, force: true });
writeFileSync(out, JSON.stringify(facts));
console.error(`${Object.keys(facts).length} pages, ${failed.length} failed`);
for (const line of failed) console.error(line);
