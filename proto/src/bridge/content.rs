//! Background ⇄ content script. The script is hostile ground: it can name these messages and
//! no others, and who it is comes from the browser.
//!
//! The background asks ([`ContentCommand`]), the script answers ([`ContentRequest`]).

mod check;

use serde::{Deserialize, Serialize};

use super::{popup::Empty, port};
use crate::{
    ids::{ItemId, OfferId},
    vault::SecretText,
};

port! {
    /// Everything that a content script can say.
    pub enum ContentRequest {
        /// The frame's fields, as asked for by `collect`.
        "facts" PageFacts => Empty,
        /// What `fill` did.
        "filled" Filled => Empty,
        /// The user is at a field: may there be a menu?
        "attend" Attend => Empty,
        /// The user chose from the menu.
        "choose" Choose => Empty,
        /// The user sent a form.
        "submitted" Submitted => Empty,
        /// What became of the form that was sent.
        "outcome" Outcome => Empty,
        /// What the user answered to an offer.
        "answered" Answered => Empty,
    }
}

/// What the background asks of a content script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "payload",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum ContentCommand {
    /// Tell what fields there are.
    Collect {
        /// Repeated in the answer.
        ticket: u64,
    },
    /// Put these values into these fields.
    Fill(FillCommand),
    /// Put back what stood in the fields before the last fill, where they still hold what it put in.
    Undo {
        /// Of that fill; the answer is `filled` with the fields that were put back.
        ticket: u64,
    },
    /// Show a menu at a field.
    Menu(Menu),
    /// Take the menu away.
    HideMenu {},
    /// Offer to save what was sent.
    Offer(Offer),
    /// Take the offer away.
    HideOffer {},
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}

payloads! {
    /// What a frame shows, in document order, shadow trees at the place of their hosts.
    PageFacts {
        /// Of the command.
        ticket: u64,
        /// `<title>`, at most 200 characters.
        title: String,
        /// Path of the address, without query.
        path: String,
        /// `lang` of the document; empty where it has none.
        language: String,
        /// Input, select and textarea elements, at most 500, by [`FieldFacts::index`].
        fields: Vec<FieldFacts>,
        /// Forms that these belong to; for fields of no form, the nearest box around them that
        /// also holds a button with a text. At most as many as fields.
        forms: Vec<FormFacts>,
        /// Buttons, and links right behind a field, at most 100.
        buttons: Vec<ButtonFacts>,
    }

    /// A form element, or a box that stands for one.
    FormFacts {
        /// `id`.
        id: String,
        /// `name`.
        name: String,
        /// `class`.
        class: String,
        /// Path of `action`.
        action: String,
        /// Heading or legend that stands in or right above it.
        heading: String,
    }

    /// A button or link.
    ButtonFacts {
        /// Position of its form in [`PageFacts::forms`].
        form: Option<u32>,
        /// Its text, value or label.
        text: String,
        /// Whether it submits its form.
        submits: bool,
        /// How many fields stand before it in document order.
        after_fields: u32,
    }

    /// A control.
    FieldFacts {
        /// Position in document order over input, select and textarea; names the field in a
        /// [`FillCommand`] of the same document.
        index: u32,
        /// `input`, `select` or `textarea`.
        tag: String,
        /// `type` as the browser understands it (`text` where none is given).
        kind: String,
        /// `name`.
        name: String,
        /// `id`.
        id: String,
        /// `class`.
        class: String,
        /// `autocomplete`, lower case.
        autocomplete: String,
        /// `placeholder`.
        placeholder: String,
        /// Text of its `<label>`s and of `aria-labelledby`, else `aria-label`, else `title`.
        label: String,
        /// Text right before it, where it has no label.
        nearby: String,
        /// Position of its form in [`PageFacts::forms`].
        form: Option<u32>,
        /// `minlength`; 0 where it has none.
        #[serde(default)]
        min_length: u32,
        /// `maxlength`; 0 where it has none.
        max_length: u32,
        /// `pattern`.
        #[serde(default)]
        pattern: String,
        /// `passwordrules`, in Apple's syntax.
        #[serde(default)]
        password_rules: String,
        /// Whether it is a text box whose content is shown as dots: `-webkit-text-security`.
        #[serde(default)]
        masked: bool,
        /// Whether it is kept from the keyboard or from assistive technology: a negative `tabindex`,
        /// `aria-hidden` or `inert`, its own or of an element around it.
        #[serde(default)]
        set_aside: bool,
        /// Whether it is disabled (HTML § 4.10.19.5): the page may free it later.
        #[serde(default)]
        disabled: bool,
        /// Whether a person can see it.
        visible: bool,
        /// Neither disabled nor read-only.
        editable: bool,
        /// Whether it has a value.
        filled: bool,
        /// Whether it has the focus.
        focused: bool,
    }

    /// Values for fields.
    FillCommand {
        /// Repeated in the answer, and the ticket of the facts that the plan was made on: the
        /// script refuses where its fields are others by now.
        ticket: u64,
        /// In the order to fill.
        steps: Vec<FillStep>,
    }

    /// One value for one field.
    FillStep {
        /// [`FieldFacts::index`].
        field: u32,
        /// What it is.
        role: FillRole,
        /// The value.
        value: SecretText,
    }

    /// What was filled.
    Filled {
        /// Of the command.
        ticket: u64,
        /// Indices of the fields that hold their value now.
        fields: Vec<u32>,
        /// Whether the document had other fields by then and nothing was filled.
        stale: bool,
    }
}

