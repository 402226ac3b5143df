// A single-page app in small. What it has from the big ones: the server's form is thrown away and
// rendered anew; inputs are controlled, that is, what the app did not learn through an event is
// put back; and an `input` event whose value was set past the app does not count.
const app = document.getElementById("app");
const state = { username: "", password: "", failed: false };

/** Notes every value set through the element's own property, as React's value tracker does. */
function track(input) {
  const native = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  let noted = input.value;
  Object.defineProperty(input, "value", {
    configurable: true,
    get() {
      return native.get.call(this);
    },
    set(value) {
      noted = String(value);
      native.set.call(this, value);
    },
  });
  return () => {
    const now = native.get.call(input);
    const changed = now !== noted;
    noted = now;
    return changed;
  };
}

function field(name, label, type, autocomplete) {
  const box = document.createElement("div");
  box.className = "field";
  box.innerHTML = `<label></label><input required>`;
  const [caption, input] = box.children;
  caption.textContent = label;
  caption.htmlFor = input.id = input.name = name;
  input.type = type;
  input.autocomplete = autocomplete;
  input.value = state[name];
  const changed = track(input);
  input.addEventListener("input", () => {
    if (!changed()) return;
    state[name] = input.value;
    show();
  });
  // The app's state is the truth, whatever the element says.
  const control = () => {
    if (!input.isConnected) return;
    if (input.value !== state[name]) input.value = state[name];
    requestAnimationFrame(control);
  };
  requestAnimationFrame(control);
  return box;
}

function show() {
  document.getElementById("state").textContent =
    `username:${state.username.length} password:${state.password.length}`;
}

function fields() {
  const box = document.createElement("div");
  box.id = "fields";
  box.style.cssText = "display: contents";
  box.append(
    field("username", "User name", "text", "username"),
    field("password", "Password", "password", "current-password"),
  );
  return box;
}

function render() {
  app.innerHTML = `
    <h1>Welcome back</h1>
    <p class="lead">Sign in to read your letters.</p>
    <p id="error" class="error" role="alert">That user name and password do not match.</p>
    <form id="login">
      <button id="sign-in" type="submit">Sign in</button>
      <p id="state" class="note" aria-live="polite"></p>
    </form>`;
  const form = app.querySelector("form");
  form.prepend(fields());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams({ ...state, from: location.pathname });
    const answer = await fetch("/login", { method: "POST", body });
    if (new URL(answer.url).pathname === "/welcome/") location.assign("/welcome/");
    else document.getElementById("error").style.display = "block";
  });
  if ("rerender" in app.dataset) {
    form.addEventListener("focusin", () => document.getElementById("fields").replaceWith(fields()), { once: true });
  }
  show();
  app.dataset.ready = "";
}

setTimeout(render, 600);
