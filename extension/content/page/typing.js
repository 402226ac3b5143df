// Puts a value into a control as a person would, where it may go there at all.

/** Whether a value is a password, or as good as one. @param {FillRole} role */
const isPassword = (role) => role === "password" || role === "new_password";

/**
 * Whether a control takes a value of that kind, now. Passwords go into boxes that hide them, and
 * never into one for codes; names go into no such box.
 * @param {Control | undefined | null} control @param {FillRole} role @returns {control is Control}
 */
const accepts = (control, role) => {
  if (!control?.isConnected || !isEditable(control) || !isVisible(control)) return false;
  const chosen = typeof role === "object";
  if (!(control instanceof HTMLInputElement)) return chosen;
  const hidden = control.type === "password" || isMasked(control);
  if (isPassword(role)) return hidden && !/one-time-code/i.test(attribute(control, "autocomplete") ?? "");
  if (role === "username") return !hidden && TEXTUAL.has(control.type);
  return TEXTUAL.has(control.type) || (chosen && control.type === "month");
};

const setInput = /** @type {(value: string) => void} */ (
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set
);
const setTextArea = /** @type {(value: string) => void} */ (
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set
);

/** Does what a keyboard would, in one go. @param {Control} control @param {string} value @param {FillRole} role */
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
  if (control instanceof HTMLSelectElement) return choose(control, value, role);
  if (control.readOnly) return;
  const key = { key: "Unidentified", bubbles: true, composed: true };
  const input = { inputType: "insertText", data: value, bubbles: true, composed: true };
  control.dispatchEvent(new KeyboardEvent("keydown", key));
  control.dispatchEvent(new InputEvent("beforeinput", { ...input, cancelable: true }));
  if (!accepts(control, role)) return;
  (control instanceof HTMLInputElement ? setInput : setTextArea).call(control, value);
  control.dispatchEvent(new InputEvent("input", input));
  control.dispatchEvent(new KeyboardEvent("keyup", key));
  control.dispatchEvent(new Event("change", { bubbles: true }));
  // Some pages take a value over only when its field is left. The last one never is.
  control.dispatchEvent(new FocusEvent("blur", { composed: true }));
  control.dispatchEvent(new FocusEvent("focusout", { bubbles: true, composed: true }));
};

/** Chooses the option that says the value. @param {HTMLSelectElement} control @param {string} value @param {FillRole} role */
const choose = (control, value, role) => {
  const at = optionOf(control, value, role);
  if (at < 0) return;
  control.selectedIndex = at;
  control.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
};

/** What a control holds, in the words of what was put in. @param {Control} control @param {string} value @param {FillRole} role */
const holdsValue = (control, value, role) => {
  if (control instanceof HTMLSelectElement) return control.selectedIndex >= 0 && control.selectedIndex === optionOf(control, value, role);
  if (control.value === value) return true;
  // A page may space the digits of a card out.
  const digits = (/** @type {string} */ text) => text.replace(/[\s-]/g, "");
  return /^\d{8,}$/.test(value) && digits(control.value) === value;
};
