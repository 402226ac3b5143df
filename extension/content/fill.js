// Injected on the user's act: tells the background which fields this frame has, and puts the
// values that come back into them. All understanding is on the other side of the port; what is
// checked here a second time is what must never go wrong in a hostile page: a password goes into
// a visible password box of a visible frame or nowhere, and nothing is ever submitted.
//
//   collect  look at the frame → walk the tree → labels, visibility, groups → PageFacts
//   fill     resolve the ticket's elements → type into them → verify → Filled
(() => {
  /** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
  /** @typedef {{control: WeakRef<Control>, form: WeakRef<HTMLFormElement> | null, like: string}} Known */
  /** @typedef {{element: Element, afterFields: number}} Pressed */
  /** @typedef {import("./messages.js").FieldFacts} FieldFacts */
  /** @typedef {import("./messages.js").FillRole} FillRole */

  /**
   * Where the live instance stands in this world. Elements with an id and frames with a name are
   * globals here too, and own ones some of them, but none has a symbol for a name. For the same
   * reason the browser is `chrome`, which is there in each of them: `browser` may be an element.
   */
  const LIVE = Symbol.for("pearvault.fill");
  // `proto::limits`: PAGE_TEXT_MAX_CHARS, PAGE_FIELDS_MAX, CONTENT_FRAME_MAX_BYTES.
  const TEXT_MAX = 200;
  const FIELDS_MAX = 500;
  const FRAME_MAX = 512 * 1024;
  const BUTTONS_MAX = 100;
  /** Links that are told of one place; more say nothing new. */
  const LINKS_MAX = 8;
  /** Tickets whose elements are remembered. */
  const TICKETS_MAX = 4;
  /** Time that a page gets to re-render after a value came, milliseconds. */
  const SETTLE = 60;
  /** Time that the browser gets to say what of this frame is on the screen, milliseconds. */
  const SEEN_WITHIN = 200;
  /** Least part of a frame that counts as seen, CSS pixels. */
  const FRAME_MIN = { width: 60, height: 40 };
  /** Least part of a box that counts as seen, CSS pixels. */
  const BOX_MIN = { width: 8, height: 5 };
  /** Boxes that the browser is asked about, at most. */
  const OBSERVED_MAX = 20;
  /** Inputs that hold nothing a person types or chooses; they count, but are not told. */
  const SILENT = new Set(["hidden", "submit", "button", "image", "reset"]);
  /** Inputs that a text can go into. */
  const TEXTUAL = new Set(["text", "email", "tel", "url", "search", "number", "password"]);
  /** Ordinary elements with content that are asked for a closed root, a walk. */
  const ASKED_MAX = 4000;
  /** Elements other than custom ones that may have a shadow root (DOM § 4.8, attachShadow). */
  const HOSTS = new Set(
    "article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span".split(" "),
  );
  const HEADING = "h1,h2,h3,h4,h5,h6,legend,[role=heading]";
  const TITLED = HEADING + ",[class*=title i],[class*=heading i]";
  const BUTTON =
    "button,input[type=submit],input[type=button],input[type=image],[role=button],a[class*=btn i],a[class*=button i]";

  // ---------------------------------------------------------------- past the page's names

  /**
   * What a node has by itself. Fields of a form hide the form's properties, and some elements the
   * document's, wherever they have that name: `<input name=parentNode>`, `<img name=body>`. So
   * nothing is read from an element that may be a form, nor from a document, but by these two.
   * @template {Node} N @template {keyof N} K @param {N} node @param {K} name @returns {N[K]}
   */
  const own = (node, name) => Reflect.get(Object.getPrototypeOf(node), name, node);

  /**
   * @template {Node} N @template {keyof N} K @param {N} node @param {K} name
   * @param {N[K] extends (...args: infer A) => unknown ? A : never} args
   * @returns {N[K] extends (...args: never) => infer R ? R : never}
   */
  const call = (node, name, ...args) => /** @type {any} */ (own(node, name)).apply(node, args);

  /** Attributes are named more often than all else. @param {Element} element @param {string} name */
  const attribute = (element, name) => call(element, "getAttribute", name);
  /** @param {Element} element @param {string} selector */
  const matches = (element, selector) => call(element, "matches", selector);
  /** @param {Element | Document | ShadowRoot} root @param {string} selector @returns {Element[]} */
  const all = (root, selector) => [...call(/** @type {Element} */ (root), "querySelectorAll", selector)];

  /** @param {Node} root @param {number} show @param {(node: Node) => number} [filter] */
  const walkerOf = (root, show, filter) => call(document, "createTreeWalker", root, show, filter);

  // ---------------------------------------------------------------- texts

  /** @param {unknown} value @param {number} [max] */
  const clean = (value, max = TEXT_MAX) => {
    const text = String(value ?? "").slice(0, 4000).replace(/\s+/g, " ").trim().slice(0, max);
    // Half a surrogate pair is no JSON that Rust would read.
    return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "");
  };

  /** Text that stands in `node`, without that of controls and scripts. @param {Node | null} node */
  const textOf = (node) => {
    if (!node) return "";
    if (node instanceof Text) return clean(node.data);
    if (!(node instanceof Element) || matches(node, SKIPPED)) return "";
    let text = "";
    const walker = walkerOf(node, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (at) =>
      at instanceof Element && matches(at, SKIPPED) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    );
    while (walker.nextNode() && text.length < 2 * TEXT_MAX) {
      if (walker.currentNode instanceof Text) text += walker.currentNode.data + " ";
    }
    return clean(text);
  };
  const SKIPPED = "script,style,noscript,template,select,option,textarea,svg";

  /** Elements that `aria-labelledby` names. @param {Element} element */
  const namedBy = (element) => {
    const root = call(element, "getRootNode");
    const ids = (attribute(element, "aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    if (!(root instanceof Document || root instanceof ShadowRoot)) return [];
    return ids.slice(0, 8).map((id) => call(root, "getElementById", id));
  };

  /**
   * Finds labels by `for`, reading each tree once: `control.labels` walks the whole document for
   * every control. @returns {(control: Control) => Element[]}
   */
  const labelFinder = () => {
    /** @type {Map<Node, Map<string, Element[]>>} */
    const trees = new Map();
    return (control) => {
      const root = /** @type {Document | ShadowRoot} */ (control.getRootNode());
      let labels = trees.get(root);
      if (!labels) {
        labels = new Map();
        for (const label of all(root, "label[for]")) {
          const id = /** @type {HTMLLabelElement} */ (label).htmlFor;
          labels.set(id, [...(labels.get(id) ?? []), label]);
        }
        trees.set(root, labels);
      }
      const named = (control.id && labels.get(control.id)) || [];
      const around = control.closest("label");
      return around && !around.htmlFor ? [...named, around] : named;
    };
  };

  /** @param {Control} control @param {Element[]} labels */
  const labelOf = (control, labels) => {
    const parts = [...labels, ...namedBy(control)];
    return (
      clean([...new Set(parts.map(textOf))].join(" ")) ||
      clean(control.getAttribute("aria-label")) ||
      clean(control.title)
    );
  };

  /** Text right before an unlabelled control; where none is, right behind it. @param {Control} control */
  const nearbyOf = (control) => {
    /** @type {Node} */
    let at = control;
    for (let level = 0; level < 5; level += 1) {
      for (let before = own(at, "previousSibling"); before; before = own(before, "previousSibling")) {
        if (before instanceof Element && holdsTyped(before)) return "";
        const text = textOf(before);
        if (text) return text;
      }
      const parent = own(at, "parentElement");
      if (!parent || parent === own(document, "body") || parent instanceof HTMLFormElement) return "";
      if (all(parent, "input,select,textarea").filter(isTyped).length === 1) {
        const text = textOf(parent);
        if (text) return text;
      }
      at = parent;
    }
    return "";
  };

  /** @param {Element} element */
  const isTyped = (element) =>
    element instanceof HTMLInputElement ? TEXTUAL.has(element.type) : matches(element, "select,textarea");
  /** @param {Element} element */
  const holdsTyped = (element) =>
    isTyped(element) || all(element, "input,select,textarea").some(isTyped);

  // ---------------------------------------------------------------- the tree

  /** Times that the browser was asked for a closed root of an ordinary element in this walk. */
  let asked = 0;

  /** @param {Element} element @returns {ShadowRoot | null} */
  const shadowOf = (element) => {
    const name = own(element, "localName");
    const custom = name.includes("-");
    if (!(element instanceof HTMLElement) || !(custom || HOSTS.has(name))) return null;
    if (element.shadowRoot) return element.shadowRoot;
    // Asking is slow, and hosts of that kind are empty but for their root as a rule.
    if (!custom && element.firstChild && (asked += 1) > ASKED_MAX) return null;
    if (chrome.dom) return chrome.dom.openOrClosedShadowRoot(element);
    return element.openOrClosedShadowRoot ?? null;
  };

  /** All elements of the document. @param {(element: Element) => void} visit */
  const walkAll = (visit) => {
    asked = 0;
    walk(document, visit);
  };

  /**
   * All elements in document order, each shadow tree at the place of its host.
   * @param {Document | ShadowRoot} root @param {(element: Element) => void} visit
   */
  const walk = (root, visit) => {
    const walker = walkerOf(root, NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      const element = /** @type {Element} */ (walker.currentNode);
      visit(element);
      const shadow = shadowOf(element);
      if (shadow) walk(shadow, visit);
    }
  };

  /** @param {Element} element @returns {element is Control} */
  const isControl = (element) =>
    element instanceof HTMLInputElement ||
    element instanceof HTMLSelectElement ||
    element instanceof HTMLTextAreaElement;

  /** Every control of the document; its place here is its `index`. */
  const controls = () => {
    /** @type {Control[]} */
    const found = [];
    walkAll((element) => {
      if (isControl(element)) found.push(element);
    });
    return found;
  };

  /** Parent in the flat tree. @param {Element} element @returns {Element | null} */
  const parentOf = (element) => {
    const parent = own(element, "assignedSlot") ?? own(element, "parentElement");
    if (parent) return parent;
    // No `instanceof`: around a frame of the same origin stand nodes of another window.
    const root = /** @type {ShadowRoot} */ (call(element, "getRootNode"));
    return own(root, "nodeType") === 11 ? (own(root, "host") ?? null) : null;
  };

  // ---------------------------------------------------------------- visibility

  /** Whether a person could see the control or frame, after scrolling if need be. @param {Element} control */
  const isVisible = (control) => {
    const box = control.getBoundingClientRect();
    if (!isLarge(box, BOX_MIN)) return false;
    if (control.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }) === false) return false;
    const home = own(control, "ownerDocument");
    const { scrollX, scrollY, innerWidth, innerHeight } = own(home, "defaultView") ?? window;
    const page = own(home, "documentElement");
    const body = own(home, "body");
    const left = box.left + scrollX;
    const top = box.top + scrollY;
    const leftwards = getComputedStyle(page).direction === "rtl" ? page.scrollWidth : 0;
    if (left + box.width <= -leftwards || top + box.height <= 0) return false;
    if (left >= Math.max(page.scrollWidth, innerWidth) || top >= Math.max(page.scrollHeight, innerHeight)) return false;

    let opacity = 1;
    /** Of the element that decides which ancestors clip. */
    let position = "static";
    for (let at = /** @type {Element | null} */ (control); at; at = parentOf(at)) {
      const style = getComputedStyle(at);
      if (style.display === "none" || (at === control && style.visibility !== "visible")) return false;
      opacity *= Number(style.opacity);
      if (opacity < 0.1 || /^(inset\((50|100)%|circle\(0)/.test(style.clipPath)) return false;
      if (style.clip !== "auto" && /^rect\((0px,? ?){3}0px\)|^rect\((1px,? ?){3}1px\)/.test(style.clip)) return false;
      const passes = position === "fixed" || (position === "absolute" && style.position === "static");
      if (at !== control && at !== page && at !== body && !passes) {
        if (style.overflow !== "visible" && clipsAway(at, style, box)) return false;
        position = "static";
      }
      if (style.position === "fixed" || style.position === "absolute") position = style.position;
    }
    return true;
  };

  /** @param {{width: number, height: number}} box @param {{width: number, height: number}} least */
  const isLarge = (box, least) => box.width >= least.width && box.height >= least.height;

  /** @param {Element} ancestor @param {CSSStyleDeclaration} style @param {DOMRect} box */
  const clipsAway = (ancestor, style, box) => {
    const clip = call(ancestor, "getBoundingClientRect");
    // `display: contents` and inline boxes clip nothing.
    if (style.display === "contents" || style.display === "inline") return false;
    if (clip.width < 2 || clip.height < 2) return true;
    const apart = (/** @type {string} */ overflow) => overflow === "hidden" || overflow === "clip";
    return (
      (apart(style.overflowX) && (box.right <= clip.left || box.left >= clip.right)) ||
      (apart(style.overflowY) && (box.bottom <= clip.top || box.top >= clip.bottom))
    );
  };

  /** @param {Control} control */
  const isEditable = (control) =>
    !control.matches(":disabled") && !(/** @type {HTMLInputElement} */ (control).readOnly);

  // ---------------------------------------------------------------- the frame

  /**
   * Whether a person could see this frame, after scrolling if need be. `null` where a frame around
   * it is of another origin: then only the browser knows where it stands.
   */
  const isFrameVisible = () => {
    for (let view = /** @type {Window} */ (window); view !== view.top; view = view.parent) {
      if (!isLarge({ width: view.innerWidth, height: view.innerHeight }, FRAME_MIN)) return false;
      const frame = view.frameElement;
      if (!frame) return null;
      if (!isLarge(frame.getBoundingClientRect(), FRAME_MIN) || !isVisible(frame)) return false;
    }
    return true;
  };

  /** What a login would be typed into, passwords first. */
  const boxesInView = () =>
    controls()
      .filter((control) => isTyped(control) && isVisible(control))
      .sort((a, b) => Number(b.type === "password") - Number(a.type === "password"))
      .slice(0, OBSERVED_MAX);

  /**
   * Whether the browser tells within its time that some of the frame is on the screen. Chromium
   * also says where it is transparent, hidden, shrunken or covered (`isVisible`).
   * @param {Element[]} boxes @returns {Promise<boolean>}
   */
  const isOnScreen = (boxes) =>
    new Promise((done) => {
      const page = own(document, "documentElement");
      const observer = new IntersectionObserver(
        (entries) => {
          const seen = entries.some(
            ({ target, isIntersecting, isVisible, intersectionRect }) =>
              isIntersecting && isVisible !== false && isLarge(intersectionRect, target === page ? FRAME_MIN : BOX_MIN),
          );
          if (seen) end(true);
        },
        { trackVisibility: true, delay: 100 },
      );
      /** @param {boolean} seen */
      const end = (seen) => {
        observer.disconnect();
        clearTimeout(timer);
        done(seen);
      };
      const timer = setTimeout(end, SEEN_WITHIN, false);
      for (const target of [page, ...boxes]) observer.observe(target);
    });

  /** Whether the user sees this frame, or could by scrolling as far as that can be told. */
  const isFrameSeen = async () => {
    const visible = isFrameVisible();
    if (visible !== null) return visible;
    const boxes = boxesInView();
    return boxes.length > 0 && isOnScreen(boxes);
  };

  /** Scrolls the pages around this frame to its form, where it is not known to be in view. */
  const bringIntoView = async () => {
    if (isFrameVisible() !== null) return;
    boxesInView()[0]?.scrollIntoView({ behavior: "instant", block: "center", inline: "nearest" });
    await settle();
  };

  // ---------------------------------------------------------------- groups

  /**
   * What a control belongs to: its form, else the nearest box around it that also holds a button
   * with a text, up to eight levels up. @param {Control} control @returns {Element | null}
   */
  const ownerOf = (control) => {
    if (control.form) return control.form;
    const [page, body] = [own(document, "documentElement"), own(document, "body")];
    let at = parentOf(control);
    for (let level = 0; at && at !== body && at !== page; level += 1) {
      if (level === 8) return null;
      for (const button of all(shadowOf(at) ?? at, BUTTON)) {
        if (button instanceof HTMLInputElement ? button.value : textOf(button).length > 1) return at;
      }
      at = parentOf(at);
    }
    return null;
  };

  /** Joins boxes that lie within one another. @param {Set<Element>} owners @param {Element} owner */
  const outermost = (owners, owner) => {
    let found = owner;
    if (owner instanceof HTMLFormElement) return found;
    for (let at = parentOf(owner); at; at = parentOf(at)) {
      if (at instanceof HTMLFormElement) break;
      if (owners.has(at)) found = at;
    }
    return found;
  };

  /** Heading in a group, else the last one before it. @param {Element} owner */
  const headingOf = (owner) => {
    const inside = call(/** @type {Element} */ (shadowOf(owner) ?? owner), "querySelector", TITLED);
    const text = textOf(inside) || clean(attribute(owner, "aria-label"));
    if (text) return text;
    let at = /** @type {Element | null} */ (owner);
    for (let level = 0; at && level < 5; level += 1, at = parentOf(at)) {
      let before = own(at, "previousElementSibling");
      for (; before; before = own(before, "previousElementSibling")) {
        if (call(before, "querySelector", "input[type=password]")) break;
        const heading = matches(before, HEADING) ? before : all(before, HEADING).pop();
        const found = textOf(heading ?? null);
        if (found) return found;
      }
    }
    return "";
  };

  /** @param {Element} owner */
  const formFacts = (owner) => {
    let action = "";
    try {
      const given = attribute(owner, "action");
      if (given !== null) action = new URL(given, own(document, "baseURI")).pathname;
    } catch {}
    return {
      id: clean(attribute(owner, "id")),
      name: clean(attribute(owner, "name")),
      class: clean(attribute(owner, "class")),
      action: clean(action),
      heading: headingOf(owner),
    };
  };

  // ---------------------------------------------------------------- collect

  /** Elements of the last facts, by ticket and index. @type {Map<number, Map<number, Known>>} */
  const tickets = new Map();

  /** What must be the same when a field is found again. @param {Control} control */
  const likeness = (control) =>
    [control.localName, control.type, control.name, control.id, control.autocomplete].join("\n");

  /** @param {Element} element */
  const isPressed = (element) => {
    switch (own(element, "localName")) {
      case "a":
        return matches(element, "[href],[role],[class]");
      case "button":
        return true;
      case "input":
        return /^(submit|button|image)$/.test(/** @type {HTMLInputElement} */ (element).type);
      default:
        return attribute(element, "role") === "button";
    }
  };

  /** @param {Element} element */
  const buttonText = (element) => {
    const input = element instanceof HTMLInputElement ? element : null;
    return (
      clean(input ? input.value : textOf(element), 80) ||
      clean(namedBy(element).map(textOf).join(" "), 80) ||
      clean(attribute(element, "aria-label") ?? attribute(element, "title") ?? input?.alt, 80)
    );
  };

  /** @param {Element} element */
  const isSubmit = (element) => {
    if (element instanceof HTMLButtonElement) return element.type === "submit";
    return element instanceof HTMLInputElement && /^(submit|image)$/.test(element.type);
  };

  /** @param {number} ticket @param {boolean} seen whether the frame is @returns {import("./messages.js").PageFacts} */
  const collect = (ticket, seen) => {
    /** @type {Control[]} */
    const inputs = [];
    /** @type {Pressed[]} */
    const pressed = [];
    walkAll((element) => {
      if (isControl(element)) inputs.push(element);
      if (isPressed(element)) pressed.push({ element, afterFields: inputs.length });
    });

    let told = inputs.map((control, index) => ({ control, index })).filter(({ control }) => !SILENT.has(control.type));
    if (told.length > FIELDS_MAX) told = told.filter(({ control }) => isTyped(control)).slice(0, FIELDS_MAX);
    const boxes = new Map(told.map(({ control }) => [control, ownerOf(control)]));
    const owners = new Set([...boxes.values()].filter((owner) => owner !== null));
    /** @type {Element[]} */
    const groups = [];
    /** @param {Element | null} owner */
    const groupOf = (owner) => {
      if (!owner) return null;
      const group = outermost(owners, owner);
      if (!groups.includes(group)) groups.push(group);
      return groups.indexOf(group);
    };

    /** @type {Map<number, Known>} */
    const known = new Map();
    const labelsOf = labelFinder();
    const fields = told.map(({ control, index }) => {
      const form = control.form && new WeakRef(control.form);
      known.set(index, { control: new WeakRef(control), form, like: likeness(control) });
      const facts = fieldFacts(control, index, groupOf(boxes.get(control) ?? null), labelsOf(control));
      return { ...facts, visible: seen && facts.visible };
    });
    tickets.set(ticket, known);
    for (const old of [...tickets.keys()].slice(0, -TICKETS_MAX)) tickets.delete(old);

    return {
      ticket,
      title: clean(own(document, "title")),
      path: clean(location.pathname),
      language: clean(own(document, "documentElement")?.lang, 20),
      fields,
      forms: groups.map(formFacts),
      buttons: nearest(pressed, groups),
    };
  };

  /**
   * Buttons, and of the links those right behind a field; those within a group first where there
   * are too many. Texts cost time and pages have thousands of links: only what is told is read.
   * @param {Pressed[]} pressed @param {Element[]} groups
   */
  const nearest = (pressed, groups) => {
    const places = new Map(groups.map((group, place) => [group, place]));
    /** @param {Element} element */
    const groupOf = (element) => {
      for (let at = /** @type {Element | null} */ (element); at; at = parentOf(at)) {
        const place = places.get(at);
        if (place !== undefined) return place;
      }
      return null;
    };
    /** Links told by the group and the fields before them. @type {Map<string, number>} */
    const links = new Map();
    const told = [];
    for (const [order, { element, afterFields }] of pressed.entries()) {
      const anchor = own(element, "localName") === "a";
      if (afterFields === 0 && anchor) continue;
      const form = groupOf(element);
      const link = anchor && !matches(element, BUTTON);
      const gap = `${form} ${afterFields}`;
      const count = links.get(gap) ?? 0;
      if (link && count >= LINKS_MAX) continue;
      const text = buttonText(element);
      if (!text) continue;
      if (link) links.set(gap, count + 1);
      const rank = (form === null ? 2 : 0) + (link ? 1 : 0);
      told.push({ order, rank, facts: { form, text, submits: isSubmit(element), afterFields } });
    }
    const kept = told.sort((a, b) => a.rank - b.rank || a.order - b.order).slice(0, BUTTONS_MAX);
    return kept.sort((a, b) => a.order - b.order).map(({ facts }) => facts);
  };

  /**
   * @param {Control} control @param {number} index @param {number | null} form
   * @param {Element[]} labels @returns {FieldFacts}
   */
  const fieldFacts = (control, index, form, labels) => {
    const label = labelOf(control, labels);
    const box = control instanceof HTMLInputElement && /^(checkbox|radio)$/.test(control.type);
    return {
      index,
      tag: control.localName,
      kind: control instanceof HTMLInputElement ? control.type : control.localName,
      name: clean(control.getAttribute("name")),
      id: clean(control.getAttribute("id")),
      class: clean(control.getAttribute("class")),
      autocomplete: clean(control.getAttribute("autocomplete")).toLowerCase(),
      placeholder: clean(control.getAttribute("placeholder")),
      label,
      nearby: label ? "" : nearbyOf(control),
      form,
      minLength: lengthOf(/** @type {HTMLInputElement} */ (control).minLength),
      maxLength: lengthOf(/** @type {HTMLInputElement} */ (control).maxLength),
      pattern: clean(control.getAttribute("pattern")),
      passwordRules: clean(control.getAttribute("passwordrules")),
      masked: isMasked(control),
      setAside: isSetAside(control),
      visible: isVisible(control),
      editable: isEditable(control),
      filled: box ? control.checked : control.value !== "",
      focused: own(/** @type {Document | ShadowRoot} */ (control.getRootNode()), "activeElement") === control,
    };
  };

  /** @param {number | undefined} length -1 where the page sets none */
  const lengthOf = (length) => Math.max(0, Math.min(length ?? 0, 1e6));

  /** A text box that shows dots. @param {Element} control */
  const isMasked = (control) =>
    control instanceof HTMLInputElement &&
    control.type !== "password" &&
    !/^(none)?$/.test(getComputedStyle(control).getPropertyValue("-webkit-text-security"));

  /** @param {Control} control */
  const isSetAside = (control) => control.tabIndex < 0 || control.closest("[aria-hidden=true],[inert]") !== null;

  // ---------------------------------------------------------------- fill

  /** @param {Control | undefined} control @param {FillRole} role @returns {control is HTMLInputElement} */
  const accepts = (control, role) =>
    control instanceof HTMLInputElement &&
    control.isConnected &&
    (role === "password" ? control.type === "password" : TEXTUAL.has(control.type) && control.type !== "password") &&
    isEditable(control) &&
    isVisible(control);

  /**
   * The element of a step: the one of the ticket, or, where the page rendered that anew, the only
   * one that is like it. @param {Known} known @param {FillRole} role
   */
  const resolve = (known, role) => {
    const first = known.control.deref();
    if (first?.isConnected) return accepts(first, role) && likeness(first) === known.like ? first : null;
    const alike = controls().filter((control) => likeness(control) === known.like && accepts(control, role));
    return alike.length === 1 ? /** @type {HTMLInputElement} */ (alike[0]) : null;
  };

  /** Whether every field of the command is where the facts said. @param {import("./messages.js").FillCommand} command */
  const isStale = ({ ticket, steps }) => {
    const known = tickets.get(ticket);
    if (!known || !steps.length) return true;
    const places = new Map(controls().map((control, place) => [control, place]));
    let last = -1;
    for (const { field, role } of [...steps].sort((a, b) => a.field - b.field)) {
      const entry = known.get(field);
      const control = entry?.control.deref();
      if (!entry || !control || !accepts(control, role) || likeness(control) !== entry.like) return true;
      const place = places.get(control) ?? -1;
      if (place <= last || (control.form ?? undefined) !== entry.form?.deref()) return true;
      last = place;
    }
    return false;
  };

  const setValue = /** @type {(value: string) => void} */ (
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set
  );

  /** Does what a keyboard would, in one go. @param {HTMLInputElement} control @param {string} value @param {FillRole} role */
  const type = (control, value, role) => {
    let heard = false;
    control.addEventListener("focus", () => (heard = true), { once: true });
    control.focus({ preventScroll: true });
    // A window behind the popup tells nobody of its focus.
    if (!heard) {
      control.dispatchEvent(new FocusEvent("focus", { composed: true }));
      control.dispatchEvent(new FocusEvent("focusin", { bubbles: true, composed: true }));
    }
    // The listeners may have changed the page: look again before the value goes in.
    if (!accepts(control, role)) return;
    const key = { key: "Unidentified", bubbles: true, composed: true };
    const input = { inputType: "insertText", data: value, bubbles: true, composed: true };
    control.dispatchEvent(new KeyboardEvent("keydown", key));
    control.dispatchEvent(new InputEvent("beforeinput", { ...input, cancelable: true }));
    if (!accepts(control, role)) return;
    setValue.call(control, value);
    control.dispatchEvent(new InputEvent("input", input));
    control.dispatchEvent(new KeyboardEvent("keyup", key));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  };

  /** Boxes of one character each that follow one another take one character each. @param {HTMLInputElement} first @param {string} value */
  const boxesOf = (first, value) => {
    if (first.maxLength !== 1 || value.length < 2) return [];
    const shown = controls().filter((control) => control.type !== "hidden");
    const run = shown.slice(shown.indexOf(first), shown.indexOf(first) + value.length);
    const fits = run.length === value.length && run.every((box) => accepts(box, "totp") && box.maxLength === 1);
    return fits ? /** @type {HTMLInputElement[]} */ (run) : [];
  };

  const settle = () => new Promise((done) => setTimeout(done, SETTLE));

  /** @param {import("./messages.js").FillCommand} command @returns {Promise<import("./messages.js").Filled>} */
  const fill = async (command) => {
    const { ticket } = command;
    // The frame first, because that takes time; from the look at the fields to the first key none passes.
    if (!(await isFrameSeen()) || isStale(command)) return { ticket, fields: [], stale: true };
    const known = /** @type {Map<number, Known>} */ (tickets.get(ticket));
    // Password last: what the page does on the user name must be done by then.
    const steps = [...command.steps].sort((a, b) => Number(a.role === "password") - Number(b.role === "password"));
    /** @type {{field: number, holds: () => boolean}[]} */
    const done = [];
    for (const { field, role, value } of steps) {
      const entry = /** @type {Known} */ (known.get(field));
      /** @type {HTMLInputElement | null} */
      let control = null;
      /** @type {HTMLInputElement[]} */
      let boxes = [];
      const holds = () =>
        !!control?.isConnected &&
        (role !== "password" || control.type === "password") &&
        (boxes.length ? boxes.map((box) => box.value).join("") : control.value) === value;
      // Once more where the page rendered the field anew or put its old value back.
      for (let round = 0; round < 2 && !holds(); round += 1) {
        control = resolve(entry, role);
        if (!control) break;
        boxes = role === "totp" ? boxesOf(control, value) : [];
        if (boxes.length) boxes.forEach((box, at) => type(box, value[at] ?? "", role));
        else type(control, value, role);
        await settle();
      }
      done.push({ field, holds });
    }
    return { ticket, fields: done.filter(({ holds }) => holds()).map(({ field }) => field), stale: false };
  };

  // ---------------------------------------------------------------- port

  // A second injection takes the first one's place: whoever injects waits for a greeting.
  const world = /** @type {Record<symbol, {stop(): void} | undefined>} */ (/** @type {unknown} */ (globalThis));
  world[LIVE]?.stop();
  const port = chrome.runtime.connect({ name: "content" });
  let welcome = false;
  let open = true;
  let sent = 0;

  const stop = () => {
    if (open) port.disconnect();
    open = false;
    tickets.clear();
  };

  /** @param {import("./messages.js").ContentRequest} body */
  const answer = (body) => {
    if (!open) return;
    sent += 1;
    port.postMessage(JSON.stringify({ v: 1, id: sent, body }));
  };

  /**
   * Facts that fit into one frame: shorter texts where the page is that large. Who asks a second
   * time found nothing in view. @param {number} ticket
   */
  const facts = async (ticket) => {
    if (tickets.has(ticket)) await bringIntoView();
    const payload = collect(ticket, await isFrameSeen());
    const size = () => new TextEncoder().encode(JSON.stringify(payload)).length;
    for (let max = TEXT_MAX / 2; size() > FRAME_MAX - 1024 && max > 1; max = Math.floor(max / 3)) {
      for (const group of [payload.fields, payload.forms, payload.buttons]) {
        for (const entry of /** @type {Record<string, unknown>[]} */ (/** @type {unknown} */ (group))) {
          for (const [name, value] of Object.entries(entry)) {
            if (typeof value === "string") entry[name] = clean(value, max);
          }
        }
      }
    }
    return payload;
  };

  port.onMessage.addListener((text) => {
    /** @type {import("./messages.js").ServerFrame} */
    const frame = JSON.parse(String(text));
    if (frame.version === 1) welcome = true;
    if (!welcome || !frame.event) return;
    const command = frame.event;
    if (command.type === "collect") facts(command.payload.ticket).then((payload) => answer({ type: "facts", payload }));
    if (command.type === "fill") fill(command.payload).then((payload) => answer({ type: "filled", payload }));
  });
  port.onDisconnect.addListener(() => {
    open = false;
    stop();
  });

  world[LIVE] = { stop };
  port.postMessage(JSON.stringify({ versions: [1] }));
})();
