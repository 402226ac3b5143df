// The few browser interfaces that a content script needs, beyond the DOM.

interface ExtensionPort {
  postMessage(frame: string): void;
  disconnect(): void;
  onMessage: { addListener(listener: (frame: unknown) => void): void };
  onDisconnect: { addListener(listener: () => void): void };
}

interface ExtensionApi {
  runtime: {
    connect(options: { name: string }): ExtensionPort;
    sendMessage(message: string): Promise<unknown>;
  };
  /** Chromium only. */
  dom?: { openOrClosedShadowRoot(element: HTMLElement): ShadowRoot | null };
}

/** In Firefox too. `browser` is not in Chromium, where a page's element or frame may have that name. */
declare var chrome: ExtensionApi;

interface Element {
  /** Firefox only, for content scripts. */
  readonly openOrClosedShadowRoot?: ShadowRoot | null;
}

interface CheckVisibilityOptions {
  opacityProperty?: boolean;
  visibilityProperty?: boolean;
}

interface IntersectionObserverInit {
  /** Chromium only: tell `isVisible`, at most every `delay` milliseconds, 100 at least. */
  trackVisibility?: boolean;
  delay?: number;
}

interface IntersectionObserverEntry {
  /** Chromium only. */
  readonly isVisible?: boolean;
}
