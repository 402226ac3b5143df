// Points the frames at /plain/, or at another path, of another host, of this page's scheme and port.
const other = location.hostname === "other.test" ? "orchard.test" : "other.test";
for (const frame of document.querySelectorAll("iframe[data-host], iframe[data-other]")) {
  const target = new URL(frame.dataset.path ?? "/plain/", location.href);
  target.hostname = frame.dataset.host ?? other;
  frame.src = target.href;
}
