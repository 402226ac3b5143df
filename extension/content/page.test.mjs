// The port and the refusals of page.js, on a document that is just real enough. What browsers do
// is tested in browsers, by e2e.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import { joined } from "./joined.mjs";

const script = joined();
const vectors = JSON.parse(readFileSync(new URL("../../proto/vectors/frames.json", import.meta.url), "utf8"));

/** As in browsers, what a node has by itself stands in its class, so that own properties hide it. */
class FakeNode {
  get ownerDocument() {
    return this.document;
  }
  get previousSibling() {
    return null;
  }
  getRootNode() {
    return this.document;
  }
}

class FakeElement extends FakeNode {
  constructor(document, localName, attributes = {}) {
    super();
    Object.assign(this, { document, attributes, around: document.around ?? null });
    Object.defineProperty(this, "kept", { value: { localName } });
    this.listeners = [];
    this.heard = [];
    this.shown = true;
  }
  get localName() {
    return this.kept.localName;
  }
  get parentElement() {
    return this.around;
  }
  get assignedSlot() {
    return null;
  }
  get previousElementSibling() {
    return null;
  }
  matches(selector) {
    return selector.split(",").includes(this.kept.localName);
  }
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }
  getBoundingClientRect() {
    return { left: 10, top: 10, right: 210, bottom: 40, width: this.shown ? 200 : 0, height: 30 };
  }
  querySelector() {
    return null;
  }
  querySelectorAll() {
    return [];
  }
  closest() {
    return null;
  }
  addEventListener(type, listener) {
    this.listeners.push({ type, listener });
  }
  dispatchEvent(event) {
    this.heard.push(event.type);
    for (const { type, listener } of [...this.listeners]) if (type === event.type) listener(event);
  }
  scrollIntoView() {
    this.heard.push("scroll");
  }
  focus() {
    this.dispatchEvent({ type: "focus" });
  }
  get isConnected() {
    return this.document.all.includes(this);
  }
}

class FakeForm extends FakeElement {}

class FakeInput extends FakeElement {
  #value = "";
  defaultValue = "";
  constructor(document, type, name, label) {
    super(document, "input", { name, "aria-label": label });
    Object.assign(this, { type, name, id: "", title: "", autocomplete: "", maxLength: -1, form: null });
  }
  get value() {
    return this.#value;
  }
  set value(value) {
    this.#value = value;
  }
}

class FakeDocument extends FakeNode {
  all = [];
  get title() {
    return "Sign in";
  }
  get baseURI() {
    return "https://a.test/";
  }
  get defaultView() {
    return VIEW;
  }
  get activeElement() {
    return this.active ?? null;
  }
  get body() {
    return this.around;
  }
  get documentElement() {
    return this.page;
  }
  querySelectorAll() {
    return [];
  }
  createTreeWalker(root) {
    let at = -1;
    const all = root === this ? this.all : [];
    return { nextNode: () => all[++at] ?? null, get currentNode() { return all[at]; } };
  }
}

const SIZE = { scrollX: 0, scrollY: 0, innerWidth: 800, innerHeight: 600 };
const VIEW = { ...SIZE };
VIEW.top = VIEW;
/** The window of a frame; where `frameElement` is not told, another origin is around it. */
const framed = (more = {}) => ({ ...SIZE, top: VIEW, parent: VIEW, frameElement: null, ...more });

/** Reports the same of every target. */
const observerOf = (report) =>
  class {
    constructor(callback) {
      this.callback = callback;
    }
    observe(target) {
      if (report) setTimeout(() => this.callback?.([{ target, ...report() }]), 1);
    }
    disconnect() {
      this.callback = null;
    }
  };

/** A page with these inputs, and what page.js posted. */
function open(...inputs) {
  return openWith({}, ...inputs);
}

/** The same with these elements as globals of the page. Named elements stand behind all else. */
function openWith(named, ...inputs) {
  return openIn({}, named, ...inputs);
}

/**
 * The same in a frame: its window, what the browser reports of what is on the screen, and whether the user acts there: then time stands still.
 */
