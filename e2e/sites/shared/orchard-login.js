// <orchard-login mode="open|closed" from="/path/">: the login form as a component with a tree of
// its own. `data-filled` tells from outside which fields hold something; the event
// `practice-submit` sends the form, for those who cannot reach the button.
class OrchardLogin extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: this.getAttribute("mode") === "closed" ? "closed" : "open" });
    root.innerHTML = `
      <link rel="stylesheet" href="/shared/orchard.css">
      <style>.error { display: none; } :host([failed]) .error { display: block; }</style>
      <h1>Welcome back</h1>
      <p class="lead">Sign in to read your letters.</p>
      <p id="error" class="error" role="alert">That user name and password do not match.</p>
      <form action="/login" method="post">
        <input type="hidden" name="from">
        <div class="field">
          <label for="username">User name</label>
          <input id="username" name="username" type="text" autocomplete="username" required>
        </div>
        <div class="field">
          <label for="password">Password</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required>
        </div>
        <div class="row"><span></span><a href="#forgot">Forgot your password?</a></div>
        <button id="sign-in" type="submit">Sign in</button>
      </form>`;
    const form = root.querySelector("form");
    form.elements.from.value = this.getAttribute("from");
    this.toggleAttribute("failed", location.hash === "#error");
    form.addEventListener("input", () => {
      const filled = ["username", "password"].filter((name) => form.elements[name].value !== "");
      this.dataset.filled = filled.join(" ");
    });
    this.addEventListener("practice-submit", () => form.requestSubmit());
  }
}
customElements.define("orchard-login", OrchardLogin);
