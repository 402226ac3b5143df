// 1 000 mutations a second, as a feed that is never still: rows come and go, texts and attributes
// change. Time that the page lost is made good, so that the rate does not depend on the machine.
const RATE = 1000;
const ROWS = 40;
const main = document.querySelector("main");
let made = 0;

const row = (number) => {
  const row = document.createElement("div");
  const name = document.createElement("b");
  name.textContent = `Row ${number}`;
  const text = document.createElement("span");
  text.textContent = "0";
  row.append(name, text);
  return row;
};

// Of ten mutations two add a row, two take one away, three change a text and three an attribute.
const mutate = (number) => {
  const at = main.children[number % ROWS];
  const kind = number % 10;
  if (kind < 4) {
    if (kind % 2) main.firstElementChild.remove();
    else main.append(row(number));
  } else if (kind < 7) {
    at.lastElementChild.firstChild.data = String(number);
  } else {
    at.dataset.number = String(number);
  }
};

main.append(...Array.from({ length: ROWS }, (_, number) => row(number)));
const start = performance.now();
setInterval(() => {
  const due = ((performance.now() - start) * RATE) / 1000;
  while (made < due) mutate(made++);
}, 10);