function openIn({ view, report, acts = false }, named, ...inputs) {
  const document = new FakeDocument();
  document.around = new FakeElement(document, "body");
  document.page = Object.assign(new FakeElement(document, "html"), { lang: "en", scrollWidth: 800, scrollHeight: 600 });
  document.all = inputs.map(([type, name, label]) => new FakeInput(document, type, name, label));

  const ports = [];
  const listeners = {};
  const style = { display: "block", visibility: "visible", opacity: "1", clipPath: "none", clip: "auto", position: "static", overflow: "visible", direction: "ltr", getPropertyValue: () => "none" };
  class FakeEvent {
    constructor(type, options) {
      Object.assign(this, options, { type });
    }
  }
  const nothing = class {};
  const world = vm.createContext({
    document, location: { pathname: "/login" }, Node: FakeNode, Text: nothing, Element: FakeElement, HTMLElement: FakeElement,
    HTMLInputElement: FakeInput, HTMLSelectElement: nothing, HTMLTextAreaElement: nothing, HTMLButtonElement: nothing,
    HTMLFormElement: FakeForm, Document: FakeDocument, ShadowRoot: nothing, NodeFilter: {}, TextEncoder, URL, setTimeout,
    Event: FakeEvent, InputEvent: FakeEvent, KeyboardEvent: FakeEvent, FocusEvent: FakeEvent,
    getComputedStyle: () => style, clearTimeout, window: view ?? VIEW, IntersectionObserver: observerOf(report),
    addEventListener: (type, listener) => ((listeners[type] ??= []).push(listener)), performance: acts ? { now: () => 0 } : performance, navigator: { userActivation: { isActive: acts } },
    chrome: {
      runtime: {
        connect({ name }) {
          const port = { name, posted: [], open: true, hear: null };
          ports.push(port);
          port.postMessage = (text) => port.posted.push(JSON.parse(text));
          port.disconnect = () => (port.open = false);
          port.onMessage = { addListener: (listener) => (port.hear = (frame) => listener(JSON.stringify(frame))) };
          port.onDisconnect = { addListener() {} };
          return port;
        },
      },
    },
  });
  const run = vm.compileFunction(script, ["globalThis"], { filename: "page.js", parsingContext: world });
  const global = { ...named };
  const inject = () => run(global);
  inject();
  /** What the user does on the page. */
  const act = (type, target) => listeners[type].forEach((hear) => hear({ type, isTrusted: true, composedPath: () => [target] }));
  return { document, ports, inject, act };
}

/** What the port's last request was, once it came. */
async function answer(port, type) {
  for (let round = 0; round < 100; round += 1) {
    const body = port.posted.at(-1)?.body;
    if (body?.type === type) return body.payload;
    await new Promise((done) => setTimeout(done, 10));
  }
  assert.fail(`no ${type}`);
}

const LOGIN = [["text", "user", "User name"], ["password", "pass", "Password"]];
const collect = (ticket) => ({ event: { type: "collect", payload: { ticket } } });
const fill = (ticket, ...steps) => ({
  event: { type: "fill", payload: { ticket, steps: steps.map(([field, role, value]) => ({ field, role, value })) } },
});

/** A greeted port with the facts of a page. */
async function collected(...inputs) {
  return collectedIn(open(...inputs));
}

async function collectedIn(page) {
  const port = page.ports[0];
  port.hear({ version: 1 });
  port.hear(collect(7));
  return { ...page, port, facts: await answer(port, "facts") };
}

test("it greets first and hears nothing before the welcome", () => {
  const { ports } = open(...LOGIN);
  assert.equal(ports[0].name, "content");
  ports[0].hear(collect(7));
  const [hello] = ports[0].posted;
  assert.deepEqual(hello.versions, [1]);
  assert.ok(Number.isSafeInteger(hello.script));
});

test("facts have the shape that the background reads", async () => {
  const { facts, port } = await collected(...LOGIN);
  const sample = vectors.content.accept.map((frame) => frame.body).find((body) => body.type === "facts").payload;
  assert.deepEqual(Object.keys(facts).sort(), Object.keys(sample).sort());
  assert.deepEqual(Object.keys(facts.fields[0]).sort(), Object.keys(sample.fields[0]).sort());
  assert.deepEqual(Object.keys(port.posted.at(-1)).sort(), ["body", "id", "v"]);
  assert.deepEqual(facts.fields.map(({ index, kind, label, visible }) => [index, kind, label, visible]), [
    [0, "text", "User name", true],
    [1, "password", "Password", true],
  ]);
});

