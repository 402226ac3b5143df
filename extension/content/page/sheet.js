// What this script shows in a page: boxes in a closed shadow root in the top layer, each styled by
// its own declarations, so that neither the page's style sheets nor its policy reach them.

/** The colours of `popup/assets/styles/tokens.css`. */
const LIGHT = {
  surface: "#ffffff", hover: "#ecede4", line: "#e1e3d8", edge: "#868c78", text: "#1b1f15", soft: "#50564a",
  accent: "#3d7a1a", onAccent: "#ffffff", accentSoft: "#e6f2d8", focus: "#3d7a1a",
  shadow: "0 1px 2px rgb(27 31 21 / 6%), 0 8px 24px rgb(27 31 21 / 14%)", scheme: "light",
};
const DARK = {
  surface: "#1b1f15", hover: "#282e20", line: "#30362a", edge: "#7b8270", text: "#eef0e8", soft: "#bcc1b2",
  accent: "#a9d46f", onAccent: "#16210a", accentSoft: "#27341a", focus: "#a9d46f",
  shadow: "0 1px 2px rgb(0 0 0 / 40%), 0 8px 24px rgb(0 0 0 / 45%)", scheme: "dark",
};
/** Generic families alone: any other name may be a face of the page, and what is loaded of it tells the page our characters. */
const FONT = "system-ui, sans-serif";
/** Of text nodes in closed roots `window.find()` and the selection tell the page, of generated content they do not. */
const TEXTS = "[data-text]::before{content:attr(data-text)}";

const colours = () => (matchMedia("(prefers-color-scheme: dark)").matches ? DARK : LIGHT);

/** @param {HTMLElement | SVGElement} element @param {Record<string, string>} styles */
const dress = (element, styles) => {
  for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value, "important");
};

/**
 * A text is shown before the children; see `TEXTS`.
 * @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Record<string, string>} [styles]
 * @param {(Node | string)[]} children @returns {HTMLElementTagNameMap[T]}
 */
const make = (tag, styles = {}, ...children) => {
  const element = /** @type {HTMLElementTagNameMap[T]} */ (call(document, "createElement", tag));
  dress(element, { "box-sizing": "border-box", ...styles });
  for (const child of children) {
    if (typeof child === "string") element.setAttribute("data-text", child);
    else element.append(child);
  }
  return element;
};

/** The pear of the brand, a picture without meaning of its own. @param {number} size */
const pear = (size) => {
  const NS = "http://www.w3.org/2000/svg";
  const svg = /** @type {SVGElement} */ (call(document, "createElementNS", NS, "svg"));
  svg.setAttribute("viewBox", "0 0 128 128");
  svg.setAttribute("aria-hidden", "true");
  dress(svg, { width: `${size}px`, height: `${size}px`, display: "block", flex: "none" });
  for (const [d, fill] of [
    ["M68 25C74 8 94 3 111 9 106 26 88 34 68 25Z", "#3d7a1a"],
    ["M64 28c16 0 23 12 24 24 1 11 20 18 20 40 0 20-18 32-44 32S20 112 20 92c0-22 19-29 20-40 1-12 8-24 24-24Z", "#8fba2e"],
    ["M64 74a11 11 0 0 1 6.6 19.8L73 109H55l2.4-15.2A11 11 0 0 1 64 74Z", "#1f3d12"],
  ]) {
    const path = call(document, "createElementNS", NS, "path");
    path.setAttribute("d", d ?? "");
    path.setAttribute("fill", fill ?? "");
    svg.append(path);
  }
  return svg;
};

/**
 * What stands in the page: `host` in the page's own tree, `surface` in its closed root, and what of the top layer they stand
 * in, if anything.
 * @typedef {{host: HTMLElement, root: ShadowRoot, surface: HTMLElement, home: Element | null}} Sheet
 */
/** What a box has to stand in: under a modal dialog nothing else can be reached, and a press elsewhere closes a popover. */
const HOME = "dialog:modal,[popover='']:popover-open,[popover=auto i]:popover-open";

/**
 * Puts a box into the top layer, above all that stands there. It is the surface that goes there: the page can hide, restyle
 * and decorate the host, which shows nothing. @param {Element | null} anchor @returns {Sheet}
 */
const openSheet = (anchor) => {
  const host = make("div");
  dress(host, {
    all: "initial", position: "fixed", inset: "auto", margin: "0", padding: "0", border: "0", display: "block",
    overflow: "visible", background: "transparent", opacity: "1", visibility: "visible", filter: "none",
    transform: "none", transition: "none", animation: "none", "clip-path": "none", "pointer-events": "auto",
    "mix-blend-mode": "normal", "mask-image": "none", "z-index": "2147483647", zoom: "1", "user-select": "none",
  });
  const root = host.attachShadow({ mode: "closed" });
  const tint = colours();
  const surface = make("div", {
    position: "fixed", inset: "auto", margin: "0", padding: "0",
    background: tint.surface, color: tint.text, border: `1px solid ${tint.line}`, "border-radius": "10px",
    "box-shadow": tint.shadow, font: `14px/20px ${FONT}`, "color-scheme": tint.scheme, overflow: "hidden",
    "text-align": "start", direction: "ltr", "letter-spacing": "normal", cursor: "default",
  });
  const style = call(document, "createElement", "style");
  style.textContent = TEXTS;
  root.append(surface, style);
  let home = /** @type {Element | null} */ (anchor);
  while (home && !matches(home, HOME)) home = parentOf(home);
  call(home ?? own(document, "documentElement"), "append", host);
  host.popover = "manual";
  // One within another closes with it: nobody brings that one up again above this.
  surface.popover = home && !matches(home, ":modal") ? "auto" : "manual";
  surface.showPopover();
  return { host, root, surface, home };
};

/** @param {Sheet} sheet */
const closeSheet = ({ host }) => host.remove();
