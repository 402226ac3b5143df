// The offer to save what was sent. It shows no password.

/** @typedef {{command: import("../messages.js").Offer, sheet: Sheet, watch: Watch, name: HTMLInputElement}} OpenOffer */

/** How long an offer stays in the page, milliseconds. */
const OFFERED = 120_000;

/** @type {OpenOffer | null} */
let offer = null;

/** @param {import("../messages.js").Offer} command */
const showOffer = (command) => {
  hideOffer();
  const tint = colours();
  const sheet = openSheet(null);
  const { host, surface } = sheet;
  dress(surface, { top: "12px", right: "12px", width: `${Math.min(340, innerWidth - 24)}px`, padding: "16px" });
  surface.setAttribute("role", "dialog");
  const heading = command.updates === null ? "Save this login?" : "Update the password?";
  surface.setAttribute("aria-label", `Pearvault: ${heading}`);
  const close = offerButton("✕", { padding: "4px 8px", background: "transparent", color: tint.soft, border: "1px solid transparent" }, "dismiss");
  close.setAttribute("aria-label", "Close");
  const title = make("div", { flex: "1", "min-width": "0" });
  title.append(
    make("div", { font: `600 15px/20px ${FONT}` }, heading),
    make("div", { color: tint.soft, "font-size": "12px", overflow: "hidden", "text-overflow": "ellipsis", "white-space": "nowrap" }, command.updates === null ? command.site : `${command.updates} · ${command.site}`),
  );
  const name = make("input", {
    width: "100%", "min-height": "36px", padding: "6px 10px", margin: "4px 0 0", border: `1px solid ${tint.edge}`, "border-radius": "8px",
    background: tint.surface, color: tint.text, font: `14px/20px ${FONT}`, "user-select": "text",
  });
  name.value = command.username;
  name.maxLength = 200;
  name.readOnly = command.updates !== null;
  name.autocomplete = "off";
  name.spellcheck = false;
  name.setAttribute("aria-label", "User name");
  const label = make("label", { display: "block", margin: "12px 0", color: tint.soft, "font-size": "12px" }, "User name", name);
  const main = { background: tint.accent, color: tint.onAccent, border: `1px solid ${tint.accent}`, flex: "1" };
  const plain = { background: tint.surface, color: tint.text, border: `1px solid ${tint.edge}` };
  surface.append(
    make("div", { display: "flex", gap: "12px", "align-items": "center" }, pear(28), title, close),
    label,
    make(
      "div",
      { display: "flex", gap: "8px" },
      offerButton(command.updates === null ? "Save" : "Update", main, "save"),
      offerButton("Never here", plain, "never"),
    ),
  );
  const open = { command, sheet, watch: watchSeen(sheet, hideOffer), name };
  offer = open;
  // The popup still has it. A lock while the background sleeps takes it out of no page.
  setTimeout(() => offer === open && hideOffer(), OFFERED);
  for (const event of ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "keydown", "keyup", "keypress", "input", "change", "paste", "copy", "cut", "focusin", "focusout"]) {
    host.addEventListener(event, (heard) => heard.stopPropagation());
  }
  surface.addEventListener("keydown", (event) => {
    if (!event.isTrusted) return;
    if (event.key === "Escape") answerOffer("dismiss");
    if (event.key === "Enter" && event.target === name && offer?.watch.steady()) answerOffer("save");
  });
};

/** @param {string} text @param {Record<string, string>} styles @param {import("../messages.js").OfferAnswer} answer */
const offerButton = (text, styles, answer) => {
  const button = make("button", { font: `500 14px/20px ${FONT}`, padding: "8px 14px", "border-radius": "8px", cursor: "pointer", ...styles }, text);
  button.type = "button";
  button.setAttribute("aria-label", text);
  button.addEventListener("focus", () => offer?.watch.change(() => dress(button, { outline: `2px solid ${colours().focus}`, "outline-offset": "2px" })));
  button.addEventListener("blur", () => offer?.watch.change(() => dress(button, { outline: "none" })));
  button.addEventListener("click", (event) => {
    // What is saved or never asked again must have been read before.
    if (event.isTrusted && (answer === "dismiss" || offer?.watch.steady())) answerOffer(answer);
  });
  return button;
};

/** @param {import("../messages.js").OfferAnswer} answer */
const answerOffer = (answer) => {
  if (!offer) return;
  const { command, name } = offer;
  hideOffer();
  say({ type: "answered", payload: { id: command.id, answer, username: clean(name.value, 200) } });
};

const hideOffer = () => {
  if (!offer) return;
  const { sheet, watch } = offer;
  offer = null;
  watch.stop();
  closeSheet(sheet);
};