test("texts are short, whole and in one line", async () => {
  const { facts } = await collected(["text", "a\n  b\ud800", "x".repeat(199) + "🍐"], ["hidden", "h", ""]);
  assert.equal(facts.fields.length, 1);
  assert.equal(facts.fields[0].name, "a b");
  assert.equal(facts.fields[0].label, "x".repeat(199));
});

test("a login is typed as a keyboard would", async () => {
  const { port, document } = await collected(...LOGIN);
  port.hear(fill(7, [1, "password", "correct horse"], [0, "username", "ada"]));
  assert.deepEqual(await answer(port, "filled"), { ticket: 7, fields: [0, 1], stale: false });
  const [user, password] = document.all;
  assert.deepEqual([user.value, password.value], ["ada", "correct horse"]);
  assert.deepEqual(user.heard, ["focus", "keydown", "beforeinput", "input", "keyup", "change", "blur", "focusout"]);
});

test("a password goes into no other box", async () => {
  const { port, document } = await collected(...LOGIN);
  port.hear(fill(7, [0, "password", "correct horse"]));
  assert.deepEqual(await answer(port, "filled"), { ticket: 7, fields: [], stale: true });
  assert.equal(document.all[0].value, "");
});

for (const [what, change] of [
  ["is gone", (document) => document.all.pop()],
  ["became another type", (document) => (document.all[1].type = "text")],
  ["cannot be seen any more", (document) => (document.all[1].shown = false)],
  ["stands elsewhere", (document) => document.all.reverse()],
]) {
  test(`a field that ${what} makes the ticket stale`, async () => {
    const { port, document } = await collected(...LOGIN);
    const [user] = document.all;
    change(document);
    port.hear(fill(7, [0, "username", "ada"], [1, "password", "correct horse"]));
    assert.deepEqual(await answer(port, "filled"), { ticket: 7, fields: [], stale: true });
    assert.equal(user.value, "");
  });
}

test("a field that was only renamed is filled", async () => {
  const { port, document } = await collected(...LOGIN);
  for (const field of document.all) field.name = field.id = "f0x9z";
  port.hear(fill(7, [0, "username", "ada"], [1, "password", "correct horse"]));
  assert.deepEqual((await answer(port, "filled")).fields, [0, 1]);
});

test("an unknown ticket is stale", async () => {
  const { port } = await collected(...LOGIN);
  port.hear(fill(8, [1, "password", "correct horse"]));
  assert.deepEqual(await answer(port, "filled"), { ticket: 8, fields: [], stale: true });
});

test("a box that shows its text on focus gets no password", async () => {
  const { port, document } = await collected(...LOGIN);
  const [, password] = document.all;
  password.addEventListener("focus", () => (password.type = "text"));
  port.hear(fill(7, [0, "username", "ada"], [1, "password", "correct horse"]));
  assert.deepEqual((await answer(port, "filled")).fields, [0]);
  assert.equal(password.value, "");
});

test("a field rendered anew meanwhile is found again", async () => {
  const { port, document } = await collected(...LOGIN);
  document.all[0].addEventListener("input", () => (document.all[1] = new FakeInput(document, "password", "pass", "Password")));
  port.hear(fill(7, [0, "username", "ada"], [1, "password", "correct horse"]));
  assert.deepEqual((await answer(port, "filled")).fields, [0, 1]);
  assert.equal(document.all[1].value, "correct horse");
});

test("a page that puts the old value back is told of", async () => {
  const { port, document } = await collected(...LOGIN);
  const [user] = document.all;
  user.addEventListener("input", () => setTimeout(() => (user.value = ""), 0));
  port.hear(fill(7, [0, "username", "ada"]));
  assert.deepEqual((await answer(port, "filled")).fields, []);
});

test("a code is spread over boxes of one character", async () => {
  const { port, document } = await collected(...Array.from({ length: 6 }, (_, at) => ["tel", `c${at}`, ""]));
  for (const box of document.all) box.maxLength = 1;
  port.hear(fill(7, [0, "totp", "123456"]));
  assert.deepEqual((await answer(port, "filled")).fields, [0]);
  assert.deepEqual(document.all.map((box) => box.value), [..."123456"]);
});

