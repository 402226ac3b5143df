// 200 labelled fields of every common kind; the last is the page's only password, so that whoever
// looks for one in document order looks at all of them.
const KINDS = ["text", "email", "tel", "number", "search", "url", "date", "checkbox", "radio", "hidden"];
const FIELDS = 200;

const field = (number) => {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = number === FIELDS - 1 ? "password" : KINDS[number % KINDS.length];
  input.name = `field-${number}`;
  label.append(`Field ${number} `, input);
  return label;
};

const group = (first) => {
  const group = document.createElement("fieldset");
  group.append(...Array.from({ length: KINDS.length }, (_, number) => field(first + number)));
  return group;
};

const form = document.querySelector("form");
for (let first = 0; first < FIELDS; first += KINDS.length) form.append(group(first));
