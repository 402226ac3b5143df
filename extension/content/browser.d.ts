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

/** Not in every browser: ask `Object.hasOwn(globalThis, "browser")`, an element may have that id. */
declare var browser: ExtensionApi;
declare var chrome: ExtensionApi;
/** The live instance of `fill.js` in this document's isolated world; ask `Object.hasOwn` as well. */
declare var pearvaultFill: { stop(): void } | undefined;

interface Element {
  /** Firefox only, for content scripts. */
  readonly openOrClosedShadowRoot?: ShadowRoot | null;
}

interface CheckVisibilityOptions {
  opacityProperty?: boolean;
  visibilityProperty?: boolean;
}
