// Which entry of a list says a value: months and countries have names in every language.

/** @param {string} text */
const plain = (text) => text.normalize("NFKD").replace(/[\p{M}.]/gu, "").trim().toLowerCase();

/** Languages that a list may be in: the page's, the user's, English. */
const languages = () => {
  const told = [own(document, "documentElement")?.lang, navigator.language, "en"];
  return told.flatMap((language) => {
    try {
      return Intl.getCanonicalLocales(language || "en");
    } catch {
      return [];
    }
  });
};

/** What a month is called. @param {number} month from 1 on */
const monthNames = (month) =>
  languages().flatMap((language) =>
    /** @type {const} */ (["long", "short"]).map((style) =>
      plain(new Intl.DateTimeFormat(language, { month: style, timeZone: "UTC" }).format(Date.UTC(2000, month - 1, 1))),
    ),
  );

/** What a country is called, and its code (ISO 3166-1). @param {string} wanted its code, or its name in one of the languages */
const countryNames = (wanted) => {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const names = languages().map((language) => new Intl.DisplayNames(language, { type: "region", fallback: "none" }));
  const called = (/** @type {string} */ code) => [plain(code), ...names.flatMap((of) => plain(of.of(code) ?? "") || [])];
  return codes.map(called).find((all) => all.length > 1 && all.includes(wanted)) ?? [];
};

/** What a list may call a value besides itself. @param {string} wanted @param {FillRole} role @returns {string[]} */
const otherNames = (wanted, role) => {
  if (typeof role !== "object") return [];
  if ("identity" in role) return role.identity === "country" ? countryNames(wanted) : [];
  return role.card === "expiry_month" && /^\d{1,2}$/.test(wanted) ? monthNames(Number(wanted)) : [];
};

/**
 * Place of the option that says the value: by value or text; a number also as `3` for `03`, as `27`
 * for `2027`, or at the head of `03 - March`; a month or a country by what it is called. -1 where none does.
 * @param {HTMLSelectElement} control @param {string} value @param {FillRole} role
 */
const optionOf = (control, value, role) => {
  const wanted = plain(value);
  const told = [...control.options].slice(0, 500).map((option) => [plain(option.value), plain(clean(option.text))]);
  const same = told.findIndex((texts) => texts.includes(wanted));
  if (same >= 0) return same;
  if (/^\d{1,4}$/.test(wanted)) {
    const number = Number(wanted);
    const says = (/** @type {string} */ text) => {
      const digits = /^\d{1,4}(?!\d)/.exec(text)?.[0];
      return digits !== undefined && (Number(digits) === number || Number(digits) + 2000 === number);
    };
    const at = told.findIndex(([first, second]) => says(second ?? "") || says(first ?? ""));
    if (at >= 0) return at;
  }
  const names = otherNames(wanted, role);
  return told.findIndex((texts) => texts.some((text) => names.includes(text)));
};
