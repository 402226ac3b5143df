// Tries to tell whether Pearvault is installed, before its user does anything here. `detector.run(origin)` gives the names of
// the ways that found something.
"use strict";

var detector = (() => {
  const heard = [];
  const hear = (name) => heard.push(name);
  let whole = false;
  let html = "";
  let quiet = false;
  /** Waits and listens, within a way that is not heard itself. */
  const listen = async (milliseconds) => {
    const over = new Promise((done) => setTimeout(done, milliseconds));
    // The own changes are told first.
    await null;
    quiet = false;
    await over;
    quiet = true;
  };

  // From the first line of the page on.
  new MutationObserver((changes) => whole && !quiet && hear(`mutation of ${changes[0].target.nodeName}: ${[...changes[0].addedNodes, ...changes[0].removedNodes].map(({ nodeName }) => nodeName)} ${changes[0].attributeName ?? ""}`)).observe(document, {
    childList: true, subtree: true, attributes: true, characterData: true,
  });
  for (const name of ["message", "error", "unhandledrejection", "resize", "scroll", "pagehide"]) {
    addEventListener(name, (event) => !quiet && hear(`event ${event.type}`));
  }
  document.addEventListener("securitypolicyviolation", (event) => hear(`report about ${event.blockedURI}`));
  for (const name of ["focusin", "input", "change", "beforetoggle", "toggle", "animationstart", "transitionrun", "slotchange", "invalid"]) {
    document.addEventListener(name, () => !quiet && hear(`event ${name}`), true);
  }
  // Whoever calls what the page can redefine is seen.
  for (const [owner, name] of [
    [Element.prototype, "matches"], [Element.prototype, "getBoundingClientRect"], [Element.prototype, "attachShadow"],
    [Document.prototype, "createTreeWalker"], [Document.prototype, "querySelectorAll"], [EventTarget.prototype, "addEventListener"],
    [window, "getComputedStyle"], [window, "postMessage"], [window, "requestIdleCallback"], [window, "setTimeout"], [window, "fetch"],
  ]) {
    const real = owner[name];
    if (!real) continue;
    owner[name] = function (...args) {
      if (whole && !quiet) hear(`call of ${name}`);
      return real.apply(this, args);
    };
  }
  for (const [owner, name] of [
    [Document.prototype, "activeElement"], [HTMLInputElement.prototype, "value"], [HTMLInputElement.prototype, "type"],
    [Node.prototype, "isConnected"], [Event.prototype, "isTrusted"], [Element.prototype, "shadowRoot"], [Navigator.prototype, "userActivation"],
  ]) {
    const found = Object.getOwnPropertyDescriptor(owner, name);
    if (!found?.get || !found.configurable) continue;
    Object.defineProperty(owner, name, {
      ...found,
      get() {
        if (whole && !quiet) hear(`look at ${name}`);
        return found.get.call(this);
      },
    });
  }
  class Spy extends HTMLElement {
    static observedAttributes = ["style", "class", "data-pearvault", "value"];
    static formAssociated = true;
    attributeChangedCallback(name) {
      if (whole) hear(`attribute ${name} of an element of the page`);
    }
    connectedCallback() {
      Object.defineProperty(this, "shadowRoot", { get: () => (hear("look at an own shadowRoot"), null) });
      Object.defineProperty(this, "localName", { get: () => (hear("look at an own localName"), "x") });
    }
  }
  customElements.define("orchard-spy", Spy);

  const FILES = ["manifest.json", "popup.html", "popup.css", "sw.js", "content/page.js", "content/watch.js", "icons/pear-48.png", "offscreen.html", "offscreen.js", "solver.js"];
  const within = (ms, promise) => Promise.race([promise, new Promise((done) => setTimeout(done, ms, "nothing"))]);
  const element = (tag, property) => (url) =>
    within(1500, new Promise((done) => {
      const it = document.createElement(tag);
      if (tag === "link") it.rel = "stylesheet";
      it.onload = () => done("load");
      it.onerror = () => done("error");
      it[property] = url;
      document.head.append(it);
    }));
  const loads = (load) => async ({ origin }) => {
    // An address that nobody has answers in the same way.
    const nobody = origin.startsWith("moz") ? "moz-extension://00000000-0000-4000-8000-000000000000" : "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (const file of FILES) {
      const [real, none] = await Promise.all([load(`${origin}/${file}`), load(`${nobody}/${file}`)]);
      if (real !== none) return `${file}: ${real}, not ${none}`;
    }
    return "";
  };
  const worker = loads((url) => within(1500, new Promise((done) => {
    try {
      const worker = new Worker(url);
      worker.onerror = () => done("error");
      worker.onmessage = () => done("message");
    } catch (error) {
      done(error.name);
    }
  })));
  const pristine = () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    return frame.contentWindow;
  };
  const names = (of) => new Set(Reflect.ownKeys(of).map(String));
  const more = (here, there, known = []) => [...names(here)].filter((name) => !names(there).has(name) && !known.includes(name) && !/^\d+$/.test(name)).join(" ");
  const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

  const ways = {
    "fetch of its files": loads((url) => within(1500, fetch(url).then(() => "load", () => "error"))),
    "fetch without cors": loads((url) => within(1500, fetch(url, { mode: "no-cors" }).then(() => "load", () => "error"))),
    "images of it": loads(element("img", "src")),
    "style sheets of it": loads(element("link", "href")),
    "scripts of it": loads(element("script", "src")),
    "frames of it": loads((url) =>
      within(1500, new Promise((done) => {
        const frame = document.createElement("iframe");
        frame.onload = () => {
          let inside = "closed";
          try {
            inside = frame.contentDocument ? "blank" : "closed";
          } catch {}
          done(`load ${inside} ${frame.contentWindow?.length}`);
        };
        frame.onerror = () => done("error");
        frame.src = url;
        document.body.append(frame);
      }))),
    "media of it": loads(element("video", "src")),
    // Firefox tells an address that somebody has; there it is another one, and unknown, in every profile.
    "a worker of it": (place) => (place.origin.startsWith("moz") ? "" : worker(place)),    "messages to it": async ({ origin }) => {
      const runtime = window.chrome?.runtime ?? window.browser?.runtime;
      if (!runtime?.sendMessage) return "";
      return within(1000, new Promise((done) => runtime.sendMessage(new URL(origin).host, "form", (answer) => done(runtime.lastError ? "nothing" : `answer ${answer}`)))).then((it) => (it === "nothing" ? "" : it));
    },
    // `ret_nodes` is of the driver.
    "globals": () => more(window, pristine(), ["detector", "ret_nodes", "login", "username", "password"]),
    "symbols": () => Object.getOwnPropertySymbols(window).map(String).filter((it) => /pear/i.test(it)).join(" ") + (window[Symbol.for("pearvault.page")] ? "live" : ""),
    "properties of classes": () => {
      const other = pristine();
      return ["Document", "HTMLInputElement", "HTMLFormElement", "Element", "Node", "EventTarget", "Event", "Navigator", "Array", "Object", "Function"]
        .map((name) => more(window[name].prototype, other[name].prototype) + more(window[name], other[name]))
        .join("");
    },
    "properties of the document and its fields": () => {
      const field = document.querySelector("#password");
      return [...Reflect.ownKeys(field), ...Reflect.ownKeys(document).filter((key) => key !== "location"), ...Reflect.ownKeys(document.forms[0])]
        .map(String).filter((key) => !/^\d+$|^username$|^password$|^sign-in$/.test(key)).join(" ");
    },
    "the page's own text": () => (document.documentElement.outerHTML === html ? "" : "changed"),
    "style sheets": () => (document.styleSheets.length || document.adoptedStyleSheets.length ? "more than none" : ""),
    "the top layer": () => (document.querySelector(":popover-open, :modal, [popover]") ? "something" : ""),
    "styles of fields": () => {
      const twin = document.createElement("input");
      twin.type = "password";
      document.body.append(twin);
      const [one, other] = [getComputedStyle(document.querySelector("#password")), getComputedStyle(twin)];
      return ["backgroundColor", "backgroundImage", "color", "outline", "boxShadow", "paddingRight", "animationName", "transitionProperty", "cursor"]
        .filter((name) => one[name] !== other[name]).join(" ");
    },
    "values of fields": () => [...document.querySelectorAll("input")].map((field) => field.value).join("") + (document.querySelector("input:autofill") ? "autofilled" : ""),
    "performance entries": () => performance.getEntries().map((entry) => entry.name).filter((name) => /^(chrome|moz)-extension|pear/.test(name) && !name.startsWith(detector.origin)).join(" "),
    "stores": async () => {
      const found = [localStorage.length, sessionStorage.length, (await caches.keys()).length, (await indexedDB.databases?.())?.length ?? 0, document.cookie.length];
      found.push((await navigator.serviceWorker.getRegistrations()).length);
      return found.some(Boolean) ? String(found) : "";
    },
    "plug-ins": () => [...navigator.plugins, ...navigator.mimeTypes].map((it) => it.name ?? it.type).filter((it) => /pear/i.test(it)).join(" "),
    "broadcasts": async () => {
      const heard = [];
      for (const name of ["pearvault", "pearvault.page", "content", "popup"]) {
        const channel = new BroadcastChannel(name);
        channel.onmessage = () => heard.push(name);
        channel.postMessage("ping");
      }
      await new Promise((done) => setTimeout(done, 200));
      return heard.join(" ");
    },
    "answers to events": () => {
      const answered = [];
      for (const name of ["pearvault", "pearvault.page", "pearvault:ping", "form", "act", "attend", "collect", "fill"]) {
        for (const target of [window, document, document.querySelector("#password")]) {
          if (!target.dispatchEvent(new CustomEvent(name, { cancelable: true, bubbles: true, detail: {} }))) answered.push(name);
        }
      }
      return answered.join(" ");
    },
    "answers to messages": async () => {
      const before = heard.length;
      for (const data of ["form", "act", { versions: [1] }, JSON.stringify({ versions: [1] }), { event: { type: "collect", payload: { ticket: 1 } } }]) postMessage(data, "*");
      const answers = [];
      const listen = ({ data }) => answers.push(data);
      addEventListener("message", listen);
      await new Promise((done) => setTimeout(done, 300));
      removeEventListener("message", listen);
      return answers.length > 5 || heard.length > before ? `${answers.length} messages` : "";
    },
    "forged focus and keys": async () => {
      const field = document.querySelector("#username");
      field.focus();
      for (const [Kind, name, more] of [
        [PointerEvent, "pointerdown", {}], [MouseEvent, "mousedown", {}], [FocusEvent, "focusin", {}], [KeyboardEvent, "keydown", { key: "ArrowDown" }], [KeyboardEvent, "keydown", { key: "Tab" }],
      ]) {
        if (!field.dispatchEvent(new Kind(name, { bubbles: true, composed: true, cancelable: true, ...more }))) return `${name} was stopped`;
      }
      await listen(700);
      const found = document.querySelector("[popover], html > div");
      field.blur();
      return found ? "a menu" : "";
    },
    "time of changes": async () => {
      // A form that is watched for must not take another time than text of the same size: far apart, not a little.
      const times = { form: [], text: [] };
      for (let round = 0; round < 40; round += 1) {
        for (const [kind, make] of [["form", () => Object.assign(document.createElement("input"), { type: "password" })], ["text", () => Object.assign(document.createElement("input"), { type: "range" })]]) {
          const box = document.createElement("div");
          for (let at = 0; at < 50; at += 1) box.append(make());
          const start = performance.now();
          document.body.append(box);
          await null;
          times[kind].push(performance.now() - start);
          box.remove();
        }
      }
      const [form, text] = [median(times.form), median(times.text)];
      return form > 5 * text + 2 ? `${form} ms, not ${text}` : "";
    },
    "error stacks": () => (/extension:/.test(new Error().stack) ? "an extension" : ""),
    "what was heard meanwhile": () => heard.join(", "),
  };

  return {
    ways: Object.keys(ways),
    pageIsWhole() {
      document.body.append(document.createElement("orchard-spy"));
      addEventListener("load", () => setTimeout(() => {
        html = document.documentElement.outerHTML;
        whole = true;
      }));
    },
    /** Names of the ways that found something, with what they found. */
    async run(origin) {
      detector.origin = origin;
      const found = [];
      const before = heard.length;
      const first = ["the page's own text", "style sheets", "what was heard meanwhile"];
      for (const name of [...first, ...Object.keys(ways).filter((name) => !first.includes(name))]) {
        // What the page does itself is heard too.
        quiet = true;
        let told;
        try {
          told = await ways[name]({ origin });
        } catch (error) {
          told = `failed: ${error}`;
        }
        // What it did last is told first.
        await null;
        quiet = false;
        if (told) found.push(`${name}: ${told}`);
      }
      if (heard.length > before) found.push(`meanwhile: ${heard.slice(before).join(", ")}`);
      return found;
    },
  };
})();
