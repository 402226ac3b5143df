// The menu at a field. The focus stays in the field; keys are taken from it while the menu is open.

/** @typedef {import("../messages.js").Menu} MenuCommand */
/**
 * @typedef {{command: MenuCommand, field: Control, sheet: Sheet, watch: Watch, rows: HTMLElement[], status: HTMLElement,
 *   at: number, pressed: {row: number, steady: boolean} | null}} OpenMenu
 */

/** Rows in view before it scrolls. */
const ROWS_SHOWN = 6;
/** @type {OpenMenu | null} */
let menu = null;

/** @param {MenuCommand} command */
const showMenu = (command) => {
  hideMenu();
  const field = tickets.get(command.ticket)?.get(command.field)?.control.deref();
  if (!field?.isConnected || !command.rows.length || deepActive() !== field || !isVisible(field)) return;
  // Who types meanwhile wants no menu, and least of all one that comes between them and the button.
  if (question?.ticket !== command.ticket || question.value !== field.value) return;
  const sheet = openSheet(field);
  const status = make("div", { position: "absolute", width: "1px", height: "1px", overflow: "hidden", "clip-path": "inset(50%)" });
  status.setAttribute("role", "status");
  const list = make("div", { "max-height": `${ROWS_SHOWN * 52 + 8}px`, "overflow-y": "auto", padding: "4px", "overscroll-behavior": "contain" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Pearvault");
  const rows = command.rows.map((row) => menuRow(row));
  list.append(...rows);
  sheet.surface.append(list);
  sheet.root.append(status);
  const watch = watchSeen(sheet, hideMenu);
  menu = { command, field, sheet, watch, rows, status, at: -1, pressed: null };
  rows.forEach((row, at) => hearRow(row, at));
  // The page must not see what is pressed here, and the field must not lose the focus.
  for (const name of ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "contextmenu", "wheel", "touchstart", "touchend"]) {
    sheet.host.addEventListener(name, (event) => event.stopPropagation());
  }
  sheet.host.addEventListener("mousedown", (event) => event.preventDefault());
  place();
  const count = rows.length === 1 ? "1 entry" : `${rows.length} entries`;
  announce(menu, `Pearvault: ${count}. Arrow keys choose, Enter fills, Escape closes.`);
};

/** A new element each time: screen readers tell what comes into a status. @param {OpenMenu | null} open @param {string} text */
const announce = (open, text) => open?.watch.change(() => open.status.replaceChildren(make("span", { "white-space": "nowrap" }, text)));

/** @param {import("../messages.js").MenuRow} row */
const menuRow = ({ title, subtitle }) => {
  const tint = colours();
  const line = { overflow: "hidden", "text-overflow": "ellipsis", "white-space": "nowrap", display: "block" };
  const texts = make("span", { "min-width": "0", flex: "1", display: "block" }, make("span", { ...line, "font-weight": "500" }, title));
  if (subtitle) texts.append(make("span", { ...line, color: tint.soft, "font-size": "12px", "line-height": "16px" }, subtitle));
  const row = make(
    "div",
    { display: "flex", "align-items": "center", gap: "12px", padding: "6px 12px", "min-height": "48px", "border-radius": "6px", cursor: "pointer" },
    pear(24),
    texts,
  );
  row.setAttribute("role", "option");
  row.setAttribute("aria-label", subtitle ? `${title}, ${subtitle}` : title);
  row.setAttribute("aria-selected", "false");
  return row;
};

/** @param {HTMLElement} row @param {number} at */
const hearRow = (row, at) => {
  row.addEventListener("pointermove", (event) => {
    if (event.isTrusted && menu?.at !== at) select(at);
  });
  row.addEventListener("pointerdown", (event) => {
    if (menu && event.isTrusted && event.button === 0) menu.pressed = { row: at, steady: menu.watch.steady() };
  });
  row.addEventListener("click", (event) => {
    const pressed = menu?.pressed;
    if (menu && event.isTrusted && pressed?.row === at) decide(at, pressed.steady && menu.watch.steady());
  });
};

/** @param {number} at */
const select = (at) => {
  const open = menu;
  if (!open) return;
  open.at = at;
  const tint = colours();
  open.watch.change(() =>
    open.rows.forEach((row, place) => {
      dress(row, { background: place === at ? tint.accentSoft : "transparent" });
      row.setAttribute("aria-selected", String(place === at));
    }),
  );
  const { title, subtitle } = open.command.rows[at] ?? { title: "", subtitle: "" };
  open.rows[at]?.scrollIntoView({ block: "nearest" });
  announce(open, `${title} ${subtitle}`);
};

/** @param {number} at @param {boolean} seen */
const decide = (at, seen) => {
  const row = menu?.command.rows[at];
  if (!menu || !row) return;
  const { ticket } = menu.command;
  hideMenu();
  say({ type: "choose", payload: { ticket, choice: row.choice, seen } });
};

const hideMenu = () => {
  if (!menu) return;
  const { sheet, watch } = menu;
  menu = null;
  watch.stop();
  closeSheet(sheet);
};

/** Under the field, or above it where there is more room. */
const place = () => {
  if (!menu) return;
  const { field, sheet } = menu;
  const box = field.getBoundingClientRect();
  if (!field.isConnected || box.bottom < 0 || box.top > innerHeight) return hideMenu();
  // Where the page is zoomed by style, its own lengths are others than those of the window.
  const zoom = sheet.surface.currentCSSZoom ?? 1;
  const width = Math.min(Math.max(box.width, 260 * zoom), 380 * zoom, innerWidth - 8);
  const height = Math.min(sheet.surface.getBoundingClientRect().height || 60, innerHeight - 8);
  const below = box.bottom + 4 + height <= innerHeight || box.top < innerHeight - box.bottom;
  const top = below ? Math.min(box.bottom + 4, innerHeight - height - 4) : Math.max(4, box.top - 4 - height);
  const left = Math.max(4, Math.min(box.left, innerWidth - width - 4));
  const length = (/** @type {number} */ pixels) => `${Math.round(pixels / zoom)}px`;
  move(menu, { top: length(top), left: length(left), width: length(width) });
};

/** Sets only what changes. @param {{sheet: Sheet, watch: Watch}} open @param {Record<string, string>} to */
const move = ({ sheet: { surface }, watch }, to) => {
  const changed = Object.entries(to).filter(([name, value]) => surface.style.getPropertyValue(name) !== value);
  if (changed.length) watch.change(() => dress(surface, Object.fromEntries(changed)));
};

/** Takes the keys of an open menu. @param {KeyboardEvent} event @returns {boolean} whether it did */
const menuKey = (event) => {
  const open = menu;
  if (!open || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return false;
  const { length } = open.rows;
  switch (event.key) {
    case "ArrowDown":
      select((open.at + 1) % length);
      break;
    case "ArrowUp":
      select((open.at + length - (open.at < 0 ? 0 : 1)) % length);
      break;
    case "Enter":
      // Without a choice, Enter is the form's.
      if (open.at < 0) {
        hideMenu();
        return false;
      }
      // A key that is held down since before decides nothing.
      if (!event.repeat) decide(open.at, open.watch.steady());
      break;
    case "Escape":
      hideMenu();
      break;
    default:
      // Typing goes on below; what is typed is the user's own.
      hideMenu();
      return false;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  return true;
};