payloads! {
    /// A field that the user is at.
    Attend {
        /// The frame's fields; the ticket is the script's own, below 2³².
        facts: PageFacts,
        /// [`FieldFacts::index`] of it.
        field: u32,
        /// Whether the user asked for a menu by a key, and did not only come to the field.
        asked: bool,
    }

    /// A menu at a field.
    Menu {
        /// Of the facts that it rests on.
        ticket: u64,
        /// [`FieldFacts::index`].
        field: u32,
        /// What can be chosen, at most 50.
        rows: Vec<MenuRow>,
    }

    /// A row of a menu. Nothing in it is secret from who looks at the screen.
    MenuRow {
        /// What choosing it does.
        choice: MenuChoice,
        /// First line.
        title: String,
        /// Second line; may be empty.
        subtitle: String,
    }

    /// What the user chose.
    Choose {
        /// Of the menu.
        ticket: u64,
        /// [`MenuRow::choice`].
        choice: MenuChoice,
        /// Whether the menu was in plain sight for long enough before; where it was not, the popup
        /// asks.
        seen: bool,
    }

    /// A form that the user sent.
    Submitted {
        /// The frame's fields; the ticket is the script's own, below 2³².
        facts: PageFacts,
        /// [`FieldFacts::index`] of one of its fields.
        field: u32,
        /// What stood in its fields, at most 20; none is told where one is longer than 1000 characters.
        values: Vec<TypedValue>,
    }

    /// What stood in a field.
    TypedValue {
        /// [`FieldFacts::index`].
        field: u32,
        /// The value.
        value: SecretText,
    }

    /// What became of a form that was sent, where the page stayed.
    Outcome {
        /// Of [`Submitted`].
        ticket: u64,
        /// Whether its fields are gone: most likely it was accepted.
        gone: bool,
    }

    /// An offer to save.
    Offer {
        /// Repeated in the answer.
        id: OfferId,
        /// Title of the login that would be changed; `None`: a new one.
        updates: Option<String>,
        /// Host of the site.
        site: String,
        /// User name, as it can be changed in the offer.
        username: String,
    }

    /// The user's answer to an offer.
    Answered {
        /// Of the offer.
        id: OfferId,
        /// What.
        answer: OfferAnswer,
        /// User name as edited, at most 320 characters.
        username: String,
    }
}

/// What choosing a row of a menu does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MenuChoice {
    /// Fills an item.
    Item(ItemId),
    /// Fills a new password.
    NewPassword,
    /// Opens the popup: to unlock, to search.
    Popup,
}

/// An answer to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferAnswer {
    /// Save it.
    Save,
    /// Not now.
    Dismiss,
    /// Never for this site.
    Never,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillRole {
    /// User name or e-mail address.
    Username,
    /// Present password.
    Password,
    /// One-time code.
    Totp,
    /// A password just made, for a field that asks for a new one or its repetition.
    NewPassword,
    /// Part of a card.
    Card(CardPart),
    /// Part of an identity.
    Identity(IdentityPart),
}

/// Part of a payment card, as HTML § 4.10.18.7 tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardPart {
    /// `cc-number`.
    Number,
    /// `cc-name`.
    Holder,
    /// `cc-exp`.
    Expiry,
    /// `cc-exp-month`.
    ExpiryMonth,
    /// `cc-exp-year`.
    ExpiryYear,
    /// `cc-csc`.
    Code,
}

/// Part of an identity, as HTML § 4.10.18.7 tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityPart {
    /// `name`.
    FullName,
    /// `given-name`.
    GivenName,
    /// `family-name`.
    FamilyName,
    /// `email`.
    Email,
    /// `tel`.
    Phone,
    /// `organization`.
    Organization,
    /// `street-address`: all its lines.
    Street,
    /// `address-line1`.
    StreetLine1,
    /// `address-line2`, and a third one.
    StreetLine2,
    /// `address-level2`.
    City,
    /// `address-level1`.
    Region,
    /// `postal-code`.
    PostalCode,
    /// `country`, `country-name`.
    Country,
}