test("boxes without a length are known by names that differ in a digit", async () => {
  const { port, document } = await collected(...Array.from({ length: 6 }, (_, at) => ["number", `c${at}`, ""]));
  for (const box of document.all) box.maxLength = -1;
  port.hear(fill(7, [0, "totp", "123456"]));
  assert.deepEqual((await answer(port, "filled")).fields, [0]);
  assert.deepEqual(document.all.map((box) => box.value), [..."123456"]);
});

test("a code is not spread over fields that are called otherwise", async () => {
  const { port, document } = await collected(...["code", "b", "c", "d", "e", "f"].map((name) => ["text", name, ""]));
  for (const box of document.all) box.maxLength = -1;
  port.hear(fill(7, [0, "totp", "123456"]));
  await answer(port, "filled");
  assert.deepEqual(document.all.map((box) => box.value), ["123456", "", "", "", "", ""]);
});

test("boxes that are free only once their turn comes get their digits", async () => {
  const { port, document } = await collected(...Array.from({ length: 6 }, (_, at) => ["tel", `c${at}`, ""]));
  for (const [at, box] of document.all.entries()) {
    box.maxLength = 1;
    box.matches = () => at > 0 && document.all[at - 1].value === "";
  }
  port.hear(fill(7, [0, "totp", "123456"]));
  assert.deepEqual((await answer(port, "filled")).fields, [0]);
  assert.deepEqual(document.all.map((box) => box.value), [..."123456"]);
});

test("a second injection takes the first one's place", () => {
  const { ports, inject } = open(...LOGIN);
  inject();
  assert.deepEqual(ports.map((port) => port.open), [false, true]);
  // The same script, by another port.
  assert.deepEqual(ports[1].posted, [ports[0].posted[0]]);
  ports[0].hear({ version: 1 });
  ports[0].hear(collect(7));
  assert.equal(ports[0].posted.length, 1);
});

test("what was asked before a second injection is asked through the new port", async () => {
  for (const welcomed of [false, true]) {
    const { document, ports, inject } = openIn({ acts: true }, {}, ...LOGIN);
    document.active = document.all[1];
    if (welcomed) {
      ports[0].hear({ version: 1 });
      await answer(ports[0], "attend");
    } else {
      await new Promise((done) => setTimeout(done, 50));
    }
    inject();
    ports[1].hear({ version: 1 });
    const { field, facts } = await answer(ports[1], "attend");
    assert.deepEqual([field, facts.fields.length], [1, 2]);
  }
});

test("elements and frames with a name are not taken for globals", async () => {
  const marquee = { stop: () => assert.fail("a marquee was stopped") };
  const page = openWith({ browser: {}, pearvaultFill: marquee }, ...LOGIN);
  const { facts } = await collectedIn(page);
  assert.equal(facts.fields.length, 2);
  page.inject();
  assert.deepEqual(page.ports.map((port) => port.open), [false, true]);
});

test("fields with the names of a form's or document's properties hide nothing", async () => {
  const page = open(...LOGIN);
  const { document } = page;
  const [user, password] = document.all;
  const form = new FakeForm(document, "form", { action: "/in" });
  const names = "assignedSlot parentElement parentNode getAttribute hasAttribute matches querySelector querySelectorAll previousElementSibling previousSibling getRootNode getBoundingClientRect localName nodeType nodeValue shadowRoot firstChild elements action id";
  for (const name of names.split(" ")) Object.defineProperty(form, name, { value: user });
  for (const name of ["createTreeWalker", "title", "body", "documentElement", "baseURI", "activeElement"]) Object.defineProperty(document, name, { value: form });
  for (const input of [user, password]) Object.assign(input, { form, around: form });
  document.all.unshift(form);
  const { facts, port } = await collectedIn(page);
  assert.equal(facts.title, "Sign in");
  assert.deepEqual(facts.forms.map(({ action }) => action), ["/in"]);
  port.hear(fill(7, [0, "username", "ada"], [1, "password", "correct horse"]));
  assert.deepEqual((await answer(port, "filled")).fields, [0, 1]);
});

