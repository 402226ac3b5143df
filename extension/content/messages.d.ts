// What goes over a content script's port: `proto::bridge::{content, frame}` as TypeScript sees it.
// `proto/vectors/frames.json` holds samples that the Rust types and `fill.test.mjs` both check.

/** `PageFacts` */
export interface PageFacts {
  ticket: number;
  title: string;
  path: string;
  language: string;
  fields: FieldFacts[];
  forms: FormFacts[];
  buttons: ButtonFacts[];
}

/** `FormFacts` */
export interface FormFacts {
  id: string;
  name: string;
  class: string;
  action: string;
  heading: string;
}

/** `ButtonFacts` */
export interface ButtonFacts {
  form: number | null;
  text: string;
  submits: boolean;
  afterFields: number;
}

/** `FieldFacts` */
export interface FieldFacts {
  index: number;
  tag: string;
  kind: string;
  name: string;
  id: string;
  class: string;
  autocomplete: string;
  placeholder: string;
  label: string;
  nearby: string;
  form: number | null;
  minLength: number;
  maxLength: number;
  pattern: string;
  passwordRules: string;
  masked: boolean;
  setAside: boolean;
  disabled: boolean;
  visible: boolean;
  editable: boolean;
  filled: boolean;
  focused: boolean;
}

/** `FillRole` */
export type FillRole =
  | "username"
  | "password"
  | "totp"
  | "new_password"
  | { card: "number" | "holder" | "expiry" | "expiry_month" | "expiry_year" | "code" }
  | { identity: string };

/** `FillStep` */
export interface FillStep {
  field: number;
  role: FillRole;
  value: string;
}

/** `FillCommand` */
export interface FillCommand {
  ticket: number;
  steps: FillStep[];
}

/** `Filled` */
export interface Filled {
  ticket: number;
  fields: number[];
  stale: boolean;
}

/** `MenuChoice` */
export type MenuChoice = { item: string } | "new_password" | "popup";

/** `MenuRow` */
export interface MenuRow {
  choice: MenuChoice;
  title: string;
  subtitle: string;
}

/** `Menu` */
export interface Menu {
  ticket: number;
  field: number;
  rows: MenuRow[];
}

/** `Offer` */
export interface Offer {
  id: string;
  updates: string | null;
  site: string;
  username: string;
}

/** `OfferAnswer` */
export type OfferAnswer = "save" | "dismiss" | "never";

/** `ContentCommand` */
export type ContentCommand =
  | { type: "collect"; payload: { ticket: number } }
  | { type: "fill"; payload: FillCommand }
  | { type: "undo"; payload: { ticket: number } }
  | { type: "menu"; payload: Menu }
  | { type: "hide_menu"; payload: {} }
  | { type: "offer"; payload: Offer }
  | { type: "hide_offer"; payload: {} };

/** `TypedValue` */
export interface TypedValue {
  field: number;
  value: string;
}

/** `ContentRequest` */
export type ContentRequest =
  | { type: "facts"; payload: PageFacts }
  | { type: "filled"; payload: Filled }
  | { type: "attend"; payload: { facts: PageFacts; field: number; asked: boolean } }
  | { type: "choose"; payload: { ticket: number; choice: MenuChoice; seen: boolean } }
  | { type: "submitted"; payload: { facts: PageFacts; field: number; values: TypedValue[] } }
  | { type: "outcome"; payload: { ticket: number; gone: boolean } }
  | { type: "answered"; payload: { id: string; answer: OfferAnswer; username: string } };

/** What the background sends: `ServerFrame`. */
export interface ServerFrame {
  version?: number;
  event?: ContentCommand;
}
