// Once its parent asks, this frame does nothing else for twelve seconds.
addEventListener("message", () => {
  const end = Date.now() + 12_000;
  while (Date.now() < end);
});
