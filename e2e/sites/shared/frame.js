// Points the frame at /plain/ of another host, of this page's scheme and port.
const frame = document.querySelector("iframe[data-host], iframe[data-other]");
const other = location.hostname === "other.test" ? "orchard.test" : "other.test";
const target = new URL("/plain/", location.href);
target.hostname = frame.dataset.host ?? other;
frame.src = target.href;
