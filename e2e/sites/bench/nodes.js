// 5 000 elements without a field: a hundred cards of fifty, as a news site or a shop has them.
const element = (name, kind, ...children) => {
  const made = document.createElement(name);
  made.className = kind;
  made.append(...children);
  return made;
};

const card = (number) => {
  const lines = Array.from({ length: 15 }, (_, line) =>
    element("p", "line", element("span", "label", `Line ${line} `), element("a", "link", "more")),
  );
  return element("article", "card", element("h2", "title", `Card ${number}`), element("div", "text", ...lines), element("footer", "end"), element("hr", "rule"));
};

document.body.append(...Array.from({ length: 100 }, (_, number) => card(number)));