const SEEN = { isIntersecting: true, intersectionRect: { width: 200, height: 60 } };

for (const [what, place, visible] of [
  ["on the screen", { view: framed(), report: () => SEEN }, true],
  ["on the screen, and the browser tells that nothing covers it", { view: framed(), report: () => ({ ...SEEN, isVisible: true }) }, true],
  ["transparent or covered", { view: framed(), report: () => ({ ...SEEN, isVisible: false }) }, false],
  ["off the screen", { view: framed(), report: () => ({ ...SEEN, isIntersecting: false }) }, false],
  ["in sight with its edge alone", { view: framed(), report: () => ({ ...SEEN, intersectionRect: { width: 200, height: 0 } }) }, false],
  ["not told of in time", { view: framed() }, false],
  ["one pixel large", { view: framed({ innerWidth: 1, innerHeight: 1 }), report: () => SEEN }, false],
]) {
  test(`fields of a frame ${what} are ${visible ? "visible" : "hidden"}`, async () => {
    const { facts } = await collectedIn(openIn(place, {}, ...LOGIN));
    assert.deepEqual(facts.fields.map((field) => field.visible), [visible, visible]);
  });
}

test("a frame of the page's own origin is looked at from outside", async () => {
  const frame = new FakeElement(open().document, "iframe");
  const place = { view: framed({ frameElement: frame }) };
  const seen = async () => (await collectedIn(openIn(place, {}, ...LOGIN))).facts.fields[0].visible;
  // Forty pixels are the least; the box is thirty high.
  assert.equal(await seen(), false);
  frame.getBoundingClientRect = () => ({ left: 10, top: 10, right: 210, bottom: 110, width: 200, height: 100 });
  assert.equal(await seen(), true);
  frame.checkVisibility = () => false;
  assert.equal(await seen(), false);
});

test("a frame that was hidden meanwhile gets nothing", async () => {
  let report = SEEN;
  const { port, document } = await collectedIn(openIn({ view: framed(), report: () => report }, {}, ...LOGIN));
  report = { ...SEEN, isVisible: false };
  port.hear(fill(7, [0, "username", "ada"], [1, "password", "correct horse"]));
  assert.deepEqual(await answer(port, "filled"), { ticket: 7, fields: [], stale: true });
  assert.deepEqual(document.all.map((input) => input.value), ["", ""]);
});

test("who asks twice has the form brought into view", async () => {
  const { port, document } = await collectedIn(openIn({ view: framed() }, {}, ...LOGIN));
  const scrolled = () => document.all.map((input) => input.heard.includes("scroll"));
  assert.deepEqual(scrolled(), [false, false]);
  port.hear(collect(7));
  await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual(scrolled(), [false, true]);
});

test("the page's own form is never scrolled to", async () => {
  const { port, document } = await collected(...LOGIN);
  port.hear(collect(7));
  await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual(document.all.map((input) => input.heard), [[], []]);
});

/** What is told of a login that the user sends. */
async function submitted(password) {
  const page = open(...LOGIN);
  const form = new FakeForm(page.document, "form");
  const [user, secret] = page.document.all;
  for (const input of [user, secret]) Object.assign(input, { form, around: form });
  Object.assign(user, { value: "ada" });
  Object.assign(secret, { value: password });
  const { port } = await collectedIn(page);
  page.act("submit", form);
  assert.notEqual(port.posted.at(-1).body.type, "submitted", "a script submits too");
  page.act("pointerdown", form);
  page.act("submit", form);
  // A form that stays is looked at for a while.
  page.document.all = [];
  const { body } = port.posted.at(-1);
  return body.type === "submitted" ? body.payload.values.map(({ value }) => value) : null;
}

test("a login that the user sends is told whole", async () => {
  assert.deepEqual(await submitted("🍐".repeat(500)), ["ada", "🍐".repeat(500)]);
});

for (const [what, password] of [
  ["longer than can be told", "x".repeat(1001)],
  ["with half a surrogate pair", "a\ud800b"],
]) {
  test(`a password ${what} is not told in another form`, async () => {
    assert.equal(await submitted(password), null);
  });
}
